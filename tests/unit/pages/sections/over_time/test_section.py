"""The section on change over time."""

from __future__ import annotations

import pytest

from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    document_of,
    inputs,
)


@pytest.fixture
def given():
    return inputs()


def test_one_wave_makes_no_claim_of_change(given):
    given["configuration"] |= {"time": None, "design": "cross_section"}
    given["configuration"]["analyses"]["math"]["time_interactions"] = []
    given["configuration"]["waves"] = given["configuration"]["waves"][:1]
    results = given["results"]
    results["time"] = {"name": "wave", "coding": "categories", "waves": ["K"]}
    results["waves"] = results["waves"][:1]
    none = {"adjusted_means": [], "levels": [], "test": None, "by": [], "by_wave": []}
    results["over_time"] |= none
    given["survey"]["waves"] = given["survey"]["waves"][:1]
    assert "The survey has one wave: change over time cannot be studied yet." in sentences(
        document_of(given)
    )
