"""A house style that cannot be embedded or read is refused, with key, file and what is expected."""

from __future__ import annotations

import io
import struct

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from mlm.configuration.publication import ACCENT, SERIES, Colours
from mlm.configuration.style.checks import BACKGROUNDS, TEXT_RATIO, style_problems
from mlm.configuration.style.colour import contrast
from mlm.configuration.style.font_file import font_problems
from mlm.configuration.style.logo import LARGEST_LOGO, read_logo
from mlm.errors import ConfigurationError
from mlm.pages.template_folder import template_folder
from tests.unit.configuration.style.pictures import SVG, picture
from tests.unit.configuration.test_configuration import CONFIGURATION, write_survey

SANS = template_folder() / "fonts" / "SourceSansPro-Regular.otf"
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def styled(folder, style):
    return write_survey(folder, f"{CONFIGURATION}publication: {{style: {style}}}\n")


def refused(folder, style):
    with pytest.raises(ConfigurationError) as raised:
        styled(folder, style)
    return "\n".join(raised.value.problems)


def test_nothing_said_is_the_usual_look(tmp_path):
    style = write_survey(tmp_path).publication.style
    assert (style.colours.accent, style.colours.of_charts) == (ACCENT, SERIES)
    assert style.files == ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "SVG"])
@pytest.mark.parametrize("size", [(300, 90), (40, 400)])
def test_a_logo_is_read_with_its_size(kind, size, tmp_path):
    path = tmp_path / f"logo.{kind.lower()}"
    path.write_bytes(picture(kind, *size))
    logo = read_logo(path, path.name)
    assert (logo.kind, logo.width, logo.height, logo.problems) == (kind, *size, ())


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("logo.gif", b"GIF89a", "a logo is a .png, .svg, .jpg, .jpeg file"),
        ("logo.png", picture("JPEG", 99, 99), "says PNG, but by its content it is a JPEG"),
        ("logo.jpg", b"no picture", "says JPEG, but by its content it is none"),
        ("logo.png", picture("PNG", 99, 99)[:60], "the PNG is cut or damaged"),
        ("logo.jpeg", picture("JPEG", 99, 99)[:24], "the JPEG is cut or damaged"),
        ("logo.png", picture("PNG", 16, 16), "16 by 16 pixels; 32 to 4000 a side"),
        ("logo.png", picture("PNG", 1300, 99), "more than 12 times the other"),
        ("logo.png", picture("PNG", 99, 99) + bytes(LARGEST_LOGO), "512,000 at most"),
        ("logo.svg", SVG.replace(b"</svg>", b""), "not well-formed"),
        ("logo.svg", b"<svg/>", "says no size"),
        ("logo.svg", b"<!DOCTYPE svg>" + SVG, "has a DOCTYPE"),
        ("logo.svg", SVG.replace(b"<rect", b"<text>A</text><rect"), "convert text to paths"),
        ("logo.svg", SVG.replace(b"<rect", b"<script/><rect"), "the SVG has script"),
        ("logo.svg", SVG.replace(b"<rect", b'<rect onload="x()"'), "the SVG has on..."),
        ("logo.svg", SVG.replace(b"<rect", b'<image href="http://a.b/c"/><rect'), "from outside"),
        ("logo.svg", SVG.replace(b"<rect", b'<rect style="fill:url(a.png)"'), "from outside"),
        ("logo.svg", SVG.replace(b"<rect", b"<style>@import 'a'</style><rect"), "from outside"),
    ],
)
def test_a_file_that_is_no_logo_is_named_with_its_key(name, content, told, tmp_path):
    (tmp_path / name).write_bytes(content)
    problem = refused(tmp_path, f"{{logo: {name}}}")
    assert "publication.style.logo" in problem
    assert name in problem
    assert told in problem


def test_a_logo_that_is_not_there(tmp_path):
    problem = refused(tmp_path, "{logo: house/no.png}")
    assert f"the file is not there; it is looked for at {tmp_path / 'house' / 'no.png'}" in problem


@given(st.binary(max_size=80), st.sampled_from(["PNG", "JPEG", "SVG"]), st.integers(0, 200))
def test_a_damaged_logo_is_no_fault_of_ours(tmp_path_factory, noise, kind, place):
    path = tmp_path_factory.mktemp("logo") / f"logo.{kind.lower()}"
    whole = picture(kind, 64, 48)
    path.write_bytes(whole[:place] + noise + whole[place:])
    assert isinstance(read_logo(path, path.name).problems, tuple)


def font(change) -> bytes:
    """A font that was changed."""
    with TTFont(SANS, lazy=True, recalcBBoxes=False) as file:  # as fast as a copy
        change(file)
        stream = io.BytesIO()
        file.save(stream)
    return stream.getvalue()


def permission(bits):
    def change(file):
        file["OS/2"].fsType = bits

    return change


def without_digits(file):
    for table in file["cmap"].tables:
        table.cmap = {code: name for code, name in table.cmap.items() if code not in range(48, 58)}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"wOFF" + bytes(40), "a web font"),
        (b"ttcf" + bytes(40), "a collection of fonts"),
        (b"nothing of the kind", "by its content the file is no font"),
        (SANS.read_bytes()[:3000], "cut or damaged"),
        (struct.pack(">4sHHHH", b"OTTO", 0, 0, 0, 0), "has no table"),
        (font(permission(2)), "does not allow to embed the font"),
        (font(permission(0x100)), "does not allow to embed parts"),
        (font(permission(0x200)), "bitmaps alone"),
        (font(without_digits), "no letters for 0 1 2"),
    ],
)
def test_a_font_that_cannot_be_embedded(content, told, tmp_path):
    (tmp_path / "house.otf").write_bytes(content)
    problem = "\n".join(font_problems(tmp_path / "house.otf", "house.otf"))
    assert "'house.otf'" in problem
    assert told in problem


def test_fonts_by_file_by_pair_and_by_name(tmp_path):
    (tmp_path / "a.otf").write_bytes(SANS.read_bytes())
    assert styled(tmp_path, "{font: a.otf}").publication.style.files == ("a.otf",)
    assert styled(tmp_path, "{font: {regular: a.otf, bold: a.otf}}").style_files == {
        "a.otf": tmp_path / "a.otf"
    }
    assert styled(tmp_path, "{font: DejaVu Serif}").publication.style.files == ()
    assert "style.font: 'Helvetica' is neither" in refused(tmp_path, "{font: Helvetica}")
    told = refused(tmp_path, "{font: {regular: a.otf, bold: b.otf}}")
    assert "style.font.bold: 'b.otf': the file is not there" in told
    told = refused(tmp_path, "{font: {regular: DejaVu Sans, bold: a.otf}}")
    assert "style.font.bold: 'DejaVu Sans' comes with its own bold" in told


@pytest.mark.parametrize(
    ("colours", "told"),
    [
        ('{accent: "#777777"}', "accent: '#777777' has a contrast of 4.0"),
        ('{accent: "#F46A25"}', "text needs 4.5:1 (WCAG 2.2, 1.4.3)"),
        ('{series: ["#fcd116"]}', "series[0]: '#fcd116' has a contrast of 1.47:1 with white"),
        ('{series: ["#0000ff", "#0000ee"]}', "series[1]: '#0000ff' (colour 1) and '#0000ee'"),
        ('{series: ["#28a198"]}', "'#28a198' (colour 1) and '#28a197' (colour 2) of charts"),
        ('{accent: "#6b7785"}', "told apart"),
        ("{accent: navy}", 'in quotation marks: "#12436d"'),
        ("{accent: #12436d\n }", "accent: nothing is given"),
        ('{series: ["#000000", "#000001", "#000002", "#000003", "#000004"]}', "series"),
    ],
)
def test_colours_that_cannot_be_read(colours, told, tmp_path):
    assert told in refused(tmp_path, f"{{colours: {colours}}}")


@given(COLOURS)
def test_an_accent_is_refused_just_where_it_cannot_be_read_and_the_advice_can(accent):
    from types import SimpleNamespace as Made

    style = Made(logo=None, font=Made(is_packaged=True, bold=None))
    style.colours = Colours(accent=accent, series=SERIES)
    survey = Made(root=None, publication=Made(style=style))
    problems = [text for where, text in style_problems(survey) if where[-1] == "accent"]
    readable = min(contrast(accent, each) for each in BACKGROUNDS) >= TEXT_RATIO
    assert (problems == []) == readable
    for text in problems:
        advised = text.rpartition("'")[0][-7:]
        assert min(contrast(advised, each) for each in BACKGROUNDS) >= TEXT_RATIO


def test_a_colour_in_capitals_is_the_same(tmp_path):
    assert styled(tmp_path, '{colours: {accent: "#006B3F"}}').publication.style.colours.accent == (
        "#006b3f"
    )


def test_the_accent_alone_is_the_first_colour_of_charts(tmp_path):
    colours = styled(tmp_path, '{colours: {accent: "#006b3f"}}').publication.style.colours
    assert colours.of_charts == ("#006b3f", *SERIES[1:])
