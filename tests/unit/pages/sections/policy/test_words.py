"""Sentences on policies, worded as the evidence allows."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from mlm.pages.document import tables_of
from tests.unit.pages.reading import sentences, strings_of
from tests.unit.pages.sample import (
    document_of,
    everything,
    inputs,
)

pytestmark = pytest.mark.slow

CAUSAL = re.compile(
    r"\b(raised?|lowered?|caus\w+|improv\w+|led to|leads to|boost\w*|impact\w*|because of|due to|"
    r"effect of class)\b",
    re.IGNORECASE,
)


@pytest.fixture
def given():
    return inputs()


def test_randomised_policy_is_worded_as_an_effect(given):
    text = sentences(document_of(given))
    assert "Small class instead of Regular class raised Mathematics score by 8.4" in text


@pytest.mark.parametrize("evidence", ["adjusted", "observational"])
def test_other_policies_have_no_causal_word(given, evidence):
    given["results"]["policy"][0]["evidence"] = evidence
    document = document_of(given)
    policy = next(s for s in document["sections"] if s["id"] == "policy")
    for text in (*strings_of(policy["blocks"]), *strings_of(document["findings"])):
        assert not CAUSAL.search(text), text


def test_an_unknown_evidence_is_refused(given):
    given["results"]["policy"][0]["evidence"] = "hearsay"
    with pytest.raises(ValidationError, match="evidence"):
        document_of(given)


def test_an_interval_with_zero_is_no_evidence_not_no_effect(given):
    for row in given["results"]["policy"][0]["effects"]:
        row.update(estimate=0.4, lower=-1.5, upper=2.3)
    text = sentences(document_of(given))
    assert "There is no clear evidence that Small class rather than Regular class changed" in text
    assert "no effect" not in text.lower()


def test_a_negative_effect_is_a_size_with_its_interval_turned(given):
    row = given["results"]["policy"][0]["effects"][0]
    row.update(estimate=-8.4, lower=-10.3, upper=-6.5)
    given["results"]["policy"][0]["effects"] = [row]
    text = sentences(document_of(given))
    assert "lowered Mathematics score by 8.40 scale points (95% interval 6.50 to 10.30; " in text


def policy_texts(document: dict) -> list[str]:
    policy = next(s for s in document["sections"] if s["id"] == "policy")
    return [*strings_of(policy["blocks"]), *strings_of(document["findings"])]


@pytest.mark.battery(2)
@pytest.mark.parametrize("standing", ["attended", "before", "mixed", "unsaid"])
def test_groups_that_are_not_those_assigned_have_no_causal_word(given, standing):
    for row in given["results"]["policy"][0]["effects"]:
        row["standing"] = standing
    for estimate in (8.4, -8.4, 0.4):
        for row in given["results"]["policy"][0]["effects"]:
            row.update(estimate=estimate, lower=estimate - 1.5, upper=estimate + 1.5)
        for text in policy_texts(document_of(given)):
            assert not CAUSAL.search(text), text


def test_each_wave_is_told_as_what_it_is(given):
    text = sentences(document_of(given))
    assert (
        "raised Mathematics score by 8.40 scale points (95% interval 6.50 to 10.30; 0.19 SD) in K"
        in (text)
    )
    assert "By the group attended in the wave, Mathematics score was higher with Small" in text
    changed = "315 (8%) of the 3,815 pupils whose group is known in both Kindergarten and Grade 2"
    assert f"{changed} had changed group by then." in text


def test_a_wave_alone_that_is_apart_from_the_model_is_told():
    found = everything()
    words = "a wave alone differs from the model by more than their errors: +9.9 (SE 1.2) against"
    assert words in sentences(document_of(found))
    for row in found["results"]["policy"][0]["unadjusted"]:
        row["apart"] = False
    assert words not in sentences(document_of(found))


def test_few_who_changed_are_hidden():
    found = everything()
    for cell in found["survey"]["groups_in_waves"]:
        if None not in (cell["category"], cell["other_category"]):
            cell["units"] = cell["units"] if cell["category"] == cell["other_category"] else 2
    document = document_of(found)
    table = next(t for t in tables_of(document) if t["id"] == "changed-class_type")
    assert all(cell["text"] != "4" for row in table["rows"] for cell in row if "text" in cell)
    assert not re.search(r"\b4 of the [\d,]+ pupils", sentences(document))


def test_one_difference_for_all_waves_leaves_the_effect_at_the_wave_of_assignment(given):
    policy = given["results"]["policy"][0]
    waves = policy["effects"]
    one = waves[0] | {"wave": None, "standing": "attended", "estimate": 8.0}
    policy.update(by_wave=False, effects=[one])
    policy.update(waves_apart={"effects": waves, "formula": "math ~ grade * class_type"})
    text = sentences(document_of(given))
    assert "raised Mathematics score by 8.40 scale points" in text
    assert "By the group attended in the wave, Mathematics score was higher with Small" in text
    assert "raised Mathematics score by 8.0" not in text


def test_one_effect_of_all_waves_is_told_where_the_assignment_caused_it_in_all(given):
    policy = given["results"]["policy"][0]
    waves = [row | {"standing": "caused"} for row in policy["effects"]]
    one = waves[0] | {"wave": None, "estimate": 8.0}
    policy.update(by_wave=False, effects=[one])
    policy.update(waves_apart={"effects": waves, "formula": "math ~ grade * class_type"})
    text = sentences(document_of(given))
    assert "raised the mathematics score throughout (Kindergarten to Grade 2) by 8.00" in text
    assert not re.search(r"raised the mathematics score \(Grade \d\)", text), (
        "nor the last wave alone"
    )
