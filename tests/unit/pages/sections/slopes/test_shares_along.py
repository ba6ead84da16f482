"""Shares of the variance along a variable."""

from __future__ import annotations

import pytest

from mlm.pages.document import figures_of
from tests.unit.pages.sample import (
    document_of,
    everything,
)


@pytest.fixture
def given():
    return everything()


def test_values_outside_the_valid_range_are_not_drawn(given):
    given["configuration"]["variables"]["experience"]["range"] = (0.0, 60.0)
    figures = {figure["kind"]: figure for figure in figures_of(document_of(given))}
    assert min(figures["along"]["data"]["value"]) == 2.0
