"""What the error of the variances does to the comparison of units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.plan import Plan
from mlm.statistics.answers.units.compared import ComparedEffects, NothingLasts, compared_effects
from mlm.statistics.answers.units.pairs import separable_share
from mlm.statistics.answers.units.variance_path import VariancePath, variance_path
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.solution import Solution

MAX_ON_PATH = 300  # beyond, the variances are known so well that a sample of the units tells


@dataclass(frozen=True)
class Spread:
    """What the error of the variances adds to the errors of units.

    Attributes
    ----------
    matrix : ndarray (G, G) or None
        Added to the joint covariance of the errors; None: nothing.
    """

    matrix: np.ndarray | None

    def diagonal(self, size: int) -> np.ndarray:
        """Added variances (G,) of all units."""
        return np.zeros(size) if self.matrix is None else np.diagonal(self.matrix)

    def among(self, units: np.ndarray) -> np.ndarray | float:
        """Added covariance (K, K) of some units (K,)."""
        return 0.0 if self.matrix is None else self.matrix[np.ix_(units, units)]


@dataclass(frozen=True)
class KnownVariances:
    """How far the comparison of units depends on variances that are estimates.

    Attributes
    ----------
    reliability, separable : float
        Mean reliability of what is ranked, and share of pairs told apart, where the 95 % interval
        of the former ends below.
    spread : Spread
        What is added to the errors of the units.
    """

    reliability: float
    separable: float
    spread: Spread


def known_variances(
    plan: Plan, solution: Solution, group: tuple[str, ...], ranked: np.ndarray
) -> KnownVariances:
    """How well the variances behind a comparison of units are known.

    Parameters
    ----------
    plan : Plan
        What is compared.
    solution : Solution
        The settled model, by REML.
    group : tuple of str
        Id columns of the units.
    ranked : ndarray of int (K,)
        The units that are ranked.

    Returns
    -------
    KnownVariances
    """
    if ranked.size == 0:
        return KnownVariances(0.0, 0.0, Spread(None))
    units = _Sample(plan, solution, group, ranked[:: -(-ranked.size // MAX_ON_PATH)])
    path = variance_path(solution, units.reliability, units.deviation)
    low = path.at(path.lower)
    matrix = None
    if solution.stats.level(group).size <= MAX_ON_PATH:
        matrix = _added(plan, group, path)
    return KnownVariances(units.reliability(low), units.separable(low), Spread(matrix))


class _Sample:
    """Measures of some of the units at any variance parameters.

    Parameters
    ----------
    plan : Plan
    solution : Solution
    group : tuple of str
    units : ndarray of int (K,)
        The units, all of them ranked.
    """

    def __init__(self, plan: Plan, solution: Solution, group: tuple[str, ...], units: np.ndarray):
        self._plan, self._group, self._units = plan, group, units
        self._known = compared_effects(plan, solution.evaluated, group).of(units)

    def reliability(self, evaluated: Evaluated) -> float:
        """Mean reliability; zero where nothing lasts."""
        compared = self._compared(evaluated)
        if compared is None:
            return 0.0
        prior = compared.prior(evaluated)
        safe = np.where(prior > 0.0, prior, np.inf)
        left = np.diagonal(compared.joint(evaluated, np.arange(prior.size)))
        return float(np.clip(1.0 - np.where(prior > 0.0, left / safe, 1.0), 0.0, 1.0).mean())

    def deviation(self, evaluated: Evaluated) -> float:
        """Mean standard deviation of what is compared."""
        compared = self._compared(evaluated)
        return 0.0 if compared is None else float(np.sqrt(compared.prior(evaluated)).mean())

    def separable(self, evaluated: Evaluated) -> float:
        """Share of the pairs that are told apart."""
        compared = self._compared(evaluated)
        if compared is None:
            return 0.0
        covariance = compared.joint(evaluated, np.arange(self._units.size))
        return separable_share(compared.sums(evaluated).mean, covariance)

    def _compared(self, evaluated: Evaluated) -> ComparedEffects | None:
        """The sums; those of a part that lasts depend on the variances."""
        if self._known.rule.compare != "lasting":
            return self._known
        try:
            return compared_effects(self._plan, evaluated, self._group).of(self._units)
        except NothingLasts:
            return None


def _added(plan: Plan, group: tuple[str, ...], path: VariancePath) -> np.ndarray:
    """Mean along the path of what errors and means (G, G) differ by from those at the estimates."""
    compared = compared_effects(plan, path.solution.evaluated, group)
    everyone = np.arange(len(compared.rows))
    here = compared.joint(path.solution.evaluated, everyone)
    start, out = compared.sums(path.solution.evaluated).mean, np.zeros(here.shape)
    for place, weight in zip(path.places, path.weights, strict=True):
        evaluated = path.at(float(place))
        try:
            moved = compared_effects(plan, evaluated, group)
        except NothingLasts:
            continue
        away = moved.sums(evaluated).mean - start
        out += weight * (moved.joint(evaluated, everyone) - here + np.outer(away, away))
    return out
