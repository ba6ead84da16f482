"""Units compared: intervals for pairs, ranks, and the licence to rank at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlm.nouns.fewest import FEWEST_RANKED
from mlm.nouns.model import INTERCEPT
from mlm.results.units import LicenceCheck
from mlm.statistics.answers.units.ranks import Ranks, rank_distribution
from mlm.statistics.fitting.effects import GroupEffects, joint_covariance, posterior_means
from mlm.statistics.fitting.evaluated import Evaluated

MAX_UNITS = 2000  # units whose joint errors are computed; more are represented by a sample of them
ERROR = 0.05  # average error of a pairwise comparison, and one minus the coverage of intervals


@dataclass(frozen=True)
class UnitComparison:
    """Effects of one level's units and what they allow to say.

    Attributes
    ----------
    effects : GroupEffects
        Posterior means of the intercepts.
    raw : ndarray (G,)
        Mean of the outcome in each unit minus its fixed part, not shrunken.
    factor : float
        Goldstein-Healy factor: intervals of mean +- factor * comparative error overlap where a pair
        cannot be told apart, with an average error of 5 %.
    separable : float
        Share of pairs whose 95 % interval of the difference excludes zero.
    ranks : ndarray (G, 3)
        Mean rank and its 95 % interval; rank 1 is the highest effect.
    sampled : bool
        Whether factor and separable come from a sample of units.
    ranking : Ranks
        Where each unit may stand among all.
    """

    effects: GroupEffects
    raw: np.ndarray
    factor: float
    separable: float
    ranks: np.ndarray
    sampled: bool
    ranking: Ranks

    @property
    def comparative(self) -> np.ndarray:
        """Comparative standard errors, shape (G,)."""
        return np.sqrt(self.effects.comparative[:, 0, 0])

    @property
    def reliability(self) -> np.ndarray:
        """Reliability of each unit's effect, shape (G,)."""
        return self.effects.reliability[:, 0]


def compare_units(evaluated: Evaluated, group: str) -> UnitComparison:
    """Compare the units of one level by a model with random intercepts.

    Parameters
    ----------
    evaluated : Evaluated
        The final model and its sample.
    group : str
        Grouping factor of the units.

    Returns
    -------
    UnitComparison

    Source
    ------
    Goldstein and Healy (1995), J. R. Statist. Soc. A 158, 175-177, with the factor solved for the
    actual errors and covariances; ranks: Laird and Louis (1989), J. Educ. Statist. 14, 29-46.
    """
    effects = posterior_means(evaluated).of(group)
    raw = _raw_residuals(evaluated, group)
    n_units = effects.mean.shape[0]
    sampled = n_units > MAX_UNITS
    if sampled:
        covariance = np.diag(effects.comparative[:, 0, 0][:: -(-n_units // MAX_UNITS)])
        means = effects.mean[:: -(-n_units // MAX_UNITS), 0]
    else:
        covariance, means = joint_covariance(evaluated, group), effects.mean[:, 0]
    factor = goldstein_healy_factor(covariance)
    joint = effects.comparative[:, 0, 0] if sampled else covariance
    ranked = rank_distribution(effects.mean[:, 0], joint)
    separable = _separable(means, covariance)
    return UnitComparison(effects, raw, factor, separable, ranked.intervals, sampled, ranked)


def _raw_residuals(evaluated: Evaluated, group: str) -> np.ndarray:
    stats, working, at = evaluated.stats, evaluated.working, evaluated.at
    position = working.names.index(group)
    weights = np.zeros(working.total.shape[0])
    weights[: working.n_fixed], weights[-1] = -at.beta, 1.0
    intercept = next(
        b.start + b.names.index(INTERCEPT)
        for b in working.blocks
        if b.level == position and INTERCEPT in b.names
    )
    sums = working.structure.sums(position)[intercept]
    return working.response[1] * (sums @ weights) / stats.level(tuple(group.split(":"))).rows


def goldstein_healy_factor(covariance: np.ndarray, error: float = ERROR) -> float:
    """Factor z such that non-overlap of mean +- z s has the given average pairwise error.

    Parameters
    ----------
    covariance : ndarray (G, G)
        Joint covariance of the errors of the units.
    error : float
        Average over all pairs of the probability that intervals of equal units do not overlap.

    Returns
    -------
    float
        1.39 for equal, independent errors and 5 %.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr, ndtri

    sd = np.sqrt(np.diagonal(covariance))
    i, j = np.triu_indices(sd.size, 1)
    spread = np.sqrt(np.maximum(_difference_variance(covariance), 0.0))
    usable = spread > 0.0
    if not usable.any():
        return float(ndtri(1.0 - error / 2.0))
    ratio = ((sd[i] + sd[j])[usable]) / spread[usable]
    return float(brentq(lambda z: 2.0 * ndtr(-z * ratio).mean() - error, 0.0, 10.0))


def _difference_variance(covariance: np.ndarray) -> np.ndarray:
    variance = np.diagonal(covariance)
    i, j = np.triu_indices(variance.size, 1)
    return variance[i] + variance[j] - 2.0 * covariance[i, j]


def _separable(means: np.ndarray, covariance: np.ndarray) -> float:
    from scipy.stats import norm

    i, j = np.triu_indices(means.size, 1)
    if i.size == 0:
        return 0.0
    spread = np.sqrt(np.maximum(_difference_variance(covariance), 0.0))
    return float(np.mean(np.abs(means[i] - means[j]) > norm.ppf(1.0 - ERROR / 2.0) * spread))


def ranking_licence(
    comparison: UnitComparison,
    p_value: float | None,
    average_correlation: float | None,
    thresholds: Mapping[str, float],
    alpha: float,
    with_stability: bool,
) -> tuple[LicenceCheck, ...]:
    """Conditions under which a list of units may be shown in order.

    Parameters
    ----------
    comparison : UnitComparison
        The units compared.
    p_value : float or None
        Test that the level's variance is zero.
    average_correlation : float or None
        Correlation of the true effects between waves; None where it could not be estimated.
    thresholds : mapping
        ``reliability``, ``separable`` and ``stability``.
    alpha : float
        Level of the variance test.
    with_stability : bool
        Whether units are seen in several waves, so that stability can be asked for.

    Returns
    -------
    tuple of LicenceCheck
        The licence is granted when all have passed.
    """
    reliability = float(comparison.reliability.mean())

    def at_least(check: str, value: float | None) -> LicenceCheck:
        passed = value is not None and value >= thresholds[check]
        return LicenceCheck(check=check, value=value, threshold=thresholds[check], passed=passed)

    clear, units = p_value is not None and p_value < alpha, comparison.reliability.size
    checks = [
        LicenceCheck(
            check="units", value=units, threshold=FEWEST_RANKED, passed=units >= FEWEST_RANKED
        ),
        LicenceCheck(check="variance", value=p_value, threshold=alpha, passed=clear),
        at_least("reliability", reliability),
        at_least("separable", comparison.separable),
    ]
    if with_stability:
        checks.append(at_least("stability", average_correlation))
    return tuple(checks)
