"""Overlap of the categories of a policy that is assigned to rows, summed while rows go by.

The covariates are brought to one score, which the cross-products give before any row is seen: the
linear combination that tells the two categories apart best. Of the rows, the ends of the scores of
each category are kept and their counts on a grid.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlm.nouns.candidates import main_variables
from mlm.nouns.coding import code_terms
from mlm.nouns.columns import CONSTANT
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.results.residuals import RowOverlap
from mlm.statistics.answers.policy.balance import assigned_unit
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_vector

REACH, CELLS = 8.0, 4096  # standard deviations of the score on either side, and cells of the grid


class OverlapSums:
    """Scores of the rows of two categories of one policy.

    Parameters
    ----------
    stats : CrossProducts
        The sample.
    variable : str
        The policy.
    codes : tuple of int
        Positions of the category and of the reference among the categories of the recipe.
    vector : ndarray (k,)
        The score as a combination of the stored columns.

    Attributes
    ----------
    columns : Columns
        Stored columns that the score is made of.
    """

    def __init__(self, stats: CrossProducts, variable: str, codes: tuple[int, int], vector):
        self.variable, self._codes = variable, codes
        self._names = [stats.columns.categories[variable][code] for code in codes]
        used = np.union1d(0, np.flatnonzero(vector))
        self._weights = vector[used]
        self.columns = stats.columns.only(stats.columns.columns[i] for i in used)
        n = stats.total[0, 0]
        self._mean = float(stats.total[0] @ vector) / n
        square = float(vector @ stats.total @ vector) / n
        self._sd = float(np.sqrt(max(square - self._mean**2, 0.0))) or 1.0
        self._counts = np.zeros((2, CELLS), dtype=np.int64)
        self._ends = np.array([[np.inf, -np.inf]] * 2)

    def add(self, block: np.ndarray, categories: np.ndarray) -> None:
        """Add rows: their stored columns (k, n) and the position of their category (n,)."""
        score = (self._weights @ block - self._mean) / self._sd
        for own, code in enumerate(self._codes):
            found = score[categories == code]
            if found.size:
                self._counts[own] += np.bincount(_cells(found), minlength=CELLS)
                low, high = self._ends[own]
                self._ends[own] = min(low, found.min()), max(high, found.max())

    def arrays(self) -> dict[str, np.ndarray]:
        """Counts and ends of the scores, for :meth:`take` in another process."""
        return {"counts": self._counts, "ends": self._ends}

    def take(self, part: Mapping[str, np.ndarray]) -> None:
        """Add other rows by the same score: ``arrays`` of theirs."""
        self._counts += part["counts"]
        self._ends[:, 0] = np.minimum(self._ends[:, 0], part["ends"][:, 0])
        self._ends[:, 1] = np.maximum(self._ends[:, 1], part["ends"][:, 1])

    def overlap(self) -> RowOverlap | None:
        """Rows alike, to 1/256 standard deviation of the score; None when a category has no row."""
        rows = self._counts.sum(axis=1)
        if not rows.all():
            return None
        low, high = self._ends[:, 0].max(), self._ends[:, 1].min()
        inside = 0
        if low <= high:
            first, last = _cells(np.array([low, high]))
            inside = int(self._counts[:, first : last + 1].sum())
        total, (category, reference) = int(rows.sum()), self._names
        return RowOverlap(
            variable=self.variable,
            category=category,
            reference=reference,
            rows=total,
            inside=inside,
            share=inside / total,
        )


def _cells(score: np.ndarray) -> np.ndarray:
    places = np.floor((score + REACH) * (CELLS / (2 * REACH)))
    return np.clip(places, 0, CELLS - 1).astype(np.intp)


def row_overlaps(plan: Plan, stats: CrossProducts) -> list[OverlapSums]:
    """Sums to make for the policies that are assigned to rows.

    Parameters
    ----------
    plan : Plan
        Names the policies and the covariates: all other variables with a main effect.
    stats : CrossProducts
        The sample.

    Source
    ------
    The direction is Fisher's, with the covariance of all rows: Mardia, Kent and Bibby (1979),
    Multivariate Analysis, section 11.5.
    """
    named = {level.group[-1] for level in stats.all_levels}
    out = []
    for policy in plan.policy:
        known = policy in plan.categories and policy in stats.columns.categories
        mains = [Term((Factor(v),)) for v in main_variables(plan.terms) if v != policy]
        if not known or not mains or assigned_unit(plan, policy) in named:
            continue
        coded = code_terms((Term(), *mains), plan.categories)[1:]
        matrix = np.stack([raw_vector(c.column, stats) for c in coded])
        out += _of_policy(plan, stats, policy, matrix)
    return out


def _of_policy(plan: Plan, stats: CrossProducts, policy: str, matrix) -> list[OverlapSums]:
    own = code_terms((Term(), Term((Factor(policy),))), plan.categories)[1:]
    indicators = np.stack([raw_vector(c.column, stats) for c in own])
    constant = raw_vector(CONSTANT, stats)
    vectors = np.vstack([constant - indicators.sum(axis=0), indicators])
    counts = vectors @ stats.total[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = vectors @ stats.total @ matrix.T / counts[:, None]
    n = stats.total[0, 0]
    centre = matrix @ stats.total[0] / n
    spread = matrix @ stats.total @ matrix.T / n - np.outer(centre, centre)
    inverse = np.linalg.pinv(spread, rcond=1e-10, hermitian=True)
    places = {c: i for i, c in enumerate(stats.columns.categories[policy])}
    reference, *others = plan.categories[policy]
    return [
        OverlapSums(
            stats,
            policy,
            (places[category], places[reference]),
            (inverse @ (means[i] - means[0])) @ matrix,
        )
        for i, category in enumerate(others, start=1)
        if counts[0] > 0.5 and counts[i] > 0.5
    ]
