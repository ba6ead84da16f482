"""Findings: one sentence each, in order, each with its size, and no causal word without a draw."""

from __future__ import annotations

import copy
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.pages.findings.chosen import MOST, chosen_findings
from mlm.pages.findings.finding import IMPORTANCE
from mlm.pages.findings.first_screen import room_for_findings, words_in
from mlm.pages.language import using
from mlm.pages.text import plain_text, started
from tests.drawn_cases import cases
from tests.unit.pages.findings.idioms import CAUSAL, idioms_in
from tests.unit.pages.findings.reading_grade import EASY, reading_ease, reading_grade
from tests.unit.pages.sample import context_of, everything, inputs

HARDEST = 10.5
ENDS = st.tuples(st.floats(-40, 40), st.floats(0.1, 15))


def estimate(row: dict, value: float, error: float) -> None:
    row |= {"estimate": value, "std_error": error}
    row |= {"lower": value - 2 * error, "upper": value + 2 * error}


def findings_of(given: dict):
    found = chosen_findings(context_of(given))
    return found, [*found.told, *found.further, *found.untold]


def sentence(finding) -> str:
    return plain_text(started(finding.runs))


@settings(max_examples=cases(25))
@given(
    policy=st.lists(ENDS, min_size=3, max_size=3),
    evidence=st.sampled_from(["randomised", "adjusted", "observational"]),
    change=ENDS,
    gap=ENDS,
)
def test_any_estimates_give_findings_that_keep_the_rules(policy, evidence, change, gap):
    given = copy.deepcopy(inputs())
    item = given["results"]["policy"][0]
    item["evidence"] = evidence
    for row, ends in zip(item["effects"], policy, strict=True):
        estimate(row, *ends)
    estimate(given["results"]["over_time"]["adjusted_means"][-1]["change"], *change)
    for association in given["results"]["associations"]:
        for row in association["latest"]:
            estimate(row, *gap)
    found, everything = findings_of(given)
    words = sum(words_in(finding.runs) for finding in found.told)
    assert 0 < len(found.told) <= MOST and words <= room_for_findings(context_of(given))
    places = [IMPORTANCE.index(finding.kind) for finding in found.told]
    assert places == sorted(places)
    assert len({finding.key for finding in everything}) == len(everything)
    for finding in everything:
        text = sentence(finding)
        assert text[0].isupper() or text[0].isdigit() or text[0] == "“"
        assert text.count(". ") == 0 and text.endswith("."), text
        assert finding.estimate is None or not finding.unit or finding.size is not None, text
        assert idioms_in(text) == []
        if evidence != "randomised":
            assert not CAUSAL.search(text), text
        if "no clear" in text.lower() or "not clearly" in text:
            assert re.search(
                "at most .* either way|between .* and .* (higher|more|up)|at most .* (low|high)er",
                text,
            )
    assert reading_grade([sentence(finding) for finding in found.told]) < HARDEST


@pytest.mark.parametrize("standing", ["attended", "before", "mixed", "unsaid", "compared"])
def test_a_causal_verb_needs_a_draw_and_the_wave_of_it(standing):
    given = inputs()
    assert any(CAUSAL.search(sentence(each)) for each in findings_of(given)[1])
    for row in given["results"]["policy"][0]["effects"]:
        row["standing"] = standing
    assert not any(CAUSAL.search(sentence(each)) for each in findings_of(given)[1])


def test_policies_of_units_are_told_by_what_was_made_and_of_persons_by_the_draw():
    given = inputs()
    text = sentence(findings_of(given)[0].told[0])
    assert text.startswith("Small class, drawn by lot, raised the mathematics score in Kind")
    given["configuration"]["variables"]["class_type"] |= {
        "level": "school",
        "categories": {"reg": "Regular", "small": {"label": "Small", "phrase": "small classes"}},
    }
    text = sentence(findings_of(given)[0].told[0])
    assert text.startswith("Small classes raised the mathematics score in Kindergarten by 8.4")


def test_what_is_not_clear_tells_the_largest_difference_that_is_excluded():
    given = inputs()
    rows = given["results"]["policy"][0]["effects"]
    for row in rows:
        estimate(row, -0.6, 1.0)
        row["standing"] = "attended"
    found, __ = findings_of(given)
    (text,) = [sentence(each) for each in found.untold if each.kind == "policy"]
    assert "between 2.6 scale points (0.06 SD) lower and 1.4 scale points higher" in text
    assert not any(each.kind == "policy" for each in found.told)
    for row in rows:
        estimate(row, -0.2, 1.0)
    (text,) = [sentence(each) for each in findings_of(given)[0].untold if each.kind == "policy"]
    assert "at most 2.2 scale points (0.05 SD) either way" in text
    for row in rows:
        estimate(row, 1.99, 1.0)
    (text,) = [sentence(each) for each in findings_of(given)[0].untold if each.kind == "policy"]
    assert text.endswith("at most 4.0 scale points (0.09 SD) higher.")


def test_the_same_pupils_grow_and_others_have_another_mean():
    given = inputs()
    (change,) = [each for each in findings_of(given)[1] if each.kind == "change"]
    assert sentence(change).startswith("Over time, pupils gained ")
    given["configuration"]["design"] = "same_schools"
    (change,) = [each for each in findings_of(given)[1] if each.kind == "change"]
    assert sentence(change).startswith("On average the mathematics score rose by ")


@pytest.mark.parametrize("evidence", ["adjusted", "observational"])
def test_a_difference_without_a_draw_says_so_before_its_number(evidence):
    given = inputs()
    given["results"]["policy"][0]["evidence"] = evidence
    found, __ = findings_of(given)
    (told,) = [sentence(each) for each in found.told if each.kind == "policy"]
    assert re.search(r", not drawn by lot, were \d", told)
    remarks = {each.key: sentence(each) for each in found.remarks}
    assert "need not be its effect" in remarks["caveat-policy-class_type"]


def test_the_groups_of_a_policy_that_nobody_drew_are_counted():
    given = inputs()
    given["configuration"]["variables"]["class_type"]["level"] = "school"
    item = given["results"]["policy"][0]
    item["evidence"] = "observational"
    item["balance"] = copy.deepcopy(everything()["results"]["policy"][0]["balance"])
    item["balance"]["units"] = [{"category": "reg", "n": 41}, {"category": "small", "n": 38}]
    (told,) = [
        sentence(each)
        for each in findings_of(given)[0].remarks
        if each.key.startswith("caveat-pol")
    ]
    assert "Small class” (38) and " in told and "(41) need not be its effect." in told


def test_later_groups_of_a_draw_are_said_to_be_those_attended():
    given = inputs()
    for row in given["results"]["policy"][0]["effects"][1:]:
        row["standing"] = "attended"
    first, later = [sentence(e) for e in findings_of(given)[1] if e.kind == "policy"]
    assert ", as attended by then, were " in later and "attended" not in first


def test_many_missing_values_are_a_caveat_and_fewer_a_remark():
    given = inputs()
    kept = sum(wave["rows_kept"] for wave in given["survey"]["waves"])
    for lacking, told in ((0.3, True), (0.1, False)):
        given["results"]["n_obs"] = round(kept * (1 - lacking))
        found, everything = findings_of(given)
        assert ("caveat-missing" in [each.key for each in everything]) == told
        assert ("caveat-missing" in [each.key for each in found.remarks]) == (not told)


def test_french_joins_prepositions_and_articles():
    given = inputs()
    given["configuration"]["language"] = "fr"
    given["configuration"]["variables"]["ses"]["categories"] = {
        "F": {"label": "Cantine", "phrase": "les élèves aidés"},
        "N": {"label": "Sans", "phrase": "les autres élèves"},
    }
    with using("fr"):
        found, everything = findings_of(given)
        texts = [sentence(each) for each in everything]
        assert reading_ease([sentence(each) for each in found.told]) > EASY
    assert not any(apart in text for text in texts for apart in (" de les ", " de le ", " à le"))
    assert any("au-dessus des élèves aidés" in text or "des autres" in text for text in texts)


def test_a_hard_text_is_told_from_an_easy_one_in_each_language():
    hard = "Hierarchical modelling of longitudinal data necessitates rigorous specification."
    assert reading_grade([hard]) > 15 > HARDEST > reading_grade(["Small classes scored higher."])
    difficile = (
        "La modélisation hiérarchique nécessite une spécification rigoureuse conditionnelle."
    )
    assert (
        reading_ease([difficile]) < 20 < EASY < reading_ease(["Les petites classes progressent."])
    )
