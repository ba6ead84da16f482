"""Coefficients of what does not vary within the groups of a level, drawn given the groups' means.

Where groups are large their effects hold the mean of all of them nearly fast, and a chain that
draws coefficients given effects alone hardly moves. Given the sums of coefficient times predictor
and effect, which the rows know well, the coefficients are those of a regression over the groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.pattern_table import PatternTable, rows_of_sums
from mlm.statistics.imputation.random_matrices import matrix_normal
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE
from mlm.statistics.imputation.small_matrices import solved
from mlm.statistics.imputation.tree_effects import GroupedUnits, OwnEffects

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
    def of(cls, table: PatternTable, level: int, complete: int | None = None) -> GroupMeans:
        """The constant predictors of a level; the constant alone where groups are too few.

        Parameters
        ----------
        table : PatternTable
            Sums of the rows.
        level : int
            Place of the level.
        complete : int, optional
            Predictors, the first ones, that are looked at; None: all.
        """
        k = table.n_predictors if complete is None else complete
        rows = rows_of_sums(table.observed, table.n_predictors)[:, :k].T
        sums = np.stack([np.asarray(table.sums[own].sum(axis=0)).ravel() for own in rows])
        counts = table.counts.sum(axis=0)[None]
        for family in table.families[:level:-1]:
            sums, counts = family.sums(sums), family.sums(counts)
        squares = np.diagonal(table.predictors)[:k]
        return cls._chosen(squares, sums, counts, table.n_responses)

    @classmethod
    def of_units(
        cls, known: np.ndarray, families: Sequence[GroupedUnits], responses: int
    ) -> GroupMeans:
        """The same of predictors (k, G) of units, for a level around them.

        Parameters
        ----------
        known : ndarray (k, G)
            The predictors.
        families : sequence of GroupedUnits
            Of the units' level and those around it, outermost first, the wanted level left out.
        responses : int
            What they explain.
        """
        sums, counts = known, np.ones((1, known.shape[1]))
        for family in reversed(families):
            sums, counts = family.sums(sums), family.sums(counts)
        return cls._chosen(np.sum(known**2, axis=1), sums, counts, responses)

    @classmethod
    def _chosen(cls, squares, sums, counts, responses: int) -> GroupMeans:
        means = sums / counts
        left = squares - np.sum(sums * means, axis=1)
        chosen = np.flatnonzero(left <= SHARE_WITHIN * squares)
        if chosen.size + responses >= counts.size:
            chosen = chosen[:1]
        values = means[chosen]
        if np.linalg.matrix_rank(values @ values.T, hermitian=True) < chosen.size:
            chosen, values = chosen[:1], values[:1]
        return cls(chosen, values)

    def with_units(self, values: np.ndarray, places: np.ndarray, responses: int) -> GroupMeans:
        """The same with further predictors; without them where groups are too few.

        Parameters
        ----------
        values : ndarray (m, G)
            Of the groups.
        places : ndarray of int (m,)
            Their places among all predictors.
        responses : int
            What they explain.
        """
        size = self.predictors.size + len(values)
        if not len(values) or size + responses >= values.shape[1]:
            return self
        places = np.append(self.predictors, places)
        return GroupMeans(places, np.vstack([self.values, values]))

    def redrawn(
        self,
        coefficients: np.ndarray,
        effects: np.ndarray,
        follows: OwnEffects,
        rng: np.random.Generator,
        ridged: np.ndarray | None = None,
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
        ridged : ndarray of bool (k, d), optional
            Coefficients that have a prior, by which the draw is accepted.
        """
        before = coefficients[self.predictors]
        own = effects + before.T @ self.values
        products = self.values @ self.values.T
        mean = solved(products, self.values @ (own - follows.centre).T)
        after = matrix_normal(mean, products, follows.covariance, rng)
        if ridged is not None:
            own_prior = ridged[self.predictors]
            further = np.sum((after**2 - before**2)[own_prior])
            if np.log(rng.random()) > -0.5 * further / WIDEST_SLOPE**2:
                return coefficients, effects
        coefficients = coefficients.copy()
        coefficients[self.predictors] = after
        return coefficients, own - after.T @ self.values
