"""Profile of the criterion over one correlation between waves, and its interval.

The model is fitted anew with the correlation held at a value. The interval holds every value that
costs less than the quantile of chi-squared with one degree of freedom. The rule is one for all
estimates, those at the bound included; there it errs to the safe side, as the statistic of a
correlation that is one has half the weight of chi-squared at zero.

Sources
-------
Self and Liang (1987), J. Am. Statist. Ass. 82, 605-610; Venzon and Moolgavkar (1988), Applied
Statistics 37, 87-94.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import FitError
from mlm.nouns.distributions import CHI_SQUARED_95
from mlm.statistics.fitting.descent import descend
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.covariance import THETA_AT_BOUND
from mlm.statistics.likelihood.over_waves.forms import FORMS, CovarianceForm
from mlm.statistics.likelihood.threads import threads_for

OFF_THE_END = (
    1e-9  # distance from an end of the correlations at which a correlation stands for the end
)
OFF_ZERO = 0.05  # relative standard deviation, for one of zero, that a fit begins with
HELD_GAIN = 1e-4  # deviance to which the model with a held correlation is fitted
END_WIDTH = 5e-4  # of the angle whose cosine is the correlation, to which ends are found
SAME_ANGLE = 1e-6  # difference of angles that is rounding
FALL = 1e-2  # deviance by which a point below the estimate is a better estimate


@dataclass(frozen=True)
class CorrelationProfile:
    """The criterion with one correlation held at some values, all else at its best.

    Attributes
    ----------
    value, lower, upper : float
        The estimate and the ends of its 95 % interval.
    correlations, deviances : ndarray (n,)
        Values held, rising, and the criterion there.
    parameters : ndarray (n, m)
        All parameters there, as the search of the model has them.
    place : int
        Which of them stands for the correlation.
    form : CovarianceForm
        The form with the correlation.
    n_waves : int
        Waves T.
    """

    value: float
    lower: float
    upper: float
    correlations: np.ndarray
    deviances: np.ndarray
    parameters: np.ndarray
    place: int
    form: CovarianceForm
    n_waves: int

    def parameter(self, r: float) -> float:
        """The parameter that stands for a correlation."""
        return parameter_of(self.form, r, self.n_waves)


class HeldSearch(Search):
    """The criterion with one parameter held where it is.

    Parameters
    ----------
    base : Search
        That over all parameters.
    place : int
        The parameter that is held.
    """

    def __init__(self, base: Search, place: int):
        super().__init__(base.working, base.criterion)
        self._base, self._place = base, place

    @property
    def diagonal(self) -> np.ndarray:
        """Which parameters are bounded by zero."""
        return self._base.diagonal

    def slopes_by_variance(self, point: Point) -> np.ndarray:
        """Those of the search over all parameters."""
        return self._base.slopes_by_variance(point)

    def point(self, theta: np.ndarray) -> Point:
        """The criterion and its derivatives; that by the held parameter is zero."""
        found = self._base.point(theta)
        slope = found.gradient.copy()
        slope[self._place] = 0.0
        return replace(found, gradient=slope)


class _Profile:
    """Fits with a correlation held, each beginning at the nearest one before."""

    def __init__(self, solution: Solution, term: int):
        working = solution.working
        base = search_of(working, solution.fit.criterion)
        block = working.blocks[term]
        self.form, self.size = FORMS[block.form], block.size
        sizes = [own.size for _, own in base.parts(solution.best.theta)]
        self.place = int(np.cumsum(sizes)[term]) - 1
        self.search = HeldSearch(base, self.place)
        bend = solution.best.hessian.copy()
        bend[self.place], bend[:, self.place] = 0.0, 0.0
        bend[self.place, self.place] = 1.0
        self.bend, self.found = bend, {}
        x = solution.best.theta
        self.found[self.correlation(x)] = solution.best.at.deviance, x

    def correlation(self, x: np.ndarray) -> float:
        """The correlation of neighbouring waves at some parameters."""
        return float(self.form.correlations(x[self.place : self.place + 1], self.size)[0, 1])

    def at(self, r: float) -> float:
        """The criterion with the correlation held."""
        if r not in self.found:
            near = min(self.found, key=lambda known: abs(known - r))
            x = self.found[near][1].copy()
            x[self.search.diagonal & (x <= THETA_AT_BOUND)] = OFF_ZERO
            x[self.place] = parameter_of(self.form, r, self.size)
            point = descend(self.search, x, self.bend, HELD_GAIN)
            self.found[r] = point.at.deviance, point.theta
        return self.found[r][0]


def profile_of_correlation(
    solution: Solution, term: int, least: float = -1.0, most: float = 1.0
) -> CorrelationProfile:
    """The correlation of a form that has one, with its interval from the profile.

    Parameters
    ----------
    solution : Solution
        A model in which a random term has compound symmetry or decaying correlations.
    term : int
        Place of the term in the model.
    least, most : float
        Values that are looked at.

    Returns
    -------
    CorrelationProfile
        An end is ``least`` or ``most`` where that value costs too little.

    Raises
    ------
    FitError
        When the model cannot be evaluated at some value.
    """
    with threads_for(solution.working.structure.n_dense):
        profile = _Profile(solution, term)
        (found,) = profile.found
        low, high = _inside(profile, least, most)
        value = float(np.clip(found, low, high))
        for end in (high, low):
            if profile.at(end) < profile.at(value) - FALL:
                value = end
        lower, upper = (_end(profile, value, end) for end in (low, high))
    known = _apart(sorted(r for r in profile.found if low <= r <= high))
    return CorrelationProfile(
        _told(value, least, most),
        _told(lower, least, most),
        _told(upper, least, most),
        np.array(known),
        np.array([profile.found[r][0] for r in known]),
        np.array([profile.found[r][1] for r in known]),
        profile.place,
        profile.form,
        profile.size,
    )


def _apart(correlations: list[float]) -> list[float]:
    """Rising correlations without those that rounding alone tells from the one before."""
    out: list[float] = []
    for r in correlations:
        if not out or np.arccos(out[-1]) - np.arccos(r) > SAME_ANGLE:
            out.append(r)
    return out


def parameter_of(form: CovarianceForm, r: float, size: int) -> float:
    """The parameter of a form at which neighbouring waves have a correlation inside its ends.

    Parameters
    ----------
    form : CovarianceForm
        Compound symmetry, or correlations that decay.
    r : float
        The correlation.
    size : int
        Waves T.
    """
    if form.correlations is FORMS["ar1"].correlations:
        return float(np.arctanh(r))
    floor = -1.0 / (size - 1)
    share = (r - floor) / (1.0 - floor)
    return float(np.log(share / (1.0 - share)))


def _inside(profile: _Profile, least: float, most: float) -> tuple[float, float]:
    """The values looked at, off the ends that no parameter reaches."""
    is_decaying = profile.form.correlations is FORMS["ar1"].correlations
    floor = -1.0 if is_decaying else -1.0 / (profile.size - 1)
    return max(least, floor + OFF_THE_END), min(most, 1.0 - OFF_THE_END)


def _told(value: float, least: float, most: float) -> float:
    """A correlation beside an end of those looked at is the end."""
    for end in (least, most):
        if abs(value - end) <= 2.0 * OFF_THE_END:
            return end
    return value


def _end(profile: _Profile, value: float, bound: float) -> float:
    """Where the signed root of the deviance passes its limit, between the estimate and a bound."""
    from scipy.optimize import brentq

    least = profile.at(value)

    def root(angle: float) -> float:
        excess = profile.at(float(np.cos(angle))) - least
        return np.sqrt(max(excess, 0.0)) - np.sqrt(CHI_SQUARED_95)

    if bound == value or profile.at(bound) - least <= CHI_SQUARED_95:
        return bound
    inner, outer = float(np.arccos(value)), float(np.arccos(bound))
    profile.found[float(np.cos(outer))] = profile.found[bound]
    profile.found[float(np.cos(inner))] = profile.found[value]
    try:
        return float(np.cos(brentq(root, *sorted((inner, outer)), xtol=END_WIDTH, rtol=1e-6)))
    except ValueError as error:
        raise FitError("the end of an interval of a correlation was not found.") from error
