"""Moves of covariances and of what explains latents leave the joint distribution as it is.

Parameters are drawn from their priors, effects and data given them. One move, given the data, must
leave parameters and effects with the distribution that they had (Geweke 2004, J. Am. Stat. Assoc.
99, 799-804).
"""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.covariance_moves import moved_root
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.latent_draws import sides_of
from mlm.statistics.imputation.latent_moves import LatentMove, OuterEffects
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE
from mlm.statistics.imputation.tree_effects import LevelMessage
from mlm.statistics.likelihood import batched
from tests.bands import largest_ratio

WIDTHS = np.array([1.0, 0.5, 2.0])
GROUPS = 6


def _covariance(rng) -> np.ndarray:
    """A draw from the prior: mixing numbers, then the covariance of no effects at all."""
    prior = MixedPrior(WIDTHS, rng.gamma(0.5, WIDTHS**2))
    return prior.covariance(np.zeros((WIDTHS.size, 0)), rng)


def _same(before: list, after: list) -> None:
    """Paired numbers (n, t) that are bounded have the same means."""
    moved = np.array(after) - np.array(before)
    error = moved.std(axis=0) / np.sqrt(len(moved))
    ratio = np.abs(moved.mean(axis=0)) / np.where(error > 0.0, error, 1.0)
    assert (moved.std(axis=0) > 0.0).any(), "nothing moved"
    assert ratio.max() < largest_ratio(ratio.size), ratio.round(2)


def _told(covariance: np.ndarray, effects: np.ndarray, data: np.ndarray) -> np.ndarray:
    sd = np.sqrt(np.diagonal(covariance))
    correlations = (covariance / np.outer(sd, sd))[np.tril_indices(len(sd), -1)]
    bounded = np.tanh(effects)
    shares = sd / (sd + WIDTHS)
    return np.concatenate(
        [
            shares,
            shares**2,
            correlations,
            correlations**2,
            bounded[:, 0],
            np.tanh(effects * data)[:, 0],
        ]
    )


def test_standard_deviations_have_half_t_priors_and_correlations_are_uniform():
    rng = np.random.default_rng(1)
    drawn = np.array([_covariance(rng) for _ in range(4000)])
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


@pytest.mark.parametrize("many", [400, pytest.param(20000, marks=pytest.mark.slow)])
def test_a_move_of_a_covariance_leaves_its_distribution(many):
    rng = np.random.default_rng(2)
    known = rng.normal(size=(WIDTHS.size, WIDTHS.size, GROUPS))
    precision = np.einsum("ikg,jkg->ijg", known, known) * np.array([3.0, 0.3, 0.01])[:, None, None]
    precision = 0.5 * (precision + precision.transpose(1, 0, 2))
    precision += 2.0 * np.eye(WIDTHS.size)[:, :, None]
    root = batched.cholesky(precision)
    before, after = [], []
    for _ in range(many):
        covariance = _covariance(rng)
        effects = np.linalg.cholesky(covariance) @ rng.standard_normal((WIDTHS.size, GROUPS))
        linear = np.einsum("ijg,jg->ig", precision, effects)
        linear += np.einsum("ijg,jg->ig", root, rng.standard_normal(effects.shape))
        message = LevelMessage(precision, linear, root, np.linalg.inv(covariance))
        prior = MixedPrior(WIDTHS, np.ones(WIDTHS.size))
        around = np.zeros_like(effects)
        own, moved = moved_root(effects, covariance, message, around, prior, rng)
        before.append(_told(covariance, effects, linear))
        after.append(_told(moved, own, linear))
    _same(before, after)


@pytest.mark.parametrize("many", [400, pytest.param(20000, marks=pytest.mark.slow)])
def test_moves_behind_a_latent_leave_what_they_move_its_distribution(many):
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(GROUPS), 5)
    known = np.vstack([np.ones(groups.size), rng.normal(size=groups.size)])
    before, after = [], []
    for _ in range(many):
        covariance, b = _covariance(rng), WIDEST_SLOPE * rng.standard_normal(2)
        effects = np.linalg.cholesky(covariance) @ rng.standard_normal((WIDTHS.size, GROUPS))
        expected = b @ known + effects[1, groups]
        latents = np.vstack([rng.normal(size=groups.size), expected + rng.normal(size=groups.size)])
        top = np.where(latents.max(axis=0) > 0.0, latents.argmax(axis=0) + 1, 0)
        code = np.where(rng.random(groups.size) < 0.2, -1, top)
        move = LatentMove(sides_of(1, [0, 1], latents, code, 1.0), expected, rng)
        prior = MixedPrior(WIDTHS, np.ones(WIDTHS.size))
        outer = OuterEffects(effects.copy(), np.linalg.cholesky(covariance), 1, groups, prior)
        c = move.coefficients(known, b)
        move.effects(outer)
        move.length(outer)
        assert np.allclose(move.expected, c @ known + outer.effects[1, groups])
        share = (code == 2).mean()
        before.append(np.append(_told(covariance, effects, effects), np.tanh(b * (1.0 + share))))
        moved = _told(outer.root @ outer.root.T, outer.effects, outer.effects)
        after.append(np.append(moved, np.tanh(c * (1.0 + share))))
    _same(before, after)
