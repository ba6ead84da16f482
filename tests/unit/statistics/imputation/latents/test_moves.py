"""Moves of what explains a latent leave the joint distribution of all as it is."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.latent_draws import sides_of
from mlm.statistics.imputation.latents.moves import LatentMove, OuterEffects
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE
from tests.drawn_covariances import GROUPS, WIDTHS, bounded, drawn_covariance, same_means


@pytest.mark.parametrize("many", [400, pytest.param(20000, marks=pytest.mark.study)])
def test_moves_behind_a_latent_leave_what_they_move_its_distribution(many):
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(GROUPS), 5)
    known = np.vstack([np.ones(groups.size), rng.normal(size=groups.size)])
    before, after = [], []
    for _ in range(many):
        covariance, b = drawn_covariance(rng), WIDEST_SLOPE * rng.standard_normal(2)
        effects = np.linalg.cholesky(covariance) @ rng.standard_normal((WIDTHS.size, GROUPS))
        expected = b @ known + effects[1, groups]
        latents = np.vstack([rng.normal(size=groups.size), expected + rng.normal(size=groups.size)])
        top = np.where(latents.max(axis=0) > 0.0, latents.argmax(axis=0) + 1, 0)
        code = np.where(rng.random(groups.size) < 0.2, -1, top)
        move = LatentMove(sides_of(1, [0, 1], latents, code, 1.0), expected, rng)
        prior = MixedPrior(WIDTHS, np.ones(WIDTHS.size))
        outer = OuterEffects(
            effects.copy(), np.linalg.cholesky(covariance), np.array([1]), groups, prior
        )
        c = move.coefficients(known, b[:, None], 2)[:, 0]
        move.effects(outer)
        move.stretched(outer)
        move.sheared(outer)
        assert np.allclose(move.expected, c @ known + outer.effects[1, groups])
        share = (code == 2).mean()
        before.append(np.append(bounded(covariance, effects, effects), np.tanh(b * (1.0 + share))))
        moved = bounded(outer.root @ outer.root.T, outer.effects, outer.effects)
        after.append(np.append(moved, np.tanh(c * (1.0 + share))))
    same_means(before, after)
