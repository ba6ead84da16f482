"""Tests as the library returns them: numbers, or a reason in words."""

from __future__ import annotations

import typing

import numpy as np
import pytest

import mlm
from mlm.front.comparison import REASONS, Comparison
from mlm.results.coefficient import Factor
from mlm.results.level import Level
from mlm.results.reason import DifferentFixedEffects, FitsWorse, NotNested
from mlm.results.test import RefusedTest
from mlm.statistics.inference import likelihood_ratio
from tests.nested_rows import nested_rows

SIZES = {"county": 6, "school": 4, "row": 8}


@pytest.fixture(scope="module")
def rows():
    return nested_rows(np.random.default_rng(8), SIZES, {"school": 0.3})


def test_a_test_has_the_numbers_of_its_record(rows):
    small, large = (mlm.fit(f"y ~ {x} + (1 | county:school)", rows, "ML") for x in ("1", "x"))
    record = likelihood_ratio.likelihood_ratio_test(small, large)
    test = mlm.likelihood_ratio_test(small, large)
    assert isinstance(test, mlm.Comparison) and test.is_valid and test.reason is None
    numbers = (test.statistic, test.df, test.reference, test.p_value)
    assert numbers == (record.statistic, record.df, record.reference, record.p_value)


def test_a_refused_test_has_no_number_and_says_why(rows):
    small, large = (mlm.fit(f"y ~ {x} + (1 | county:school)", rows) for x in ("1", "x"))
    test = mlm.likelihood_ratio_test(small, large)
    assert (test.statistic, test.df, test.reference, test.p_value) == (None,) * 4
    assert not test.is_valid
    assert test.reason.startswith("REML criteria of models with different fixed effects")
    assert "(x only in one)" in test.reason and test.refused.kind == "different_fixed_effects"


SCHOOL = Level(unit="school", ids=("county", "school"))
X, KIND = Factor(variable="x"), Factor(variable="kind", category="b) parent")
WORDS = [
    (DifferentFixedEffects(only_in_one=((X, KIND),)), "(x:kind[T.b) parent] only in one)"),
    (NotNested(term=(Factor(variable="x", power=2),)), "I(x ** 2) is only in the smaller one"),
    (
        NotNested(term=(), group=Level(unit="school", ids=("county", "school"))),
        "(1 | county:school)",
    ),
    (FitsWorse(by=1.0), "worse by 1: one of them has not converged"),
]


@pytest.mark.parametrize("reason,words", WORDS)
def test_reasons_name_terms_as_formulas_do(reason, words):
    assert words in Comparison.of(RefusedTest(reason=reason)).reason


def test_every_reason_that_the_test_can_have_has_words():
    refusals = likelihood_ratio.Refusal
    kinds = {record.model_fields["kind"].default for record in typing.get_args(refusals)}
    assert kinds == REASONS.keys()


@pytest.mark.parametrize("name", mlm.__all__)
def test_every_public_name_is_there(name):
    assert getattr(mlm, name) is not None
