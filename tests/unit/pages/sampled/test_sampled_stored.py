"""The stored records of the small assessment are those that its analysis makes."""

from __future__ import annotations

import json
import math

import pytest

from tests.sampled_results import made, stored

CLOSE = 1e-6  # relative, or absolute near zero: another machine adds up in another order
PARTS_OF_SEARCH = {"max_scaled_gradient"}  # zero but for what a search left


def _apart(one, other, place: str = ""):
    """Places at which two stored values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            yield place
        for key in (one.keys() & other.keys()) - PARTS_OF_SEARCH:
            yield from _apart(one[key], other[key], f"{place}/{key}")
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield place
        for i, pair in enumerate(zip(one, other, strict=False)):
            yield from _apart(*pair, f"{place}/{i}")
    elif isinstance(one, float) and isinstance(other, float):
        if not math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE):
            yield place
    elif one != other:
        yield place


@pytest.mark.study
@pytest.mark.parametrize("name", ["results", "survey"])
def test_the_stored_records_are_as_their_analysis_makes_them(name):
    """To renew them: ``python -m tests.unit.pages.sampled``."""
    assert list(_apart(json.loads(stored(name)), json.loads(made()[name]))) == []
