"""F and Wald tests of the terms of the fixed part, and tables that compare fits."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from mlm.errors import NotComparable, StatisticsError
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit, check_sample
from mlm.statistics.fitting.satterthwaite import degrees_of_freedom
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.kenward_roger import FTest, kenward_roger
from mlm.statistics.inference.reference import f_distribution, tail

METHODS = ("satterthwaite", "kenward-roger", "wald")
SAME_DF = 1e-8  # degrees of freedom this close count as equal, as in lmerTest


@dataclass(frozen=True)
class TermTest:
    """A test that all columns of one term have no effect, given all other terms.

    Attributes
    ----------
    term : str
        Name of the term.
    test : FTest
        F test; denominator degrees of freedom are infinite for a Wald test.
    """

    term: str
    test: FTest


def term_tests(fit: Fit, stats: CrossProducts, df: str = "satterthwaite") -> list[TermTest]:
    """Tests of every term but the intercept, each given all others.

    A main effect that is also in an interaction is tested at the reference of its partners.

    Parameters
    ----------
    fit : Fit
        A fit; by REML for ``"kenward-roger"``.
    stats : CrossProducts
        The sample it was fitted to.
    df : {"satterthwaite", "kenward-roger", "wald"}
        Denominator degrees of freedom; ``"wald"`` refers the statistic to chi-squared.

    Returns
    -------
    list of TermTest

    Raises
    ------
    StatisticsError
        When the sample is another, or Kenward-Roger is not available for the fit.

    Source
    ------
    Fai and Cornelius (1996), J. Statist. Comput. Simul. 54, 363-378, for several columns, as in
    Kuznetsova et al. (2017), J. Stat. Softw. 82(13); Kenward and Roger (1997).
    """
    if df not in METHODS:
        raise StatisticsError(f"df {df!r}: expected one of {', '.join(METHODS)}.")
    check_sample(fit, stats)
    tester = _tester(fit, stats, df)
    units = np.eye(fit.beta.size)
    out = []
    for term in dict.fromkeys(fit.terms):
        if term != "Intercept":
            chosen = [i for i, name in enumerate(fit.terms) if name == term]
            out.append(TermTest(term, tester(units[chosen])))
    return out


def _tester(fit: Fit, stats: CrossProducts, df: str):
    """A function from weights (c, p) to an F test."""
    if df == "kenward-roger":
        return kenward_roger(fit, stats).f_test
    if df == "wald":
        return lambda weights: _f_test(fit, weights, lambda _: np.full(len(weights), np.inf))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = solve(fit.model, stats, fit.criterion, fit)
    return lambda weights: _f_test(
        fit, weights, lambda rows: degrees_of_freedom(solution.working, solution.best, rows)
    )


def _f_test(fit: Fit, weights: np.ndarray, degrees) -> FTest:
    """F test by independent combinations of the columns, each with its own degrees of freedom."""
    values, vectors = np.linalg.eigh(weights @ fit.covariance @ weights.T)
    rows = vectors.T @ weights
    statistic = float(np.mean((rows @ fit.beta) ** 2 / values))
    q, df = len(rows), _joined(degrees(rows))
    return FTest(statistic, q, df, 1.0, tail(f_distribution(q, df), statistic))


def _joined(degrees: np.ndarray) -> float:
    """Denominator degrees of freedom of the mean of squared t statistics."""
    if degrees.size == 1 or np.isinf(degrees).all() or np.ptp(degrees) < SAME_DF:
        return float(degrees.mean())
    if (degrees <= 2.0).any():
        return 2.0
    mean = float(np.sum(degrees / (degrees - 2.0)))
    return 2.0 * mean / (mean - degrees.size)


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
    if fit.criterion == "REML" and set(fit.names) != set(first.names):
        some = sorted(set(fit.names) ^ set(first.names))[:3]
        return f'REML criteria depend on the fixed part ({", ".join(some)}); fit both by "ML".'
    return None
