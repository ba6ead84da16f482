"""A move of effects and the root of their covariance leaves their joint distribution as it is."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.covariance_moves import moved_root
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.tree_effects import LevelMessage
from mlm.statistics.likelihood import batched
from tests.drawn_covariances import GROUPS, WIDTHS, bounded, drawn_covariance, same_means


@pytest.mark.parametrize("many", [400, pytest.param(20000, marks=pytest.mark.study)])
def test_a_move_of_a_covariance_leaves_its_distribution(many):
    rng = np.random.default_rng(2)
    known = rng.normal(size=(WIDTHS.size, WIDTHS.size, GROUPS))
    precision = np.einsum("ikg,jkg->ijg", known, known) * np.array([3.0, 0.3, 0.01])[:, None, None]
    precision = 0.5 * (precision + precision.transpose(1, 0, 2))
    precision += 2.0 * np.eye(WIDTHS.size)[:, :, None]
    root = batched.cholesky(precision)
    before, after = [], []
    for _ in range(many):
        covariance = drawn_covariance(rng)
        effects = np.linalg.cholesky(covariance) @ rng.standard_normal((WIDTHS.size, GROUPS))
        linear = np.einsum("ijg,jg->ig", precision, effects)
        linear += np.einsum("ijg,jg->ig", root, rng.standard_normal(effects.shape))
        message = LevelMessage(precision, linear, root, np.linalg.inv(covariance))
        prior = MixedPrior(WIDTHS, np.ones(WIDTHS.size))
        around = np.zeros_like(effects)
        own, moved = moved_root(effects, covariance, message, around, prior, rng)
        before.append(bounded(covariance, effects, linear))
        after.append(bounded(moved, own, linear))
    same_means(before, after)
