"""Parameters of a covariance as likely as the data make them: for errors that hold their error.

The restricted likelihood is the density of the parameters given the data where little is known of
them before. A correlation is drawn from its profile, every value alike before; the others are
normal around their best values beside it, standard deviations on the scale of logarithms. Draws
are spread evenly over the probabilities of each coordinate, so that few do.

Sources
-------
Harville (1974), Biometrika 61, 383-385 (restricted likelihood as a marginal density); McKay,
Beckman and Conover (1979), Technometrics 21, 239-245 (even spread).
"""

from __future__ import annotations

import math

import numpy as np

from mlm.errors import FitError
from mlm.nouns.distributions import normal_quantile
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.inference.correlations_over_waves import FLAT_SHARE
from mlm.statistics.inference.profile_of_correlation import CorrelationProfile
from mlm.statistics.likelihood.covariance import THETA_AT_BOUND
from mlm.statistics.likelihood.symmetric_root import symmetric_root

PARAMETER_SEED = 20_240_602
GRID = 2001  # correlations at which the density is looked at
BESIDE_ZERO = 0.1  # relative standard deviation at which the curvature at zero is looked at
LOOKED_AT = 2.0  # standard deviations from the estimates at which the criterion is looked at
STEEP = 2.0  # rise there, over that of a round surface, above which the curvature is not trusted
SMALLEST_SHARE = 1e-6  # of a standard deviation that is looked at
LARGEST_LOG = 0.5  # largest standard error of a logarithm of a standard deviation that is drawn


def likely_parameters(
    solution: Solution,
    draws: int,
    profile: CorrelationProfile | None = None,
    seed: int | np.random.Generator = PARAMETER_SEED,
) -> np.ndarray:
    """Parameters drawn from their restricted likelihood.

    Parameters
    ----------
    solution : Solution
        A model by REML.
    draws : int
        Number of draws.
    profile : CorrelationProfile, optional
        Of a correlation of the model.
    seed : int or Generator
        Where the draws come from.

    Returns
    -------
    ndarray (draws, m)
        As the search of the model has them.
    """
    rng = np.random.default_rng(seed)
    bounded = search_of(solution.working, solution.fit.criterion).diagonal
    held = None if profile is None else profile.place
    centres = np.repeat(solution.best.theta[None, :], draws, axis=0)
    if profile is not None:
        centres = _beside(profile, _correlations(profile, _even(rng, draws, 1)[:, 0]))
    noise = _normal(rng, draws, centres.shape[1]) @ symmetric_root(_spread(solution, held))
    return np.where(bounded, _positive(centres, noise), centres + noise)


def _even(rng: np.random.Generator, draws: int, size: int) -> np.ndarray:
    """Probabilities (draws, size), each column in an order of its own."""
    middle = (np.arange(draws) + 0.5) / draws
    return np.column_stack([rng.permutation(middle) for _ in range(size)])


def _normal(rng: np.random.Generator, draws: int, size: int) -> np.ndarray:
    values = normal_quantile(_even(rng, draws, size))
    return values / np.sqrt(np.mean(values**2, axis=0))


def _spread(solution: Solution, held: int | None) -> np.ndarray:
    """Covariance (m, m) of the parameters given the data, the held one known."""
    bend = _curvature(solution)
    free = np.arange(len(bend)) != (-1 if held is None else held)
    values, vectors = np.linalg.eigh(bend[np.ix_(free, free)])
    values = np.maximum(values, FLAT_SHARE * values.max(initial=1.0))
    ways = np.zeros((len(bend), len(values)))
    ways[free] = vectors * np.sqrt(2.0 / values)
    rises = _Rises(solution)
    shares = [_likely_share(rises, way) for way in ways.T]
    return (ways * np.square(shares)) @ ways.T


class _Rises:
    """By how much the criterion of a model is larger on both sides of the estimates, on average."""

    def __init__(self, solution: Solution):
        self._search = search_of(solution.working, solution.fit.criterion)
        self._best = solution.best.theta
        self._least = self._search.value(self._best)

    def __call__(self, step: np.ndarray) -> float:
        """After steps (m,) in either direction."""
        search, best = self._search, self._best
        sides = [np.where(search.diagonal, np.abs(best + s), best + s) for s in (step, -step)]
        try:
            return 0.5 * sum(map(search.value, sides)) - self._least
        except FitError:
            return math.inf


def _likely_share(rises: _Rises, way: np.ndarray) -> float:
    """What part of a standard deviation that the curvature tells the criterion allows.

    All of it on a surface that is round; less where the curvature at the estimates says next to
    nothing of a direction, along which the criterion then rises.

    Parameters
    ----------
    rises : _Rises
        Of the model.
    way : ndarray (m,)
        One standard deviation along the direction.
    """
    expected, share = LOOKED_AT**2, 1.0
    rise = rises(LOOKED_AT * way)
    if rise <= STEEP * expected:
        return share
    while rise > expected and share > SMALLEST_SHARE:
        share *= 0.5
        rise = rises(share * LOOKED_AT * way)
    return share * min(2.0, math.sqrt(expected / max(rise, 0.25 * expected)))


def _curvature(solution: Solution) -> np.ndarray:
    """Curvature (m, m) at the estimates; that of a standard deviation of zero from beside it.

    There the criterion is level, whichever way it turns inside.
    """
    search = search_of(solution.working, solution.fit.criterion)
    x, bend = solution.best.theta, solution.best.hessian.copy()
    for place in np.flatnonzero(search.diagonal & (x <= THETA_AT_BOUND)):
        moved = x.copy()
        moved[place] = BESIDE_ZERO
        bend[place], bend[:, place] = 0.0, 0.0
        bend[place, place] = search.point(moved).gradient[place] / BESIDE_ZERO
    return bend


def _positive(centres: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Standard deviations with noise on the scale of logarithms, where these are well known.

    Of a variance with n degrees of freedom the logarithm of the standard deviation has the variance
    ``1 / 2n``, and its mean given the data lies as much above the estimate.
    """
    safe = np.where(centres > 0.0, centres, 1.0)
    relative = noise / safe
    variance = np.mean(relative**2, axis=0)
    is_known = (centres > 0.0) & (np.sqrt(variance) <= LARGEST_LOG)
    grown = centres * np.exp(np.where(is_known, relative + variance, 0.0))
    return np.where(is_known, grown, np.abs(centres + noise))


def _signed_roots(profile: CorrelationProfile) -> tuple[np.ndarray, np.ndarray]:
    """Angles of the correlations of a profile, rising, and the signed roots of its deviances."""
    least = int(np.argmin(profile.deviances))
    excess = np.sqrt(np.maximum(profile.deviances - profile.deviances[least], 0.0))
    sign = np.where(np.arange(excess.size) < least, -1.0, 1.0)
    return np.arccos(profile.correlations), sign * excess


def _correlations(profile: CorrelationProfile, probabilities: np.ndarray) -> np.ndarray:
    """Quantiles of the correlation whose density is the profile."""
    from scipy.interpolate import PchipInterpolator

    angles, roots = _signed_roots(profile)
    if angles.size < 2:
        return np.full(probabilities.size, profile.correlations[0])
    grid = np.linspace(angles[0], angles[-1], GRID)
    between = PchipInterpolator(angles[::-1], roots[::-1])(grid)
    density = np.exp(-0.5 * between**2) * np.sin(grid)
    below = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    return np.cos(np.interp(probabilities, below / below[-1], grid))


def _beside(profile: CorrelationProfile, r: np.ndarray) -> np.ndarray:
    """All parameters at their best beside some correlations."""
    from scipy.interpolate import PchipInterpolator

    angles = np.arccos(profile.correlations)[::-1]
    if angles.size < 2:
        return np.repeat(profile.parameters, r.size, axis=0)
    out = PchipInterpolator(angles, profile.parameters[::-1])(np.arccos(r))
    out[:, profile.place] = [profile.parameter(float(each)) for each in r]
    return out
