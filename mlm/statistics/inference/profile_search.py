"""Extremes of a quantity within a limit of the criterion: the ends of profile intervals.

Source of the Newton steps along the limit: Venzon and Moolgavkar (1988), Applied Statistics 37,
87-94; of their curvature: Nocedal and Wright (2006), Numerical Optimization, 2nd ed., section 18.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.statistics.inference.form_surface import FormSurface
from mlm.statistics.inference.surface import Surface
from mlm.statistics.likelihood.differences import updated

OFF = 1e-6  # deviance by which an end may miss the limit
AT_BOUND = 1e-6  # an angle, or the root of a share, this close to its bound is at it
TOLERANCE = 1e-8  # of the measure and of the limit, in multiples of their scales
WIDEST = 10.0  # largest change of the logarithm of the residual standard deviation
NEARLY = 0.1  # share of the rise left at a search that crept along a curved valley
POLISH = 1  # further searches from where one stopped short of the limit
ROUNDS = 4  # starts of one search
MOST_CLIMBED = 15  # of Newton, after which another search takes over
LEFT_ALONG = 1e-5  # share of the quantity's gradient that may be left along the limit; its end is
# wrong by the square of that
BACK = 1e-3  # of scaled coordinates within which a search came back to where another ended
INSIDE = (0.5, 1.5)  # second starts of a search that ends on a bound, in scaled coordinates


@dataclass
class EndSearch:
    """The search for one end, in coordinates z around the optimum with curvatures near one.

    Attributes
    ----------
    surface : Surface or FormSurface
        The criterion.
    x : ndarray
        Its optimum.
    hessian : ndarray
        Second derivatives there.
    limit : float
        Largest value of the criterion within the interval.
    """

    surface: Surface | FormSurface
    x: np.ndarray
    hessian: np.ndarray
    limit: float

    def __post_init__(self):
        bend = np.diagonal(self.hessian)
        self.scale = 1.0 / np.sqrt(np.maximum(bend, 1e-8 * bend.max()))
        self.bend = self.hessian * np.outer(self.scale, self.scale)
        self.lowest = (self.surface.lowest - self.x) / self.scale
        self.highest = (self.surface.highest - self.x) / self.scale
        self.lowest[-1] = -WIDEST / self.scale[-1]
        self.highest[-1] = -self.lowest[-1]
        self.rise = self.limit - self.surface(self.x)[0]
        self.memory: dict = {}

    def left(self, z: np.ndarray) -> tuple[float, np.ndarray]:
        """Share of the rise up to the limit that is left at z, and its gradient."""
        key = z.tobytes()
        if key not in self.memory:
            try:
                value, slope = self.surface(self.x + self.scale * z)
            except (FitError, ValueError):
                value, slope = 1e10, np.zeros(z.size)
            self.memory[key] = (self.limit - value) / self.rise, -self.scale * slope / self.rise
        return self.memory[key]

    def end(self, measure: Callable, sign: float, others: Sequence[np.ndarray] = ()) -> float:
        """Largest (sign 1) or smallest (sign -1) value within the limit; NaN if none is sure.

        Where a relative standard deviation is zero the criterion is level in it, whichever way it
        turns inside; such an end is searched again from the inside.

        Parameters
        ----------
        measure : callable
            A quantity as a function of the surface and its coordinates: value and gradient.
        sign : float
            1 for the largest value, -1 for the smallest.
        others : sequence of ndarray
            Coordinates to search from as well.
        """
        best, z = self._first(self._starts(measure, sign), measure, sign)
        found = [best]
        if z is not None and (z - self.lowest <= AT_BOUND).any():
            held = np.where(z - self.lowest <= AT_BOUND, 1.0, 0.0)
            for part in INSIDE:
                back = self._climbed(measure, sign, z + part * held)
                if back is not None and np.abs(back - z).max() <= BACK:
                    break  # uphill from inside is the way to the bound
                found.append(self._first([z + part * held], measure, sign)[0])
        for start in others:
            found.append(self._first([(start - self.x) / self.scale], measure, sign)[0])
        known = [value for value in found if not np.isnan(value)]
        return (max if sign > 0.0 else min)(known, default=float("nan"))

    def _first(self, starts, measure: Callable, sign: float):
        """Value and place of the first search that ends at the limit or at the quantity's bound."""
        for start in starts:
            z = self._climbed(measure, sign, start)
            if z is None:
                z = self._extreme(measure, sign, start, TOLERANCE)
            for _ in range(POLISH):
                if abs(self.left(z)[0]) * self.rise > OFF:
                    z = self._extreme(measure, sign, z, TOLERANCE * 1e-3)
            if OFF < self.left(z)[0] * self.rise < NEARLY * self.rise:
                z = self._traced(measure, sign, z)
            value = self._measured(measure, z)[0]
            left = self.left(z)[0] * self.rise
            at_bound = np.isfinite(value) and self._is_bound(measure, value)
            if left >= -OFF and (left <= OFF or at_bound):
                return float(value), z
        return np.nan, None

    @staticmethod
    def _is_bound(measure: Callable, value: float) -> bool:
        return bool(np.abs(np.subtract(value, measure.bounds)).min() <= AT_BOUND)

    def _climbed(self, measure: Callable, sign: float, z: np.ndarray) -> np.ndarray | None:
        """The end by Newton steps; None where they meet a bound, or do not settle.

        A relative standard deviation may pass through zero where neither the criterion nor the
        quantity knows its sign.
        """
        free = self._is_signless(measure, z)
        slope, (share, change) = sign * self._measured(measure, z)[1], self.left(z)
        weight = -float(slope @ change) / max(float(change @ change), 1e-300)
        bend = weight * self.bend / self.rise
        for _ in range(MOST_CLIMBED):
            if not (weight > 0.0 and np.isfinite(slope).all()):
                return None
            across = slope + weight * change
            if abs(share) * self.rise <= OFF and np.linalg.norm(
                across
            ) <= LEFT_ALONG * np.linalg.norm(slope):
                return np.where(free & (z < self.lowest), 2.0 * self.lowest - z, z)
            step, weight = _newton_step(bend, slope, change, share)
            moved = z + step
            if (~free & (moved <= self.lowest)).any() or (moved >= self.highest).any():
                return None
            before = slope + weight * change
            slope, (share, change) = sign * self._measured(measure, moved)[1], self.left(moved)
            bend = updated(bend, step, before - slope - weight * change)
            z = moved
        return None

    def _is_signless(self, measure: Callable, z: np.ndarray) -> np.ndarray:
        """Coordinates whose sign makes no difference: the quantity is level in them at zero."""
        out = self.surface.is_signless.copy()
        for i in np.flatnonzero(out):
            at_zero = np.where(np.arange(z.size) == i, self.lowest, z)
            out[i] = self._measured(measure, at_zero)[1][i] == 0.0
        return out

    def _extreme(
        self, measure: Callable, sign: float, start: np.ndarray, tolerance: float
    ) -> np.ndarray:
        from scipy.optimize import minimize

        unit = -sign / (np.abs(self._measured(measure, start)[1]).max() or 1.0)
        return minimize(
            lambda z: unit * self._measured(measure, z)[0],
            start,
            jac=lambda z: unit * self._measured(measure, z)[1],
            method="SLSQP",
            bounds=list(zip(self.lowest, self.highest, strict=True)),
            constraints={
                "type": "ineq",
                "fun": lambda z: self.left(z)[0],
                "jac": lambda z: self.left(z)[1],
            },
            options={"ftol": tolerance, "maxiter": 100},
        ).x

    def _traced(self, measure: Callable, sign: float, near: np.ndarray) -> np.ndarray:
        """The end as a point where ``criterion - weight * measure`` is least, by its weight.

        Slower, but curved valleys do not hold it up; the point itself where it finds no end.
        """
        from scipy.optimize import brentq, minimize

        found = {}

        def left(log_weight: float) -> float:
            weight = sign * np.exp(log_weight)

            def objective(z: np.ndarray) -> tuple[float, np.ndarray]:
                (value, slope), (share, change) = self._measured(measure, z), self.left(z)
                return -share - weight * value, -change - weight * slope

            bounds = list(zip(self.lowest, self.highest, strict=True))
            options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500}
            start = found.get("z", near)
            found["z"] = minimize(
                objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options
            ).x
            return self.left(found["z"])[0]

        slope, change = self._measured(measure, near)[1], self.left(near)[1]
        centre = np.log(np.linalg.norm(change) / max(np.linalg.norm(slope), 1e-300))
        ends = centre - np.log(3.0), centre + np.log(3.0)
        try:
            left(brentq(left, *ends, xtol=1e-9))
        except ValueError:  # the end is at none of these weights
            return near
        return found["z"]

    def _measured(self, measure: Callable, z: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = measure(self.surface, self.x + self.scale * z)
        return value, self.scale * slope

    def _starts(self, measure: Callable, sign: float):
        """Points to search from: where a quadratic criterion has its end, and nearer ones."""
        slope = sign * self._measured(measure, np.zeros(self.x.size))[1]
        values, vectors = np.linalg.eigh(self.bend)
        step = vectors @ (vectors.T @ slope / np.maximum(values, 1e-6 * values.max()))
        step = step / np.sqrt(max(slope @ step, 1e-300) / (2.0 * self.rise))
        for part in 0.5 ** np.arange(ROUNDS):
            yield np.clip(part * step, self.lowest, self.highest)


def _newton_step(
    bend: np.ndarray, slope: np.ndarray, change: np.ndarray, share: float
) -> tuple[np.ndarray, float]:
    """Step (m,) to the end of a quadratic model along a linear limit, and the limit's weight there.

    Parameters
    ----------
    bend : ndarray (m, m)
        Curvature of what is climbed with the limit in its weight, downwards.
    slope, change : ndarray (m,)
        Gradient of what is climbed, and of the share of the rise that is left.
    share : float
        That share.
    """
    size = slope.size
    system = np.zeros((size + 1, size + 1))
    system[:size, :size] = -bend
    system[:size, size] = system[size, :size] = change
    try:
        found = np.linalg.solve(system, -np.append(slope, share))
    except np.linalg.LinAlgError:
        return np.zeros(size), np.nan
    return found[:size], float(found[size])
