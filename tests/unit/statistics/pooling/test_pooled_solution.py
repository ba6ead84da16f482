"""Fits to all imputations: combinations by Rubin's rules, joint tests by D1, one search near."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mlm.nouns.formula import parse_formula
from mlm.nouns.levels import WAVE
from mlm.statistics.evidence.completed_samples import MOST_SEARCHED, CompletedSamples
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.f_tests import f_test
from mlm.statistics.pooling.degrees import of_joint_test
from mlm.statistics.pooling.pooled_solution import solve_each
from tests.imputed_rows import gone_at_random, imputed
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

SIZES = {"county": 8, "school": 4, WAVE: 2, "row": 6}
PLAN = make_plan("same_schools", waves=("w0", "w1"), by_time=(), terms=("x", "z", "kind"))
MODEL = parse_formula("y ~ year + x + z + kind + (1 | county/school)")
DRAWS = 6


@cache
def imputations() -> CompletedSamples:
    rng = np.random.default_rng(4)
    frame = nested_rows(rng, SIZES, {"county": 0.3, "school": 0.3})
    frame = gone_at_random(frame.assign(**{WAVE: "w" + frame[WAVE]}), rng, 0.3)
    completed = imputed(frame, rng, DRAWS, ("county", "school"))
    return CompletedSamples.of([merged(PLAN, each, completed[0]) for each in completed])


@cache
def pooled():
    return solve_each(MODEL, imputations(), "REML")


@cache
def alone():
    return [solve(MODEL, stats, "REML") for stats in imputations().draws]


def test_each_search_ends_where_one_begun_from_nothing_does():
    for near, far in zip(pooled().solutions, alone(), strict=True):
        assert near.fit.deviance == pytest.approx(far.fit.deviance, abs=1e-6)
        assert near.fit.beta == pytest.approx(far.fit.beta, rel=1e-5)


def test_a_combination_follows_rubin_with_the_degrees_of_barnard_and_rubin():
    weights = np.zeros(pooled().fit.beta.size)
    weights[[2, 3]] = 1.0, -0.5
    found = pooled().contrast(weights)
    each = [solution.contrast(weights) for solution in alone()]
    between = np.var([e.estimate for e in each], ddof=1)
    within = np.mean([e.std_error**2 for e in each])
    total = within + (1 + 1 / DRAWS) * between
    missing = (1 + 1 / DRAWS) * between / total
    complete = np.mean([e.df for e in each[:MOST_SEARCHED]])
    held = (complete + 1) / (complete + 3) * complete * (1 - missing)
    df = 1 / (missing**2 / (DRAWS - 1) + 1 / held)
    assert found.estimate == pytest.approx(np.mean([e.estimate for e in each]), rel=1e-6)
    assert found.std_error == pytest.approx(np.sqrt(total), rel=1e-5)
    assert found.df == pytest.approx(df, rel=1e-4)
    riv = missing / (1 - missing)
    assert found.missing_information == pytest.approx((riv + 2 / (df + 3)) / (1 + riv), rel=1e-4)


def test_a_joint_test_is_d1_with_the_degrees_of_reiter():
    rows = np.eye(pooled().fit.beta.size)[2:5]
    test = f_test(pooled(), rows)
    estimates = np.array([rows @ each.fit.beta for each in alone()])
    within = np.mean([rows @ each.fit.covariance @ rows.T for each in alone()], axis=0)
    between = np.cov(estimates.T)
    riv = (1 + 1 / DRAWS) * np.trace(between @ np.linalg.inv(within)) / 3
    mean = estimates.mean(axis=0)
    statistic = mean @ np.linalg.solve(within, mean) / 3 / (1 + riv)
    assert test.pooled == "D1"
    assert test.statistic == pytest.approx(statistic, rel=1e-5)
    curved = alone()[:MOST_SEARCHED]
    complete = np.mean([f_test(each, rows).reference.denominator for each in curved])
    denominator = of_joint_test(3, DRAWS, riv, complete)
    assert test.reference.denominator == pytest.approx(denominator, rel=1e-3)


def test_of_one_column_the_test_is_the_square_of_t():
    row = np.eye(pooled().fit.beta.size)[2:3]
    found, test = pooled().contrast(row[0]), f_test(pooled(), row)
    assert test.statistic == pytest.approx((found.estimate / found.std_error) ** 2, rel=1e-9)


def test_a_model_without_imputed_columns_has_one_fit_and_todays_numbers():
    model = parse_formula("y ~ year + z + (1 | county/school)")
    found = solve_each(model, imputations(), "REML")
    one = solve(model, imputations().first, "REML")
    assert len(found.different) == 1 and len(found.solutions) == DRAWS
    row = np.eye(found.fit.beta.size)[2]
    expected = one.contrast(row).model_copy(update={"missing_information": 0.0})
    assert found.contrast(row) == expected
    assert f_test(found, row[None]) == f_test(one, row[None]).model_copy(update={"pooled": "D1"})


def test_nothing_of_a_single_fit_is_taken_for_all():
    with pytest.raises(AttributeError):
        pooled().evaluated  # noqa: B018
    with pytest.raises(AttributeError, match="each of its fits has its own"):
        pooled().fit.deviance  # noqa: B018
    assert not pooled().stats.levels
