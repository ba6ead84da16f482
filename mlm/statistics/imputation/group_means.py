"""Coefficients of what does not vary within the groups of a level, drawn given the groups' means.

Where groups are large their effects hold the mean of all of them nearly fast, and a chain that
draws coefficients given effects alone hardly moves. Given the sums of coefficient times predictor
and effect, which the rows know well, the coefficients are those of a regression over the groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.random_matrices import matrix_normal
from mlm.statistics.imputation.tree_effects import OwnEffects

SHARE_WITHIN = (
    1e-9  # share of a predictor's squares within groups up to which it does not vary there
)


@dataclass(frozen=True)
class GroupMeans:
    """The predictors that are constant within the groups of a level.

    Attributes
    ----------
    predictors : ndarray of int (c,)
        Their places.
    values : ndarray (c, G)
        Their values.
    """

    predictors: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, table: PatternTable, level: int) -> GroupMeans:
        """The constant predictors of a level; the constant alone where groups are too few."""
        k, width = table.n_predictors, table.width
        rows = [[p * width + i for p in range(len(table.observed))] for i in range(k)]
        sums = np.stack([np.asarray(table.sums[own].sum(axis=0)).ravel() for own in rows])
        counts = table.counts.sum(axis=0)[None]
        for family in table.families[:level:-1]:
            sums, counts = family.sums(sums), family.sums(counts)
        means = sums / counts
        total = np.diagonal(table.predictors)
        left = total - np.sum(sums * means, axis=1)
        chosen = np.flatnonzero(left <= SHARE_WITHIN * total)
        if chosen.size + table.n_responses >= counts.size:
            chosen = chosen[:1]
        values = means[chosen]
        if np.linalg.matrix_rank(values @ values.T, hermitian=True) < chosen.size:
            chosen, values = chosen[:1], values[:1]
        return cls(chosen, values)

    def redrawn(
        self,
        coefficients: np.ndarray,
        effects: np.ndarray,
        follows: OwnEffects,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients (k, d) and effects (d, G) with the same sums, drawn given these sums.

        Parameters
        ----------
        coefficients : ndarray (k, d)
            Of all predictors.
        effects : ndarray (d, G)
            Of the level.
        follows : OwnEffects
            What the effects follow.
        rng : Generator
            Random numbers.
        """
        before = coefficients[self.predictors]
        own = effects + before.T @ self.values
        products = self.values @ self.values.T
        mean = np.linalg.solve(products, self.values @ (own - follows.centre).T)
        after = matrix_normal(mean, products, follows.covariance, rng)
        coefficients = coefficients.copy()
        coefficients[self.predictors] = after
        return coefficients, own - after.T @ self.values
