"""F tests of combinations of fixed effects: their statistic and their denominators."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from mlm.results.reason import NotInModel
from mlm.results.test import RefusedTest, Test
from mlm.statistics.fitting.satterthwaite import degrees_of_freedom
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.reference import f_distribution, tested

DEPENDENT_EIGENVALUE = 1e-10  # eigenvalue, over the largest, below which combinations are dependent
LEAST_BY_SIZE = 1e-8  # eigenvalue, over the largest, that has eight digits more than its rounding
SAME_DF = 1e-8  # degrees of freedom this close count as equal, as in lmerTest
NO_MEAN_DF = 2.0  # the square of t has no mean at or below these degrees of freedom


@dataclass(frozen=True)
class Combinations:
    """Uncorrelated combinations of the fixed effects that span those to be tested.

    Attributes
    ----------
    weights : ndarray (q, p)
        One combination a row; q is the number of independent ones.
    variances : ndarray (q,)
        Their variances, in squared units of the combinations.
    """

    weights: np.ndarray
    variances: np.ndarray

    @property
    def df(self) -> int:
        """Number of independent combinations."""
        return self.variances.size

    def f_statistic(self, beta: np.ndarray) -> float:
        """Mean of the squared t statistics, for fixed effects (p,)."""
        return float(np.mean((self.weights @ beta) ** 2 / self.variances))


def uncorrelated(weights: np.ndarray, covariance: np.ndarray) -> Combinations:
    """Principal combinations of some combinations of the fixed effects, dependent ones left out.

    Where variances are of such different sizes that rounding could decide which are dependent, as
    those of a category and of its product with calendar years, combinations are divided by their
    errors first.

    Parameters
    ----------
    weights : ndarray (c, p)
        One combination a row.
    covariance : ndarray (p, p)
        Of the fixed effects.

    Returns
    -------
    Combinations
    """
    values, vectors = np.linalg.eigh(weights @ covariance @ weights.T)
    if values.size and values[0] < LEAST_BY_SIZE * values[-1]:
        weights = standardised(weights, covariance)
        values, vectors = np.linalg.eigh(weights @ covariance @ weights.T)
    usable = values > DEPENDENT_EIGENVALUE * values.max()
    return Combinations(vectors[:, usable].T @ weights, values[usable])


def principal(covariance: np.ndarray) -> Combinations:
    """The same of the estimates themselves (c,), from their covariance (c, c)."""
    values, vectors = np.linalg.eigh(covariance)
    if values[0] < LEAST_BY_SIZE * values[-1]:
        return uncorrelated(np.eye(len(covariance)), covariance)
    return Combinations(vectors.T, values)


def standardised(weights: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Combinations (c, p) divided by their standard errors, so that no unit decides their rank.

    Parameters
    ----------
    weights : ndarray (c, p)
        One combination a row.
    covariance : ndarray (p, p)
        Of the fixed effects.
    """
    errors = np.sqrt(np.einsum("ci,ij,cj->c", weights, covariance, weights))
    return weights / np.where(errors > 0.0, errors, 1.0)[:, None]


def independent(covariance: np.ndarray) -> np.ndarray:
    """Combinations (k, c) of c tested ones that are independent, all of them where none depends.

    Parameters
    ----------
    covariance : ndarray (c, c)
        Of the estimates of those that are tested.
    """
    unit = np.eye(len(covariance))
    scaled = standardised(unit, covariance)
    found = uncorrelated(scaled, covariance)
    return unit if found.df == len(covariance) else found.weights


def joint_denominator(degrees: np.ndarray) -> float:
    """Denominator degrees of freedom of the mean of squared t statistics.

    Parameters
    ----------
    degrees : ndarray (q,)
        Degrees of freedom of each t.

    Returns
    -------
    float
        Those of the F distribution with the mean of that of the statistic; 2 where it has none.

    Source
    ------
    Fai and Cornelius (1996), J. Stat. Comput. Simul. 54, 363-378, as in Kuznetsova et al. (2017),
    J. Stat. Softw. 82(13).
    """
    each = degrees.tolist()  # a few numbers, for which arrays take ten times as long
    least = min(each)
    if max(each) <= least + SAME_DF:
        return sum(each) / len(each)
    if least <= NO_MEAN_DF:
        return NO_MEAN_DF
    excess = sum(2.0 / (df - 2.0) for df in each)  # of the sum of the means over the number
    return 2.0 * (len(each) + excess) / excess


@singledispatch
def f_test(solution: Solution, weights: np.ndarray) -> Test | RefusedTest:
    """Joint test that some combinations are zero, with Satterthwaite degrees of freedom.

    What else is concluded about fixed effects, such as fits to several imputations, registers the
    test that it has.

    Parameters
    ----------
    solution : Solution
        A fit, best by REML.
    weights : ndarray (c, p)
        One combination a row, in the order of ``fit.names``.

    Returns
    -------
    Test or RefusedTest
        ``statistic`` is F; ``df`` the number of independent combinations; ``reference`` holds both
        degrees of freedom.

    Examples
    --------
    >>> import mlm, numpy as np, pandas as pd
    >>> from mlm.front.fitting import statistics_of
    >>> from mlm.nouns.formula import parse_formula
    >>> from mlm.statistics.fitting.solution import solve
    >>> rows = pd.DataFrame({"g": list("aabbccdd"), "x": [1, 2, 1, 3, 2, 3, 1, 2],
    ...                      "y": [1.0, 2, 4, 5, 2, 3, 7, 8]})
    >>> model = parse_formula("y ~ x + (1 | g)")
    >>> test = f_test(solve(model, statistics_of(model, rows)), np.array([[0.0, 1.0]]))
    >>> test.df
    1
    """
    fit = solution.fit
    if not len(weights):
        return RefusedTest(reason=NotInModel(what="variable"))
    found = uncorrelated(weights, fit.covariance)
    degrees = degrees_of_freedom(solution.working, solution.best, found.weights)
    reference = f_distribution(found.df, joint_denominator(degrees))
    return tested(found.f_statistic(fit.beta), found.df, reference)
