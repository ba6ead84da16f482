"""Units that pull the estimates: normality of effects, and what leaving out a mean moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.distributions import normal_quantile
from mlm.results.reason import TooFewGroups, ZeroVariance
from mlm.statistics.fitting.effects import GroupEffects
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.likelihood.evaluation import fixed_covariance

FEWEST_EFFECTS = 3  # effects of units that have moments
NO_INFORMATION = 1e-9  # variance, over that of the level, below which a unit tells nothing


@dataclass(frozen=True)
class NormalQuantiles:
    """Effects of units over their diagnostic standard deviation, against the normal distribution.

    Attributes
    ----------
    expected, observed : ndarray (n,)
        Normal quantiles, and the ordered standardised effects.
    skewness, kurtosis : float
        Moments of the standardised effects; 0 and 0 under normality (excess kurtosis).
    correlation : float
        Of expected and observed: near 1 where the effects look normal.
    largest : float
        Largest standardised effect in size.
    """

    expected: np.ndarray
    observed: np.ndarray
    skewness: float
    kurtosis: float
    correlation: float
    largest: float


def effect_quantiles(effects: GroupEffects) -> NormalQuantiles | ZeroVariance | TooFewGroups:
    """Normal quantiles of the intercepts of one level's units, or why there are none.

    A unit counts whose rows tell something of its effect.

    Source
    ------
    Diagnostic variance ``var(u_hat) = Sigma - var(u_hat - u)``: Goldstein (2011), Multilevel
    Statistical Models, section 2.13.
    """
    variance = float(effects.covariance[0, 0])
    spread = variance - effects.comparative[:, 0, 0]
    usable = spread > NO_INFORMATION * variance
    if variance <= 0.0:
        return ZeroVariance()
    if usable.sum() < FEWEST_EFFECTS:
        groups = int(usable.sum())
        return TooFewGroups(groups=groups, needed=FEWEST_EFFECTS, what="normal_quantiles")
    z = np.sort(effects.mean[usable, 0] / np.sqrt(spread[usable]))
    n = z.size
    expected = normal_quantile((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    centred = z - z.mean()
    m2 = float(np.mean(centred**2))
    return NormalQuantiles(
        expected,
        z,
        float(np.mean(centred**3)) / m2**1.5,
        float(np.mean(centred**4)) / m2**2 - 3.0,
        float(np.corrcoef(expected, z)[0, 1]),
        float(np.abs(z).max()),
    )


@dataclass(frozen=True)
class MeanShiftEffects:
    """What taking out the mean of each outermost unit moves.

    Attributes
    ----------
    units : list of tuple of str
        Ids of the G units.
    distance : ndarray (G,)
        Cook's distance: squared move of all fixed effects together, over their number.
    change : ndarray (G, p)
        Move of each fixed effect in its standard errors.
    names : tuple of str
        The p fixed effects.
    """

    units: list[tuple[str, ...]]
    distance: np.ndarray
    change: np.ndarray
    names: tuple[str, ...]


def unit_influence(evaluated: Evaluated) -> MeanShiftEffects:
    """Influence of the outermost units on the fixed effects, in one step.

    A unit's own effect is made a fixed effect, so that its mean tells nothing of the others while
    the differences inside it still do; the variance components are held. That is what the sums per
    group allow; the rows of a unit cannot be taken out of them one unit at a time.

    Parameters
    ----------
    evaluated : Evaluated
        A model with random intercepts, and its sample.

    Returns
    -------
    MeanShiftEffects

    Source
    ------
    Mean-shift model and Cook's distance: Cook and Weisberg (1982), Residuals and Influence in
    Regression, chapters 2 and 3; for multilevel models Snijders and Berkhof (2008), Handbook of
    Multilevel Analysis, chapter 3.
    """
    stats, working, at = evaluated.stats, evaluated.working, evaluated.at
    p = working.n_fixed
    sums, own = working.structure.unit_sums(at)
    cross = sums[:p]
    spread = fixed_covariance(at)
    left = sums[-1] - at.beta @ cross
    moved = spread @ cross
    weight = own - np.einsum("pg,pg->g", cross, moved)
    safe = weight > NO_INFORMATION * np.maximum(own, 1e-300)
    shift = np.where(safe, left / np.where(safe, weight, 1.0), 0.0)
    change = -(moved * shift)
    squared = np.einsum("pg,pq,qg->g", change, np.linalg.inv(spread), change)
    back = np.linalg.inv(working.transform)
    error = np.sqrt(np.diagonal(back @ spread @ back.T) * at.sigma2)
    names = tuple(column.name for column in working.fixed)
    ids = stats.level(working.outermost).ids
    return MeanShiftEffects(
        ids, squared / (p * at.sigma2), (back @ change / error[:, None]).T, names
    )
