"""What findings never leave out: units of numbers, whose SD a change is in, the way between."""

from __future__ import annotations

import copy
import re

import pytest

from mlm.pages.catalogues import texts_in_source
from mlm.pages.findings.chosen import chosen_findings
from mlm.pages.findings.lead import lead_figure, lead_table
from mlm.pages.findings.measure import when
from mlm.pages.findings.ranking import ranking_findings
from mlm.pages.text import plain_text, started
from tests.unit.pages.findings.test_gaps import over_time
from tests.unit.pages.findings.test_same_persons import estimate
from tests.unit.pages.sample import context_of, everything, inputs

WAVES = ("K", "1", "2")
COURSES = [(-4.0, -9.0), (9.0, 4.0), (6.0, 1.0), (-6.0, 6.0), (1.0, 1.2), (-0.1, 0.1), (8.0, 9.0)]
BETWEEN = (-20.0, 0.0, 30.0)
NUMBER = re.compile(r"(?<![\d.])\d+\.\d+(?!%)")


def texts(given: dict, *kinds: str) -> list[str]:
    found = chosen_findings(context_of(given))
    every = (*found.told, *found.further, *found.untold)
    return [plain_text(started(each.runs)) for each in every if each.kind in kinds]


def bare(text: str) -> str:
    """A sentence without what stands in brackets."""
    return re.sub(r" \([^()]*\)", "", text)


def numbers_without_unit(text: str, unit: str) -> list[str]:
    """Numbers behind which neither the unit follows nor ``and`` a number that has it."""
    lacking = []
    for found in NUMBER.finditer(bare(text)):
        rest = bare(text)[found.end() :]
        if not re.match(rf"( and \d+\.\d+)? {unit}\b", rest):
            lacking.append(found[0])
    return lacking


def by_policy(values: tuple[float, float, float], error: float = 1.0) -> dict:
    """Differences of a policy without a draw, one a wave, that change clearly."""
    given = copy.deepcopy(inputs())
    item = given["results"]["policy"][0]
    item["evidence"], item["by_wave"] = "observational", True
    for row, wave, value in zip(item["effects"], WAVES, values, strict=True):
        row |= estimate(value, error) | {"wave": wave, "standing": "compared"}
    item["time_test"] |= {"p_value": 0.0001}
    moved = estimate(values[-1] - values[0], error)
    groups = [
        {
            "category": category,
            "value": None,
            "curve": [],
            "rows": [
                estimate(500.0, 1.0)
                | {"wave": wave, "saturated": None, "difference": None}
                | {"moved": moved if category == "small" and wave == WAVES[-1] else None}
                for wave in WAVES
            ],
        }
        for category in ("reg", "small")
    ]
    by = {"variable": "class_type", "groups": groups, "test": None, "lack_of_fit": None}
    given["results"]["over_time"]["by"].append(by)
    return given


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize(("first", "last"), COURSES)
def test_no_number_of_the_outcome_lacks_its_unit(first, last, between):
    for given in (
        over_time((first, between, last), last - first),
        by_policy((first, between, last)),
    ):
        for text in texts(given, "gap", "policy", "change", "association"):
            assert numbers_without_unit(text, "scale points") == [], text


@pytest.mark.parametrize("text", ["were 18.0 below", "up from 10.0 in 2001", "it was 25.0."])
def test_a_number_without_its_unit_is_found(text):
    assert numbers_without_unit(text, "points")
    assert not numbers_without_unit("after 5.0 and 6.0 points, 7.0 points", "points")


@pytest.mark.parametrize(("first", "last"), COURSES)
def test_a_change_names_whose_standard_deviation_it_is_in(first, last):
    """A size of one time is in the SD of that time; a change says of which."""
    for text in texts(over_time((first, first, last), last - first), "gap", "change"):
        (size,) = re.findall(r"[\d.]+ SD(?: of [\w ]+)?\)", text)
        is_change = re.search(r" than in | narrowed | between .* moved | from \w+ to ", text)
        assert (" of Grade 2)" in size) == bool(is_change), text


def test_a_policy_tells_how_much_its_difference_rose_and_a_dip_on_the_way():
    (text,) = texts(by_policy((10.0, 5.0, 29.0)), "policy")
    assert ", 19.0 scale points (17.0 to 21.0) more than in Kindergarten; in" in text
    assert text.endswith("; in Grade 1 the gap was 5.0 scale points.")
    (text,) = texts(by_policy((10.0, 9.5, 29.0)), "policy")
    assert text.endswith(" more than in Kindergarten.")
    (text,) = texts(by_policy((10.0, 5.0, 29.0), error=6.0), "policy")
    assert text.endswith(" more than in Kindergarten.")


def test_a_difference_that_fell_is_down():
    (text,) = texts(by_policy((29.0, 20.0, 10.0)), "policy")
    assert text.endswith(" in Grade 2, 19.0 scale points (17.0 to 21.0) less than in Kindergarten.")


def test_the_lead_chart_shows_the_gap_of_the_first_finding_and_no_other():
    """One that is the same in all waves has no course: another's is not drawn in its place."""
    given = over_time((-9.0, -6.0, -4.0), 5.0)
    given["results"]["policy"] = []
    given["results"]["over_time"]["by"][-1]["variable"] = "girl"
    ses = given["configuration"]["variables"]["ses"]
    given["configuration"]["variables"]["girl"] = ses | {"categories": {"F": "Boy", "N": "Girl"}}
    context = context_of(given)
    chosen = chosen_findings(context)
    first = next(each for each in (*chosen.told, *chosen.further) if each.kind == "gap")
    assert first.variable == "ses" and first.wave is None
    figure = lead_figure(context, chosen)
    assert figure["kind"] == "effects"
    assert plain_text(figure["title"]) == plain_text(started(first.short))
    assert figure["data"]["label"][0].startswith("Pupils of the group “No free lunch” against")
    rows = lead_table(context, chosen)["rows"]
    assert plain_text(rows[1]["cells"][0]["text"]).startswith("Throughout (Kindergarten to")


def test_units_that_are_others_in_each_wave_are_said_not_to_be_ranked():
    given = copy.deepcopy(inputs())
    level = {"unit": "teacher", "in_wave": False, "ids": ["school", "wave", "teacher"]}
    given["results"]["levels"].insert(1, {"level": level, "n": 300, "distinct": None})
    given["configuration"]["levels"].insert(1, {"name": "teacher", "id": "teacher"})
    found = {each.key: each for each in ranking_findings(context_of(given))}
    words = plain_text(started(found["ranking-teacher"].runs))
    assert words == "Teachers are not ranked: each time others were studied."
    assert not found["ranking-teacher"].is_news


VAGUE = re.compile(
    r"\b(some|many|few|several|often|usually|rarely|hardly|mostly|largely|mainly|nearly|almost)\b",
    re.IGNORECASE,
)
FIGURE = re.compile(
    r"\{(?!units|variable|members|reference|outcome|persons|groups|wave|column)\w+\}"
)
NAMED_CAUSE = ("most often", "there are too few of them", "too few of them can be told apart")
"""What has no number of its own, or has it behind it: ``(24% of the pairs; 30% needed)``."""


def test_no_word_for_a_number_stands_without_it():
    for text, places in texts_in_source().items():
        of_findings = any("findings" in place for place in places)
        forms = (text,) if isinstance(text, str) else text
        for form in forms if of_findings else ():
            told = form
            for allowed in NAMED_CAUSE:
                told = told.replace(allowed, "")
            assert not VAGUE.search(told) or FIGURE.search(form), form


@pytest.mark.parametrize("text", ["Some changed group", "their results often change", "Many left"])
def test_a_word_for_a_number_is_found(text):
    assert VAGUE.search(text) and not FIGURE.search(text)


@pytest.mark.parametrize(
    ("kept", "again", "is_open"), [(0.47, None, True), (0.1, 0.47, True), (0.1, 0.9, False)]
)
def test_whether_a_gap_changed_is_open_where_the_reduction_may_as_well_keep_it(
    kept, again, is_open
):
    given = copy.deepcopy(everything())
    factors = [
        {"variable": name, "category": None, "power": 1, "function": None}
        for name in ("grade", "ses")
    ]
    term = {"term": factors, "kept": kept, "in_settled": False}
    given["results"]["inclusion"]["terms"].append(term)
    if again is not None:
        given["results"]["inclusion"]["resampled"]["terms"].append(term | {"kept": again})
    said = when(context_of(given), None, "ses", ("F", "N"))
    assert ("whether it changed is open" in said) == is_open
    assert said.startswith(" throughout") != is_open
