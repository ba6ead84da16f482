"""Shares of variance: their intervals cover, and levels without variance are rarely found."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.answers.variation.shares import level_tests, variance_shares
from mlm.statistics.fitting.solution import solve
from tests.bands import FALSE_ALARM, binomial_band
from tests.nested_rows import nested_rows

pytestmark = [pytest.mark.study, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]
SIZES = {"county": 12, "school": (4, 6), "row": (5, 9)}
NULL = parse_formula("y ~ x + z + kind + (1 | county/school)")
TRUE = {"county": 0.2, "county:school": 0.3, "residual": 1.0}
REPLICATES = 200


def solution(seed: int, variances: dict[str, float]):
    frame = nested_rows(np.random.default_rng(seed), SIZES, variances)
    return solve(NULL, statistics_of(NULL, frame), "REML")


def test_intervals_contain_the_truth_as_often_as_they_say():
    total = sum(TRUE.values())
    hits = dict.fromkeys(TRUE, 0.0)
    for seed in range(REPLICATES):
        for share in variance_shares(solution(seed, {"county": 0.2, "school": 0.3})):
            held = share.lower <= TRUE[share.group] / total <= share.upper
            hits[share.group] += held / REPLICATES
    assert min(hits.values()) >= binomial_band(REPLICATES, 0.95, FALSE_ALARM / len(hits))[0]


def test_half_of_the_levels_without_variance_are_estimated_as_zero_and_few_are_found():
    shares, p_values = [], []
    for seed in range(REPLICATES):
        found = solution(seed, {"school": 0.3})
        shares.append(variance_shares(found)[0].share)
        p_values.append(level_tests(found)["county"].p_value)
    zeros, rejected = (
        np.mean(np.array(v) < limit) for v, limit in ((shares, 1e-9), (p_values, 0.05))
    )
    assert zeros >= binomial_band(REPLICATES, 0.5)[0]
    assert rejected <= binomial_band(REPLICATES, 0.05)[1]
