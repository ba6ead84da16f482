"""The answer on change over time."""

from __future__ import annotations

import pytest

from mlm.pages.sections.over_time.next_wave import next_wave_blocks
from mlm.pages.sections.over_time.stability import stability_blocks
from mlm.pages.sections.over_time.words import change_answer
from mlm.pages.text import plain_text
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    context_of,
    document_of,
    everything,
)

FEW = {"kind": "too_few_groups", "groups": 12, "needed": 15, "what": "correlation_over_waves"}


@pytest.fixture
def given():
    return everything()


def level(given: dict) -> dict:
    return given["results"]["over_time"]["levels"][0]


def blocks_of(given: dict) -> list[dict]:
    context = context_of(given)
    item = context.results.over_time.levels[0]
    return [*stability_blocks(context, item), *next_wave_blocks(context, item)]


def said(given: dict) -> str:
    return " ".join(plain_text(block["runs"]) for block in blocks_of(given) if "runs" in block)


def test_the_mean_correlation_has_its_interval_where_it_is_known(given):
    answer = plain_text(change_answer(context_of(given)))
    assert "correlate 0.74 on average (95% interval 0.41 to 0.77)." in answer
    level(given)["average"] |= {"lower": None, "upper": None}
    answer = plain_text(change_answer(context_of(given)))
    assert "correlate 0.74 on average." in answer


def test_without_details_there_is_no_next_wave(given):
    headings = [block["text"] for block in blocks_of(given) if block["type"] == "heading"]
    assert len(headings) == 2
    level(given)["details"] = {"kind": "refused", "reason": FEW}
    kinds = [block["type"] for block in blocks_of(given)]
    assert kinds == ["heading", *2 * ["paragraph"], "figure", *2 * ["table"], "note"]
    assert (
        "Effects of schools by wave, and in the next wave, are not reported: too few groups"
        in said(given)
    )


def test_a_standard_deviation_that_may_change_again_is_told(given):
    ahead = level(given)["details"]["prediction"]
    ahead["form"] = "variances_by_wave"
    assert "the error also holds that it may change again" in said(given)
    ahead["form"] = "part_by_wave"
    assert "may change again" not in said(given)


def test_constant_effects_say_where_their_interval_comes_from(given):
    assert "with one correlation more" not in said(given)
    level(given)["form"] = "constant"
    assert "with one correlation more, by the same rule" in said(given)
    kinds = [block["type"] for block in blocks_of(given)]
    assert kinds[:4] == ["heading", *3 * ["paragraph"]], "no table of correlations that are one"


def test_a_level_that_was_not_estimated_says_why(given):
    found = level(given)
    given["results"]["over_time"]["levels"] = [
        {key: found[key] for key in ("level", "waves")} | {"kind": "refused", "reason": FEW}
    ]
    assert "The stability of the effects of schools was not estimated: too few groups" in said(
        given
    )
    assert "correlate" not in plain_text(change_answer(context_of(given)))


def test_means_alike_at_both_ends_but_not_between_are_told(given):
    standards = given["results"]["over_time"]["adjusted_means"]
    last = standards[-1]
    last["estimate"] = standards[0]["estimate"] - 0.4
    last["change"] |= {"estimate": -0.4, "std_error": 2.1, "lower": -4.5, "upper": 3.7}
    text = sentences(document_of(given))
    assert "There is no clear evidence that mean Mathematics score" in text
    assert "It was not the same in every wave, though" in text
    given["results"]["over_time"]["test"]["p_value"] = 0.4
    assert "It was not the same in every wave" not in sentences(document_of(given))
