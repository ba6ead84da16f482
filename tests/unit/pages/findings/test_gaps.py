"""Gaps over the waves: who is ahead, whether it moved, and what outer waves would hide."""

from __future__ import annotations

import copy

import pytest

from mlm.pages.findings.chosen import chosen_findings
from mlm.pages.findings.ranking import FIGURES, why_not
from mlm.pages.findings.second_page import brief
from mlm.pages.text import plain_text, started
from tests.unit.pages.findings.test_same_persons import estimate
from tests.unit.pages.sample import context_of, inputs

WAVES = ("K", "1", "2")


def over_time(differences: tuple[float, ...], moved: float, error: float = 1.0) -> dict:
    """A survey in which the groups by free lunch differ so in each wave."""
    given = copy.deepcopy(inputs())
    groups = [
        {"category": category, "value": None, "curve": [], "rows": []} for category in ("F", "N")
    ]
    for i, (wave, difference) in enumerate(zip(WAVES, differences, strict=True)):
        for group in groups:
            is_other = group["category"] == "N"
            row = estimate(500.0, 1.0) | {"wave": wave, "saturated": None}
            row["difference"] = estimate(difference, error) if is_other else None
            row["moved"] = estimate(moved, error) if is_other and i == 2 else None
            group["rows"].append(row)
    by = {"variable": "ses", "groups": groups, "test": None, "lack_of_fit": None}
    given["results"]["over_time"]["by"].append(by)
    return given


def gaps(given: dict) -> list[str]:
    found = chosen_findings(context_of(given))
    every = (*found.told, *found.further, *found.untold)
    return [plain_text(started(each.runs)) for each in every if each.kind == "gap"]


def others(given: dict) -> str:
    return context_of(given).labels.members("ses", "F")


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (-4.0, -9.0, ("below", "more")),
        (-9.0, -4.0, ("below", "less")),
        (4.0, 9.0, ("above", "more")),
        (9.0, 4.0, ("above", "less")),
    ],
)
def test_a_gap_that_moved_says_who_is_ahead_and_since_when(first, last, words):
    (text,) = gaps(over_time((first, (first + last) / 2, last), last - first))
    side, move = words
    ends = f"{abs(last) - 2:.1f} to {abs(last) + 2:.1f}"
    level = f"were {abs(last):.1f} scale points ({ends}) {side} the others in Grade 2, "
    assert f"{level}5.0 scale points (3.0" in text
    assert text.endswith(f" {move} than in Kindergarten.")


def test_a_gap_that_did_not_move_tells_of_a_wave_between():
    level, change = gaps(over_time((5.0, 15.0, 6.0), 1.0))
    assert level.endswith(
        " in Grade 2, after 5.0 and 15.0 scale points in Kindergarten and Grade 1."
    )
    assert " were above " in change and "between Kindergarten and Grade 2" in change
    assert change.endswith(" more; in Grade 1 the gap was 15.0 scale points.")
    change = gaps(over_time((5.0, 5.5, 6.0), 1.0))[1]
    assert change.endswith(" more.")


def test_a_gap_that_is_not_clear_is_called_a_gap():
    (level,) = gaps(over_time((-1.0, 0.0, 1.0), 2.0))  # and no second sentence on its change
    assert "did not clearly differ" in level


@pytest.mark.parametrize("difference", [-9.0, 1.0])
def test_groups_of_units_that_stay_in_the_model_are_told_after_those_of_persons(difference):
    """Private schools against public ones: a kept effect is told, an unclear one is open."""
    given = copy.deepcopy(inputs())
    variables = given["configuration"]["variables"]
    variables["sector"] = variables["ses"] | {"level": "school"}
    item = copy.deepcopy(given["results"]["associations"][0])
    item |= {"variable": "sector", "terms": [[{"variable": "sector", "category": None}]]}
    item["latest"] = [estimate(difference, 1.0) | {"category": "N", "wave": None}]
    item["terms"][0][0] |= {"power": 1, "function": None}
    given["results"]["associations"].insert(0, item)
    found = chosen_findings(context_of(given))
    keys = [each.key for each in (*found.told, *found.further) if each.kind == "gap"]
    is_clear = difference == -9.0
    assert ("gap-sector-N" in keys) == is_clear
    assert ("gap-sector-N" in [each.key for each in found.untold]) != is_clear
    assert not is_clear or keys.index("gap-sector-N") == len(keys) - 1


CHECKS = {
    "variance": (0.2, None, "they do not clearly differ (p =\N{NO-BREAK SPACE}0.200)"),
    "stability": (0.41, 0.25, "not last (correlation over time 0.41, at worst 0.25; 0.5 needed)"),
    "uncertain": (0.71, 0.43, "not last (correlation over time 0.71, at worst 0.43; 0.5 needed)"),
    "unknown": (0.71, None, "may not last (correlation over time 0.71; 0.5 needed)"),
    "reliability": (0.55, 0.4, "is known of each (reliability 0.55, at worst 0.40; 0.7 needed)"),
    "separable": (0.24, 0.2, "too few of them can be told apart (24% of the pairs; 30% needed)"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKS)
def test_units_that_cannot_be_ranked_have_the_number_that_says_so(name):
    value, lower, words = CHECKS[name]
    given = copy.deepcopy(inputs())
    licence = given["results"]["effects"][0]["licence"]
    licence["granted"] = False
    judged = "stability" if name in ("uncertain", "unknown") else name
    (check,) = [each for each in licence["checks"] if each["check"] == judged]
    check |= {"value": value, "lower": lower, "passed": False}
    item = context_of(given).results.effects[0]
    assert plain_text(why_not(item)).endswith(words)
    assert set(FIGURES) == set(CHECKS) - {"uncertain", "unknown"}


def test_a_next_wave_is_told_of_where_one_is_announced():
    given = copy.deepcopy(inputs())
    for coming in (None, "2030"):
        given["configuration"]["publication"] = {} if coming is None else {"next": coming}
        context = context_of(given)
        names = [each["id"] for each in brief(context, chosen_findings(context))["sections"]]
        assert ("next" in names) == (coming is not None)


def test_the_sizes_of_a_brief_say_whose_standard_deviations_they_are_in():
    context = context_of(inputs())
    sure = next(
        each for each in brief(context, chosen_findings(context))["sections"]
        if each["id"] == "sure"
    )  # fmt: skip
    texts = [plain_text(item) for item in sure["items"]]
    assert any(
        text.startswith("One SD is a standard deviation of the mathematics score at the time")
        and text.endswith("it is that of pupils of the group “Regular class” alone.")
        for text in texts
    )


@pytest.mark.parametrize(("first", "side"), [(-6.0, "below"), (6.0, "above")])
def test_a_gap_that_closed_claims_no_difference_in_the_last_wave(first, side):
    (text,) = gaps(over_time((first, first / 2, first / 6), -first * 5 / 6))
    assert f"were 6.0 scale points {side} the others in Kindergarten but did not" in text
    assert "differ from them in Grade 2: the gap narrowed by 5.0 scale points" in text
    (text,) = gaps(over_time((-1.9, -1.5, -0.1), 3.0))
    assert text.startswith("The gap between") and "from Kindergarten to Grade 2" in text


def test_a_difference_that_is_not_clear_tells_of_an_earlier_one_that_was():
    level = gaps(over_time((-7.0, -3.0, 0.5), 0.1))[0]
    assert level.endswith("higher; in Kindergarten they were 7.0 scale points below.")
    level = gaps(over_time((1.0, -1.0, 0.5), 0.1))[0]
    assert level.endswith("higher.")
