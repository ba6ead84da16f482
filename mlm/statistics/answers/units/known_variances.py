"""What the error of the variances does to the comparison of units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.distributions import TWO_SIDED_95, student_quantile
from mlm.nouns.plan import Plan
from mlm.statistics.answers.units.compared import (
    ComparedEffects,
    NothingLasts,
    compared_effects,
)
from mlm.statistics.answers.units.variance_path import (
    lower_end,
    off_zero,
    variance_of_parameters,
)
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.solution import Solution

MAX_LOOKED_AT = 300  # units, spread over all, that the measures are taken of
FEWEST_DEGREES = 3.0  # of freedom of the variance of an error, however little is known of it
MEASURE_STEP = 1e-4  # relative, of derivatives by a parameter


@dataclass(frozen=True)
class Spread:
    """What the error of the variances adds to the errors of units.

    Attributes
    ----------
    factors : ndarray (G, m)
        Their products are added to the joint covariance of the errors.
    own : ndarray (G,)
        Added to the variances alone.
    scale : ndarray (G,)
        What errors are multiplied by, so that 1.96 of them hold 95 % as the quantile of Student's t
        does: their variances are estimates themselves.
    """

    factors: np.ndarray
    own: np.ndarray
    scale: np.ndarray

    def errors(self, variances: np.ndarray) -> np.ndarray:
        """Errors (G,) of all units from their variances with the variance parameters known."""
        return self.scale * np.sqrt(variances + self.own + np.sum(self.factors**2, axis=1))

    def joint(self, covariance: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Joint covariance (K, K) of the errors of some units (K,), from that with them known."""
        added = self.factors[units] @ self.factors[units].T + np.diag(self.own[units])
        return np.outer(self.scale[units], self.scale[units]) * (covariance + added)


@dataclass(frozen=True)
class KnownVariances:
    """How far the comparison of units depends on variances that are estimates.

    Attributes
    ----------
    reliability : float
        Lower end of the 95 % interval of the mean reliability of what is ranked.
    spread : Spread
        What is added to the errors of the units.
    """

    reliability: float
    spread: Spread


def known_variances(
    plan: Plan, solution: Solution, compared: ComparedEffects, ranked: np.ndarray
) -> KnownVariances:
    """How well the variances behind a comparison of units are known.

    To the variances of posterior means that are taken as if all variances were known, twice that is
    added by which the means change with them: once for their change, once because plugging in
    estimates makes the former too small. As these variances are estimates too, their errors have
    Satterthwaite's degrees of freedom.

    Parameters
    ----------
    plan : Plan
        What is compared.
    solution : Solution
        The settled model, by REML.
    compared : ComparedEffects
        What is compared of the units under that model.
    ranked : ndarray of int (K,)
        The units that are ranked.

    Returns
    -------
    KnownVariances

    Source
    ------
    Prasad and Rao (1990), J. Amer. Statist. Assoc. 85, 163-171; by REML: Datta and Lahiri (2000),
    Statistica Sinica 10, 613-627.
    """
    few = ranked[:: -(-ranked.size // MAX_LOOKED_AT) or 1]
    units = _Units(plan, solution, compared, few)
    slope, change, bend = units.slopes(units.reliability)
    covariance = variance_of_parameters(solution)
    if not slope @ covariance @ slope > 0.0:
        return KnownVariances(0.0, _from_zero(units))
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(2.0 * values, 0.0))
    low = lower_end(solution, slope, covariance)
    known = units.comparative(solution.evaluated) + np.sum((change @ root) ** 2, axis=1)
    scale = _scale(known, np.einsum("gi,ij,gj->g", bend, covariance, bend))
    spread = Spread(change @ root, np.zeros(len(change)), scale)
    if low is None:
        return KnownVariances(0.0, spread)
    return KnownVariances(units.reliability(low), spread)


def _scale(variances: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Quantiles (G,) of Student's t over those of the normal, from variances with variances."""
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = np.where(errors > 0.0, 2.0 * variances**2 / errors, np.inf)
    return student_quantile(0.975, np.maximum(degrees, FEWEST_DEGREES)) / TWO_SIDED_95


class _Units:
    """Measures of the units of a level at any variance parameters.

    Parameters
    ----------
    plan : Plan
    solution : Solution
    compared : ComparedEffects
    few : ndarray of int (K,)
        Units that are looked at, all of them ranked.
    """

    def __init__(self, plan: Plan, solution: Solution, compared: ComparedEffects, few: np.ndarray):
        self.solution, self._plan, self._few = solution, plan, few
        self._group, self._known = compared.group, compared

    def slopes(self, measure) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Derivatives by the variance parameters.

        Of a measure (t,), of all means (G, t), and of comparative variances (G, t), which are taken
        as known where there are many units.
        """
        solution, theta = self.solution, self.solution.best.theta
        size = len(self._known.rows)
        has_bend = size <= MAX_LOOKED_AT

        def at(evaluated: Evaluated) -> np.ndarray:
            spread = self.comparative(evaluated) if has_bend else np.zeros(size)
            return np.concatenate([[measure(evaluated)], self.means(evaluated), spread])

        start, out = at(solution.evaluated), []
        for i in range(theta.size):
            step = np.zeros(theta.size)
            step[i] = MEASURE_STEP * max(abs(theta[i]), 0.1)
            out.append((at(solution.evaluated_at(theta + step)) - start) / step[i])
        found = np.array(out).reshape(theta.size, start.size).T
        return found[0], found[1 : size + 1], found[size + 1 :]

    def means(self, evaluated: Evaluated) -> np.ndarray:
        """Posterior means (G,); zero where nothing lasts."""
        compared = self._compared(evaluated)
        return np.zeros(len(self._known.rows)) if compared is None else compared.means(evaluated)

    def comparative(self, evaluated: Evaluated) -> np.ndarray:
        """Comparative variances (G,)."""
        return (self._compared(evaluated) or self._known).sums(evaluated).comparative

    def reliability(self, evaluated: Evaluated) -> float:
        """Mean reliability; zero where nothing lasts."""
        compared = self._compared(evaluated)
        if compared is None or not self._few.size:
            return 0.0
        prior = compared.of(self._few).prior(evaluated)
        left = np.diagonal(compared.joint(evaluated, self._few))
        safe = np.where(prior > 0.0, prior, 1.0)
        return float(np.where(prior > 0.0, np.clip(1.0 - left / safe, 0.0, 1.0), 0.0).mean())

    def deviation(self, evaluated: Evaluated) -> float:
        """Mean standard deviation of what is compared."""
        compared = self._compared(evaluated)
        return 0.0 if compared is None else float(np.sqrt(compared.prior(evaluated)).mean())

    def _compared(self, evaluated: Evaluated) -> ComparedEffects | None:
        """The sums; those of a part that lasts depend on the variances."""
        if self._known.rule.compare != "lasting":
            return self._known
        try:
            return compared_effects(self._plan, evaluated, self._group)
        except NothingLasts:
            return None


def _from_zero(units: _Units) -> Spread:
    """Mean over variances that are not zero, as they may be, of what errors differ by."""
    solution = units.solution
    here, start = units.comparative(solution.evaluated), units.means(solution.evaluated)
    line, places = off_zero(solution, units.slopes(units.deviation)[0])
    own = np.zeros(here.size)
    for place, weight in zip(places, line.weights(places), strict=True):
        evaluated = line.at(float(place))
        away = units.means(evaluated) - start
        own += weight * (units.comparative(evaluated) - here + away**2)
    return Spread(np.zeros((here.size, 0)), np.maximum(own, 0.0), np.ones(here.size))
