"""Intervals with unequal sides over imputations."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.distributions import TWO_SIDED_95
from mlm.results.reason import NotFitted
from mlm.results.reference import ChiSquared
from mlm.results.test import RefusedTest, Test
from mlm.statistics.fitting.effect_sums import EffectSums
from mlm.statistics.inference.profile import Ends
from mlm.statistics.pooling.median_test import median_test
from mlm.statistics.pooling.pooled_ends import pooled_ends
from mlm.statistics.pooling.pooled_sums import pooled_sums
from mlm.statistics.pooling.scales import IDENTITY, LOGIT, pooled_on


def test_equal_imputations_keep_their_interval_to_the_last_bit():
    own = Ends(0.3, 0.1, 0.7)
    assert pooled_ends([0.3] * 4, [own] * 2, LOGIT) == own


def test_with_equal_sides_it_is_rubins_interval():
    values, error = np.array([0.2, 0.5, 0.3, 0.9]), 0.4
    ends = [Ends(v, v - TWO_SIDED_95 * error, v + TWO_SIDED_95 * error) for v in values]
    found = pooled_ends(values, ends, IDENTITY)
    expected = pooled_on(IDENTITY, values, np.full(4, error**2))
    assert found.value == pytest.approx(expected.estimate)
    assert (found.lower, found.upper) == pytest.approx((expected.lower, expected.upper), rel=1e-9)


def test_sides_stay_unequal_and_within_the_bounds():
    found = pooled_ends([0.02, 0.05, 0.0], [Ends(0.02, 0.0, 0.2), Ends(0.05, 0.0, 0.3)], LOGIT)
    assert found.lower == 0.0 and found.upper - found.value > found.value - found.lower


def test_imputations_that_were_not_looked_at_count_by_their_spread():
    few = [Ends(0.5, 0.4, 0.6)]
    near, far = (pooled_ends(values, few, LOGIT) for values in ([0.5, 0.51], [0.5, 0.6]))
    assert far.upper - far.lower > near.upper - near.lower > 0.2 * 0.99


def test_the_middle_test_is_told_whole():
    tests = [
        Test(statistic=s, df=1, reference=ChiSquared(df=1), p_value=p)
        for s, p in ((9.0, 0.003), (1.0, 0.32), (4.0, 0.046), (2.0, 0.16))
    ]
    assert median_test(tests[:1]) is tests[0]
    assert median_test(tests[:3]) == tests[2].model_copy(update={"pooled": "median"})
    assert median_test(tests) == tests[3].model_copy(update={"pooled": "median"})
    refused = RefusedTest(reason=NotFitted(what="model"))
    assert median_test([refused, *tests[:2]]).p_value == 0.32
    assert median_test([refused, tests[0]]) == refused


def test_sums_of_effects_hold_the_spread_of_the_imputations():
    rng = np.random.default_rng(1)
    means = rng.normal(size=(5, 3))
    known = [EffectSums(m, np.full(3, 0.2), np.full(3, 0.3), np.ones(3)) for m in means]
    sums, spread = pooled_sums(known)
    between = (1 + 1 / 5) * np.cov(means.T)
    assert sums.mean == pytest.approx(means.mean(axis=0))
    assert sums.comparative == pytest.approx(0.3 + np.diagonal(between))
    assert spread.among(np.array([0, 2])) == pytest.approx(between[np.ix_([0, 2], [0, 2])])
    one, none = pooled_sums(known[:1])
    assert np.array_equal(one.comparative, known[0].comparative) and not none.diagonal().any()
