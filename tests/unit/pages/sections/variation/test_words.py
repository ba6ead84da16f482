"""How much of the variation lies at each level."""

from __future__ import annotations

import pytest

from tests.unit.pages.reading import numbers_of, sentences
from tests.unit.pages.sample import (
    document_of,
    inputs,
)


@pytest.fixture
def given():
    return inputs()


def test_shares_read_add_to_one_hundred(given):
    answer = document_of(given)["findings"]["answers"][0]
    shares = [n["value"] for n in numbers_of(answer) if n.get("strong")]
    assert sum(shares) == pytest.approx(1)


def test_an_empty_level_is_said(given):
    share = given["results"]["null"]["shares"][0]
    share.update(variance=0.0, sd=0.0, share=0.0, lower=0.0, upper=0.01)
    text = sentences(document_of(given))
    assert "No variation between schools was found: its estimate is zero." in text
