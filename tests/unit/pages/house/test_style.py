"""The house style on everything that is published, and nothing but the usual look without one."""

from __future__ import annotations

import base64
import html
import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import docx
import pptx
import pytest
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlm.configuration.publication import Colours
from mlm.configuration.style.checks import BACKGROUNDS, LEAST_DISTANCE
from mlm.configuration.style.colour import contrast, distance, mixed
from mlm.pages.document import figures_of
from mlm.pages.drawing.chart import Chart
from mlm.pages.drawing.letters import REGULAR, usual_typeface
from mlm.pages.drawing.look import INK, LEVELS, PAPER
from mlm.pages.drawing.palette import DARK_PAPER, USUAL, Palette, recoloured
from mlm.pages.house.fonts import LETTERS, READY, cut_down, family_of, font_faces, named_font
from mlm.pages.house.style import House, house_of, shared_house, usual_house
from mlm.pages.html import brief_page
from mlm.pages.index import index_page
from mlm.pages.office.word import brief_docx
from mlm.pages.pdf import brief_pdf
from mlm.pages.spreadsheets.workbook import workbook
from mlm.pages.template_folder import template_folder
from tests.drawn_cases import cases
from tests.unit.configuration.style.pictures import picture
from tests.unit.pages.sample import document_of, files_of, inputs, records

pytestmark = pytest.mark.slow

FONTS = template_folder() / "fonts"
COLOURS = {"accent": "#006b3f", "series": ["#006b3f", "#b5651d", "#5b2a86", "#c8102e"]}
FOOTER = "Ministry of Education <Parliament Street>"
HEX = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def latin_font(path: Path) -> Path:
    """A font with letters of the alphabet alone, by another name."""
    with TTFont(FONTS / "SourceSansPro-It.otf") as font:
        cutter = Subsetter(Options(name_IDs=["*"]))
        cutter.populate(unicodes=range(0x20, 0x7F))
        cutter.subset(font)
        font["name"].setName("Office Sans", 1, 3, 1, 0x409)
        font["name"].removeNames(nameID=16)
        font.save(path)
    return path


@pytest.fixture(scope="module")
def style(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    (folder / "logo.svg").write_bytes(picture("SVG", 300, 90))
    font = str(latin_font(folder / "own.otf"))
    return {
        "logo": str(folder / "logo.svg"),
        "colours": COLOURS,
        "font": {"regular": font},
        "footer": FOOTER,
    }


def with_style(style):
    given = inputs()
    given["configuration"]["publication"] = {"publisher": "Office", "style": style}
    return given


@pytest.fixture(scope="module")
def files(style):
    return files_of(with_style(style))


def of_text(files, name):
    return files[name].decode()


@pytest.mark.parametrize("name", ["report.html", "brief.html"])
def test_a_page_holds_logo_colours_font_and_footer(files, style, name):
    page = of_text(files, name)
    logo = base64.b64encode(Path(style["logo"]).read_bytes()).decode()
    assert f'src="data:image/svg+xml;base64,{logo}" alt="Office"' in page
    assert "Ministry of Education &lt;Parliament Street&gt;</p>" in page
    assert page.index("--accent: #006b3f") > page.index("--accent: #12436d")
    assert page.count("@font-face") == 4, "regular and strong of the house, and of what it lacks"


def test_charts_have_the_colours_of_the_house_and_no_usual_ones(files):
    drawn = [of_text(files, name) for name in files if name.endswith(".svg")]
    assert drawn
    assert any(colour in svg for svg in drawn for colour in COLOURS["series"])
    assert not [colour for svg in drawn for colour in LEVELS if colour in svg]
    for svg in drawn:
        ElementTree.fromstring(svg)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("name", ["report.pdf", "brief.pdf"])
def test_a_pdf_holds_the_font_and_the_footer_on_every_page(files, name, tmp_path):
    (tmp_path / name).write_bytes(files[name])
    run = subprocess.run(["pdftotext", tmp_path / name, "-"], capture_output=True, text=True)
    pages = run.stdout.split("\f")[:-1]
    assert all(FOOTER in page for page in pages)
    run = subprocess.run(["pdffonts", tmp_path / name], capture_output=True, text=True)
    assert "HouseLetters" in run.stdout


def test_word_has_logo_font_colour_and_footer(files):
    made = docx.Document(io.BytesIO(files["brief.docx"]))
    described = [d.get("descr") for d in made.element.iter() if d.tag.endswith("}docPr")]
    assert described[0] == "Office"
    assert FOOTER in made.sections[0].footer.paragraphs[0].text
    assert made.styles["Heading 1"].font.name == "Office Sans"
    assert str(made.styles["Heading 1"].font.color.rgb) == "006B3F"


def test_slides_have_logo_font_colour_and_footer(files):
    slides = pptx.Presentation(io.BytesIO(files["brief.pptx"])).slides
    pictures = [s for s in slides[0].shapes if s.shape_type == 13]
    assert [s._element.nvPicPr.cNvPr.get("descr") for s in pictures] == ["Office"]
    for slide in slides:
        assert FOOTER in [s.text_frame.text for s in slide.shapes if s.has_text_frame]
        (run, *_others) = slide.shapes.title.text_frame.paragraphs[0].runs
        assert (run.font.name, str(run.font.color.rgb)) == ("Office Sans", "006B3F")


def test_the_workbook_has_logo_font_colour_and_footer(files):
    with zipfile.ZipFile(io.BytesIO(files["tables.xlsx"])) as book:
        parts = {name: book.read(name).decode("utf-8", "replace") for name in book.namelist()}
    fonts = set(re.findall(r'<name val="([^"]+)"', parts["xl/styles.xml"]))
    assert fonts == {"Office Sans"}
    colours = set(re.findall(r'rgb="FF([0-9A-F]{6})"', parts["xl/styles.xml"]))
    assert colours == {"006B3F"}
    sheets = [text for name, text in parts.items() if name.startswith("xl/worksheets/sheet")]
    said = f"&amp;C{html.escape(FOOTER, quote=False)}&amp;R"
    assert len(sheets) > 20 and all(said in sheet for sheet in sheets)
    assert 'descr="Office"' in parts["xl/drawings/drawing1.xml"]
    assert [name for name in parts if name.startswith("xl/media/")] == ["xl/media/image1.png"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("sides", [(120, 60), (2000, 400)])
def test_a_logo_has_its_size_in_the_workbook(kind, sides, tmp_path):
    path = tmp_path / f"logo.{kind.lower()}"
    path.write_bytes(picture(kind, *sides))
    given = with_style({"logo": str(path)})
    house = house_of(records(given)["configuration"], template_folder())
    with zipfile.ZipFile(io.BytesIO(workbook(document_of(given), house))) as book:
        drawing = book.read("xl/drawings/drawing1.xml").decode()
    wide, high = (
        int(found) / 9525 for found in re.search(r'<a:ext cx="(\d+)" cy="(\d+)"', drawing).groups()
    )
    assert (wide, high) == pytest.approx(house.logo_size, abs=1.0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_of_pixels_stands_everywhere(kind, tmp_path):
    path = tmp_path / f"logo.{kind.lower()}"
    path.write_bytes(picture(kind, 120, 60))
    given = with_style({"logo": str(path)})
    document = document_of(given)
    document["findings"]["figure"] = None
    house, folder = house_of(records(given)["configuration"], template_folder()), template_folder()
    address = f"data:image/{kind.lower()};base64,"
    assert address in brief_page(document, chart_of_nothing(document), folder, house)
    pages = [brief_pdf(document, {}, folder, each) for each in (house, replace(house, logo=None))]
    assert pages[0].count(b"/Subtype/Image") > pages[1].count(b"/Subtype/Image")
    made = docx.Document(io.BytesIO(brief_docx(document, {}, house)))
    assert any(part.blob == path.read_bytes() for part in made.part.package.iter_parts())


def chart_of_nothing(document):
    """Empty drawings for all figures."""
    nothing = '<svg viewBox="0 0 518 9"></svg>'
    return {block["id"]: Chart(nothing, nothing, nothing) for block in figures_of(document)}


def test_without_a_style_all_is_as_with_the_usual_one():
    said = {"colours": {"accent": USUAL.accent.upper(), "series": list(USUAL.series)}}
    given = with_style(said | {"font": "Source Sans Pro"})
    given["configuration"]["publication"].pop("publisher")
    for each in (given, inputs()):
        house = house_of(records(each)["configuration"], template_folder())
        assert house == usual_house(template_folder())
    assert usual_house(template_folder()).css == ""


def test_an_index_has_the_style_that_all_share(style, tmp_path):
    own = records(with_style(style))["configuration"]
    other = records(inputs())["configuration"]
    folder = template_folder()
    assert shared_house([own, own], folder) == house_of(own, folder)
    assert shared_house([own, other], folder) == shared_house([], folder) == usual_house(folder)
    documents = {tmp_path / "a" / "report.json": document_of(with_style(style))}
    page = index_page(documents, tmp_path, house=house_of(own, folder))
    assert 'alt="Office"' in page
    assert "--accent: #006b3f" in page
    assert "Parliament" in page


@settings(max_examples=cases(30))
@given(HEX, st.lists(HEX, max_size=4))
def test_any_colours_that_are_accepted_can_be_read_in_light_and_dark(accent, series):
    assume(min(contrast(accent, each) for each in BACKGROUNDS) >= 4.5)
    assume(all(contrast(colour, PAPER) >= 3 for colour in series))
    palette = Palette(accent, Colours(accent=accent, series=tuple(series)).of_charts)
    assume(not palette.is_usual)
    parts = palette.css.split("@media")
    light, dark, printed = (
        dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", part)) for part in parts
    )
    assert contrast(light["band"], PAPER) >= 4.5
    assert contrast(light["band"], light["band-muted"]) >= 4.5
    assert contrast(dark["accent"], DARK_PAPER) >= 4.5
    assert contrast(dark["band"], "#f2f6fa") >= 4.5
    assert contrast(dark["band"], "#b5c7d8") >= 4.5
    for name in ("c1", "c2", "c3", "c4"):
        assert contrast(dark[name], DARK_PAPER) >= 3
        assert contrast(light[name], PAPER) >= 3
        assert printed[name] == light[name]
    for colour in LEVELS:
        filled = palette.of(colour)
        assert contrast(palette.on(colour), filled) >= 4.5
        over = mixed(filled, PAPER, 1 - palette.deepest(colour))
        assert contrast(over, INK) >= 4.4
        assert palette.deepest(colour) > 0.05


def test_the_usual_colours_can_be_told_apart():
    pairs = [(a, b) for i, a in enumerate(LEVELS) for b in LEVELS[i + 1 :]]
    assert min(distance(*pair) for pair in pairs) > LEAST_DISTANCE


def test_words_of_a_chart_keep_their_colour_codes():
    svg = (
        '<svg><title>#12436d</title><g fill="#12436d"><text fill="#28a197">#12436d</text></g></svg>'
    )
    assert recoloured(svg, Palette("#006b3f", tuple(COLOURS["series"]))) == (
        '<svg><title>#12436d</title><g fill="#006b3f"><text fill="#b5651d">#12436d</text></g></svg>'
    )


def test_letters_that_a_font_lacks_are_those_of_the_usual_one(style):
    usual = usual_typeface(FONTS)
    own = Path(style["font"]["regular"])
    faces = font_faces("Ωabc", House(usual).typeface)
    assert faces.count("@font-face") == 2
    typeface = type(usual)((own, *usual.regular), (own, *usual.strong))
    assert font_faces("Ωabc", typeface).count("Report Rest") == 2


def test_two_files_of_any_names_are_one_family(style):
    own = Path(style["font"]["regular"])
    assert family_of(own) == "Office Sans"
    with TTFont(io.BytesIO(named_font(own, "House Letters", REGULAR))) as font:
        assert font["name"].getBestFamilyName() == "House Letters"
        assert font["OS/2"].usWeightClass == REGULAR


@pytest.mark.parametrize("name", READY)
def test_a_font_that_is_ready_has_the_letters_of_pages_as_they_are_in_the_whole_font(name):
    """After ``python -m mlm.pages.house.fonts``, whatever version of fontTools made it."""
    letters = "".join(sorted(LETTERS))
    with (
        TTFont(FONTS / READY[name]) as ready,
        TTFont(io.BytesIO(cut_down(FONTS / name, letters))) as cut,
    ):
        assert ready.getBestCmap() == cut.getBestCmap()
        assert ready["hmtx"].metrics == cut["hmtx"].metrics
        assert sorted(ready.keys()) == sorted(cut.keys())


def test_pages_with_other_letters_have_a_font_of_their_own():
    typeface = usual_typeface(FONTS)
    usual, same, other = (
        font_faces(text, typeface) for text in ("", "a\n", "\N{CYRILLIC SMALL LETTER DE}")
    )
    assert usual == same
    assert usual != other
    ready = base64.b64encode((FONTS / READY["SourceSansPro-Regular.otf"]).read_bytes()).decode()
    assert ready in usual and ready not in other
