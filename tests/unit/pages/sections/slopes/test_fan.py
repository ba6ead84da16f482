"""The fan of a slope."""

from __future__ import annotations

import pytest

from mlm.nouns.distributions import TWO_SIDED_95
from mlm.pages.document import figures_of
from tests.unit.pages.sample import (
    document_of,
    inputs,
)


@pytest.fixture
def given():
    return inputs()


def test_the_fan_says_what_its_lines_hold(given):
    fan = next(f for f in figures_of(document_of(given)) if f["kind"] == "fan")
    assert len(fan["data"]["effect"]) == 7
    assert "the middle 80%" in str(fan)


@pytest.mark.parametrize("wider", [1.0, 1.5, 3.0])
def test_the_outer_lines_are_the_ends_of_the_range(given, wider):
    """Also where products with variables of the groups make the range wider than the slope."""
    item = next(i for i in given["results"]["slopes"] if i["kind"] == "tested")
    reach = wider * TWO_SIDED_95 * item["sd"]
    item |= {"lower": item["mean_effect"] - reach, "upper": item["mean_effect"] + reach}
    fan = next(f for f in figures_of(document_of(given)) if f["kind"] == "fan")
    lines = fan["data"]["effect"]
    assert [lines[0], lines[-1]] == pytest.approx([item["lower"], item["upper"]], abs=0.5)
