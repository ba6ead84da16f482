"""Latents and what explains them keep their joint distribution when they are moved."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.latents.below_top import BelowTop
from mlm.statistics.imputation.latents.moved_latents import MovedLatents
from mlm.statistics.imputation.latents.moves import OuterEffects
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE, utilities
from tests.drawn_covariances import GROUPS, WIDTHS, bounded, drawn_covariance, same_means

FIRST = 1  # place of the effects on the first latent


@pytest.mark.parametrize("many", [600, pytest.param(20000, marks=pytest.mark.study)])
@pytest.mark.parametrize("size", [1, WIDTHS.size - FIRST])
def test_what_is_moved_and_drawn_keeps_its_distribution(size, many):
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(GROUPS), 5)
    known = np.vstack([np.ones(groups.size), rng.normal(size=groups.size)])
    root = np.linalg.cholesky(utilities(size))
    at, before, after = FIRST + np.arange(size), [], []
    for _ in range(many):
        covariance, b = drawn_covariance(rng), WIDEST_SLOPE * rng.standard_normal((2, size))
        effects = np.linalg.cholesky(covariance) @ rng.standard_normal((WIDTHS.size, GROUPS))
        expected = b.T @ known + effects[at][:, groups]
        values = expected + root @ rng.standard_normal(expected.shape)
        code = np.where(values.max(axis=0) > 0.0, values.argmax(axis=0) + 1, 0)
        prior = MixedPrior(WIDTHS, np.ones(WIDTHS.size))
        level = OuterEffects(effects.copy(), np.linalg.cholesky(covariance), at, groups, prior)
        own = MovedLatents(values.copy(), expected.copy(), code, known, b.copy(), 2)
        own.moved(1.0, [level], FIRST, rng)
        assert np.allclose(own.expected, own.coefficients.T @ known + level.effects[at][:, groups])
        reached = np.where(own.values.max(axis=0) > 0.0, own.values.argmax(axis=0) + 1, 0)
        assert np.array_equal(reached, code)
        before.append(_told(covariance, effects, b, values, expected, code))
        moved = level.root @ level.root.T, level.effects, own.coefficients
        after.append(_told(*moved, own.values, own.expected, code))
    same_means(before, after)


def _told(covariance, effects, b, values, expected, code) -> np.ndarray:
    """Bounded numbers of all that is moved, and of how they hang together."""
    left = values - expected
    shares = np.array([(code == c).mean() for c in range(len(values) + 1)])
    return np.concatenate(
        [
            bounded(covariance, effects, effects),
            np.tanh(b).ravel(),
            np.tanh(b[0] * (1.0 + shares[1:])),
            np.tanh(left.mean(axis=1)),
            np.tanh(np.mean(left * left[::-1], axis=1)),
            np.tanh(np.mean(left * expected, axis=1)),
            np.tanh(np.mean(values * (code == 0), axis=1)),
        ]
    )


def test_a_utility_below_the_largest_has_the_probability_that_it_is_below():
    known = BelowTop(np.array([True, False, False]), np.array([1.0, 1.0, 80.0]), 0.5)
    found = known.logarithms(np.array([0.0, 1.0, 0.0]))
    assert found == pytest.approx([-2.0, np.log(0.5), 0.0])
    assert np.isfinite(known.logarithms(np.full(3, 200.0))).all()
    assert known.information()[0] == 4.0 > known.information()[1] > 0.0
