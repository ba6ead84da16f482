"""F and Wald tests of the terms of the fixed part, and tables that compare fits."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mlm.errors import NotComparable, StatisticsError
from mlm.results.reference import ChiSquared
from mlm.results.test import RefusedTest, Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.design.refusals import check_unweighted
from mlm.statistics.fitting.fit import Fit, check_sample
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.f_tests import f_test, standardised, uncorrelated
from mlm.statistics.inference.kenward_roger import kenward_roger
from mlm.statistics.inference.reference import f_distribution, tested

METHODS = ("satterthwaite", "kenward-roger", "wald", "design")


@dataclass(frozen=True)
class TermTest:
    """A test that all columns of one term have no effect, given all other terms.

    Attributes
    ----------
    term : str
        Name of the term.
    test : Test or RefusedTest
        F test; the denominator of its reference is infinite for a Wald test.
    """

    term: str
    test: Test | RefusedTest


def term_tests(fit: Fit, stats: CrossProducts, df: str | None = None) -> list[TermTest]:
    """Tests of every term but the intercept, each given all others.

    A main effect that is also in an interaction is tested at the reference of its partners.

    Parameters
    ----------
    fit : Fit
        A fit; by REML for ``"kenward-roger"``.
    stats : CrossProducts
        The sample it was fitted to.
    df : {"satterthwaite", "kenward-roger", "wald", "design"}, optional
        Denominator degrees of freedom; ``"wald"`` refers the statistic to chi-squared; default:
        Satterthwaite's, or those of the design of the sample where rows have sampling weights.

    Returns
    -------
    list of TermTest

    Raises
    ------
    StatisticsError
        When the sample is another, or Kenward-Roger is not available for the fit.

    Source
    ------
    Kuznetsova et al. (2017), J. Stat. Softw. 82(13); Kenward and Roger (1997), Biometrics 53,
    983-997.
    """
    df = df or ("satterthwaite" if fit.design is None else "design")
    if df not in METHODS:
        raise StatisticsError(f"df {df!r}: expected one of {', '.join(METHODS)}.")
    check_sample(fit, stats)
    test_of = _method(fit, stats, df)
    terms = (term for term in dict.fromkeys(fit.terms) if term != "Intercept")
    return [TermTest(term, test_of(_columns(fit, (term,)))) for term in terms]


def wald_test(fit: Fit, terms: Collection[str]) -> Test:
    """Wald test that all columns of some terms have no effect, given all other terms.

    Parameters
    ----------
    fit : Fit
        A fit.
    terms : collection of str
        Names of terms, as in ``fit.terms``.

    Returns
    -------
    Test
        ``b' V^-1 b`` referred to chi-squared, with the number of columns for its degrees; of fits
        with sampling weights F, with the degrees of freedom of the design.

    Raises
    ------
    StatisticsError
        When a name is not that of a term, or there is none.

    Source
    ------
    Wald (1943), Trans. Amer. Math. Soc. 54, 426-482; Korn and Graubard (1990), Am. Statist. 44,
    270-276 (F).
    """
    weights = _columns(fit, terms)
    if fit.design is not None:
        return _of_design(fit, weights)
    found = uncorrelated(standardised(weights, fit.covariance), fit.covariance)
    return tested(found.df * found.f_statistic(fit.beta), found.df, ChiSquared(df=found.df))


def _columns(fit: Fit, terms: Collection[str]) -> np.ndarray:
    """Weights (c, p) that choose the columns of some terms."""
    return np.eye(fit.beta.size)[columns_of_terms(fit.terms, terms)]


def columns_of_terms(known: Sequence[str], terms: Collection[str]) -> list[int]:
    """Places of the columns of some terms.

    Parameters
    ----------
    known : sequence of str
        Term of each column.
    terms : collection of str
        Those whose columns are wanted.

    Raises
    ------
    StatisticsError
        When a name is not that of a term, or there is none.
    """
    unknown = sorted(set(terms) - set(known))
    if unknown or not terms:
        wrong = f"no term {', '.join(unknown)}" if unknown else "no term to test"
        names = ", ".join(dict.fromkeys(known))
        raise StatisticsError(f"{wrong}; the terms of the fit are {names}.")
    return [i for i, term in enumerate(known) if term in terms]


def _method(fit: Fit, stats: CrossProducts, df: str) -> Callable[[np.ndarray], Test | RefusedTest]:
    """The F test, by one of the methods, of combinations (c, p)."""
    if df == "design":
        return partial(_of_design, fit)
    if df == "satterthwaite":
        check_unweighted(fit, "Satterthwaite's degrees of freedom")
    if df == "kenward-roger":
        return kenward_roger(fit, stats).f_test
    if df == "wald":
        return partial(_without_denominator, fit)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = solve(fit.model, stats, fit.criterion, fit)
    return partial(f_test, replace(solution, fit=fit))


def _of_design(fit: Fit, weights: np.ndarray) -> Test:
    """F test of k combinations with d degrees of freedom: ``(d - k + 1) / (k d) W``."""
    degrees = fit.degrees_of(weights)
    found = uncorrelated(standardised(weights, fit.covariance), fit.covariance)
    denominator = degrees - found.df + 1.0
    if denominator < 1.0:
        raise StatisticsError(
            f"{found.df} coefficients are not tested together on {degrees:.0f} degrees of "
            "freedom of the design (clusters less strata). Test fewer of them at a time."
        )
    statistic = found.f_statistic(fit.beta) * denominator / degrees
    return tested(statistic, found.df, f_distribution(found.df, denominator))


def _without_denominator(fit: Fit, weights: np.ndarray) -> Test:
    """F test as if the variances were known."""
    found = uncorrelated(weights, fit.covariance)
    return tested(found.f_statistic(fit.beta), found.df, f_distribution(found.df, np.inf))


def compare(*fits: Fit):
    """Information criteria of some fits, side by side.

    Parameters
    ----------
    *fits : Fit
        Fits to the same rows by the same criterion; under REML with the same fixed part.

    Returns
    -------
    DataFrame
        One row a fit, as given: formula, criterion, n_obs, n_params, deviance, aic, bic,
        ``comparable`` with the first fit, and ``delta_aic`` and ``delta_bic`` over the best of
        the comparable ones.

    Warns
    -----
    NotComparable
        Names the fits whose criteria cannot be set beside those of the first, and why.
    """
    import pandas as pd

    if not fits:
        raise StatisticsError("compare needs at least one fit.")
    reasons = [_difference(fits[0], fit) for fit in fits]
    for i, reason in enumerate(reasons):
        if reason:
            text = f"fit {i + 1} ({fits[i].formula}) is not comparable with the first: {reason}"
            warnings.warn(text, NotComparable, stacklevel=2)
    names = ("formula", "criterion", "n_obs", "n_params", "deviance", "aic", "bic")
    table = pd.DataFrame([{name: getattr(fit, name) for name in names} for fit in fits])
    table["comparable"] = [reason is None for reason in reasons]
    for name in ("aic", "bic"):
        best = table.loc[table["comparable"], name].min()
        table[f"delta_{name}"] = (table[name] - best).where(table["comparable"])
    return table


def _difference(first: Fit, fit: Fit) -> str | None:
    """Why the criteria of two fits are not comparable."""
    if fit.fingerprint != first.fingerprint:
        return f"it is of another sample ({first.n_obs} and {fit.n_obs} rows)."
    if fit.criterion != first.criterion:
        return f"one is by {first.criterion}, the other by {fit.criterion}."
    if fit.is_reml and set(fit.names) != set(first.names):
        some = sorted(set(fit.names) ^ set(first.names))[:3]
        return f'REML criteria depend on the fixed part ({", ".join(some)}); fit both by "ML".'
    return None
