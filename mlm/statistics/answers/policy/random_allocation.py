"""What a random allocation of as many units would give: how unequal its groups are by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlm.nouns.distributions import student_tail
from mlm.results.reason import TooFewUnits
from mlm.results.test import RefusedTest, Test
from mlm.statistics.inference.reference import f_distribution, tested

if TYPE_CHECKING:
    from mlm.statistics.answers.policy.balance import Arms

IMBALANCE = 0.1  # standardised difference beyond which a covariate is called unequal
SPREAD = 1e-9  # share of the largest variance of the covariates below which a direction has none


def random_difference(units: int, others: int) -> tuple[float, float]:
    """What a standardised difference is by chance under a random allocation.

    Parameters
    ----------
    units, others : int
        Units of the two groups that are compared.

    Returns
    -------
    std_error : float
        Of a standardised difference of means between the groups.
    chance : float
        Probability that it is larger than ``IMBALANCE`` in size: of t on their degrees of
        freedom. With 10 units a group it is 83 %.

    Source
    ------
    Hedges (1981), Journal of Educational Statistics 6, 107-128. Units that are allocated within
    larger ones (classes within schools) differ by less than this.
    """
    error = float(np.sqrt(1.0 / units + 1.0 / others))
    return error, float(2.0 * student_tail(IMBALANCE / error, max(units + others - 2, 1)))


def joint_balance(arms: Arms) -> Test | RefusedTest:
    """One test that no covariate differs between any groups more than by a random allocation.

    Parameters
    ----------
    arms : Arms
        Units or rows of each category of a policy, with their covariates.

    Returns
    -------
    Test or RefusedTest
        Pillai's trace, referred to F; exact with two groups and normal covariates. Refused where
        the units are too few for the covariates.

    Source
    ------
    Pillai (1955), Annals of Mathematical Statistics 26, 117-121; as a test of balance Hansen and
    Bowers (2008), Statistical Science 23, 219-236.
    """
    filled = [c for c, n in arms.units.items() if c in arms.means and n > 0]
    counts = np.array([arms.units[c] for c in filled], dtype=float)
    n = counts.sum()
    values, vectors = np.linalg.eigh(_scaled(arms.total))
    kept = values > SPREAD * max(float(values.max(initial=0.0)), 1e-300)
    p, q = int(kept.sum()), len(filled) - 1
    if q < 1 or p == 0 or n - q - 1 < p + 1:
        return RefusedTest(reason=TooFewUnits(units=round(float(n)), covariates=len(arms.columns)))
    scale = _roots(arms.total)
    means = np.stack([arms.means[c] for c in filled]) / scale
    apart = means - counts @ means / n
    between = apart.T @ (counts[:, None] * apart)
    basis = vectors[:, kept] / np.sqrt(values[kept])
    trace = float(np.trace(basis.T @ between @ basis))
    s = min(p, q)
    second = s * (n - 1.0 - max(p, q))
    statistic = (trace / (s - trace)) * second / (p * q) if trace < s else np.inf
    return tested(float(statistic), p * q, f_distribution(p * q, second))


def _roots(total: np.ndarray) -> np.ndarray:
    root = np.sqrt(np.diagonal(total))
    return np.where(root > 0.0, root, 1.0)


def _scaled(total: np.ndarray) -> np.ndarray:
    root = _roots(total)
    return total / np.outer(root, root)
