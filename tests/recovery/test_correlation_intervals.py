"""Intervals of correlations over waves cover as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.answers.over_time.form_choice import (
    correlation_intervals,
)
from tests.bands import binomial_band
from tests.effects_over_waves import decayed, decaying

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    """Six intervals of a sample may all miss together: samples are counted, not intervals."""
    held = []
    for seed in range(100):
        forms = decayed(seed)[4]
        lower, upper = correlation_intervals(forms[0].fitted)[0]
        truth = decaying(0.7)
        pairs = np.tril_indices(4, -1)
        held += ((lower < truth) & (truth < upper))[pairs].tolist()
    low, high = binomial_band(100, 0.95)
    assert low <= np.mean(held) <= high
