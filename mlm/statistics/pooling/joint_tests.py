"""Joint tests of several parameters over imputations: D1 to D4."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.distributions import chi_squared_tail, f_tail
from mlm.nouns.fewest import FEWEST_IMPUTATIONS
from mlm.statistics.pooling.degrees import of_joint_test
from mlm.statistics.pooling.rubin import pooled, scatter


@dataclass(frozen=True)
class JointTest:
    """A statistic pooled over imputations and referred to F.

    Attributes
    ----------
    statistic : float
        F.
    df : int
        Parameters that are tested, k.
    denominator : float
        Degrees of freedom of the denominator.
    riv : float
        Average relative increase of variance by imputation.
    """

    statistic: float
    df: int
    denominator: float
    riv: float

    @property
    def p_value(self) -> float:
        """Probability of an F as large."""
        if np.isinf(self.denominator):
            return float(chi_squared_tail(self.df * self.statistic, self.df))
        return float(f_tail(self.statistic, self.df, self.denominator))


def d1(estimates: np.ndarray, covariances: np.ndarray, df: float = np.inf) -> JointTest:
    """Wald test that k parameters are zero, from M imputations.

    Parameters
    ----------
    estimates : ndarray (M, k)
        Of each imputation.
    covariances : ndarray (M, k, k)
        Of the estimates of each.
    df : float
        Degrees of freedom with complete data, such as those of a sampling design.

    Source
    ------
    Li, Raghunathan and Rubin (1991), J. Am. Stat. Assoc. 86, 1065-1073; Reiter (2007), Biometrika
    94, 502-508.
    """
    found = pooled(estimates, covariances)
    m, k = np.shape(estimates)
    riv = float(np.trace(np.linalg.solve(found.within, found.imputation))) / k
    wald = float(found.estimate @ np.linalg.solve(found.within, found.estimate))
    return JointTest(wald / (k * (1.0 + riv)), k, of_joint_test(k, m, riv, df), riv)


def d2(statistics: np.ndarray, df: int) -> JointTest:
    """Chi-squared statistics of M imputations pooled, where nothing else is known.

    Parameters
    ----------
    statistics : ndarray (M,)
        Wald or likelihood-ratio statistics.
    df : int
        Parameters that are tested, k.

    Source
    ------
    Li, Meng, Raghunathan and Rubin (1991), Stat. Sinica 1, 65-92.
    """
    statistics = np.asarray(statistics, float)
    m = _number(statistics)
    roots = np.sqrt(np.maximum(statistics, 0.0))
    riv = float((1.0 + 1.0 / m) * scatter(roots[:, None])[0, 0] / (m - 1))
    mean = float(statistics.mean())
    value = (mean / df - (m + 1.0) / (m - 1.0) * riv) / (1.0 + riv)
    with np.errstate(divide="ignore"):
        denominator = df ** (-3.0 / m) * (m - 1.0) * float((1.0 + np.divide(1.0, riv)) ** 2)
    return JointTest(max(value, 0.0), df, denominator, riv)


def d3(statistics: np.ndarray, at_means: np.ndarray, df: int) -> JointTest:
    """Likelihood-ratio statistics of M imputations pooled, with those at pooled parameters.

    Parameters
    ----------
    statistics : ndarray (M,)
        Likelihood-ratio statistic of each imputation.
    at_means : ndarray (M,)
        Twice the difference of the log likelihoods of each imputation at the parameters of the
        larger and of the smaller model, averaged over the imputations.
    df : int
        Parameters that are tested, k.

    Source
    ------
    Meng and Rubin (1992), Biometrika 79, 103-111.
    """
    m = _number(statistics)
    pooled_ratio = float(np.mean(at_means))
    riv = _increase(float(np.mean(statistics)) - pooled_ratio, df, m)
    value = pooled_ratio / (df * (1.0 + riv))
    return JointTest(max(value, 0.0), df, of_joint_test(df, m, riv), riv)


def d4(statistics: np.ndarray, stacked: float, df: int) -> JointTest:
    """Likelihood-ratio statistics of M imputations pooled, with that of their mean log likelihood.

    Parameters
    ----------
    statistics : ndarray (M,)
        Likelihood-ratio statistic of each imputation.
    stacked : float
        Twice the difference of the greatest values of the log likelihood averaged over the
        imputations, under the larger and under the smaller model.
    df : int
        Parameters that are tested, k.

    Source
    ------
    Chan and Meng (2022), Stat. Sinica 32, 1489-1514.
    """
    m = _number(statistics)
    riv = _increase(float(np.mean(statistics)) - stacked, df, m)
    with np.errstate(divide="ignore"):
        denominator = df * (m - 1.0) * float((1.0 + np.divide(1.0, riv)) ** 2)
    return JointTest(max(stacked / (df * (1.0 + riv)), 0.0), df, denominator, riv)


def _increase(excess: float, df: int, m: int) -> float:
    """Average relative increase of variance from what statistics lose by pooling; not negative."""
    return max((m + 1.0) / (df * (m - 1.0)) * excess, 0.0)


def _number(statistics: np.ndarray) -> int:
    m = len(statistics)
    if m < FEWEST_IMPUTATIONS:
        raise ValueError(f"{m} imputation: a pooled test needs {FEWEST_IMPUTATIONS} or more.")
    return m
