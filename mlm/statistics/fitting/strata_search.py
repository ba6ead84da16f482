"""The search where residual variances differ between strata: over their ratios too.

Parameters are those of the random terms, and after them the logarithms of the residual variances of
all strata but the first over that of the first. The ratios average to one over the rows, so that
sigma^2 is the mean residual variance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
from scipy.linalg import block_diag

from mlm.errors import FitError
from mlm.statistics.fitting.descent import DESCENT_GAIN, descend_from
from mlm.statistics.fitting.form_search import search_of_terms
from mlm.statistics.fitting.newton import DECREMENT, ROUGH, SLOPE, Optimum, polished
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.likelihood.evaluation import Criterion, Evaluation
from mlm.statistics.likelihood.strata import ResidualStrata
from mlm.statistics.likelihood.threads import threads_for
from mlm.statistics.likelihood.working import Block, Working

LEAST_RATIO = 1e-5  # of residual variances, below which one of them is taken for zero
LEAST_TRIED = 1e-7  # that is evaluated
SHARPEST = (1e-2, 1e2)  # changes of a ratio in a step of the EM algorithm
MOST_RAISED = 20  # such steps where Newton steps lead nowhere
MOST_ROUNDS = 6  # of a search of the random terms' parameters and one of all


class StrataSearch(Search):
    """The criterion and its gradient as functions of all parameters.

    Parameters
    ----------
    base : Search
        That of the random terms' parameters at held ratios.
    """

    def __init__(self, base: Search):
        super().__init__(base.working, base.criterion)
        if base.working.strata is None:
            raise ValueError("the model has one residual variance")
        self._base, self._strata = base, base.working.strata

    @property
    def base(self) -> Search:
        """The search over the random terms' parameters, at the ratios of the last point."""
        return self._base

    @property
    def n_own(self) -> int:
        """Parameters of the random terms."""
        return self._base.diagonal.size

    @cached_property
    def diagonal(self) -> np.ndarray:
        """Which parameters are bounded by zero; no logarithm is."""
        return np.append(self._base.diagonal, np.zeros(self._strata.counts.size - 1, dtype=bool))

    @property
    def order(self) -> list[int]:
        """The random terms' parameters first."""
        return [*self._base.order, *range(self.n_own, self.diagonal.size)]

    def ratios(self, theta: np.ndarray) -> np.ndarray:
        """Residual variance of each stratum over sigma^2, (T,)."""
        return ratios_of(theta[self.n_own :], self._strata)

    def working_at(self, theta: np.ndarray) -> Working:
        """The working statistics at the ratios of a point, to which the search moves."""
        self._move(theta)
        return self.working

    def slopes_by_variance(self, point: Point) -> np.ndarray:
        """Those of the random terms; NaN by the logarithms."""
        own = replace(point, theta=point.theta[: self.n_own])
        further = np.full(point.theta.size - self.n_own, np.nan)
        return np.append(self._base.slopes_by_variance(own), further)

    def at_end(self, point: Point) -> np.ndarray:
        """Correlations of the random terms next to their limit."""
        own = replace(point, theta=point.theta[: self.n_own], gradient=point.gradient[: self.n_own])
        return np.append(self._base.at_end(own), np.zeros(point.theta.size - self.n_own, bool))

    def way_to_end(self, point: Point) -> tuple[np.ndarray, float]:
        """Steps of those that run off to it, and what is gained."""
        own = replace(point, theta=point.theta[: self.n_own], gradient=point.gradient[: self.n_own])
        way, gain = self._base.way_to_end(own)
        return np.append(way, np.zeros(point.theta.size - self.n_own)), gain

    def within_reach(self, theta: np.ndarray, moved: np.ndarray) -> np.ndarray:
        """As much of a step as the random terms' parameters may make at once."""
        own, further = np.split(moved, [self.n_own])
        return np.append(self._base.within_reach(theta[: self.n_own], own), further)

    def seen(self, theta: np.ndarray) -> tuple[Point, Evaluation]:
        """The criterion and its derivatives, and the evaluation."""
        self._move(theta)
        base, ratios = self._base, self.working.ratios
        point, at = base.seen(theta[: self.n_own])
        found = self._strata.slopes(at, ratios, self.criterion, self.working, base.scratch)
        gradient = np.append(point.gradient, self._by_logs(found))
        return replace(point, theta=theta, gradient=gradient), at

    def parts(self, theta: np.ndarray) -> Iterator[tuple[Block, np.ndarray]]:
        """Each random term with its parameters."""
        return self._base.parts(theta[: self.n_own])

    def slopes(self, theta: np.ndarray, found: list[np.ndarray]) -> np.ndarray:
        """Derivative by the random terms' parameters."""
        return self._base.slopes(theta[: self.n_own], found)

    def omegas(self, theta: np.ndarray) -> list[np.ndarray]:
        """Omega (q, q) of each place of the structure."""
        return self._base.omegas(theta[: self.n_own])

    def share(self, theta: np.ndarray) -> float:
        """Residual variance over the squared scale that covariances are relative to."""
        return self._base.share(theta[: self.n_own])

    def covariances(self, theta: np.ndarray) -> list[np.ndarray]:
        """Covariance of the raw effects of each random term, relative to one scale for all."""
        return self._base.covariances(theta[: self.n_own])

    def further(self, at: Evaluation, directions: np.ndarray) -> np.ndarray:
        """Derivative (T - 1,) by the logarithms of ``log|V| + trace(F F' A)``, F held."""
        found = self._strata.slopes_along(self.working, at, directions, self._base.scratch)
        return self._by_logs(found)

    def _by_logs(self, found: np.ndarray) -> np.ndarray:
        """Derivative (T - 1,) by the logarithms from that by those of the ratios (T,)."""
        shares = self._strata.counts * self.working.ratios / self._strata.counts.sum()
        return (found - shares * found.sum())[1:]

    def value(self, theta: np.ndarray) -> float:
        """The criterion alone."""
        self._move(theta)
        return self._base.value(theta[: self.n_own])

    def _move(self, theta: np.ndarray) -> None:
        """Take the working statistics to the ratios of a point."""
        self.count += 1
        ratios = self.ratios(theta)
        _check_positive(ratios, self._strata, LEAST_TRIED)
        if not np.array_equal(ratios, self.working.ratios):
            self.working = self._base.working = self._strata.at(ratios)
            self._base.scratch.steps.clear()


def search_of(working: Working, criterion: Criterion) -> Search:
    """The search over all parameters of a model besides sigma^2."""
    base = search_of_terms(working, criterion)
    return base if working.strata is None else StrataSearch(base)


def ratios_of(logs: np.ndarray, strata: ResidualStrata) -> np.ndarray:
    """Ratios (T,) that average to one over the rows, from logarithms (T - 1,) over the first."""
    raw = np.exp(np.append(0.0, logs))
    return raw * strata.counts.sum() / (strata.counts @ raw)


def raised_logs(search: StrataSearch, theta: np.ndarray, steps: int = 1) -> np.ndarray:
    """Logarithms (T - 1,) after steps of the EM algorithm, the other parameters held.

    Each stratum's ratio becomes the mean of its squared residuals, with their errors.

    Parameters
    ----------
    search : StrataSearch
    theta : ndarray (m + T - 1,)
        All parameters to begin with.
    steps : int
        Number of steps.

    Source
    ------
    Laird and Ware (1982), Biometrics 38, 963-974, eq. 3.7.
    """
    strata = search.working.strata
    for _ in range(steps):
        at = search.seen(theta)[1]
        now = search.working
        slopes = strata.slopes(at, now.ratios, search.criterion, now, search.base.scratch)
        raw = now.ratios * np.clip(1.0 - slopes / strata.counts, *SHARPEST)
        theta = np.append(theta[: search.n_own], np.log(raw[1:] / raw[0]))
    return theta[search.n_own :]


def optimum_of_strata(
    search: StrataSearch,
    inner,
    own: np.ndarray,
    logs: np.ndarray | None = None,
    hessian: np.ndarray | None = None,
) -> Optimum:
    """The optimum over the random terms' parameters and the ratios of residual variances.

    Parameters
    ----------
    search : StrataSearch
        That over all parameters.
    inner : callable
        From working statistics at held ratios and a start to an Optimum of these alone.
    own : ndarray (m,)
        Random terms' parameters to begin with.
    logs : ndarray (T - 1,), optional
        Logarithms of the ratios to begin with.
    hessian : ndarray (m, m), optional
        Curvature by the random terms' parameters near there, roughly.

    Raises
    ------
    FitError
        When the residual variance of a stratum is zero.
    """
    with threads_for(search.working.structure.n_dense):
        if logs is None:
            equal = np.append(own, np.zeros(search.diagonal.size - search.n_own))
            logs = raised_logs(search, equal)
        point = search.point(np.append(own, logs))
        if hessian is not None:
            bend = block_diag(hessian, _bend_of_logs(search.working.strata))
            point = descend_from(search, point, bend, DESCENT_GAIN)
        for _ in range(MOST_ROUNDS):
            found = polished(search, point)
            own, logs = np.split(found.theta, [search.n_own])
            _check_positive(search.ratios(found.theta), search.working.strata, LEAST_RATIO)
            if found.decrement <= DECREMENT and found.boundary_slope >= -SLOPE:
                break
            if found.decrement > ROUGH:
                logs = raised_logs(search, found.theta, MOST_RAISED)
            own = inner(search.working_at(np.append(own, logs)), own).theta
            point = search.point(np.append(own, logs))
    return replace(found, evaluations=search.count)


def _bend_of_logs(strata: ResidualStrata) -> np.ndarray:
    """Curvature (T - 1, T - 1) by the logarithms, as that of a criterion of residuals alone."""
    own = strata.counts[1:].astype(float)
    return np.diag(own) - np.outer(own, own) / strata.counts.sum()


def _check_positive(ratios: np.ndarray, strata: ResidualStrata, least: float) -> None:
    """Refuse a residual variance that is zero, by name."""
    names = [name for name, ratio in strata.named(ratios).items() if not ratio >= least]
    if names:
        raise FitError(
            f"no residual variance is left in {strata.variable} {', '.join(names)}: the model "
            "explains the response there exactly, or a random effect has one row a group there and "
            "takes its place. Leave out that effect, or let one residual variance hold for all."
        )
