"""A move of a covariance, its effects integrated out, leaves their joint distribution as it is."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.marginal_moves import moved_covariance
from mlm.statistics.imputation.random_matrices import inverse_wishart
from mlm.statistics.imputation.tree_effects import LevelMessage
from mlm.statistics.likelihood import batched
from tests.drawn_covariances import GROUPS, WIDTHS, bounded, same_means


class _Wishart:
    """An inverse Wishart prior: draws of the usual one are so far apart that rounding tells."""

    degrees = 6

    def log_density(self, root: np.ndarray) -> float:
        size = len(root)
        power = size - np.arange(size) - (self.degrees + size + 1)
        edge = np.log(np.abs(np.diagonal(root)))
        return float(power @ edge - 0.5 * np.sum(np.linalg.inv(root) ** 2))


@pytest.mark.parametrize("many", [400, pytest.param(20000, marks=pytest.mark.study)])
def test_a_move_of_a_covariance_leaves_its_distribution(many):
    rng = np.random.default_rng(3)
    known = rng.normal(size=(WIDTHS.size, WIDTHS.size, GROUPS))
    known *= np.array([2.0, 0.5, 0.1])[:, None, None]
    precision = np.einsum("ikg,jkg->ijg", known, known)
    root = batched.cholesky(precision)
    before, after = [], []
    for _ in range(many):
        covariance = inverse_wishart(_Wishart.degrees, np.eye(WIDTHS.size), rng)
        effects = np.linalg.cholesky(covariance) @ rng.standard_normal((WIDTHS.size, GROUPS))
        around = rng.standard_normal(effects.shape)
        linear = np.einsum("ijg,jg->ig", precision, effects + around)
        linear += np.einsum("ijg,jg->ig", root, rng.standard_normal(effects.shape))
        message = LevelMessage(precision, linear, root, np.eye(WIDTHS.size))
        moved = moved_covariance(covariance, message, around, _Wishart(), rng)
        own = _effects(moved, precision, linear - np.einsum("ijg,jg->ig", precision, around), rng)
        before.append(bounded(covariance, effects, linear))
        after.append(bounded(moved, own, linear))
    same_means(before, after)


def _effects(covariance, precision, linear, rng) -> np.ndarray:
    """Effects (D, G) given the groups, through the root of a covariance that may be extreme."""
    root = np.linalg.cholesky(covariance)
    inner = np.eye(len(root)) + np.einsum("ji,jkg,kl->gil", root, precision, root)
    edge = np.linalg.cholesky(inner)
    half = np.linalg.solve(edge, (root.T @ linear).T[:, :, None])
    noise = rng.standard_normal(half.shape)
    return root @ np.linalg.solve(edge.transpose(0, 2, 1), half + noise)[:, :, 0].T


def test_a_variance_that_is_nearly_zero_is_left_soon():
    rng = np.random.default_rng(4)
    precision, prior = np.full((1, 1, 400), 2.0), MixedPrior(np.ones(1), np.ones(1))
    linear = np.sqrt(2.0 + 4.0 * 0.3**2) * rng.standard_normal((1, 400))
    covariance, found = np.array([[1e-8]]), []
    for _ in range(200):
        message = LevelMessage.of(precision, linear, covariance)
        covariance = moved_covariance(covariance, message, np.zeros((1, 400)), prior, rng)
        found.append(covariance[0, 0])
    assert np.median(found[50:]) == pytest.approx(0.3**2, abs=0.06)
