"""Profile-likelihood intervals of standard deviations, covariances, correlations and shares.

An interval holds every value that some parameters within the limit of the criterion have, the limit
being the minimum plus the quantile of chi-squared with one degree of freedom. Each end is therefore
one constrained search, for the smallest or the largest value within the limit; where the bound
itself lies within the limit, the interval ends there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import NotConverged
from mlm.nouns.distributions import chi_squared_quantile
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_moments
from mlm.statistics.fitting.design.refusals import check_unweighted
from mlm.statistics.fitting.evaluated import working_of
from mlm.statistics.fitting.fit import Fit, check_sample
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.explained import columns_along
from mlm.statistics.inference.form_surface import (
    FormAngle,
    FormCovariance,
    FormDeviation,
    FormShare,
    FormSurface,
)
from mlm.statistics.inference.profile_search import EndSearch
from mlm.statistics.inference.quantities import (
    Angle,
    Covariance,
    Deviation,
    Residual,
    RootShare,
)
from mlm.statistics.inference.strata_surface import StrataSurface, StratumDeviation
from mlm.statistics.inference.surface import Surface
from mlm.statistics.likelihood.threads import one_thread
from mlm.statistics.likelihood.working import Working

ZERO_SD = 1e-4  # relative standard deviations below this end an interval at zero


@dataclass(frozen=True)
class Ends:
    """A quantity with the ends of its interval; an end that no search reached is NaN."""

    value: float
    lower: float
    upper: float

    def rest(self) -> Ends:
        """Those of one minus a share."""
        return Ends(1.0 - self.value, 1.0 - self.upper, 1.0 - self.lower)


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

        check_sample(fit, stats)
        check_unweighted(fit, "profile intervals")
        self.fit, self.unit = fit, 0.0
        self.working: Working = working_of(fit, stats)
        self.unit = self.working.response[1]
        self.limit = fit.deviance + float(chi_squared_quantile(level, 1))
        self.moments = tuple(mean_moments(fit.model, stats))
        self._stats, self._surfaces, self._stratum = stats, {}, None

    @property
    def _has_forms(self) -> bool:
        """Whether the search has other parameters than theta: of forms, or ratios of residuals."""
        return self.fit.ratios is not None or any(term.form for term in self.fit.model.random)

    @one_thread()
    def intervals(self) -> list[Interval]:
        """All intervals: term by term, then the residual, then the shares."""
        out = []
        for b, term in enumerate(self.fit.model.random):
            names = self.fit.random_names[b]
            deviations = [self._deviation(b, i) for i in range(len(names))]
            for name, found in zip(names, deviations, strict=True):
                out += _variance_and_sd(term.name, name, found)
            for i in range(len(names)):
                for j in range(i):
                    out += self._pair(b, (j, i), [deviations[k] for k in (j, i)])
        if self.fit.residual is None:
            out += _variance_and_sd("residual", "Intercept", self._residual())
        for place, name in enumerate(self.fit.ratios or ()):
            found = self._residual(StratumDeviation(place))
            out += _variance_and_sd("residual", f"{self.fit.model.residual}[{name}]", found)
        return out + self.shares()

    @one_thread()
    def shares(self) -> list[Interval]:
        """Shares of the variance, outermost level first as fitted, the residual last, if any."""
        groups = list(dict.fromkeys(term.name for term in self.fit.model.random))
        out = []
        for group in groups:
            blocks = [b for b, r in enumerate(self.fit.model.random) if r.name == group]
            out.append(_share_of(group, self._share(tuple(blocks))))
        if self.fit.residual is not None:
            return out
        every = tuple(range(len(self.fit.model.random)))
        together = self._share(every) if every else Ends(0.0, 0.0, 0.0)
        return [*out, _share_of("residual", together.rest())]

    @one_thread()
    def shares_along(self, variable: str, values: Sequence) -> list[list[Interval]]:
        """Shares of the variance at values of a variable with random effects, such as waves.

        Parameters
        ----------
        variable : str
            The variable; others with random effects stand at their means.
        values : sequence of float or str
            Its values; categories of a category.

        Returns
        -------
        list of list of Interval
            For each value, those of ``shares``.
        """
        designs = columns_along(self.fit, self._stats, variable, values)
        is_stratum = self.fit.ratios is not None and variable == self.fit.model.residual
        strata = list(self.fit.ratios or ())
        return [
            self.shares_at(
                [np.outer(z[i], z[i]) for z in designs],
                strata.index(value) if is_stratum else None,
            )
            for i, value in enumerate(values)
        ]

    @one_thread()
    def shares_at(self, moments: Sequence[np.ndarray], stratum: int | None = None):
        """Shares of the variance at given means of ``z z'``, as a list of Interval.

        Parameters
        ----------
        moments : sequence of ndarray (q, q)
            Of each random term: the mean of ``z z'`` over some rows.
        stratum : int, optional
            Place of the stratum whose residual variance counts, where they differ; default: their
            mean.
        """
        before = self.moments, self._stratum
        self.moments, self._stratum = tuple(moments), stratum
        try:
            return self.shares()
        finally:
            self.moments, self._stratum = before

    @one_thread()
    def deviation(self, place: int, column: int) -> Ends:
        """Standard deviation of a column of a random term, both given by their places."""
        return self._deviation(place, column)

    @one_thread()
    def joint_share(self, groups: Sequence[str]) -> Ends:
        """Share of several grouping factors together, with the ends of its interval."""
        return self._share(
            tuple(b for b, r in enumerate(self.fit.model.random) if r.name in groups)
        )

    def _deviation(self, b: int, i: int) -> Ends:
        surface, x = self._surface(b, (i,))
        measure = FormDeviation(b, i) if self._has_forms else Deviation(surface.starts[b])
        found = measure(surface, x)[0]
        floor = ZERO_SD * np.exp(x[-1]) / np.sqrt(max(self.moments[b][i, i], 1e-300))
        low = 0.0 if found <= floor else self._end(surface, x, measure, -1.0)
        low = 0.0 if low <= floor else low
        high = self._end(surface, x, measure, 1.0)
        return Ends(found * self.unit, low * self.unit, high * self.unit)

    def _residual(self, measure: Callable | None = None) -> Ends:
        """The mean residual standard deviation, or that of a stratum."""
        measure = measure or Residual()
        surface, x = self._surface(0, ())
        value = measure(surface, x)[0]
        low, high = (self._end(surface, x, measure, sign) for sign in (-1.0, 1.0))
        return Ends(*(float(self.unit * np.exp(v)) for v in (value, low, high)))

    def _share(self, blocks: tuple[int, ...]) -> Ends:
        surface, x = self._surface(0, ())
        measure = RootShare(blocks, self.moments)
        if self._has_forms:
            residual = float(self.fit.residual is None)
            measure = FormShare(blocks, self.moments, residual, self._stratum)
        found = measure(surface, x)[0]
        low = 0.0 if found <= ZERO_SD else self._end(surface, x, measure, -1.0)
        low = 0.0 if low <= ZERO_SD else low
        high = self._end(surface, x, measure, 1.0)
        return Ends(found**2, low**2, high**2)

    def _pair(self, b: int, pair: tuple[int, int], deviations: list[Ends]) -> list[Interval]:
        """Covariance and correlation; any correlation fits where a variance may be zero."""
        surface, x = self._surface(b, pair)
        if self._has_forms:
            return self._pair_of_waves(surface, x, b, pair, deviations)
        start, size = surface.starts[b], self.working.blocks[b].size
        square, free = self.unit**2, any(found.lower == 0.0 for found in deviations)
        measure, ends = Covariance(start), []
        for sign in (-1.0, 1.0):
            others = self._corners(x, start, size, sign, deviations) if free else []
            ends.append(self._end(surface, x, measure, sign, others) * square)
        named = (self.fit.model.random[b].name, *(self.fit.random_names[b][k] for k in pair))
        out = [Interval(*named, "covariance", measure(surface, x)[0] * square, *ends)]
        turn = Angle(start, size)
        known = x[start] > 0.0 and np.hypot(x[start + 1], x[start + size]) > 0.0
        value = float(np.cos(turn(surface, x)[0])) if known else np.nan
        ends = [-1.0, 1.0]
        if not free:
            ends = [float(np.cos(self._end(surface, x, turn, sign))) for sign in (1.0, -1.0)]
        return [*out, Interval(*named, "correlation", value, *ends)]

    def _pair_of_waves(self, surface, x, b: int, pair, deviations) -> list[Interval]:
        """The same in a model with forms over waves."""
        named = (self.fit.model.random[b].name, *(self.fit.random_names[b][k] for k in pair))
        measure, turn = FormCovariance(b, *pair), FormAngle(b, *pair)
        ends = [self._end(surface, x, measure, sign) * self.unit**2 for sign in (-1.0, 1.0)]
        value = measure(surface, x)[0] * self.unit**2
        out = [Interval(*named, "covariance", value, *ends)]
        free = any(found.lower == 0.0 for found in deviations)
        ends = [-1.0, 1.0]
        if not free:
            ends = [float(np.cos(self._end(surface, x, turn, sign))) for sign in (1.0, -1.0)]
        known = all(found.value > 0.0 for found in deviations)
        value = float(np.cos(turn(surface, x)[0])) if known else np.nan
        return [*out, Interval(*named, "correlation", value, *ends)]

    def _corners(self, x, start: int, size: int, sign: float, deviations) -> list[np.ndarray]:
        """Coordinates with two large deviations and a correlation of one sign.

        A covariance of zero is a saddle where a deviation is zero too: no search crosses it.
        """
        out, sigma = [], np.exp(x[-1]) * self.unit
        first, second = (found.upper for found in deviations)
        for share, other in ((0.3, 0.3), (0.3, 0.7), (0.7, 0.3), (0.7, 0.7)):
            corner = x.copy()
            corner[start] = share * first / sigma
            corner[start + 1] = sign * 0.8 * other * second / sigma
            corner[start + size] = 0.6 * other * second / sigma
            out.append(corner)
        return out

    def _surface(self, b: int, first: tuple[int, ...]) -> tuple[Surface, np.ndarray]:
        """The criterion with some columns of term b put first, and its optimum.

        The others follow by size, so that no small coordinate turns large ones in a circle.
        """
        if self._has_forms:
            return self._form_surface()
        orders = []
        for omega, moment in zip(self.fit.omegas, self.moments, strict=True):
            size = np.diagonal(omega) * np.diagonal(moment)
            orders.append(tuple(int(k) for k in np.argsort(-size, kind="stable")))
        if first:
            orders[b] = (*first, *(k for k in orders[b] if k not in first))
        key = tuple(orders)
        if key not in self._surfaces:
            surface = Surface(self.working, self.fit.criterion, key)
            x = surface.coordinates(self.fit.omegas, np.sqrt(self.fit.sigma2) / self.unit)
            self._surfaces[key] = surface, x, surface.hessian(x)
        return self._surfaces[key][:2]

    def _form_surface(self) -> tuple[FormSurface, np.ndarray]:
        """The criterion over the parameters of all terms, and its optimum."""
        if None not in self._surfaces:
            made = FormSurface if self.fit.ratios is None else StrataSurface
            surface = made(self.working, self.fit.criterion)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                best = solve(self.fit.model, self._stats, self.fit.criterion, self.fit).best
            x = surface.coordinates(best.theta)
            self._surfaces[None] = surface, x, surface.hessian(x)
        return self._surfaces[None][:2]

    def _end(self, surface, x, measure: Callable, sign: float, others=()) -> float:
        """Largest (sign 1) or smallest (sign -1) value of a measure within the limit."""
        key = None if self._has_forms else surface.orders
        search = EndSearch(surface, x, self._surfaces[key][2], self.limit)
        end = search.end(measure, sign, others)
        if np.isnan(end):
            warnings.warn(
                f"{self.fit.formula}: the end of a profile interval was not found.",
                NotConverged,
                stacklevel=5,
            )
        return end


def _variance_and_sd(group: str, name: str, found: Ends) -> list[Interval]:
    value, lower, upper = found.value, found.lower, found.upper
    return [
        Interval(group, name, None, "variance", value**2, lower**2, upper**2),
        Interval(group, name, None, "sd", value, lower, upper),
    ]


def _share_of(group: str, found: Ends) -> Interval:
    return Interval(group, None, None, "share", found.value, found.lower, found.upper)
