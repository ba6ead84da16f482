"""Sentences on policies, worded as the evidence allows."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from tests.unit.pages.reading import sentences, strings_of
from tests.unit.pages.sample import (
    document_of,
    inputs,
)

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
    answer = next(a for a in document["findings"]["answers"] if a["section"] == "policy")
    for text in (*strings_of(policy["blocks"]), *strings_of(answer["runs"])):
        assert not CAUSAL.search(text), text


def test_an_unknown_evidence_is_refused(given):
    given["results"]["policy"][0]["evidence"] = "hearsay"
    with pytest.raises(ValidationError, match="evidence"):
        document_of(given)


def test_an_interval_with_zero_is_no_evidence_not_no_effect(given):
    for row in given["results"]["policy"][0]["effects"]:
        row.update(estimate=0.4, lower=-1.5, upper=2.3)
    text = sentences(document_of(given))
    assert "There is no evidence that Small class instead of Regular class changed" in text
    assert "no effect" not in text.lower()


def test_a_negative_effect_is_a_size_with_its_interval_turned(given):
    row = given["results"]["policy"][0]["effects"][0]
    row.update(estimate=-8.4, lower=-10.3, upper=-6.5)
    given["results"]["policy"][0]["effects"] = [row]
    text = sentences(document_of(given))
    assert "lowered Mathematics score by 8.4 scale points (95% interval 6.5 to 10.3; " in text
