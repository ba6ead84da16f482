"""Likelihood-ratio tests: their reference distributions, and the reasons for refusing one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.results.coefficient import Factor
from mlm.results.level import Level
from mlm.results.reason import (
    DifferentCriteria,
    DifferentFixedEffects,
    DifferentSamples,
    NotNested,
    SameParameters,
)
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test
from mlm.statistics.inference.reference import tail, weighted
from tests.nested_rows import nested_rows

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
FULL = "y ~ x * z + kind + (1 + x + kind | county) + (1 + x | county:school)"


@cache
def sample(seed: int = 1):
    rng = np.random.default_rng(seed)
    sizes = {"county": 9, "school": (3, 5), "row": (5, 9)}
    frame = nested_rows(rng, sizes, {"county": 0.3, "school": 0.2}, {"county": 0.1})
    return statistics_of(parse_formula(FULL), frame)


@cache
def fit(text: str, criterion: str = "ML"):
    return mlm.fit(f"y ~ {text}", sample(), criterion)


def compared(small: str, large: str, criterion: str = "ML"):
    return likelihood_ratio_test(fit(small, criterion), fit(large, criterion))


REFERENCES = [
    ("1 + (1 | county)", "x + (1 | county)", {1: 1.0}),
    ("x + (1 | county)", "x + kind + (1 | county)", {2: 1.0}),
    ("x", "x + (1 | county)", {0: 0.5, 1: 0.5}),
    ("x + (1 | county:school)", "x + (1 | county/school)", {0: 0.5, 1: 0.5}),
    ("x + (1 | county)", "x + (1 + x | county)", {1: 0.5, 2: 0.5}),
    ("x + (1 | county)", "x + (1 + x || county)", {0: 0.5, 1: 0.5}),
    ("x + (1 + x || county)", "x + (1 + x | county)", {1: 1.0}),
    ("kind + (1 + x | county)", "kind + (1 + x + kind | county)", {7: 1.0}),
    ("1 + (1 | county)", "x + (1 | county/school)", {1: 0.5, 2: 0.5}),
]


@pytest.mark.parametrize("small,large,weights", REFERENCES)
def test_the_reference_distribution_fits_what_is_tested(small, large, weights):
    test = compared(small, large)
    assert test.is_valid, test
    assert test.statistic == pytest.approx(fit(small).deviance - fit(large).deviance)
    tail = sum(w * (chi2.sf(test.statistic, df) if df else 0.0) for df, w in weights.items())
    assert test.p_value == pytest.approx(tail, rel=1e-9)
    assert test.df == max(weights)
    reference = test.reference
    if reference.kind == "chi_squared":
        assert {reference.df: reference.factor} == weights
    else:
        assert reference == weighted(weights)


def test_several_variances_at_once_are_called_conservative():
    test = compared("kind + (1 | county)", "kind + (1 + kind | county)")
    assert test.reference.conservative == "several_variances"
    assert test.df == 5


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_variances_are_tested_by_either_criterion(criterion):
    assert compared("x + (1 | county)", "x + (1 | county/school)", criterion).is_valid


KINDS = tuple((Factor(variable="kind", category=c),) for c in ("b", "c"))
X = (Factor(variable="x"),)
COUNTY = Level(unit="county", ids=("county",))
SCHOOL = Level(unit="school", ids=("county", "school"))
REFUSED = [
    (
        "x + (1 | county)",
        "x + kind + (1 | county)",
        "REML",
        DifferentFixedEffects(only_in_one=KINDS),
    ),
    ("kind + (1 | county)", "x + (1 | county)", "ML", NotNested(term=KINDS[0])),
    ("x + (1 | county)", "x + kind + (1 | county:school)", "ML", NotNested(term=(), group=COUNTY)),
    ("x + (1 | county)", "x + (1 | county)", "ML", SameParameters()),
    ("x + (1 | county/school)", "x + (1 | county)", "ML", NotNested(term=(), group=SCHOOL)),
    ("x + (1 + x | county)", "x + z + kind + (1 | county)", "ML", NotNested(term=X, group=COUNTY)),
]


@pytest.mark.parametrize("small,large,criterion,reason", REFUSED)
def test_an_invalid_test_carries_its_reason(small, large, criterion, reason):
    test = compared(small, large, criterion)
    assert not test.is_valid
    assert test.reason == reason


def test_fits_by_different_criteria_are_not_compared():
    test = likelihood_ratio_test(fit("x + (1 | county)", "REML"), fit("x + z + (1 | county)"))
    assert test.reason == DifferentCriteria(small="REML", large="ML")


def test_fits_to_different_rows_are_not_compared():
    other = mlm.fit("y ~ x + z + (1 | county)", sample(2), "ML")
    test = likelihood_ratio_test(fit("x + (1 | county)"), other)
    rows = fit("x + (1 | county)").n_obs, other.n_obs
    assert test.reason == DifferentSamples(small=rows[0], large=rows[1])


def test_a_larger_model_that_fits_worse_has_not_converged():
    small, large = fit("x + (1 | county)"), fit("x + z + (1 | county)")
    test = likelihood_ratio_test(small, replace(large, deviance=small.deviance + 1.0))
    assert test.reason.kind == "fits_worse"
    assert test.reason.by == pytest.approx(1.0)


def test_rounding_does_not_make_a_statistic_negative():
    small, large = fit("x + (1 | county)"), fit("x + z + (1 | county)")
    test = likelihood_ratio_test(small, replace(large, deviance=small.deviance + 1e-9))
    assert test.statistic == 0.0
    assert test.p_value == 1.0


@pytest.mark.parametrize("statistic", [0.0, 0.5, 2.706, 40.0])
def test_mixtures_of_chi_squared_tails(statistic):
    half = tail(weighted({0: 0.5, 1: 0.5}), statistic)
    assert half == pytest.approx(1.0 if statistic == 0.0 else 0.5 * chi2.sf(statistic, 1))
    both = tail(weighted({1: 0.5, 2: 0.5}), statistic)
    assert half <= both <= 1.0
