"""Samples of three designs, from files to records: a small part of the study of sampled_chain."""

from __future__ import annotations

import pytest

from tests.bands import FALSE_ALARM, binomial_band
from tests.recovery.sampled_chain import DESIGNS, rates, truth

SAMPLES = 60
HELD = (0.92, 0.98)
"""Share of intervals of 95 % that hold the truth with forty schools."""


@pytest.mark.study
@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_hold_the_population(design):
    low, high = binomial_band(SAMPLES, HELD, FALSE_ALARM / len(truth(design)))
    found = rates(design, SAMPLES)
    assert {name: held for name, (_, held) in found.items() if not low <= held <= high} == {}
