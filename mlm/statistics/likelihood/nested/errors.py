"""From the stored columns of single rows to their residuals, by what eliminating the levels left.

Eliminating a level changes the row ``v`` of working columns as it changes the sums,

    v <- v - z' Q_g S_g,   z: the entries of v that the effects of group g multiply,

and what is left after all levels, times (-beta, 1), is ``y - X b - Z u`` with the posterior means
u. No effect of a group is formed. The squares ``z' Q_g z`` add up to the leverage. Crossed effects
are eliminated together, in a module of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from mlm.nouns.columns import Columns
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit, check_sample
from mlm.statistics.fitting.solution import evaluation_of
from mlm.statistics.likelihood.criterion import Evaluation
from mlm.statistics.likelihood.crossed.errors import CrossedErrors
from mlm.statistics.likelihood.working import Working


@dataclass(frozen=True)
class Errors:
    """Residuals of some rows.

    Attributes
    ----------
    fixed : ndarray (n,)
        Predicted by the fixed part, in units of the response.
    residual : ndarray (n,)
        Response minus the fixed part and the posterior means, in units of the response.
    leverage : ndarray (n,)
        Share of a row's variance that the model takes up, 0 to 1: the residual has variance
        ``sigma^2 (1 - leverage)``, over the precision of the row where it has one.
    precision : ndarray (n,) or None
        Known precisions of the rows.
    """

    fixed: np.ndarray
    residual: np.ndarray
    leverage: np.ndarray
    precision: np.ndarray | None = None


@dataclass(frozen=True)
class RowErrors:
    """What the residuals of rows need of a fit and its sample.

    Attributes
    ----------
    columns : Columns
        Stored columns that the model uses; not closed under margins.
    groups : tuple of tuple of str
        Id columns of the innermost level of the model, if any, and of each crossed factor.
    keys : tuple of tuple of ndarray (G,)
        Ids of their groups, one array an id column.
    sigma : float
        Residual standard deviation, in units of the response.
    spread : tuple of (mean, sd)
        Of the fixed part over the rows, in units of the response.
    """

    columns: Columns
    groups: tuple[tuple[str, ...], ...]
    keys: tuple[tuple[np.ndarray, ...], ...]
    sigma: float
    spread: tuple[float, float]
    working: Working
    at: Evaluation
    _matrix: np.ndarray
    _crossed: CrossedErrors | None

    @classmethod
    def of(cls, fit: Fit, stats: CrossProducts) -> RowErrors:
        """What the residuals of a fit need.

        Parameters
        ----------
        fit : Fit
            A fit.
        stats : CrossProducts
            The sample it was fitted to.

        Raises
        ------
        StatisticsError
            When the sample is not the one of the fit, or factors are crossed.
        """
        check_sample(fit, stats)
        working, at = evaluation_of(fit, stats)
        used = np.union1d(0, np.flatnonzero(working.matrix.any(axis=1)))  # the constant first
        groups = tuple(level.group for level in working.levels[-1:])
        groups += working.crossing.groups if working.crossing else ()
        unit = working.response[1]
        return cls(
            stats.columns.only(stats.columns.columns[i] for i in used),
            groups,
            tuple(stats.level(group).keys for group in groups),
            unit * float(np.sqrt(at.sigma2)),
            _spread(working, at, stats),
            working,
            at,
            working.matrix[used],
            CrossedErrors(working, at) if working.crossing else None,
        )

    def errors(
        self,
        block: np.ndarray,
        groups: Sequence[np.ndarray],
        precision: np.ndarray | None = None,
    ) -> Errors:
        """Residuals of some rows.

        Parameters
        ----------
        block : ndarray (k, n)
            The stored columns named by ``columns``.
        groups : sequence of ndarray of int (n,)
            Position of each row's group in each of ``groups``.
        precision : ndarray (n,), optional
            Known precisions of the rows.

        Source
        ------
        Residuals ``R P y`` and their variance ``R P R``: Nobre and Singer (2007), Biometrical
        Journal 49, 863-875, section 2; ``R P R = R - W C^-1 W'`` with the mixed model equations
        C, Searle, Casella and McCulloch (1992), Variance Components, section 7.6. With precisions
        D^-1 takes the place of the identity in R.
        """
        working, at, p = self.working, self.at, self.working.n_fixed
        origin, unit = working.response
        rows = self._matrix.T @ block
        fixed = origin + unit * (at.beta @ rows[:p])
        if self._crossed:
            leverage = self._crossed.eliminate(rows, groups)
        else:
            leverage = self._eliminate(rows, groups)
        left = solve_triangular(at.fixed_root, rows[:p], trans="T") if p else rows[:0]
        leverage += np.einsum("pn,pn->n", left, left)
        residual = unit * (rows[-1] - at.beta @ rows[:p])
        if precision is not None:
            leverage = leverage * precision
        return Errors(fixed, residual, np.clip(leverage, 0.0, 1.0), precision)

    def _eliminate(self, rows: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
        """Eliminate nested levels from the rows in place; the sum of ``z' Q_g z``, shape (n,)."""
        working, at = self.working, self.at
        leverage = np.zeros(rows.shape[1])
        for i in range(len(working.levels) - 1, -1, -1):
            own = groups[0] if i == len(working.levels) - 1 else working.parents[-1][i][groups[0]]
            done = at.eliminations[i]
            z = rows[working.levels[i].columns]
            leverage += np.einsum("in,ijn,jn->n", z, done.gain[:, :, own], z)
            for a in range(len(z)):
                rows -= z[a] * done.product[a][own].T
        return leverage


def _spread(working: Working, at: Evaluation, stats: CrossProducts) -> tuple[float, float]:
    """Mean and standard deviation of the fixed part over the rows, from the total."""
    origin, unit = working.response
    weights = working.matrix[:, : working.n_fixed] @ at.beta
    n = stats.total[0, 0]
    mean = float(stats.total[0] @ weights) / n
    square = float(weights @ stats.total @ weights) / n
    return origin + unit * mean, unit * float(np.sqrt(max(square - mean**2, 0.0)))
