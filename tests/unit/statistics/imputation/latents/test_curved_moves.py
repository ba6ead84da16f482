"""Moves that follow slopes leave the joint distribution of all as it is."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.latent_draws import Sides
from mlm.statistics.imputation.latents.below_top import BelowTop
from mlm.statistics.imputation.latents.curved_moves import move_effects, move_regression
from mlm.statistics.imputation.latents.moves import LatentMove, OuterEffects
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE
from tests.drawn_covariances import GROUPS, WIDTHS, bounded, drawn_covariance, same_means

STEP = 1e-5
ROWS = 5  # of a group
MANY = 300, pytest.param(20000, marks=pytest.mark.study)
PLACES = {1.0: [1], -1.0: [1, 2]}  # of what moves by a sign: one latent, or all as the reference's


def _level(rng, places: list[int]) -> tuple[OuterEffects, np.ndarray, np.ndarray]:
    """A level, predictors, and their coefficients, from the priors."""
    groups = np.repeat(np.arange(GROUPS), ROWS)
    known = np.vstack([np.ones(groups.size), rng.normal(size=groups.size)])
    b = WIDEST_SLOPE * rng.standard_normal((2, len(places)))
    root = np.linalg.cholesky(drawn_covariance(rng))
    effects = root @ rng.standard_normal((WIDTHS.size, GROUPS))
    prior = MixedPrior(WIDTHS, np.ones(WIDTHS.size))
    return OuterEffects(effects, root, np.array(places), groups, prior), known, b


def _expected(outer: OuterEffects, known: np.ndarray, b: np.ndarray) -> np.ndarray:
    return b.T @ known + outer.effects[outer.places][:, outer.groups]


def _seen(expected: np.ndarray, rng) -> Sides:
    """A latent around its expectation, seen on one side of a bound or not at all."""
    bound = rng.normal(size=expected.size)
    sign = np.where(expected + rng.normal(size=expected.size) > bound, 1.0, -1.0)
    sign[rng.random(expected.size) < 0.2] = 0.0
    return Sides(sign, bound, 1.0)


def _told(outer: OuterEffects, b: np.ndarray, seen: Sides) -> np.ndarray:
    covariance, share = outer.root @ outer.root.T, np.mean(seen.sign > 0.0)
    own = bounded(covariance, outer.effects, outer.effects)
    shown = np.tanh(outer.effects[outer.places[0], 0] * seen.sign[:ROWS].sum())
    return np.concatenate([own, np.tanh(b).ravel(), np.tanh(b[0] * (1.0 + share)), [shown]])


def _regression(move: LatentMove, known, b, outer: OuterEffects) -> np.ndarray:
    return move_regression(move, known, b, 2, [outer])


def _effects(move: LatentMove, known, b, outer: OuterEffects) -> np.ndarray:
    move_effects([move], outer, move.rng)
    return b


@pytest.mark.parametrize("many", MANY)
@pytest.mark.parametrize("sign", PLACES)
@pytest.mark.parametrize(("moved", "seed"), [(_regression, 3), (_effects, 4)])
def test_what_moves_as_one_keeps_its_distribution(moved, seed, sign, many):
    rng, before, after = np.random.default_rng(seed), [], []
    for _ in range(many):
        outer, known, b = _level(rng, PLACES[sign])
        expected = sign * _expected(outer, known, b)[0]
        seen = _seen(expected, rng)
        before.append(_told(outer, b, seen))
        move = LatentMove(seen, expected, rng, outer.groups, sign)
        b = moved(move, known, b, outer)
        assert np.allclose(move.expected, sign * _expected(outer, known, b)[0])
        after.append(_told(outer, b, seen))
    same_means(before, after)


@pytest.mark.parametrize("many", MANY)
def test_effects_on_several_latents_at_once_keep_their_distribution(many):
    rng, before, after = np.random.default_rng(5), [], []
    for _ in range(many):
        outer, known, b = _level(rng, [1, 2])
        expected = _expected(outer, known, b)
        seen = [_seen(own, rng) for own in expected]
        before.append(_told(outer, b, seen[1]))
        moves = [LatentMove(*both, rng) for both in zip(seen, expected, strict=True)]
        move_effects(moves, outer, rng)
        for move, own in zip(moves, _expected(outer, known, b), strict=True):
            assert np.allclose(move.expected, own)
        after.append(_told(outer, b, seen[1]))
    same_means(before, after)


@pytest.mark.parametrize(
    "known",
    [
        Sides(np.array([1.0, -1.0, 0.0, 1.0]), np.array([0.3, -0.2, 0.1, 60.0]), 0.7),
        BelowTop(np.array([True, False, False, False]), np.array([0.3, -0.2, 0.1, -60.0]), 0.7),
    ],
    ids=["side", "below"],
)
def test_slopes_and_curvatures_are_those_of_differences(known):
    at = np.array([0.5, 0.4, -1.0, 0.2])
    value, slope = known.derivatives(at)
    assert value == pytest.approx(known.logarithms(at))
    up, down = known.derivatives(at + STEP), known.derivatives(at - STEP)
    assert slope == pytest.approx((up[0] - down[0]) / (2.0 * STEP), rel=1e-6, abs=1e-7)
    found = known.curvatures(at, slope)
    assert found == pytest.approx((down[1] - up[1]) / (2.0 * STEP), rel=1e-3, abs=1e-6)
