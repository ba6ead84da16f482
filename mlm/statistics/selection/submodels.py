"""Deviances of submodels without fitting them, from the evidence of the model they belong to.

At given variance components the criterion of every submodel follows from ``X'V^-1 X`` and
``X'V^-1 y`` of the full model. Such a deviance is an upper bound, since the submodel's own
variance components can only do better; how much better a Newton step predicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlm.errors import FitError
from mlm.nouns.distributions import chi_squared_tail
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.search import Search
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.differences import curvature, jacobian, relative_steps
from mlm.statistics.likelihood.evaluation import Evaluation

THETA_STEP = 1e-3  # relative, of second differences of the evidence over theta
NEWTON_DOUBT = 3.0  # a predicted gain may be wrong by this factor before it decides anything
LEAVING = 0.01  # sd, relative, to which one at zero is moved to see whether it stays there
MARGIN = 0.01  # deviance around the limit within which only a fit decides


@dataclass(frozen=True)
class Estimates:
    """Fixed effects at given variance components, some of them left out of the model.

    Attributes
    ----------
    beta : ndarray (p,)
        Estimates; zero for columns that have left.
    covariance : ndarray (p, p)
        Their covariance over sigma^2; zero for columns that have left.
    residual : float
        Weighted residual sum of squares, in the unit of beta squared over the covariance.
    """

    beta: np.ndarray
    covariance: np.ndarray
    residual: float

    @classmethod
    def of(cls, fit: Fit) -> Estimates:
        """Those of a fit by ML, at its own variance components."""
        return cls(fit.beta, fit.covariance, float(fit.n_obs))

    def added(self, columns: np.ndarray) -> float:
        """What the residual sum of squares gains when some columns leave, or none."""
        part = self.beta[columns]
        if columns.size == 1:
            return float(part[0] ** 2 / self.covariance[columns[0], columns[0]])
        block = self.covariance[columns[:, None], columns]
        return float(part @ np.linalg.solve(block, part))

    def excess(self, columns: np.ndarray, n_obs: int) -> float:
        """Deviance that is lost when some columns leave, variance components held."""
        return n_obs * float(np.log1p(self.added(columns) / self.residual))

    def p_value(self, columns: np.ndarray, n_obs: int) -> float:
        """Of the likelihood-ratio test of some columns, variance components held; 1 of none."""
        return float(chi_squared_tail(self.excess(columns, n_obs), max(columns.size, 1)))

    def without(self, columns: np.ndarray) -> Estimates:
        """The estimates when some columns have left."""
        beside = self.covariance[columns]
        solved = np.linalg.solve(beside[:, columns], beside)
        beta = self.beta - solved.T @ self.beta[columns]
        covariance = self.covariance - beside.T @ solved
        beta[columns] = 0.0
        covariance[columns] = covariance[:, columns] = 0.0
        return Estimates(beta, covariance, self.residual + self.added(columns))


@dataclass(frozen=True)
class _Anchor:
    """The full model's evidence at one theta: ``[X y]' V^-1 [X y]`` and ``log|V|``."""

    matrix: np.ndarray
    logdet: float

    @classmethod
    def of(cls, at: Evaluation, logdet: float) -> _Anchor:
        p = at.beta.size
        matrix = np.empty((p + 1, p + 1))
        matrix[:p, :p] = at.fixed_root.T @ at.fixed_root
        matrix[p, :p] = matrix[:p, p] = matrix[:p, :p] @ at.beta
        matrix[p, p] = at.residual + at.beta @ matrix[:p, p]
        return cls(matrix, logdet)


class _Anchors:
    """Evidence at several thetas, the full model's estimates first, kept in one array.

    Parameters
    ----------
    first : _Anchor
        That at the full model's estimates.
    n_obs : int
        Rows.
    """

    def __init__(self, first: _Anchor, n_obs: int):
        self._matrices, self._logdets = first.matrix[None], np.zeros(1)
        self._first, self._n_obs, self._size = first, n_obs, 1
        everything = np.arange(len(first.matrix) - 1)
        self._least = float(_residuals(self._matrices, everything)[0])

    def add(self, anchor: _Anchor) -> None:
        """Take up another."""
        if self._size == len(self._matrices):
            self._matrices = np.concatenate([self._matrices, np.empty_like(self._matrices)])
            self._logdets = np.concatenate([self._logdets, np.empty_like(self._logdets)])
        self._matrices[self._size] = anchor.matrix
        self._logdets[self._size] = anchor.logdet - self._first.logdet
        self._size += 1

    def deviances(self, kept: np.ndarray) -> np.ndarray:
        """Of the submodel with some columns (k,) at each theta (A,), over the full model's."""
        residuals = _residuals(self._matrices[: self._size], kept)
        return self._logdets[: self._size] + self._n_obs * np.log(residuals / self._least)


def _residuals(matrices: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Residual sums of squares (A,) of the submodel with some of the columns."""
    cross = matrices[:, -1, kept, None]
    inner = np.linalg.solve(matrices[:, kept[:, None], kept], cross)
    return matrices[:, -1, -1] - np.sum(inner * cross, axis=(1, 2))


class DevianceBounds:
    """Bounds for the deviances of all submodels of one fit by ML.

    Parameters
    ----------
    full : Solution
        The full model by ML.
    """

    def __init__(self, full: Solution):
        self._fit, self._working, self._best = full.fit, full.working, full.best
        self._search = search_of(full.working, "ML")
        self._is_plain = type(self._search) is Search
        self._theta = full.best.theta
        self._first = self._anchor(self._theta)
        self._anchors = _Anchors(self._first, self._fit.n_obs)

    def bounds(self, gone: np.ndarray) -> tuple[float, float]:
        """Between which values the deviance over the full model's lies when columns leave.

        Parameters
        ----------
        gone : ndarray of bool (p,)
            The columns that leave.

        Returns
        -------
        lower, upper : float
            ``upper`` holds always; ``lower`` allows the predicted gain to be wrong by a factor of
            three, and is ``-inf`` where a Newton step predicts nothing.
        """
        kept = np.flatnonzero(~gone)
        known = self._anchors.deviances(kept)
        start, upper = float(known[0]), float(known.min())
        if self._fit.aliased or self._leaves_zero(start, kept):
            return -np.inf, upper
        gain, _ = self._newton_gain(kept)
        return start - NEWTON_DOUBT * gain - MARGIN, upper

    def refined(self, gone: np.ndarray) -> tuple[float, float]:
        """The same with the criterion evaluated where the Newton step leads."""
        kept, bounds = np.flatnonzero(~gone), self.bounds(gone)
        if not np.isfinite(bounds[0]):
            return bounds
        gain, step = self._newton_gain(kept)
        moved = self._theta.copy()
        moved[self._free] += step
        try:
            anchor = self._anchor(np.where(self._search.diagonal, np.maximum(moved, 0.0), moved))
        except FitError:
            return bounds
        self._anchors.add(anchor)
        known = self._anchors.deviances(kept)
        reached, missed = float(known[-1]), abs(known[-1] - (known[0] - gain))
        return reached - NEWTON_DOUBT * float(missed) - MARGIN, float(known.min())

    def _anchor(self, theta: np.ndarray) -> _Anchor:
        search = self._search
        at = evaluate(search.working_at(theta), search.omegas(theta), "ML", search.scratch)
        logdet = at.deviance - self._fit.n_obs * float(np.log(at.residual))
        return _Anchor.of(at, logdet)

    @cached_property
    def _free(self) -> np.ndarray:
        """Positions of the parameters (f,) that are not at zero, their bound."""
        return self._best.curvature.free

    @cached_property
    def _beside_zero(self) -> _Anchors:
        """The evidence, and that with a parameter at zero moved from there, to either side."""
        zeros = np.setdiff1d(np.arange(self._theta.size), self._free)
        found = _Anchors(self._first, self._fit.n_obs)
        for part in LEAVING * np.eye(self._theta.size)[zeros]:
            for move in (part, -part):
                found.add(self._anchor(self._theta + move))
        return found

    def _leaves_zero(self, start: float, kept: np.ndarray) -> bool:
        """Whether a variance at zero in the full model is not at zero in a submodel."""
        return bool((self._beside_zero.deviances(kept)[1:] < start).any())

    @cached_property
    def _differences(self):
        """First and second derivatives of the evidence by free parameters: (f, .), (f, f, .)."""
        free, w = self._free, self._working.n_fixed + 1

        def flat(own: np.ndarray) -> np.ndarray:
            theta = self._theta.copy()
            theta[free] = own
            anchor = self._anchor(theta)
            return np.append(anchor.matrix.ravel(), anchor.logdet)

        f, own = free.size, self._theta[free]
        centre = np.append(self._first.matrix.ravel(), self._first.logdet)
        steps = relative_steps(own, THETA_STEP)
        if not self._is_plain:
            places = {position: i for i, position in enumerate(free.tolist())}
            order = [places[position] for position in self._search.order if position in places]
            first = jacobian(flat, own, steps, order)
            return first[:, :-1].reshape(f, w, w), None, first[:, -1], None
        first, second = curvature(flat, own, steps, centre)
        parts = first[:, :-1].reshape(f, w, w), second[:, :, :-1].reshape(f, f, w, w)
        return *parts, first[:, -1], second[:, :, -1]

    def _newton_gain(self, kept: np.ndarray) -> tuple[float, np.ndarray]:
        """Deviance that a Newton step over free parameters gains in a submodel, and the step."""
        matrix, n = self._first.matrix, self._fit.n_obs
        first, second, log_first, log_second = self._differences
        gram = matrix[kept[:, None], kept]
        v = np.zeros(matrix.shape[0])
        v[kept], v[-1] = -np.linalg.solve(gram, matrix[kept, -1]), 1.0
        residual = float(v @ matrix @ v)
        moved = first @ v
        by_one = moved @ v
        slope = log_first + n * by_one / residual
        if second is None:  # many parameters: the curvature of the full model will do
            bend = self._best.curvature.hessian
        else:
            reach = moved[:, kept]
            by_two = second @ v @ v - 2.0 * reach @ np.linalg.solve(gram, reach.T)
            bend = log_second + n * (by_two / residual - np.outer(by_one, by_one) / residual**2)
        values = np.linalg.eigvalsh(bend) if bend.size else np.ones(1)
        if values.min() <= 1e-8 * np.abs(values).max():
            return np.inf, np.zeros_like(slope)
        step = -np.linalg.solve(bend, slope)
        return float(-0.5 * slope @ step), step
