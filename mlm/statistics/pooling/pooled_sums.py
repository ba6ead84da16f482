"""Sums of effects of units, pooled over imputations, with what their spread adds to errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.statistics.fitting.effect_sums import EffectSums


@dataclass(frozen=True)
class SpreadOfSums:
    """How far the posterior means of imputations lie apart.

    Attributes
    ----------
    moved : ndarray (M, K)
        Each imputation's less their mean, scaled so that sums of products are covariances.
    """

    moved: np.ndarray

    def diagonal(self) -> np.ndarray:
        """What is added to the variance of each sum, (K,)."""
        return np.sum(self.moved**2, axis=0)

    def among(self, some: np.ndarray) -> np.ndarray:
        """What is added to the covariance of some sums, (k, k) for their places (k,)."""
        own = self.moved[:, some]
        return own.T @ own


def pooled_sums(draws: Sequence[EffectSums]) -> tuple[EffectSums, SpreadOfSums]:
    """Sums of M imputations as one: their means, errors with the spread of the imputations.

    Parameters
    ----------
    draws : sequence of EffectSums
        Of each imputation; a single one stays as it is.

    Source
    ------
    Rubin (1987), ch. 3, with the variance of each effect for that of an estimate.
    """
    m, means = len(draws), np.array([each.mean for each in draws])
    moved = means - means[0]
    centre, moved = means[0] + moved.mean(axis=0), moved - moved.mean(axis=0)
    spread = SpreadOfSums(moved * np.sqrt((1.0 + 1.0 / m) / max(m - 1, 1)))
    added = spread.diagonal()
    sums = EffectSums(
        centre,
        np.mean([each.conditional for each in draws], axis=0) + added,
        np.mean([each.comparative for each in draws], axis=0) + added,
        np.mean([each.prior for each in draws], axis=0),
    )
    return sums, spread
