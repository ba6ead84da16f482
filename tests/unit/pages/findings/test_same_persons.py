"""Who findings compare, by how much of a number, and what shares lie around."""

from __future__ import annotations

import copy

import pytest

from mlm.pages.findings.chosen import chosen_findings
from mlm.pages.findings.second_page import untold
from mlm.pages.findings.spread import sum_words
from mlm.pages.language import using
from mlm.pages.rounding import percent
from mlm.pages.sections.variables.section import variables_section
from mlm.pages.text import plain_text, started
from mlm.pages.words.standardised import sd_of_number
from mlm.pages.words.whole import adds_up
from mlm.results.reading import At
from tests.unit.pages.sample import context_of, inputs

SD = 8.0  # of the experience of teachers, in years


def all_findings(given: dict) -> list:
    found = chosen_findings(context_of(given))
    return [*found.told, *found.further, *found.untold]


def sentences(given: dict, kind: str) -> list[str]:
    found = all_findings(given)
    return [plain_text(started(each.runs)) for each in found if each.kind == kind]


def estimate(value: float, error: float, **more) -> dict:
    return {
        "estimate": value,
        "std_error": error,
        "df": 70.0,
        "p_value": 0.001,
        "lower": value - 2 * error,
        "upper": value + 2 * error,
        "missing_information": None,
        **more,
    }


def split(given: dict, unit: str = "pupil") -> dict:
    """The same with the effect of free lunch split, the share of each pupil's years beside it."""
    known = given["configuration"]["variables"]
    known["always"] = {
        "label": "Years without free lunch",
        "type": "number",
        "level": unit,
        "aggregate": {"of": "ses", "within": unit, "statistic": "share", "categories": ["N"],
                      "waves": "all"},
    }  # fmt: skip
    given["configuration"]["analyses"]["math"]["between"] = ["ses"]
    level = {"unit": unit, "in_wave": False, "ids": ["school", "pupil"][: 1 + (unit == "pupil")]}
    parts = {"between": estimate(30.0, 2.0), "contextual": estimate(12.4, 2.0)}
    given["results"]["within_between"] = [
        {
            "variable": "ses",
            "category": "N",
            "model": model,
            "within": estimate(17.6, 0.61),
            "means": [{"term": "always", "level": level, **parts}],
            "reason": None,
        }
        for model in ("full", "settled")
    ]
    return given


def number(given: dict, **by_time) -> dict:
    """The same where the experience of teachers stays in the model."""
    own = {"variable": "experience", "category": None, "power": 1, "function": None}
    item = given["results"]["associations"][1]
    item["test"] = copy.deepcopy(given["results"]["associations"][0]["test"])
    item["latest"] = [estimate(-0.5, 0.1, category=None, wave=None)]
    item["terms"] = [[own]]
    for slope in given["results"]["slopes"]:
        if slope["variable"] == "experience":
            slope["sd_x"] = SD
    return given


def sd_of_experience(given: dict) -> float:
    return given["survey"]["waves"][-1]["variables"]["experience"]["sd"]


def blended(given: dict) -> dict:
    """The same where free lunch changes for the same pupils."""
    doubt = {"kind": "blended", "severity": "warning", "variable": "ses", "level": "pupil"}
    given["survey"]["separability"].append(doubt)
    return given


def test_a_category_that_changes_for_nobody_compares_groups():
    (text,) = sentences(inputs(), "gap")
    assert "above the others throughout (Kindergarten to Grade 2)" in text
    assert "in part" not in text


def test_a_category_that_changes_for_the_same_pupils_has_no_gap():
    given = blended(inputs())
    assert sentences(given, "gap") == []
    context = context_of(given)
    told = [plain_text(each) for each in untold(context, chosen_findings(context))]
    assert told[0] == (
        "How far groups by the free lunch lie apart: the same pupils change from one to the other."
    )
    section = [plain_text(b["runs"]) for b in variables_section(context).blocks if "runs" in b]
    assert any("(in part the same pupils)" in text for text in section)


def test_a_blend_is_told_no_more_once_it_is_split():
    assert len(sentences(split(blended(inputs())), "gap")) == 1


def test_a_split_category_compares_pupils_with_their_own_results():
    (text,) = sentences(split(inputs()), "gap")
    assert "above what their own results at other times lead one to expect" in text
    assert "17.60 scale points" in text and "the others" not in text


def test_the_share_of_schools_does_not_split_pupils():
    assert sentences(split(blended(inputs()), unit="school"), "gap") == []


def test_the_section_says_who_is_compared():
    words = [plain_text(block["runs"]) for block in variables_section(context_of(inputs())).blocks
             if block["type"] == "paragraph"]  # fmt: skip
    (told,) = [text for text in words if "may change for the same pupils" in text]
    assert "the free lunch" in told and "in part compared with themselves" in told
    given = split(inputs())
    words = [plain_text(block["runs"]) for block in variables_section(context_of(given)).blocks
             if block["type"] == "paragraph"]  # fmt: skip
    assert any("the same pupils are compared with themselves" in each for each in words)


def test_a_number_is_told_by_its_standard_deviation():
    given = number(inputs())
    sd = sd_of_experience(given)
    found = [each for each in all_findings(given) if each.kind == "association"]
    (finding,) = found
    text = plain_text(finding.runs)
    assert finding.estimate.value == pytest.approx(-0.5 * sd, abs=0.06)
    assert (
        f"lower throughout (Kindergarten to Grade 2) per standard deviation ({sd:.1f} years)"
        in text
    )
    assert finding.size is not None


def test_a_wave_of_one_unit_gives_no_standard_deviation():
    for wave, sd in zip(("K", "1", "2"), (7.5, 8.5, 9.5), strict=True):
        given = number(inputs())
        for account, own in zip(given["survey"]["waves"], (7.5, 8.5, 9.5), strict=True):
            account["variables"]["experience"]["sd"] = own
        context = context_of(given)
        hidden = frozenset({"K", "1", "2"} - {wave})
        context.__dict__["dominated_waves"] = hidden
        assert sd_of_number(context, "experience").value == sd
    context.__dict__["dominated_waves"] = frozenset({"K", "1", "2"})
    assert sd_of_number(context, "experience") is None


def test_a_number_that_changes_with_time_is_told_in_the_last_wave_with_its_change():
    given = number(inputs())
    item = given["results"]["associations"][1]
    time = {"variable": "grade", "category": None, "power": 1, "function": None}
    item["terms"].append([item["terms"][0][0], time])
    item["latest"][0]["wave"] = "2"
    groups = [
        {
            "category": None,
            "value": value,
            "curve": [],
            "rows": [
                estimate(500.0 + i, 1.0)
                | {
                    "wave": wave,
                    "saturated": None,
                    "difference": None if not high else estimate(-1.0 - 2 * i, 0.4),
                    "moved": None if not high or not i else estimate(-2.0 * i, 0.4),
                }
                for i, wave in enumerate(("K", "1", "2"))
            ],
        }
        for high, value in enumerate((4.0, 12.0))
    ]
    by = {"variable": "experience", "groups": groups, "test": None, "lack_of_fit": None}
    given["results"]["over_time"]["by"] = [by]
    (text,) = sentences(given, "association")
    assert "5.00 scale points (4.20 to 5.80;" in text
    assert "lower in Grade 2 per standard deviation (8.0 years)" in text
    assert text.endswith(", 4.00 scale points (3.20 to 4.80) more than in Kindergarten.")


def test_a_number_in_a_product_is_told_among_the_references_of_the_other():
    given = number(inputs())
    item = given["results"]["associations"][1]
    other = {"variable": "ses", "category": None, "power": 1, "function": None}
    item["terms"].append([item["terms"][0][0], other])
    (text,) = sentences(given, "association")
    reference = context_of(given).labels.members("ses", "F")
    assert f"years) of the teacher experience among {reference}" in text
    other["variable"] = "age"  # a number has no reference
    assert sentences(given, "association") == []


def test_shares_that_do_not_add_up_as_printed_say_so():
    given = inputs()
    shares = given["results"]["null"]["shares"]
    for share, value in zip(shares, (0.106, 0.526, 0.368), strict=True):
        share |= {"share": value, "lower": value - 0.02, "upper": value + 0.02}
    (text,) = sentences(given, "spread")
    assert text.startswith("Of all differences about 11% ")
    assert plain_text(sum_words(context_of(given))) == (
        "Shares of all differences are rounded and need not add up to the whole."
    )
    for share, value in zip(shares, (0.104, 0.526, 0.370), strict=True):
        share |= {"share": value}
    assert "about" not in sentences(given, "spread")[0]
    assert sum_words(context_of(given)) == []


@pytest.mark.parametrize(("shares", "is_whole"), [
    ((0.333, 0.333, 0.334), True), ((0.16, 0.56, 0.29), False), ((0.1, 0.9), True),
])  # fmt: skip
def test_shares_add_up_by_what_is_printed(shares, is_whole):
    printed = [percent(At(share, None), 1) for share in shares]
    assert adds_up(printed) == is_whole


def test_what_varies_within_pupils_is_told_by_what_it_is_around():
    given = inputs()
    assert "within pupils over time" in sentences(given, "spread")[0]
    given["configuration"]["time"]["coding"] = "trend"
    given["results"]["time"] |= {"coding": "trend", "degree": 1}
    assert sentences(given, "spread")[0].endswith("within pupils around a common straight line.")
    given["results"]["over_time"]["lack_of_fit"] = {
        "test": given["results"]["associations"][0]["test"],
        "rejected": True,
        "formula": None,
    }
    text = sentences(given, "spread")[0]
    assert text.endswith("around a common straight line, from which the means depart.")


def test_french_says_who_is_compared():
    with using("fr"):
        (text,) = sentences(split(inputs()), "gap")
        assert "leurs propres résultats à d’autres moments" in text
        context = context_of(blended(inputs()))
        told = [plain_text(each) for each in untold(context, chosen_findings(context))]
        assert "les mêmes pupils passent de l’un à l’autre" in told[0]
