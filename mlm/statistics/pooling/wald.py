"""Wald tests of the terms of a pooled fit, by D1."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from mlm.errors import NotPooled
from mlm.results.test import Test
from mlm.statistics.inference.reference import f_distribution, tested
from mlm.statistics.inference.terms import columns_of_terms
from mlm.statistics.pooling.joint_tests import JointTest, d1
from mlm.statistics.pooling.pooled_fit import PooledFit


def pooled_wald_test(fit: PooledFit, terms: Collection[str], df: float | None = None) -> Test:
    """Test that all columns of some terms have no effect, by D1.

    Parameters
    ----------
    fit : PooledFit
        A pooled fit.
    terms : collection of str
        Names of terms, as in ``fit.terms``; several are tested together.
    df : float, optional
        Degrees of freedom with complete data; default: those of the design of the sample, or of a
        large one.

    Raises
    ------
    StatisticsError
        When a name is not that of a term, or there is none.
    """
    chosen = columns_of_terms(fit.terms, terms)
    own = np.ix_(chosen, chosen)
    if fit.nests is not None:
        return _test_of_nests(fit, chosen)
    if df is None and fit.fits[0].design is not None:
        weights = np.eye(fit.beta.size)[chosen]
        df = np.mean([f.degrees_of(weights) for f in fit.fits])
    found = d1(
        np.array([each.beta[chosen] for each in fit.fits]),
        np.array([each.covariance[own] for each in fit.fits]),
        np.inf if df is None else float(df),
    )
    return as_test(found)


def _test_of_nests(fit: PooledFit, chosen: list[int]) -> Test:
    """The square of t for one column of fits to nested imputations; of several nothing is known."""
    if len(chosen) > 1:
        raise NotPooled(
            f"a test of {len(chosen)} columns together from nested imputations: D1 to D4 are of "
            "imputations that are not nested. Look at the columns one by one in fixed_effects."
        )
    found, (place,) = fit.effects, chosen
    square = float(found.estimate[place] ** 2 / found.total[place, place])
    return tested(square, 1, f_distribution(1, float(found.df[place])))


def as_test(found: JointTest) -> Test:
    """A pooled joint test as a test with its F distribution."""
    return tested(found.statistic, found.df, f_distribution(found.df, found.denominator))
