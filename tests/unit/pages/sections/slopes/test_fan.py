"""The fan of a slope."""

from __future__ import annotations

import pytest

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
