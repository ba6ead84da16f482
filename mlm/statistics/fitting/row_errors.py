"""From the stored columns of single rows to their residuals, by what elimination left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from mlm.nouns.columns import Columns
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.fit import check_sample
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.structure import RowEffects
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
        Precisions of the rows, where they differ.
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
    _effects: RowEffects

    @classmethod
    def of(cls, evaluated: Evaluated) -> RowErrors:
        """What the residuals of a fit need.

        Parameters
        ----------
        evaluated : Evaluated
            A fit with the sample it was fitted to.

        Raises
        ------
        StatisticsError
            When the sample is not the one of the fit.
        """
        fit, stats = evaluated.fit, evaluated.stats
        working, at = evaluated.working, evaluated.at
        check_sample(fit, stats)
        used = np.union1d(0, np.flatnonzero(working.matrix.any(axis=1)))  # the constant first
        groups = working.structure.row_groups
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
            working.structure.row_effects(at),
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
            Precisions of the rows: known ones, or one over the ratio of their residual variance.

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
        leverage = self._effects.eliminate(rows, groups)
        left = solve_triangular(at.fixed_root, rows[:p], trans="T") if p else rows[:0]
        leverage += np.einsum("pn,pn->n", left, left)
        residual = unit * (rows[-1] - at.beta @ rows[:p])
        if precision is not None:
            leverage = leverage * precision
        return Errors(fixed, residual, np.clip(leverage, 0.0, 1.0), precision)


def _spread(working: Working, at: Evaluation, stats: CrossProducts) -> tuple[float, float]:
    """Mean and standard deviation of the fixed part over the rows, from the total."""
    origin, unit = working.response
    weights = working.matrix[:, : working.n_fixed] @ at.beta
    n = stats.total[0, 0]
    mean = float(stats.total[0] @ weights) / n
    square = float(weights @ stats.total @ weights) / n
    return origin + unit * mean, unit * float(np.sqrt(max(square - mean**2, 0.0)))
