"""Charts from their data."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from mlm.pages.document import figures_of
from mlm.pages.drawing.canvas import Text
from mlm.pages.drawing.heading import standing_alone
from mlm.pages.drawing.letters import usual_typeface
from mlm.pages.figures import KINDS, draw, make_chart
from mlm.pages.template_folder import template_folder
from mlm.pages.text import plain_text
from tests.unit.pages.sample import (
    document_of,
    everything,
)

pytestmark = pytest.mark.slow

OF_OTHERS = {"spread", "tiles", "distribution"}  # of residuals, of a level with a grid
OF_SAMPLES = {"levels_and_gaps", "scalings"}


@pytest.fixture
def given():
    return everything()


def blocks(given):
    return list(figures_of(document_of(given)))


FONTS = usual_typeface(template_folder() / "fonts")


def test_the_charts_can_be_drawn(given):
    found = blocks(given)
    for block in found:
        draw(block, FONTS)
    assert {block["kind"] for block in found} == set(KINDS) - OF_OTHERS - OF_SAMPLES


@pytest.mark.parametrize("values", [(51.11, 54.2, 57.27), (512, 530, 541), (0.4213, 0.43, 0.4418)])
def test_means_stand_in_a_chart_as_they_are_published(given, values):
    """However small their errors: with one decimal a chart would say what the report does not."""
    block = next(b for b in blocks(given) if b["kind"] == "adjusted_means")
    data = {"wave": ["a", "b", "c"], "estimate": values, "lower": values, "upper": values}
    options = {name: block["options"][name] for name in ("y", "x", "told")}
    parts = draw(block | {"data": data, "options": options}, FONTS).parts
    said = {text.words for text in parts if isinstance(text, Text) and text.halo}
    assert {float(words) for words in said} == set(values)


@pytest.mark.parametrize("is_narrow", [False, True])
def test_nothing_is_drawn_outside_the_canvas(given, is_narrow):
    for block in blocks(given):
        canvas = draw(block, FONTS, is_narrow)
        for text in (part for part in canvas.parts if isinstance(part, Text)):
            wide = canvas.width_of(text.words, text.size, text.weight)
            left = text.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor] * wide
            assert left >= -0.5, (block["id"], text)
            assert left + wide <= canvas.width + 0.5, (block["id"], text)
            assert 0 < text.y <= canvas.height, (block["id"], text)


def test_no_words_of_a_chart_are_cut(given):
    for block in blocks(given):
        for is_narrow in (False, True):
            for part in draw(block, FONTS, is_narrow).parts:
                assert not isinstance(part, Text) or "…" not in part.words


def test_every_chart_stands_alone_with_its_title_unit_and_source(given):
    for block in blocks(given):
        alone = make_chart(block, FONTS, "Source: a survey.").alone
        title = plain_text(block["title"]) or plain_text(block["caption"])
        tree = ElementTree.fromstring(alone)
        parts = {element.tag.rpartition("}")[2]: element.text for element in tree}
        assert block["unit"], block["id"]
        assert parts["title"] == title
        assert parts["desc"] == plain_text(block["alt"])
        assert "<text" not in alone and "font" not in alone.replace("<desc>", "")
        canvas = standing_alone(draw(block, FONTS), title, "", [block["unit"], "Source: a survey."])
        words = " ".join(part.words for part in canvas.parts if isinstance(part, Text))
        assert title in words and block["unit"] in words and "Source: a survey." in words


def test_a_level_with_a_grid_has_a_map_of_the_units_that_may_be_named(given, tmp_path):
    names = [unit["unit"][-1] for unit in given["results"]["effects"][0]["units"]]
    grid = tmp_path / "grid.csv"
    lines = [f"{name},{1 + i % 6},{1 + i // 6}\n" for i, name in enumerate(names[:-1])]
    grid.write_text("id,column,row\nelsewhere,9,9\n" + "".join(lines), "utf-8")
    given["configuration"]["levels"][0]["grid"] = str(grid)
    (block,) = (block for block in blocks(given) if block["kind"] == "tiles")
    sides = dict(zip(block["data"]["unit"], block["data"]["side"], strict=True))
    assert sides["elsewhere"] == "unknown"
    assert {"above", "below", "expected"} & set(sides.values())
    assert names[-1] in plain_text(block["how"])
    for is_narrow in (False, True):
        canvas = draw(block, FONTS, is_narrow)
        words = {part.words for part in canvas.parts if isinstance(part, Text)}
        assert set(names[:-1]) <= words
    given["results"]["effects"][0]["licence"]["checks"][2].update(value=0.1, passed=False)
    given["results"]["effects"][0]["licence"]["granted"] = False
    assert not [block for block in blocks(given) if block["kind"] == "tiles"]


def test_a_flow_hides_a_small_group_and_what_would_give_it_away(given):
    (before,) = (block for block in blocks(given) if block["kind"] == "flow")
    assert None not in before["data"]["moved"]
    for cell in given["survey"]["groups_in_waves"]:
        if (cell["category"], cell["other_category"]) == ("small", "reg"):
            cell["units"] = 4
    (block,) = (block for block in blocks(given) if block["kind"] == "flow")
    later = [
        (name, moved)
        for name, wave, moved in zip(
            *(block["data"][key] for key in ("category", "wave", "moved")), strict=True
        )
        if wave != "Kindergarten"
    ]
    assert set(later) == {("Regular class", None), ("Small class", None)}, "their sum is in a table"
    words = [part.words for part in draw(block, FONTS).parts if isinstance(part, Text)]
    assert "[c] in another group" in words


def test_a_flow_tells_who_was_allocated_seen_and_seen_with_an_outcome(given):
    (block,) = (block for block in blocks(given) if block["kind"] == "flow")
    rows = list(zip(*(block["data"][key] for key in ("seen", "with_outcome", "gone")), strict=True))
    assert rows[:2] == [(3110, 2960, 0), (2310, 2160, 800)]
    for is_narrow in (False, True):
        canvas = draw(block, FONTS, is_narrow)
        parts = [part for part in canvas.parts if isinstance(part, Text)]
        words = {part.words for part in parts}
        assert {"Kindergarten: 3,110 allocated", "2,960 with an outcome"} <= words
        assert {"Grade 1: 2,310 seen", "2,160 with an outcome", "800 not seen"} <= words
        for part in parts:
            assert part.x + canvas.width_of(part.words, part.size, part.weight) <= canvas.width


def test_a_flow_of_groups_as_assigned_has_no_moves(given):
    given["configuration"]["analyses"]["math"]["policy"]["class_type"]["as"] = "assigned"
    given["results"]["policy"][0]["assignment"]["groups"] = "assigned"
    (block,) = (block for block in blocks(given) if block["kind"] == "flow")
    assert "moved" not in block["data"] and "another group" not in plain_text(block["how"])
    words = [part.words for part in draw(block, FONTS).parts if isinstance(part, Text)]
    assert "Grade 1: 2,310 seen" in words and not any("another" in each for each in words)


@pytest.mark.parametrize(("known", "missing"), [(2154, 156), (3, 2307), (2305, 5)])
def test_few_with_or_without_an_outcome_are_hidden_with_what_gives_them_away(given, known, missing):
    for item in given["survey"]["groups_followed"]:
        if (item["wave"], item["other"], item["category"]) == ("K", "1", "reg"):
            item["outcomes"][0].update(known=known, missing=missing)
    (block,) = (block for block in blocks(given) if block["kind"] == "flow")
    shown = [block["data"][key][1] for key in ("seen", "with_outcome")]
    assert (None in shown) == (min(known, missing) < 10)


@pytest.mark.battery
@pytest.mark.parametrize("waves", [2, 3, 6, 12])
@pytest.mark.parametrize("is_narrow", [False, True])
def test_names_of_quantiles_stand_on_the_canvas_with_any_number_of_waves(given, waves, is_narrow):
    block = next(block for block in blocks(given) if block["kind"] == "trajectories")
    data = {name: [0.1 * i] * waves for i, name in enumerate(("2.5%", "50%", "97.5%"))}
    data["wave"] = [f"Year {i}" for i in range(waves)]
    options = {**block["options"], "mode": "fan", "middle": "50%"}
    canvas = draw({**block, "data": data, "options": options}, FONTS, is_narrow)
    names = [part for part in canvas.parts if isinstance(part, Text) and part.words in data]
    assert len(names) == 3
    for text in names:
        wide = canvas.width_of(text.words, text.size, text.weight)
        assert text.x + wide <= canvas.width + 0.5
