"""How much of the variation lies at each level."""

from __future__ import annotations

import pytest

from mlm.pages.text import plain_text
from tests.unit.pages.reading import numbers_of, sentences
from tests.unit.pages.sample import (
    document_of,
    inputs,
)


@pytest.fixture
def given():
    return inputs()


def test_shares_read_add_to_one_hundred(given):
    answer = document_of(given)["sections"][0]["blocks"][0]
    shares = [n["value"] for n in numbers_of(answer) if n.get("strong")]
    assert sum(shares) == pytest.approx(1, abs=0.0005 * len(shares))


def test_an_empty_level_is_said(given):
    share = given["results"]["null"]["shares"][0]
    share.update(variance=0.0, sd=0.0, share=0.0, lower=0.0, upper=0.01)
    text = sentences(document_of(given))
    assert "No variation between schools was found: its estimate is zero." in text


def test_a_level_that_nothing_tells_is_said_with_the_reason(given):
    share = given["results"]["null"]["shares"][0]
    names = ("variance", "sd", "share", "lower", "upper", "variance_ml", "share_ml")
    share.update(dict.fromkeys(names))
    note = {"kind": "level_left_out", "level": share["level"], "terms": []}
    given["results"]["notes"] = [note]
    text = sentences(document_of(given))
    assert "How much schools differ cannot be told: the rows are of too few of them." in text
    assert "between schools was found" not in text
    note["terms"] = [[{"variable": "ses", "category": None, "power": 1}]]
    document = document_of(given)
    assert "differ beyond" in sentences(document)


def test_levels_that_are_one_are_named_together(given):
    school, pupil = (share["level"] for share in given["results"]["null"]["shares"][:2])
    note = {"kind": "merged_levels", "level": school, "child": pupil, "groups": 80, "children": 81}
    given["results"]["notes"] = [note]
    answer = plain_text(document_of(given)["sections"][0]["blocks"][0]["runs"])
    assert "between schools + pupils" in answer
