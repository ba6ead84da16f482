"""Intervals of shares of the variance and of standard deviations, of any model with its sample.

By the profile of the likelihood; where single evaluations take long, from parameters drawn as
likely as the data make them, which costs nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlm.errors import NotConverged
from mlm.nouns.levels import RESIDUAL
from mlm.results.random_part import IntervalMethod
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.likely_parameters import LARGEST_LOG, likely_parameters
from mlm.statistics.inference.profile import Ends, Profile

PARAMETER_DRAWS = 999
# groups of all levels times parameters, above which an evaluation takes long
MOST_OF_PROFILE = 50_000
INTERVAL_TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class VarianceIntervals:
    """95 % intervals of functions of a model's variances, each computed when it is asked for.

    Attributes
    ----------
    solution : Solution
        The model.
    has_ends : bool
        Whether the ends are looked for; without them there are the values alone.
    """

    solution: Solution
    has_ends: bool = True

    @property
    def method(self) -> IntervalMethod:
        """How they are found."""
        search, stats = self.solution.search, self.solution.stats
        groups = sum(level.size for level in stats.all_levels)
        is_large = groups * search.diagonal.size > MOST_OF_PROFILE
        return "draws" if search.is_costly or is_large else "profile"

    @cached_property
    def _profile(self) -> Profile:
        return Profile(self.solution.fit, self.solution.stats)

    @cached_property
    def _draws(self) -> list[tuple[list[np.ndarray], np.ndarray]]:
        """Covariances of all terms and ratios of residual variances, over the squared scale."""
        search = self.solution.search
        drawn = likely_parameters(self.solution, PARAMETER_DRAWS)
        return [(search.covariances(theta), search.ratios(theta)) for theta in drawn]

    def shares(
        self,
        weights: Sequence[np.ndarray],
        stratum: int | None = None,
        method: IntervalMethod | None = None,
    ) -> dict[str, Ends]:
        """Share of each grouping factor and of the rows in the variance of the response.

        Parameters
        ----------
        weights : sequence of ndarray (q, q)
            Of the covariances of each random term: the mean of ``z z'`` over some rows.
        stratum : int, optional
            Place of the stratum whose residual variance counts, where they differ; default: their
            mean.
        method : str, optional
            How the intervals are found; default: that of the model.

        Returns
        -------
        dict of str to Ends
            By grouping factor, and ``residual`` where no term has its place.
        """
        fit = self.solution.fit
        groups = list(dict.fromkeys(term.name for term in fit.model.random))
        if fit.residual is not None and len(groups) == 1:
            return {groups[0]: Ends(1.0, 1.0, 1.0)}
        names = [*groups, *([RESIDUAL] if fit.residual is None else [])]
        here = self._parts(fit.covariances, fit.residual_variance, weights, stratum)
        values = here / here.sum()
        if not self.has_ends:
            return {name: _alone(value) for name, value in zip(names, values, strict=True)}
        if (method or self.method) == "profile":
            found = _quietly(lambda: self._profile.shares_at(weights, stratum))
            return {each.group: Ends(each.estimate, each.lower, each.upper) for each in found}
        drawn = np.array([self._drawn_parts(each, weights, stratum) for each in self._draws])
        shares = drawn / drawn.sum(axis=1, keepdims=True)
        return {name: _quantiles(values[i], shares[:, i]) for i, name in enumerate(names)}

    def deviation(self, place: int, column: int) -> Ends:
        """Standard deviation of a column of a random term, in units of the response.

        Parameters
        ----------
        place, column : int
            Place of the term in the model, and of the column in the term.
        """
        value = float(np.sqrt(self.solution.fit.covariances[place][column, column]))
        if not self.has_ends:
            return _alone(value)
        if self.method == "profile":
            return _quietly(lambda: self._profile.deviation(place, column))
        relative = np.array([np.sqrt(own[place][column, column]) for own, _ in self._draws])
        return _quantiles(value, relative * self._scale)

    @cached_property
    def _scale(self) -> float:
        """The scale that covariances are relative to, in units of the response."""
        solution = self.solution
        share = solution.search.share(solution.best.theta)
        return float(np.sqrt(solution.fit.sigma2 / share))

    def _drawn_parts(self, drawn, weights, stratum: int | None) -> np.ndarray:
        covariances, ratios = drawn
        residual = 1.0 if stratum is None else float(ratios[stratum])
        return self._parts(covariances, residual, weights, None)

    def _parts(self, covariances, residual: float, weights, stratum: int | None) -> np.ndarray:
        """Variance of each grouping factor, and of the rows where they have one."""
        fit = self.solution.fit
        found: dict[str, float] = {}
        for term, own, weight in zip(fit.model.random, covariances, weights, strict=True):
            found[term.name] = found.get(term.name, 0.0) + float(np.sum(own * weight))
        if fit.residual is None:
            known = list(fit.residual_variances.values())
            found[RESIDUAL] = residual if stratum is None else known[stratum]
        return np.array(list(found.values()))


def _alone(value: float) -> Ends:
    """A value whose ends were not looked for."""
    return Ends(float(value), np.nan, np.nan)


def _quietly(function):
    """A value without warnings of ends that no search reached: they are told as missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotConverged)
        return function()


def _quantiles(value: float, drawn: np.ndarray) -> Ends:
    """An interval from draws; down to zero where the logarithm is hardly known.

    Noise in many parameters adds to every variance: the ends are those over the median of the
    draws, times the estimate.
    """
    value, middle = float(value), float(np.median(drawn))
    logs = np.log(np.maximum(drawn, 1e-300))
    if value <= 0.0 or middle <= 0.0 or logs.std() > 2.0 * LARGEST_LOG:
        return Ends(value, 0.0, float(max(np.quantile(drawn, INTERVAL_TAILS[1]), value)))
    lower, upper = (np.quantile(drawn, INTERVAL_TAILS) * (value / middle)).tolist()
    return Ends(value, lower, upper)
