"""F tests of several combinations of fixed effects, with Satterthwaite degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.fitting.satterthwaite import degrees_of_freedom
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.comparison import Comparison

DEPENDENT_EIGENVALUE = 1e-10  # eigenvalue, over the largest, below which combinations are dependent


@dataclass(frozen=True)
class FComparison(Comparison):
    """An F test; ``df`` is that of the numerator.

    Attributes
    ----------
    denominator_df : float or None
        Denominator degrees of freedom.
    """

    denominator_df: float | None = None


def f_test(solution: Solution, weights: np.ndarray) -> FComparison:
    """Joint test that some combinations of the fixed effects are zero.

    Parameters
    ----------
    solution : Solution
        A fit, best by REML.
    weights : ndarray (c, p)
        One combination a row, in the order of ``fit.names``.

    Returns
    -------
    FComparison
        ``statistic`` is F; ``df`` the number of independent combinations; ``reference`` names both
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
    from scipy.stats import f as fisher

    fit = solution.fit
    if not len(weights):
        return FComparison(None, None, None, None, "the model has no column of these terms.")
    covariance = weights @ fit.covariance @ weights.T
    values, vectors = np.linalg.eigh(covariance)
    usable = values > DEPENDENT_EIGENVALUE * values.max()
    values, principal = values[usable], vectors[:, usable].T @ weights
    statistic = float(np.mean((principal @ fit.beta) ** 2 / values))
    q = int(usable.sum())
    denominator = _denominator(degrees_of_freedom(solution.working, solution.best, principal))
    p_value = float(fisher.sf(statistic, q, denominator))
    name = f"F({q}, {denominator:.4g})"
    return FComparison(statistic, q, name, p_value, denominator_df=denominator)


def _denominator(degrees: np.ndarray) -> float:
    if degrees.size == 1:
        return float(degrees[0])
    usable = degrees[degrees > 2.0]
    expected = float(np.sum(usable / (usable - 2.0))) + 2.0 * (degrees.size - usable.size)
    return 2.0 * expected / (expected - degrees.size) if expected > degrees.size else 2.0
