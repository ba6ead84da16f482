"""Latents of categories against draws of which only those with the right categories are kept."""

from __future__ import annotations

import numpy as np

from mlm.statistics.imputation.latent_draws import categories_of, drawn_below, redraw_latents
from tests.bands import largest_ratio

COVARIANCE = np.array([[1.0, 0.5, 0.3], [0.5, 1.0, -0.2], [0.3, -0.2, 2.0]])
FIXED = np.array([0.3, -0.4, 1.0])
LATENTS = {"c": [0, 1]}
KNOWN = 0.7  # what is left of the number


def test_values_below_bounds_have_the_moments_of_a_truncated_normal():
    bounds = np.repeat([-2.0, 0.0, 1.5], 4000)
    values = drawn_below(bounds, np.random.default_rng(1).random(bounds.size))
    assert (values <= bounds).all()
    density = np.exp(-0.5 * np.array([-2.0, 0.0, 1.5]) ** 2) / np.sqrt(2 * np.pi)
    expected = -density / np.array([0.0227501319, 0.5, 0.9331927987])
    found = values.reshape(3, -1)
    error = found.std(axis=1) / np.sqrt(found.shape[1])
    assert (np.abs(found.mean(axis=1) - expected) / error < largest_ratio(3)).all()
    assert np.isfinite(drawn_below(np.array([-60.0]), np.array([0.5]))).all()


def test_draws_have_the_distribution_of_those_that_show_the_category():
    rng = np.random.default_rng(2)
    slope = COVARIANCE[:2, 2] / COVARIANCE[2, 2]
    rest = COVARIANCE[:2, :2] - np.outer(slope, slope) * COVARIANCE[2, 2]
    plain = FIXED[:2, None] + slope[:, None] * KNOWN
    plain = plain + np.linalg.cholesky(rest) @ rng.standard_normal((2, 60_000))
    precision = np.linalg.inv(COVARIANCE)
    for category in (0, 1, 2):
        kept = plain[:, categories_of(plain) == category]
        n = 3000
        left = np.vstack([np.zeros((2, n)), np.full(n, KNOWN)]) - FIXED[:, None] * [[1], [1], [0]]
        fixed = np.repeat(FIXED[:, None], n, axis=1)
        codes = {"c": np.full(n, category)}
        for _ in range(15):
            redraw_latents(left, fixed, precision, LATENTS, codes, rng.random((3, n)))
        found = (left + fixed)[:2]
        assert (categories_of(found) == category).all()
        assert np.allclose(left[2], KNOWN)
        for power in (1, 2):
            error = np.hypot(
                (found**power).std(axis=1) / np.sqrt(n),
                (kept**power).std(axis=1) / np.sqrt(kept.shape[1]),
            )
            ratio = ((found**power).mean(axis=1) - (kept**power).mean(axis=1)) / error
            assert (np.abs(ratio) < largest_ratio(12)).all(), (category, power, ratio)
