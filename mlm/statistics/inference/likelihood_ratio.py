"""Comparisons of fits: likelihood-ratio tests with the reference distribution that holds.

A test that is not valid is a record too; it holds the reason.
"""

from __future__ import annotations

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.results.coefficient import Term as TermRecord
from mlm.results.reason import (
    DifferentCriteria,
    DifferentFixedEffects,
    DifferentSamples,
    FitsWorse,
    NotNested,
    SameParameters,
    UnderWeights,
)
from mlm.results.reference import ChiSquared, Reference
from mlm.results.test import RefusedTest, Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import group_level, term_record
from mlm.statistics.fitting.deviance_fit import DevianceFit
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference.nested_forms import Outside, has_forms, has_same_forms, position
from mlm.statistics.inference.reference import mixture, tested, weighted
from mlm.statistics.likelihood.over_waves.natural import NaturalForm

OF_A_CURVE = {"ar1", "cs"}  # covariances of a variance and a correlation
CURVED = 3  # degrees of freedom of a bound for the largest along such a curve
DEVIANCE_ROUNDING = 1e-6  # deviance by which a larger model may seem worse through rounding alone

Refusal = (
    DifferentSamples
    | DifferentCriteria
    | DifferentFixedEffects
    | NotNested
    | SameParameters
    | FitsWorse
    | UnderWeights
)
"""Why two fits are not compared."""


def likelihood_ratio_test(
    small: Fit, large: Fit, stats: CrossProducts | None = None
) -> Test | RefusedTest:
    """Likelihood-ratio test of a model against one that contains it.

    Parameters
    ----------
    small, large : Fit
        Fits to the same rows by the same criterion.
    stats : CrossProducts, optional
        Their sample; needed for the distribution when several variances are tested at once.

    Returns
    -------
    Test or RefusedTest
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
    if reason is not None:
        return RefusedTest(reason=reason)
    df, found = large.n_params - small.n_params, _statistic(small, large)
    if isinstance(found, RefusedTest):
        return found
    statistic = found
    if _are_placed_by_forms(small, large):
        reference = _of_forms(small, large, df)
        is_mixture = reference.kind == "chi_squared" and reference.conservative is not None
        if stats is None or not is_mixture or not has_same_forms(small, large):
            return tested(statistic, df, reference)
    elif stats is None or _added_effects(small, large) < 2:
        return tested(statistic, df, _reference(small, large, df))
    try:
        return mixture(small, large, stats).tested(statistic, df)
    except StatisticsError:  # a variance of the smaller model is zero
        return tested(statistic, df, ChiSquared(df=df, conservative="on_bound"))
    except np.linalg.LinAlgError:  # the tested variances are not told apart
        return tested(statistic, df, _reference(small, large, df))


def fixed_effects_test(small: DevianceFit, large: DevianceFit) -> Test | RefusedTest:
    """The same of models by ML that differ in their fixed effects alone.

    Parameters
    ----------
    small, large : DevianceFit
        Of the same rows with the same random part, the larger one with further terms.
    """
    df, found = large.n_params - small.n_params, _statistic(small, large)
    return found if isinstance(found, RefusedTest) else tested(found, df, ChiSquared(df=df))


def _statistic(small: Fit | DevianceFit, large: Fit | DevianceFit) -> float | RefusedTest:
    """By how much the deviance falls; none where it rises by more than rounding."""
    statistic = small.deviance - large.deviance
    if statistic < -DEVIANCE_ROUNDING * max(1.0, abs(large.deviance) * 1e-6):
        return RefusedTest(reason=FitsWorse(by=-statistic))
    return max(statistic, 0.0)


def _reason(small: Fit, large: Fit) -> Refusal | None:
    """Why two fits are not compared."""
    if small.fingerprint != large.fingerprint:
        return DifferentSamples(small=small.n_obs, large=large.n_obs)
    if small.criterion != large.criterion:
        return DifferentCriteria(small=small.criterion, large=large.criterion)
    if small.design is not None or large.design is not None:
        return UnderWeights()
    mine, its = (dict(zip(f.names, f.coefficients, strict=True)) for f in (small, large))
    if small.is_reml and mine.keys() != its.keys():
        alone = sorted(mine.keys() ^ its.keys())
        return DifferentFixedEffects(only_in_one=tuple((mine | its)[name] for name in alone))
    if not mine.keys() <= its.keys():
        return NotNested(term=mine[min(mine.keys() - its.keys())])
    if _are_placed_by_forms(small, large):
        where = position(small, large)
        if isinstance(where, Outside):
            return NotNested(term=where.effect, group=group_level(where.group))
    if small.ratios is not None and small.model.residual != large.model.residual:
        term = term_record(Term((Factor(small.model.residual),)))
        return NotNested(term=term, group=group_level((RESIDUAL,)))
    return SameParameters() if large.n_params <= small.n_params else None


def _are_placed_by_forms(small: Fit, large: Fit) -> bool:
    """Whether forms decide if models are nested, or effects of all waves that hold a common one."""
    lost = _random_effects(small).keys() - _random_effects(large).keys()
    return bool(lost) or has_forms(small, large)


def _of_forms(small: Fit, large: Fit, df: int) -> Reference:
    """The distribution of a test of covariances with forms over waves.

    On several bounds the statistic is below chi-squared with as many degrees as there would be if
    the terms that differ had any covariance: that holds all directions that forms can take from
    there. Where one term alone is added, with a variance and a
    correlation, the directions are a curve, and three degrees are enough.

    Source
    ------
    Naiman (1986), Ann. Stat. 14, 896-906: the largest of standard normals along a curve of length k
    is above c with a probability of at most ``P(Z > c) + k exp(-c^2 / 2) / (2 pi)``. The curves of
    correlations are shorter than 2 pi, and then that is below chi-squared
    with three degrees.
    """
    where = position(small, large)
    if where == "one_bound":
        return weighted({df - 1: 0.5, df: 0.5})
    if where == "several_bounds":
        mine, its = _terms(small), _terms(large)
        added = [term for term in its if term not in mine]
        is_curve = len(added) == 1 and added[0][0].form in OF_A_CURVE
        if is_curve and df == 2 and len(its) == len(mine) + 1:
            return ChiSquared(df=CURVED, conservative="several_variances")
        beyond = (size * (size + 1) // 2 - _n_parameters(term, size) for term, size in added)
        return ChiSquared(df=df + sum(beyond), conservative="several_variances")
    return ChiSquared(df=df)


def _terms(fit: Fit) -> list[tuple[RandomTerm, int]]:
    """Random terms, with the number of their effects."""
    return list(zip(fit.model.random, map(len, fit.random_names), strict=True))


def _n_parameters(term: RandomTerm, size: int) -> int:
    return NaturalForm(term.form, size).parameters(np.eye(size)).size


def _random_effects(fit: Fit) -> dict[tuple[str, str], TermRecord]:
    """Random effects by group and name."""
    parts = zip(fit.model.random, fit.random_names, fit.random_coefficients, strict=True)
    return {
        (random.name, name): term
        for random, names, terms in parts
        for name, term in zip(names, terms, strict=True)
    }


def _reference(small: Fit, large: Fit, df: int) -> Reference:
    """The distribution that holds without the sample at hand."""
    covariances = large.theta.size - small.theta.size
    if not covariances:
        return ChiSquared(df=df)
    if _added_effects(small, large) == 1:
        return weighted({df - 1: 0.5, df: 0.5})
    return ChiSquared(df=df, conservative="several_variances")


def _added_effects(small: Fit, large: Fit) -> int:
    return len(_random_effects(large).keys() - _random_effects(small).keys())
