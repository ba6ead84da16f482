"""From the stored columns of single rows to their residuals, by what elimination left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from mlm.nouns.columns import Columns
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_moments
from mlm.statistics.fitting.effects import posterior_means
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
        Precisions of the rows: those that are known or of their stratum, or by wave where a term
        with a form over waves has the residual's place.
    balance : ndarray (n,)
        What is zero in sum over all rows where the model has an intercept.
    """

    fixed: np.ndarray
    residual: np.ndarray
    leverage: np.ndarray
    precision: np.ndarray | None
    balance: np.ndarray


@dataclass(frozen=True)
class UnitsInPlace:
    """Units whose term has the residual's place: their whole effects are the residuals of rows.

    Attributes
    ----------
    place : int
        Which of the groups of a row.
    columns : ndarray of int (q,)
        Working columns of the term.
    transform : ndarray (q, q)
        From its raw columns to these.
    mean : ndarray (G, q)
        Effects in the raw columns, in units of the response.
    error, covariance : ndarray (G, q, q), (q, q)
        Of the means, and of the effects, in squared units of the response.
    """

    place: int
    columns: np.ndarray
    transform: np.ndarray
    mean: np.ndarray
    error: np.ndarray
    covariance: np.ndarray

    @classmethod
    def of(cls, evaluated: Evaluated) -> UnitsInPlace | None:
        """Those of a fit; None where it has a residual variance."""
        fit, working = evaluated.fit, evaluated.working
        if fit.residual is None:
            return None
        b = fit.in_place.index(True)
        block, own = working.blocks[b], posterior_means(evaluated).effects[b]
        group = working.structure.groups[block.level]
        columns = working.structure.columns[block.level][block.start : block.start + block.size]
        place = working.structure.row_groups.index(group)
        return cls(place, columns, block.transform, own.mean, own.comparative, own.covariance)

    def residuals(self, rows: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, ...]:
        """Residuals of rows, their leverage and the variance of a row (n,) each.

        Parameters
        ----------
        rows : ndarray (w, n)
            Working columns.
        group : ndarray of int (n,)
            Position of each row's unit.
        """
        z = self.transform.T @ rows[self.columns]
        error = np.einsum("an,nab,bn->n", z, self.error[group], z)
        variance = np.einsum("an,ab,bn->n", z, self.covariance, z)
        return np.einsum("an,na->n", z, self.mean[group]), error / variance, variance


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
        Residual standard deviation, in units of the response; where a term has the residual's
        place, that of a mean row.
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
    _in_place: UnitsInPlace | None

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
        in_place = UnitsInPlace.of(evaluated)
        sigma = working.response[1] * float(np.sqrt(at.sigma2))
        if in_place is not None:
            moment = mean_moments(fit.model, stats)[fit.in_place.index(True)]
            sigma = float(np.sqrt(np.sum(moment * in_place.covariance)))
        return cls(
            stats.columns.only(stats.columns.columns[i] for i in used),
            groups,
            tuple(stats.level(group).keys for group in groups),
            sigma,
            _spread(working, at, stats),
            working,
            at,
            working.matrix[used],
            working.structure.row_effects(at),
            in_place,
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
        whole = None
        if self._in_place is not None:
            whole = self._in_place.residuals(rows, groups[self._in_place.place])
        leverage = self._effects.eliminate(rows, groups)
        left = solve_triangular(at.fixed_root, rows[:p], trans="T") if p else rows[:0]
        leverage += np.einsum("pn,pn->n", left, left)
        residual = unit * (rows[-1] - at.beta @ rows[:p])
        balance = residual if precision is None else residual * precision
        if whole is not None:
            residual, leverage, variance = whole
            precision = self.sigma**2 / variance
        elif precision is not None:
            leverage = leverage * precision
        return Errors(fixed, residual, np.clip(leverage, 0.0, 1.0), precision, balance)


def _spread(working: Working, at: Evaluation, stats: CrossProducts) -> tuple[float, float]:
    """Mean and standard deviation of the fixed part over the rows, from the total."""
    origin, unit = working.response
    weights = working.matrix[:, : working.n_fixed] @ at.beta
    n = stats.total[0, 0]
    mean = float(stats.total[0] @ weights) / n
    square = float(weights @ stats.total @ weights) / n
    return origin + unit * mean, unit * float(np.sqrt(max(square - mean**2, 0.0)))
