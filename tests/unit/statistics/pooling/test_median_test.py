"""Likelihood-ratio tests of several imputations as one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mlm.errors import NotConverged, SingularFit
from mlm.nouns.formula import parse_formula
from mlm.nouns.levels import WAVE
from mlm.results.test import RefusedTest, Test
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference import likelihood_ratio
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test
from mlm.statistics.pooling.median_test import median_ratio_test, median_test
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

PLAN = make_plan("cross_section", waves=("w0",), terms=("x", "kind"), slopes=("x", "kind"))
SIZES = {"county": 8, WAVE: 1, "school": 5, "row": 12}
SMALL = parse_formula("y ~ x + kind + (1 | county:school)")
LARGE = parse_formula("y ~ x + kind + (1 + kind | county:school)")
SAMPLES = 5

pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{each.__module__}.{each.__name__}")
    for each in (SingularFit, NotConverged)
]


@cache
def pairs():
    out = []
    for seed in range(SAMPLES):
        rng = np.random.default_rng(seed)
        frame = nested_rows(rng, SIZES, {"school": 0.4})
        stats = merged(PLAN, frame.assign(**{WAVE: "w0"}))
        small = solve(SMALL, stats)
        out.append((small.fit, solve(LARGE, stats, "REML", small.fit).fit, stats))
    return out


def test_the_median_is_that_of_the_tests_of_all():
    found, expected = (
        median_ratio_test(pairs()),
        median_test([likelihood_ratio_test(*each) for each in pairs()]),
    )
    assert isinstance(found, Test) and found.pooled == "median"
    assert found.statistic == expected.statistic
    assert found == expected


def test_a_mixture_is_made_once(monkeypatch):
    made, own = [], likelihood_ratio.mixture

    def counted(*given):
        made.append(given)
        return own(*given)

    monkeypatch.setattr(likelihood_ratio, "mixture", counted)
    median_ratio_test(pairs())
    assert len(made) == 1


def test_a_single_test_is_as_it_is():
    assert median_ratio_test(pairs()[:1]) == likelihood_ratio_test(*pairs()[0])


def test_where_most_are_refused_all_are():
    small, large, stats = pairs()[0]
    turned = [(large, small, stats)] * 3
    assert isinstance(median_ratio_test([*turned, *pairs()[1:3]]), RefusedTest)
