"""Intervals of correlations between waves, and of their mean, where a form has several.

Each end is the largest or smallest correlation within the limit of the criterion, found by a
constrained search in coordinates in which the criterion is round at its optimum. Cholesky factors
have no bound in them: a factor with other signs stands for the same covariance.

Source
------
Venzon and Moolgavkar (1988), Applied Statistics 37, 87-94.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.nouns.distributions import CHI_SQUARED_95
from mlm.statistics.fitting.search import Search
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.covariance import triangle
from mlm.statistics.likelihood.over_waves.forms import COMPLEX_STEP, FORMS
from mlm.statistics.likelihood.threads import threads_for
from mlm.statistics.likelihood.working import Block

FLAT_SHARE = 1e-6  # curvature, relative to the largest, that counts as none
END_TOLERANCE = 1e-3  # of the signed root of the deviance at an end
MISSED = 0.05  # deviance by which an end may miss its limit
ANGLE_OF_ONE = 1e-2  # angle whose cosine counts as a correlation of one
START_SHARE = 0.2  # share of the way to the limit, at which searches from a bound begin
MOST_END_STEPS = 40


@dataclass(frozen=True)
class Loading:
    """How the effects of one random term are effects of waves.

    Attributes
    ----------
    term : int
        Place of the random term in the model.
    design : ndarray (T, q)
        Columns of the term in each wave.
    is_apart : bool
        Whether different waves have independent effects: units in waves.
    """

    term: int
    design: np.ndarray
    is_apart: bool


@dataclass(frozen=True)
class OverWaves:
    """The covariance of some units' effects over waves, as a function of all parameters.

    Attributes
    ----------
    search : Search
        The criterion over the parameters.
    loadings : sequence of Loading
        How the effects in each wave are made of random effects.
    """

    search: Search
    loadings: Sequence[Loading]

    def covariance(self, theta: np.ndarray) -> np.ndarray:
        """Covariance (T, T) over the residual variance; theta (m,) may be complex."""
        parts, out = list(self.search.parts(theta)), 0.0
        for loading in self.loadings:
            half = loading.design @ _raw(*parts[loading.term]) @ loading.design.T
            out = out + (np.diag(np.diagonal(half)) if loading.is_apart else half)
        return out

    def angle(self, theta: np.ndarray, pairs: np.ndarray) -> tuple[float, np.ndarray]:
        """Angle whose cosine is the mean correlation of some pairs of waves, and its gradient.

        Parameters
        ----------
        theta : ndarray (m,)
            All parameters.
        pairs : ndarray (2, n)
            Waves of each pair.
        """

        def mean(p: np.ndarray):
            covariance = self.covariance(p)
            variances = np.diagonal(covariance)
            first, second = pairs
            return np.mean(
                covariance[first, second] / np.sqrt(variances[first] * variances[second])
            )

        r = float(np.clip(mean(theta.astype(complex)).real, -1.0, 1.0))
        steps = theta + 1j * COMPLEX_STEP * np.eye(theta.size)
        slope = np.array([mean(step).imag for step in steps]) / COMPLEX_STEP
        return float(np.arccos(r)), -slope / max(np.sqrt(1.0 - r * r), 1e-8)


def _raw(block: Block, own: np.ndarray) -> np.ndarray:
    """Relative covariance (q, q) of the effects of the raw columns of a term."""
    if block.form is not None:
        return FORMS[block.form].matrix(own, block.size, block.is_residual)
    half = np.zeros((block.size, block.size), own.dtype)
    half[triangle(block.size)] = own
    half = np.linalg.solve(block.transform, half)
    return half @ half.T


class EndsOfCorrelations:
    """Intervals of 95 % of correlations between waves, each computed when it is asked for.

    Parameters
    ----------
    solution : Solution
        The model at its optimum.
    loadings : sequence of Loading
        How the effects of the units in each wave are made of random effects.
    """

    def __init__(self, solution: Solution, loadings: Sequence[Loading]):
        self.search = search_of(solution.working, solution.fit.criterion)
        self.over_waves = OverWaves(self.search, loadings)
        self.x, self.least = solution.best.theta, solution.best.at.deviance
        values, vectors = np.linalg.eigh(0.5 * (solution.best.hessian + solution.best.hessian.T))
        values = np.maximum(values, FLAT_SHARE * values.max(initial=1.0))
        self.back = vectors / np.sqrt(values)  # from round coordinates to parameters
        self.reach = np.sqrt(2.0 * CHI_SQUARED_95)  # how far the limit is in them

    def interval(self, pairs: np.ndarray) -> tuple[float, float]:
        """Ends of the interval of the mean correlation of some pairs (2, n) of waves.

        An end that no search reached is NaN.
        """
        with threads_for(self.search.working.structure.n_dense):
            widest = self._farthest(lambda x: self.over_waves.angle(x, pairs), 1.0)
            narrowest = self._farthest(lambda x: self.over_waves.angle(x, pairs), -1.0)
        upper = 1.0 if narrowest <= ANGLE_OF_ONE else float(np.cos(narrowest))
        lower = -1.0 if np.pi - widest <= ANGLE_OF_ONE else float(np.cos(widest))
        return lower, upper

    def _farthest(self, measure: Callable, sign: float) -> float:
        """The largest (sign 1) or smallest angle within the limit; NaN if no search is sure."""
        found = [self._searched(measure, sign, start) for start in self._starts(measure, sign)]
        known = [angle for angle in found if np.isfinite(angle)]
        return (max if sign > 0.0 else min)(known, default=float("nan"))

    def _starts(self, measure: Callable, sign: float) -> list[np.ndarray]:
        """Round coordinates where a quadratic criterion has its end; several from a bound."""
        angle, slope = measure(self.x)
        along = sign * (self.back.T @ slope)
        if ANGLE_OF_ONE < angle < np.pi - ANGLE_OF_ONE:
            return [along * self.reach / max(np.linalg.norm(along), 1e-300)]
        waves = self.over_waves.loadings[0].design.shape[0]
        rng = np.random.default_rng(waves)
        aside = rng.standard_normal((2, self.x.size))
        return [START_SHARE * self.reach * way / np.linalg.norm(way) for way in aside]

    def _searched(self, measure: Callable, sign: float, start: np.ndarray) -> float:
        from scipy.optimize import minimize

        memory: dict = {}

        def left(u: np.ndarray) -> tuple[float, np.ndarray]:
            key = u.tobytes()
            if key not in memory:
                try:
                    point = self.search.point(self.x + self.back @ u)
                except FitError:
                    return -1e3, np.zeros_like(u)
                excess = point.at.deviance - self.least
                memory[key] = CHI_SQUARED_95 - excess, -self.back.T @ point.gradient
            return memory[key]

        def angle(u: np.ndarray) -> tuple[float, np.ndarray]:
            value, slope = measure(self.x + self.back @ u)
            return value, self.back.T @ slope

        unit = -sign * self.reach / max(np.linalg.norm(angle(start)[1]), 1e-300)
        u = minimize(
            lambda u: unit * angle(u)[0],
            start,
            jac=lambda u: unit * angle(u)[1],
            method="SLSQP",
            constraints={"type": "ineq", "fun": lambda u: left(u)[0], "jac": lambda u: left(u)[1]},
            options={"ftol": END_TOLERANCE, "maxiter": MOST_END_STEPS},
        ).x
        value, slack = angle(u)[0], left(u)[0]
        is_end = abs(slack) <= MISSED or (slack > 0.0 and min(value, np.pi - value) <= ANGLE_OF_ONE)
        return value if is_end else float("nan")
