"""What a random allocation gives: drawn, and by formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import f as f_of

from mlm.results.coefficient import Factor
from mlm.results.level import Level
from mlm.results.reason import TooFewUnits
from mlm.statistics.answers.policy.balance import Arms, standardised_differences
from mlm.statistics.answers.policy.random_allocation import joint_balance, random_difference
from tests.bands import binomial_band

DRAWS = 2000


def arms_of(parts: dict[str, np.ndarray]) -> Arms:
    every = np.vstack(list(parts.values()))
    around = every - every.mean(axis=0)
    return Arms(
        level=Level(unit="county", ids=("county",)),
        wave=None,
        columns=tuple(Factor(variable=f"x{i}") for i in range(every.shape[1])),
        means={c: part.mean(axis=0) for c, part in parts.items()},
        spread={c: part.std(axis=0, ddof=1) for c, part in parts.items()},
        units={c: len(part) for c, part in parts.items()},
        mixed=0,
        values=parts,
        total=around.T @ around,
    )


def test_ten_against_ten_counties_exceed_a_tenth_in_83_percent():
    error, chance = random_difference(10, 10)
    assert error == pytest.approx(np.sqrt(0.2))
    assert round(100 * chance) == 83


@pytest.mark.parametrize(("a", "b"), [(10, 10), (6, 18), (40, 40)])
def test_the_chance_is_that_of_drawn_allocations(a, b):
    rng = np.random.default_rng(a)
    counties = rng.normal(size=(DRAWS, a + b))
    first, second = counties[:, :a], counties[:, a:]
    pooled = np.sqrt(
        ((a - 1) * first.var(axis=1, ddof=1) + (b - 1) * second.var(axis=1, ddof=1)) / (a + b - 2)
    )
    found = np.abs(first.mean(axis=1) - second.mean(axis=1)) / pooled
    chance = random_difference(a, b)[1]
    low, high = binomial_band(DRAWS, chance)
    assert low <= np.mean(found > 0.1) <= high


def test_two_groups_are_hotelling_s():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(12, 3)), rng.normal(size=(9, 3)) + 0.4
    test = joint_balance(arms_of({"a": a, "b": b}))
    pooled = (11 * np.cov(a.T) + 8 * np.cov(b.T)) / 19
    apart = a.mean(axis=0) - b.mean(axis=0)
    squared = 12 * 9 / 21 * apart @ np.linalg.solve(pooled, apart)
    statistic = squared * (21 - 3 - 1) / (19 * 3)
    assert test.statistic == pytest.approx(statistic, rel=1e-10)
    assert (test.df, test.reference.denominator) == (3, 17)
    assert test.p_value == pytest.approx(f_of.sf(statistic, 3, 17), rel=1e-8)


def test_three_groups_reject_at_random_as_often_as_stated():
    rng = np.random.default_rng(8)
    p_values = []
    for _ in range(600):
        x = rng.normal(size=(33, 4))
        parts = dict(zip("abc", np.split(x, [9, 20]), strict=True))
        p_values.append(joint_balance(arms_of(parts)).p_value)
    low, high = binomial_band(600, 0.05)
    assert low <= np.mean(np.array(p_values) < 0.05) <= high


def test_a_covariate_that_others_determine_counts_once():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(30, 2))
    twice = np.column_stack([x, x.sum(axis=1), np.ones(30)])
    tests = [joint_balance(arms_of({"a": m[:14], "b": m[14:]})) for m in (x, twice)]
    assert tests[0].statistic == pytest.approx(tests[1].statistic, rel=1e-8)
    assert tests[0].df == tests[1].df == 2


def test_fewer_units_than_covariates_need_are_refused():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(6, 5))
    refused = joint_balance(arms_of({"a": x[:3], "b": x[3:]}))
    assert refused.reason == TooFewUnits(units=6, covariates=5)
    assert np.isfinite(standardised_differences(arms_of({"a": x[:3], "b": x[3:]}), "b", "a")).all()
