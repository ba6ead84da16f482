"""The front door for questions to a fit: tests, intervals, explained variance, comparisons.

Each takes the sample of the fit, as rows or cross-products; rows are read once for each question,
so cross-products from ``mlm.accumulate`` save time when there are several.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from mlm.errors import StatisticsError
from mlm.front.comparison import Comparison
from mlm.front.fitting import sample_of
from mlm.front.pooling import pooled_comparison, pooled_term_tests
from mlm.results.test import Test
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference import bootstrap, explained, likelihood_ratio
from mlm.statistics.inference import kenward_roger as adjustment
from mlm.statistics.inference import terms as tests_of_terms
from mlm.statistics.inference.bootstrap import BootstrapTest
from mlm.statistics.inference.explained import Explained
from mlm.statistics.inference.kenward_roger import KenwardRoger
from mlm.statistics.inference.profile import Profile
from mlm.statistics.pooling.likelihood_tests import Method
from mlm.statistics.pooling.pooled_fit import PooledFit
from mlm.statistics.pooling.wald import pooled_wald_test


def profile_intervals(fit: Fit, data, level: float = 0.95):
    """Profile-likelihood intervals of variances, correlations and shares of the variance.

    Parameters
    ----------
    fit : Fit
        A fit; its own criterion is profiled, so that REML intervals surround REML estimates.
    data : DataFrame, path, list of paths, or CrossProducts
        The sample it was fitted to.
    level : float
        Coverage, 0 to 1.

    Returns
    -------
    DataFrame
        group, term1, term2, quantity, estimate, lower, upper. ``quantity`` is ``variance`` or
        ``sd`` of term1; ``covariance`` or ``correlation`` of term1 and term2; or ``share``, the
        part of the level in the variance that the fixed part leaves (with random slopes, of its
        mean over the rows). An interval ends at 0, or at 1 or -1, where that is not excluded.

    Examples
    --------
    >>> import mlm, pandas as pd
    >>> rows = pd.DataFrame({"g": list("aaabbbcccddd"),
    ...                      "y": [1.0, 2, 3, 5, 6, 4, 2, 4, 3, 8, 9, 7]})
    >>> fit = mlm.fit("y ~ 1 + (1 | g)", rows)
    >>> table = mlm.profile_intervals(fit, rows).set_index(["group", "quantity"])
    >>> table.loc[("g", "sd"), ["estimate", "lower", "upper"]].round(2).tolist()
    [2.58, 1.27, 7.79]
    """
    import pandas as pd

    profile = Profile(fit, sample_of(fit, data), level)
    table = pd.DataFrame([vars(interval) for interval in profile.intervals()])
    for name in ("term1", "term2"):
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    return table


def likelihood_ratio_test(
    small: Fit | PooledFit, large: Fit | PooledFit, data=None, method: Method | None = None
) -> Comparison:
    """Likelihood-ratio test of a model against one that contains it.

    Parameters
    ----------
    small, large : Fit or PooledFit
        Fits to the same rows by the same criterion; pooled ones differ in fixed terms.
    data : DataFrame, path, list of paths, or CrossProducts, optional
        Their sample. It gives the exact mixture when several variances are tested at once; without
        it such a test is conservative.
    method : {"D2", "D3", "D4"}, optional
        How the tests of plausible values or imputations are pooled; default: D4 with the sample, D2
        without it.

    Returns
    -------
    Comparison
        The test, or the reason why there is none. Fixed effects: chi-squared, under ML only. One
        more random effect beside q others, correlated with them: half chi2(q), half chi2(q + 1).

    Examples
    --------
    >>> import mlm, pandas as pd
    >>> rows = pd.DataFrame({"g": list("aaabbbcccddd"),
    ...                      "y": [1.0, 2, 3, 5, 6, 4, 2, 4, 3, 8, 9, 7]})
    >>> small, large = mlm.fit("y ~ 1", rows), mlm.fit("y ~ 1 + (1 | g)", rows)
    >>> test = mlm.likelihood_ratio_test(small, large)
    >>> [(part.weight, part.df) for part in test.reference.parts], round(test.p_value, 4)
    ([(0.5, 0), (0.5, 1)], 0.0004)
    """
    if isinstance(small, PooledFit) and isinstance(large, PooledFit):
        return pooled_comparison(small, large, data, method)
    stats = None if data is None else sample_of(large, data)
    return Comparison.of(likelihood_ratio.likelihood_ratio_test(small, large, stats))


def bootstrap_test(small: Fit, large: Fit, data, draws: int = 999, seed: int = 1) -> BootstrapTest:
    """Likelihood-ratio test against responses drawn from the smaller model.

    No row is drawn: the cross-products of new responses have a known distribution.

    Parameters
    ----------
    small, large : Fit
        Nested fits to the same rows by the same criterion.
    data : DataFrame, path, list of paths, or CrossProducts
        Their sample.
    draws, seed : int
        Number of responses, and the seed that fixes them.

    Returns
    -------
    BootstrapTest
        ``p_value`` is (1 + draws as large) / (1 + draws).

    Raises
    ------
    StatisticsError
        When the fits are not comparable (the reason is given).
    """
    return bootstrap.bootstrap_test(small, large, sample_of(large, data), draws, seed)


def r_squared(fit: Fit, data) -> Explained:
    """Marginal and conditional R squared, and the variance of every part of the model.

    Parameters
    ----------
    fit : Fit
        A fit.
    data : DataFrame, path, list of paths, or CrossProducts
        The sample it was fitted to.

    Returns
    -------
    Explained
        ``marginal``, ``conditional``, ``icc`` and ``table``.

    Examples
    --------
    >>> import mlm, pandas as pd
    >>> rows = pd.DataFrame({"g": list("aaabbbcccddd"),
    ...                      "y": [1.0, 2, 3, 5, 6, 4, 2, 4, 3, 8, 9, 7]})
    >>> found = mlm.r_squared(mlm.fit("y ~ 1 + (1 | g)", rows), rows)
    >>> found.marginal, round(found.conditional, 3)
    (0.0, 0.87)
    """
    return explained.r_squared(fit, sample_of(fit, data))


def vpc(fit: Fit, data, group: str, term: str, values: Sequence):
    """Share of a level in the unexplained variance at values of a variable with random slopes.

    Parameters
    ----------
    fit : Fit
        A fit.
    data : DataFrame, path, list of paths, or CrossProducts
        The sample it was fitted to.
    group : str
        Grouping factor, or ``residual``.
    term : str
        A variable with a random slope.
    values : sequence
        Its values, in its unit, or categories.

    Returns
    -------
    DataFrame
        The value, variance of the level there, total, and share.
    """
    return explained.vpc(fit, sample_of(fit, data), group, term, values)


def term_tests(fit: Fit | PooledFit, data, df: str | None = None):
    """F tests of the fixed terms, each given all others.

    Parameters
    ----------
    fit : Fit or PooledFit
        A fit; by REML for ``"kenward-roger"``. The terms of a pooled one are tested by D1.
    data : DataFrame, path, list of paths, or CrossProducts
        The sample it was fitted to.
    df : {"satterthwaite", "kenward-roger", "wald", "design"}, optional
        Denominator degrees of freedom; ``"wald"`` refers to chi-squared; default: Satterthwaite's,
        or those of the design where rows have sampling weights.

    Returns
    -------
    DataFrame
        Index = term: df, denominator_df, statistic, p_value.
    """
    import pandas as pd

    if isinstance(fit, PooledFit):
        return pooled_term_tests(fit, df or "satterthwaite")
    found = tests_of_terms.term_tests(fit, sample_of(fit, data), df)
    rows = [(t.test.df, _denominator(t.test), t.test.statistic, t.test.p_value) for t in found]
    index = pd.Index([t.term for t in found], name="term")
    return pd.DataFrame(rows, index, ["df", "denominator_df", "statistic", "p_value"])


def _denominator(test: Test) -> float:
    """Denominator degrees of freedom of an F test; infinite for a Wald test."""
    return math.inf if test.reference.denominator is None else test.reference.denominator


def wald_test(fit: Fit | PooledFit, terms: Collection[str], df: float | None = None) -> Test:
    """Wald test that all columns of some terms have no effect, given all other terms.

    Parameters
    ----------
    fit : Fit or PooledFit
        A fit.
    terms : collection of str
        Names of terms, as in ``fit.terms``; several are tested together.
    df : float, optional
        Degrees of freedom that complete data would have, for a pooled fit; default: infinite.

    Returns
    -------
    Test
        Referred to chi-squared; ``df`` is the number of columns. Of a pooled fit D1 (Li,
        Raghunathan and Rubin 1991), with finite ``df`` as Reiter (2007), referred to F.

    Raises
    ------
    StatisticsError
        When a name is not that of a term, or there is none.

    Examples
    --------
    >>> import mlm, pandas as pd
    >>> rows = pd.DataFrame({"g": list("aabbccdd"), "x": [1, 2, 1, 3, 2, 3, 1, 2],
    ...                      "y": [1.0, 2, 4, 5, 2, 3, 7, 8]})
    >>> fit = mlm.fit("y ~ x + (1 | g)", rows)
    >>> test = mlm.wald_test(fit, ["x"])
    >>> test.df, bool(abs(test.statistic - fit.fixed_effects.loc["x", "z"] ** 2) < 1e-9)
    (1, True)
    """
    if isinstance(terms, str):
        terms = (terms,)
    if isinstance(fit, PooledFit):
        return pooled_wald_test(fit, terms, df)
    if df is not None:
        raise StatisticsError(
            "df= is of pooled fits; mlm.term_tests refers the terms of one fit to F."
        )
    return tests_of_terms.wald_test(fit, terms)


def kenward_roger(fit: Fit, data) -> KenwardRoger:
    """Kenward and Roger's standard errors, degrees of freedom and F tests of the fixed effects.

    Parameters
    ----------
    fit : Fit
        A fit by REML.
    data : DataFrame, path, list of paths, or CrossProducts
        The sample it was fitted to.

    Returns
    -------
    KenwardRoger
        ``table`` holds the fixed effects, ``f_test(weights)`` tests any linear hypotheses.

    Raises
    ------
    StatisticsError
        When the fit is by ML or has no fixed effects.
    """
    return adjustment.kenward_roger(fit, sample_of(fit, data))


def compare(*fits: Fit):
    """Information criteria of some fits, with a warning where they are not comparable.

    Parameters
    ----------
    *fits : Fit
        Fits to the same rows by the same criterion; under REML with the same fixed part.

    Returns
    -------
    DataFrame
        One row a fit: formula, criterion, n_obs, n_params, deviance, aic, bic, comparable,
        delta_aic, delta_bic.
    """
    return tests_of_terms.compare(*fits)
