"""Comparisons of fits: likelihood-ratio tests with the reference distribution that holds.

A test that is not valid is an object too; it carries the reason, so that a table can print it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import StatisticsError
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference.reference import mixture

DEVIANCE_ROUNDING = 1e-6  # deviance by which a larger model may seem worse through rounding alone


@dataclass(frozen=True)
class Comparison:
    """A likelihood-ratio test of two nested models, or the reason why there is none.

    Attributes
    ----------
    statistic : float or None
        Difference of the deviances.
    df : int or None
        Difference of the numbers of parameters.
    reference : str or None
        Distribution under the smaller model, such as ``"0.5*chi2(0) + 0.5*chi2(1)"``.
    p_value : float or None
        Probability of a larger statistic.
    reason : str or None
        Why the test is not valid; None when it is.
    """

    statistic: float | None
    df: int | None
    reference: str | None
    p_value: float | None
    reason: str | None = None

    @property
    def is_valid(self) -> bool:
        """Whether there is a test."""
        return self.reason is None


def likelihood_ratio_test(small: Fit, large: Fit, stats: CrossProducts | None = None) -> Comparison:
    """Likelihood-ratio test of a model against one that contains it.

    Parameters
    ----------
    small, large : Fit
        Fits to the same rows by the same criterion.
    stats : CrossProducts, optional
        Their sample; needed for the distribution when several variances are tested at once.

    Returns
    -------
    Comparison
        Fixed effects: chi-squared, under ML only. One more random effect on groups with q others,
        correlated with them: half chi2(q), half chi2(q + 1). Several variances at once: the
        mixture of their cone where the sample is given, else chi-squared with all their
        parameters, which is conservative and says so.

    Source
    ------
    Self and Liang (1987), J. Am. Statist. Ass. 82, 605-610, case 5; Stram and Lee (1994),
    Biometrics 50, 1171-1177.

    Examples
    --------
    >>> import mlm, pandas as pd
    >>> rows = pd.DataFrame({"g": list("aabbccdd"), "x": [1, 2, 1, 3, 2, 3, 1, 2],
    ...                      "y": [1.0, 2, 4, 5, 2, 3, 7, 8]})
    >>> small = mlm.fit("y ~ 1 + (1 | g)", rows, criterion="REML")
    >>> large = mlm.fit("y ~ x + (1 | g)", rows, criterion="REML")
    >>> mlm.likelihood_ratio_test(small, large).is_valid
    False
    """
    reason = _reason(small, large)
    if reason:
        return Comparison(None, None, None, None, reason)
    df = large.n_params - small.n_params
    statistic = small.deviance - large.deviance
    if statistic < -DEVIANCE_ROUNDING * max(1.0, abs(large.deviance) * 1e-6):
        text = f"the larger model fits worse by {-statistic:.2g}: one of them has not converged."
        return Comparison(statistic, df, None, None, text)
    statistic = max(statistic, 0.0)
    if stats is not None and _added_effects(small, large) > 1:
        try:
            reference = mixture(small, large, stats)
        except StatisticsError as error:
            note = f" (conservative: {error})"
            return Comparison(statistic, df, f"chi2({df}){note}", chi_bar_tail(statistic, {df: 1}))
        return Comparison(statistic, df, reference.name, reference.tail(statistic))
    weights, note = _mixture(small, large, df)
    return Comparison(statistic, df, _named(weights) + note, chi_bar_tail(statistic, weights))


def chi_bar_tail(statistic: float, weights: dict[int, float]) -> float:
    """Upper tail of a mixture of chi-squared distributions, ``{df: weight}``."""
    from scipy.stats import chi2

    if statistic <= 0.0:
        return 1.0
    return float(sum(w * (chi2.sf(statistic, df) if df else 0.0) for df, w in weights.items()))


def one_more_variance(statistic: float, covariances: int) -> Comparison:
    """Test of one variance beside q covariances with it: half chi2(q), half chi2(q + 1).

    Parameters
    ----------
    statistic : float
        Criterion without it minus that with it; below 0 by rounding counts as 0.
    covariances : int
        Effects that it may be correlated with.

    Source
    ------
    Stram and Lee (1994), Biometrics 50, 1171-1177.
    """
    weights = {covariances: 0.5, covariances + 1: 0.5}
    statistic = max(statistic, 0.0)
    p_value = chi_bar_tail(statistic, weights)
    return Comparison(statistic, covariances + 1, _named(weights), p_value)


def _reason(small: Fit, large: Fit) -> str | None:
    if small.fingerprint != large.fingerprint:
        return (
            f"the fits use different samples ({small.n_obs} and {large.n_obs} rows). A test "
            "compares models on the same rows: accumulate once with all candidate columns."
        )
    if small.criterion != large.criterion:
        return f"one fit is by {small.criterion}, the other by {large.criterion}."
    mine, its = set(small.names), set(large.names)
    if small.criterion == "REML" and mine != its:
        some = sorted(mine ^ its)[:3]
        return (
            "REML criteria of models with different fixed effects are not comparable "
            f'({", ".join(some)} only in one). Fit both with criterion="ML".'
        )
    if not mine <= its:
        return f"the models are not nested: {sorted(mine - its)[0]} is only in the smaller one."
    lost = set(_random_effects(small)) - set(_random_effects(large))
    if lost:
        group, term = sorted(lost)[0]
        return f"the models are not nested: ({term} | {group}) is only in the smaller one."
    if large.n_params <= small.n_params:
        return "the models have the same parameters: there is nothing to test."
    return None


def _random_effects(fit: Fit) -> list[tuple[str, str]]:
    pairs = zip(fit.model.random, fit.random_names, strict=True)
    return [(term.name, name) for term, names in pairs for name in names]


def _mixture(small: Fit, large: Fit, df: int) -> tuple[dict[int, float], str]:
    """Weights of the chi-squared distributions, and a remark on the reference."""
    extra_covariances = large.theta.size - small.theta.size
    fixed = df - extra_covariances
    if not extra_covariances:
        return {df: 1.0}, ""
    if _added_effects(small, large) == 1:
        companions = extra_covariances - 1
        return {fixed + companions: 0.5, fixed + companions + 1: 0.5}, ""
    return {df: 1.0}, " (conservative: several variances are tested at once)"


def _added_effects(small: Fit, large: Fit) -> int:
    known = _random_effects(small)
    return sum(effect not in known for effect in _random_effects(large))


def _named(weights: dict[int, float]) -> str:
    if len(weights) == 1:
        return f"chi2({next(iter(weights))})"
    return " + ".join(f"{weight:g}*chi2({df})" for df, weight in sorted(weights.items()))


def wald_test(fit: Fit, terms: set[str]) -> Comparison:
    """Wald test that all columns of some terms have no effect.

    Parameters
    ----------
    fit : Fit
        A fit.
    terms : set of str
        Names of terms, as in ``fit.terms``.

    Returns
    -------
    Comparison
        ``b' V^-1 b`` referred to chi-squared.
    """
    from scipy.stats import chi2

    chosen = [i for i, term in enumerate(fit.terms) if term in terms]
    if not chosen:
        return Comparison(None, None, None, None, "the model has no column of these terms.")
    beta, covariance = fit.beta[chosen], fit.covariance[np.ix_(chosen, chosen)]
    statistic = float(beta @ np.linalg.solve(covariance, beta))
    df = len(chosen)
    return Comparison(statistic, df, f"chi2({df})", float(chi2.sf(statistic, df)))
