"""The criterion as a function of all parameters where residual variances differ between strata."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from mlm.statistics.fitting.form_search import FormSearch
from mlm.statistics.fitting.strata_search import StrataSearch
from mlm.statistics.inference.form_surface import FormSurface
from mlm.statistics.likelihood.criterion import directions_of, evaluate
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.refusals import NotWhereCrossed
from mlm.statistics.likelihood.strata import RATIO_STEP, STENCIL


@dataclass(frozen=True)
class StrataSurface(FormSurface):
    """The same with the logarithms of the ratios of residual variances before the scale.

    The scale is the mean residual standard deviation of the rows.
    """

    @cached_property
    def search(self) -> StrataSearch:
        """The criterion as a function of the parameters of a search."""
        return StrataSearch(FormSearch(self.working, self.criterion))

    def _evaluated(self, theta: np.ndarray):
        """The criterion, and the square of the scale at its best, in squared working units."""
        search = self.search
        working, scratch = search.working_at(theta), search.base.scratch
        at = evaluate(working, search.omegas(theta), self.criterion, scratch)
        return at, at.sigma2

    def __call__(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """The criterion at some coordinates, and its gradient."""
        search, (theta, change) = self.search, self._linked(x)
        at, best = self._evaluated(theta)
        ratio = best / float(np.exp(2.0 * x[-1]))
        directions = directions_of(
            search.working, replace(at, residual=at.residual / ratio), self.criterion
        )
        found = search.working.structure.gradient(at, directions, search.base.scratch)
        own = search.slopes(theta, found)
        value = _with_scale(at, ratio)
        try:
            further = search.further(at, directions)
        except NotWhereCrossed:
            further = self._by_differences(x)
        slope = np.append(own, further) * change
        return value, np.append(slope, 2.0 * at.degrees * (1.0 - ratio))

    def _by_differences(self, x: np.ndarray) -> np.ndarray:
        """Derivative (T - 1,) by the logarithms of the ratios, the scale held."""
        out = np.zeros(x.size - 1 - self.search.n_own)
        for t in range(out.size):
            for step, weight in STENCIL.items():
                moved = x.copy()
                moved[self.search.n_own + t] += step * RATIO_STEP
                at, best = self._evaluated(self.parameters(moved))
                ratio = best / float(np.exp(2.0 * x[-1]))
                out[t] += weight * _with_scale(at, ratio) / RATIO_STEP
        return out

    def residual_ratio(self, place: int, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Residual variance of a stratum over the squared scale, and its gradient."""
        ratios, counts = self.search.ratios(x[:-1]), self.working.strata.counts
        slope = np.zeros(x.size)
        along = np.eye(counts.size)[place] - counts * ratios / counts.sum()
        slope[self.search.n_own : -1] = ratios[place] * along[1:]
        return float(ratios[place]), slope


def _with_scale(at: Evaluation, ratio: float) -> float:
    """The criterion at a scale whose square is the best one over a ratio."""
    return float(at.deviance + at.degrees * (ratio - 1.0 - np.log(ratio)))


@dataclass(frozen=True)
class StratumDeviation:
    """Logarithm of the residual standard deviation of a stratum, given by its place."""

    place: int

    bounds: ClassVar = (-np.inf, np.inf)

    def __call__(self, surface: StrataSurface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        ratio, slope = surface.residual_ratio(self.place, x)
        slope = 0.5 * slope / ratio
        slope[-1] = 1.0
        return float(x[-1] + 0.5 * np.log(ratio)), slope
