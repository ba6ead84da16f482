"""Profile-likelihood intervals of standard deviations, covariances, correlations and shares.

An interval holds every value that some parameters within the limit of the criterion have, the limit
being the minimum plus the quantile of chi-squared with one degree of freedom. Each end is therefore
one constrained search, for the smallest or the largest value within the limit; where the bound
itself lies within the limit, the interval ends there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError, NotConverged
from mlm.statistics.crossproducts import CrossProducts
from mlm.statistics.fit import Fit
from mlm.statistics.kenward_roger import check_sample
from mlm.statistics.quantities import (
    Angle,
    Covariance,
    Deviation,
    Residual,
    Share,
    mean_moments,
)
from mlm.statistics.surface import Surface
from mlm.statistics.working import Working, working_statistics

ZERO = 1e-4  # relative standard deviations below this end an interval at zero
OFF = 1e-6  # deviance by which an end may miss the limit
BOUND = 1e-6  # an angle, or the root of a share, this close to its bound is at it
TOLERANCE = 1e-8  # of the measure and of the limit, in multiples of their scales
WIDEST = 10.0  # largest change of the logarithm of the residual standard deviation
ROUNDS = 4  # starts of one search
INSIDE = (0.5, 1.5)  # second starts of a search that ends on a bound, in scaled coordinates


@dataclass(frozen=True)
class Interval:
    """A profile-likelihood interval.

    Attributes
    ----------
    group : str
        Grouping factor, or ``residual``.
    term1, term2 : str or None
        Columns of the random term; one of them for a variance, none for a share.
    quantity : str
        ``variance``, ``sd``, ``covariance``, ``correlation`` or ``share``.
    estimate, lower, upper : float
        In squared units of the response, its units, or none (correlation, share). An end that no
        search reached is NaN.
    """

    group: str
    term1: str | None
    term2: str | None
    quantity: str
    estimate: float
    lower: float
    upper: float


class Profile:
    """Intervals of one fit, each computed when it is asked for."""

    def __init__(self, fit: Fit, stats: CrossProducts, level: float = 0.95):
        from scipy.stats import chi2

        check_sample(fit, stats)
        self.fit, self.unit = fit, 0.0
        self.working: Working = working_statistics(fit.model, stats)
        self.unit = self.working.response[1]
        self.limit = fit.deviance + float(chi2.ppf(level, 1))
        self.moments = tuple(mean_moments(fit.model, stats))
        self._surfaces: dict = {}

    def intervals(self) -> list[Interval]:
        """All intervals: term by term, then the residual, then the shares."""
        out = []
        for b, term in enumerate(self.fit.model.random):
            names = self.fit.random_names[b]
            deviations = [self._deviation(b, i) for i in range(len(names))]
            for name, found in zip(names, deviations, strict=True):
                out += _variance_and_sd(term.name, name, *found)
            for i in range(len(names)):
                for j in range(i):
                    free = deviations[i][1] == 0.0 or deviations[j][1] == 0.0
                    out += self._pair(b, i, j, free)
        out += _variance_and_sd("residual", "Intercept", *self._residual())
        return out + self.shares()

    def shares(self) -> list[Interval]:
        """Shares of the variance, outermost level first as fitted, the residual last."""
        groups = list(dict.fromkeys(term.name for term in self.fit.model.random))
        out = []
        for group in groups:
            blocks = [b for b, r in enumerate(self.fit.model.random) if r.name == group]
            out.append(Interval(group, None, None, "share", *self._share(tuple(blocks))))
        every = tuple(range(len(self.fit.model.random)))
        value, lower, upper = self._share(every) if every else (0.0, 0.0, 0.0)
        residual = (1.0 - value, 1.0 - upper, 1.0 - lower)
        return [*out, Interval("residual", None, None, "share", *residual)]

    def _deviation(self, b: int, i: int) -> tuple[float, float, float]:
        surface, x = self._surface(b, (i,))
        measure = Deviation(surface.starts[b])
        found = measure(surface, x)[0]
        floor = ZERO * np.exp(x[-1]) / np.sqrt(max(self.moments[b][i, i], 1e-300))
        low = 0.0 if found <= floor else self._end(surface, x, measure, -1.0)
        low = 0.0 if low <= floor else low
        high = self._end(surface, x, measure, 1.0)
        return found * self.unit, low * self.unit, high * self.unit

    def _residual(self) -> tuple[float, float, float]:
        surface, x = self._surface(0, ())
        low, high = (self._end(surface, x, Residual(), sign) for sign in (-1.0, 1.0))
        return tuple(float(self.unit * np.exp(v)) for v in (x[-1], low, high))

    def _share(self, blocks: tuple[int, ...]) -> tuple[float, float, float]:
        surface, x = self._surface(0, ())
        measure = Share(blocks, self.moments)
        found = measure(surface, x)[0]
        low = 0.0 if found <= ZERO else self._end(surface, x, measure, -1.0)
        low = 0.0 if low <= ZERO else low
        high = self._end(surface, x, measure, 1.0)
        return found**2, low**2, high**2

    def _pair(self, b: int, i: int, j: int, free: bool) -> list[Interval]:
        """Covariance and correlation; any correlation fits where a variance may be zero."""
        surface, x = self._surface(b, (j, i))
        start, size = surface.starts[b], self.working.blocks[b].size
        square = self.unit**2
        measure = Covariance(start)
        ends = [self._end(surface, x, measure, sign) * square for sign in (-1.0, 1.0)]
        named = (self.fit.model.random[b].name, *(self.fit.random_names[b][k] for k in (j, i)))
        out = [Interval(*named, "covariance", measure(surface, x)[0] * square, *ends)]
        turn = Angle(start, size)
        known = x[start] > 0.0 and np.hypot(x[start + 1], x[start + size]) > 0.0
        value = float(np.cos(turn(surface, x)[0])) if known else np.nan
        ends = (-1.0, 1.0)
        if not free:
            ends = [float(np.cos(self._end(surface, x, turn, sign))) for sign in (1.0, -1.0)]
        return [*out, Interval(*named, "correlation", value, *ends)]

    def _surface(self, b: int, first: tuple[int, ...]) -> tuple[Surface, np.ndarray]:
        """The criterion with some columns of term b put first, and its optimum."""
        orders = [tuple(range(block.size)) for block in self.working.blocks]
        if first:
            orders[b] = (*first, *(k for k in orders[b] if k not in first))
        key = tuple(orders)
        if key not in self._surfaces:
            surface = Surface(self.working, self.fit.criterion == "REML", key)
            x = surface.coordinates(self.fit.omegas, np.sqrt(self.fit.sigma2) / self.unit)
            self._surfaces[key] = surface, x, surface.hessian(x)
        return self._surfaces[key][:2]

    def _end(self, surface: Surface, x: np.ndarray, measure: Callable, sign: float) -> float:
        """Largest (sign 1) or smallest (sign -1) value of a measure within the limit."""
        search = _Search(surface, x, self._surfaces[surface.orders][2], self.limit)
        end = search.end(measure, sign)
        if np.isnan(end):
            warnings.warn(
                f"{self.fit.formula}: the end of a profile interval was not found.",
                NotConverged,
                stacklevel=5,
            )
        return end


def _variance_and_sd(group, name, value, lower, upper) -> list[Interval]:
    return [
        Interval(group, name, None, "variance", value**2, lower**2, upper**2),
        Interval(group, name, None, "sd", value, lower, upper),
    ]


@dataclass
class _Search:
    """The search for one end, in coordinates z around the optimum with curvatures near one."""

    surface: Surface
    x: np.ndarray
    hessian: np.ndarray
    limit: float

    def __post_init__(self):
        bend = np.diagonal(self.hessian)
        self.scale = 1.0 / np.sqrt(np.maximum(bend, 1e-8 * bend.max()))
        self.lowest = np.where(self.surface.is_bounded, -self.x / self.scale, -np.inf)
        self.lowest[-1] = -WIDEST / self.scale[-1]
        self.room = self.limit - self.surface(self.x)[0]
        self.memory: dict = {}

    def left(self, z: np.ndarray) -> tuple[float, np.ndarray]:
        """Share of the room below the limit that is left at z, and its gradient."""
        key = z.tobytes()
        if key not in self.memory:
            try:
                value, slope = self.surface(self.x + self.scale * z)
            except FitError:
                value, slope = 1e10, np.zeros(z.size)
            self.memory[key] = (self.limit - value) / self.room, -self.scale * slope / self.room
        return self.memory[key]

    def end(self, measure: Callable, sign: float) -> float:
        """Largest (sign 1) or smallest (sign -1) value within the limit; NaN if none is sure.

        Where a relative standard deviation is zero the criterion is level in it, whichever way it
        turns inside; such an end is searched again from the inside.
        """
        best, z = self._first(self._starts(measure, sign), measure, sign)
        if z is None:
            return float("nan")
        held = z - self.lowest <= BOUND
        if held.any():
            inside = [z + np.where(held, part, 0.0) for part in INSIDE]
            for start in inside:
                value, _ = self._first([start], measure, sign)
                best = np.nanmax([best, value]) if sign > 0.0 else np.nanmin([best, value])
        return float(best)

    def _first(self, starts, measure: Callable, sign: float):
        """Value and place of the first search that ends at the limit or at the quantity's bound."""
        for start in starts:
            z = self._extreme(measure, sign, start)
            value = self._measured(measure, z)[0]
            left = self.left(z)[0] * self.room
            at_bound = np.isfinite(value) and self._is_bound(measure, value)
            if left >= -OFF and (left <= OFF or at_bound):
                return float(value), z
        return np.nan, None

    @staticmethod
    def _is_bound(measure: Callable, value: float) -> bool:
        return bool(np.abs(np.subtract(value, measure.bounds)).min() <= BOUND)

    def _extreme(self, measure: Callable, sign: float, start: np.ndarray) -> np.ndarray:
        from scipy.optimize import minimize

        unit = -sign / (np.abs(self._measured(measure, start)[1]).max() or 1.0)
        return minimize(
            lambda z: unit * self._measured(measure, z)[0],
            start,
            jac=lambda z: unit * self._measured(measure, z)[1],
            method="SLSQP",
            bounds=[
                *((low, None) for low in self.lowest[:-1]),
                (self.lowest[-1], -self.lowest[-1]),
            ],
            constraints={
                "type": "ineq",
                "fun": lambda z: self.left(z)[0],
                "jac": lambda z: self.left(z)[1],
            },
            options={"ftol": TOLERANCE, "maxiter": 100},
        ).x

    def _measured(self, measure: Callable, z: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = measure(self.surface, self.x + self.scale * z)
        return value, self.scale * slope

    def _starts(self, measure: Callable, sign: float):
        """Points to search from: where a quadratic criterion has its end, and nearer ones."""
        slope = sign * self._measured(measure, np.zeros(self.x.size))[1]
        inner = self.hessian * np.outer(self.scale, self.scale)
        values, vectors = np.linalg.eigh(inner)
        step = vectors @ (vectors.T @ slope / np.maximum(values, 1e-6 * values.max()))
        step = step / np.sqrt(max(slope @ step, 1e-300) / (2.0 * self.room))
        for part in 0.5 ** np.arange(ROUNDS):
            yield np.maximum(part * step, self.lowest)
