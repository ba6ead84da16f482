"""Likelihood-ratio tests: their reference distributions, and the reasons for refusing one."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.inference.comparison import chi_bar_tail, wald_test
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
    return mlm.likelihood_ratio_test(fit(small, criterion), fit(large, criterion))


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
    assert test.is_valid, test.reason
    assert test.statistic == pytest.approx(fit(small).deviance - fit(large).deviance)
    tail = sum(w * (chi2.sf(test.statistic, df) if df else 0.0) for df, w in weights.items())
    assert test.p_value == pytest.approx(tail, rel=1e-9)
    assert test.df == max(weights)
    names = [
        f"{w:g}*chi2({df})" if len(weights) > 1 else f"chi2({df})"
        for df, w in sorted(weights.items())
    ]
    assert test.reference.startswith(" + ".join(names))


def test_several_variances_at_once_are_called_conservative():
    test = compared("kind + (1 | county)", "kind + (1 + kind | county)")
    assert "conservative" in test.reference
    assert test.df == 5


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_variances_are_tested_by_either_criterion(criterion):
    assert compared("x + (1 | county)", "x + (1 | county/school)", criterion).is_valid


REFUSED = [
    ("x + (1 | county)", "x + kind + (1 | county)", "REML", r"not comparable.*criterion=.ML."),
    ("kind + (1 | county)", "x + (1 | county)", "ML", "not nested.*kind"),
    ("x + (1 | county)", "x + kind + (1 | county:school)", "ML", r"not nested.*\| county"),
    ("x + (1 | county)", "x + (1 | county)", "ML", "nothing to test"),
    ("x + (1 | county/school)", "x + (1 | county)", "ML", "not nested"),
    ("x + (1 + x | county)", "x + z + kind + (1 | county)", "ML", r"\(x \| county\)"),
]


@pytest.mark.parametrize("small,large,criterion,reason", REFUSED)
def test_an_invalid_test_carries_its_reason(small, large, criterion, reason):
    test = compared(small, large, criterion)
    assert not test.is_valid
    assert test.p_value is None
    assert re.search(reason, test.reason), test.reason


def test_fits_by_different_criteria_are_not_compared():
    test = mlm.likelihood_ratio_test(fit("x + (1 | county)", "REML"), fit("x + z + (1 | county)"))
    assert test.reason == "one fit is by REML, the other by ML."


def test_fits_to_different_rows_are_not_compared():
    other = mlm.fit("y ~ x + z + (1 | county)", sample(2), "ML")
    test = mlm.likelihood_ratio_test(fit("x + (1 | county)"), other)
    assert "different samples" in test.reason
    assert "accumulate once" in test.reason


def test_a_larger_model_that_fits_worse_has_not_converged():
    small, large = fit("x + (1 | county)"), fit("x + z + (1 | county)")
    test = mlm.likelihood_ratio_test(small, replace(large, deviance=small.deviance + 1.0))
    assert "fits worse by 1" in test.reason


def test_rounding_does_not_make_a_statistic_negative():
    small, large = fit("x + (1 | county)"), fit("x + z + (1 | county)")
    test = mlm.likelihood_ratio_test(small, replace(large, deviance=small.deviance + 1e-9))
    assert test.statistic == 0.0
    assert test.p_value == 1.0


@pytest.mark.parametrize("statistic", [0.0, 0.5, 2.706, 40.0])
def test_mixtures_of_chi_squared_tails(statistic):
    half = chi_bar_tail(statistic, {0: 0.5, 1: 0.5})
    assert half == pytest.approx(1.0 if statistic == 0.0 else 0.5 * chi2.sf(statistic, 1))
    both = chi_bar_tail(statistic, {1: 0.5, 2: 0.5})
    assert half <= both <= 1.0


def test_a_wald_test_of_one_column_is_its_squared_ratio():
    found = fit("x + z + (1 | county)")
    test = wald_test(found, {"z"})
    assert test.statistic == pytest.approx(found.fixed_effects.loc["z", "z"] ** 2)
    assert test.df == 1
    assert wald_test(found, {"kind"}).reason == "the model has no column of these terms."


def test_a_wald_test_of_a_factor_does_not_depend_on_its_reference():
    rng = np.random.default_rng(3)
    frame = nested_rows(rng, {"county": 9, "row": 12}, {"county": 0.3})
    tests = [
        wald_test(
            mlm.fit(
                "y ~ x + kind + (1 | county)",
                frame.assign(kind=pd.Categorical(frame["kind"], order)),
            ),
            {"kind"},
        ).statistic
        for order in (["a", "b", "c"], ["c", "a", "b"])
    ]
    assert tests[0] == pytest.approx(tests[1], rel=1e-6)
