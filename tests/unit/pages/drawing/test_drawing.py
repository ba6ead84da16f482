"""What all drawings rest on: words that fit and lose nothing, round marks, names that part."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlm.pages.drawing.canvas import SMALLER, Canvas, Text
from mlm.pages.drawing.chart import Chart
from mlm.pages.drawing.heading import standing_alone
from mlm.pages.drawing.inline import inline_chart
from mlm.pages.drawing.key import key, line_entry
from mlm.pages.drawing.letters import usual_typeface
from mlm.pages.drawing.look import CATEGORIES, GREY, category_style
from mlm.pages.drawing.numbers import (
    Scale,
    round_step,
    short,
    tick_words,
    ticks,
    told_decimals,
)
from mlm.pages.drawing.panel import Frame, side_by_side, write_names
from mlm.pages.drawing.pictures import pictures
from mlm.pages.drawing.rows import Row, lay_rows
from mlm.pages.drawing.svg import to_svg
from mlm.pages.template_folder import template_folder

FONTS = usual_typeface(template_folder() / "fonts")
WORDS = st.text("abcÀéß<&\"' Ωж中-—", min_size=1, max_size=60)
SIZES = st.booleans()


def texts(canvas):
    return [part for part in canvas.parts if isinstance(part, Text)]


def ends(canvas, text):
    wide = canvas.width_of(text.words, text.size, text.weight)
    left = text.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor] * wide
    return left, left + wide


@given(WORDS, st.floats(30, 300))
def test_wrapped_words_fit_and_lose_no_letter(words, width):
    canvas = Canvas(FONTS)
    lines = canvas.wrap(words, width)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert all(len(line) < 2 or canvas.width_of(line) <= width for line in lines)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 8))
@example(1.0, 400001.0, 2)  # between two multiples of the step that two marks would have
def test_marks_of_an_axis_are_round_few_and_inside(low, size, most):
    found = ticks(low, low + size, most)
    step = round_step(size / most)
    assert float(f"{step:e}".partition("e")[0]) in (1.0, 2.0, 5.0)
    assert 1 <= len(found) <= most + 1
    assert all(low - 1e-6 * size <= value <= low + size * (1 + 1e-6) for value in found)
    assert len(set(tick_words(found))) == len(found), "marks are told apart by their text"


@given(st.lists(st.integers(-(10**6), 10**6)), st.integers(0, 9))
def test_published_values_are_told_as_they_are_with_the_fewest_decimals(values, decimals):
    published = [value / 10**decimals for value in values]
    found = told_decimals([*published, None])
    assert [round(value, found) for value in published] == published
    assert not found or [round(value, found - 1) for value in published] != published


@given(st.floats(-1e4, 1e4))
def test_coordinates_are_short_and_near(value):
    assert abs(float(short(value)) - value) <= 0.051 and short(value) != "-0"


@given(st.lists(WORDS, min_size=1, max_size=14), SIZES)
@example(["<", "<", "<", "<" * 14, "<" * 23], False)  # the last is moved inwards, to the one before
@example(["<" * 15 + "&&—————", "<", "<" * 15 + "&&—————"], True)  # two that are left touch too
def test_names_below_an_axis_do_not_touch(names, is_narrow):
    canvas = Canvas(FONTS, is_narrow)
    scale = Scale(0, max(len(names) - 1, 1), 20, canvas.width - 20)
    write_names(canvas, [(scale(i), name) for i, name in enumerate(names)], 10, canvas.width)
    by_line: dict[float, list] = {}
    for text in texts(canvas):
        by_line.setdefault(text.y, []).append(ends(canvas, text))
    for places in by_line.values():
        for (_left, right), (left, _right) in zip(places, places[1:], strict=False):
            assert right <= left + 0.5 or len(names) <= 2


@given(st.lists(WORDS, min_size=1, max_size=6), SIZES)
def test_rows_and_keys_stay_on_their_canvas(names, is_narrow):
    canvas = Canvas(FONTS, is_narrow)
    key(canvas, [line_entry(name, GREY) for name in names])
    rail = lay_rows(canvas, [Row(name, value="+0.12") for name in names], (-1, 2), names[0])
    assert rail.middles == sorted(rail.middles)
    for text in texts(canvas):
        left, right = ends(canvas, text)
        assert left >= -0.5 and right <= canvas.width + 0.5
        assert 0 < text.y <= canvas.height


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_panels_stand_below_each_other_on_a_phone(count):
    frames = [Frame((0, 1), (0, 1), "A title", "A label", "Wave")] * count
    narrow, wide = Canvas(FONTS, True), Canvas(FONTS)
    lefts = {panel.x.start for panel in side_by_side(narrow, frames, 50)}
    assert len(lefts) == 1
    assert len({p.x.start for p in side_by_side(wide, frames, 50)}) == min(count, 2)
    assert narrow.height >= count * 50


def test_the_reference_alone_is_grey_and_neighbours_differ():
    styles = [category_style(place) for place in range(12)]
    assert [style.colour == GREY for style in styles] == [True] + [False] * 11
    others = styles[1 : len(CATEGORIES)]
    assert len({style.colour for style in others}) == len(others)
    assert len({style.shape for style in others}) == len(others)


@given(WORDS, WORDS)
def test_a_chart_that_stands_alone_needs_no_font(title, words):
    canvas = Canvas(FONTS)
    canvas.text(5, 20, words, halo=True)
    canvas.height = 30
    svg = to_svg(standing_alone(canvas, title, "", ["Source."]), title, words, outlined=True)
    tree = ElementTree.fromstring(svg)
    tags = [element.tag.rpartition("}")[2] for element in tree.iter()]
    assert "text" not in tags and "font-family" not in svg
    ids = set(re.findall(r'<path id="(\w+)"', svg))
    assert set(re.findall(r'href="#(\w+)"', svg)) == ids, (
        "every letter has its shape, and none more"
    )
    assert tree[0].text == title and tree[1].text == words


def test_letters_as_shapes_are_as_wide_as_text():
    canvas = Canvas(FONTS)
    canvas.text(100, 20, "Wave Ω", anchor="end", size=SMALLER)
    canvas.height = 30
    found = [float(x) for x in re.findall(r"0 ([\d.]+) 20\.00\)", to_svg(canvas, outlined=True))]
    wide = canvas.width_of("Wave Ω", SMALLER)
    assert found[0] == pytest.approx(100 - wide, abs=0.01)
    assert found == sorted(found) and found[-1] < 100


def test_pictures_have_two_pixels_for_a_unit():
    canvas = Canvas(FONTS, True)
    canvas.text(5, 20, "Wave")
    canvas.height = 40
    svg = to_svg(canvas, outlined=True)
    found = pictures({"a": svg, "b": svg})
    assert list(found) == ["a", "b"]
    for content in found.values():
        assert content.startswith(b"\x89PNG")
        width, height = (int.from_bytes(content[i : i + 4]) for i in (16, 20))
        assert (width, height) == (480, 80)
    assert pictures({}) == {}


def test_both_drawings_stand_in_a_page_with_ids_of_their_own():
    canvas = Canvas(FONTS)
    canvas.box(0, 0, 10, 10, GREY, is_hatched=True)
    canvas.text(5, 9, "url(#hatch) #12436d")
    canvas.height = 20
    markup = inline_chart(Chart(to_svg(canvas), to_svg(canvas), ""), "one", 'a "b" <c>')
    assert re.findall(r'id="([^"]+)"', markup) == ["one-hatch", "one-small-hatch"]
    assert "url(#hatch) #12436d" in markup, "words are left as they are"
    assert "var(--c0)" in markup and "#6b7785" not in markup
    assert markup.count('aria-label="a &#34;b&#34; &lt;c&gt;"') == 2
