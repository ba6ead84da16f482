"""The prior of covariances of effects has the margins that it is named after."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bands import largest_ratio
from tests.drawn_covariances import WIDTHS, drawn_covariance


def test_standard_deviations_have_half_t_priors_and_correlations_are_uniform():
    rng = np.random.default_rng(1)
    drawn = np.array([drawn_covariance(rng) for _ in range(4000)])
    sd = np.sqrt(np.diagonal(drawn, axis1=1, axis2=2)) / WIDTHS
    for bound in (0.2, 1.0, 3.0):  # P(|t| < b) of two degrees is b / sqrt(2 + b²)
        share = bound / np.sqrt(2.0 + bound**2)
        error = np.sqrt(share * (1.0 - share) / len(sd))
        assert np.abs((sd < bound).mean(axis=0) - share).max() < largest_ratio(9) * error
    r = drawn[:, 1, 0] / np.sqrt(drawn[:, 0, 0] * drawn[:, 1, 1])
    for bound in (-0.5, 0.0, 0.5):
        assert (r < bound).mean() == pytest.approx(
            0.5 * (1.0 + bound), abs=4.0 * 0.5 / np.sqrt(4000)
        )
