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

OF_OTHERS = {"spread", "tiles", "distribution"}  # of residuals, of a level with a grid


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
    assert {block["kind"] for block in found} == set(KINDS) - OF_OTHERS


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
    moved = dict(zip(block["data"]["category"], block["data"]["moved"], strict=True))
    assert moved == {"Regular class": None, "Small class": None}, "their sum is in the table"
    words = [part.words for part in draw(block, FONTS).parts if isinstance(part, Text)]
    assert "[c] of them in another group" in words


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
