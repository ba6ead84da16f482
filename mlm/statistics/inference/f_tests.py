"""F tests of several combinations of fixed effects, with Satterthwaite degrees of freedom."""

from __future__ import annotations

import numpy as np

from mlm.results.reason import NotInModel
from mlm.results.test import RefusedTest, Test
from mlm.statistics.fitting.satterthwaite import degrees_of_freedom
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.reference import f_distribution, tested

DEPENDENT_EIGENVALUE = 1e-10  # eigenvalue, over the largest, below which combinations are dependent


def f_test(solution: Solution, weights: np.ndarray) -> Test | RefusedTest:
    """Joint test that some combinations of the fixed effects are zero.

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

    Source
    ------
    Fai and Cornelius (1996), J. Stat. Comput. Simul. 54, 363-378, as in Kuznetsova et al. (2017),
    J. Stat. Softw. 82(13): the denominator gives the F distribution the mean of the sum of the
    squared t statistics of the principal combinations.

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
    covariance = weights @ fit.covariance @ weights.T
    values, vectors = np.linalg.eigh(covariance)
    usable = values > DEPENDENT_EIGENVALUE * values.max()
    values, principal = values[usable], vectors[:, usable].T @ weights
    statistic = float(np.mean((principal @ fit.beta) ** 2 / values))
    q = int(usable.sum())
    denominator = _denominator(degrees_of_freedom(solution.working, solution.best, principal))
    return tested(statistic, q, f_distribution(q, denominator))


def _denominator(degrees: np.ndarray) -> float:
    if degrees.size == 1:
        return float(degrees[0])
    usable = degrees[degrees > 2.0]
    expected = float(np.sum(usable / (usable - 2.0))) + 2.0 * (degrees.size - usable.size)
    return 2.0 * expected / (expected - degrees.size) if expected > degrees.size else 2.0
