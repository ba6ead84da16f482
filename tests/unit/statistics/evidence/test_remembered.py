"""What a sample remembers while tasks are done side by side: the same before each, all after."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.front.fitting import sample_of
from mlm.nouns.formula import parse_formula
from mlm.nouns.machine.side_by_side import at_most
from mlm.statistics.evidence.remembered import answered
from mlm.statistics.fitting.solution import fit_model
from tests.nested_rows import nested_rows

FORMULAS = ("y ~ x + (1 | school)", "y ~ x + z + (1 | school)", "y ~ 1 + (1 | school)")


@pytest.fixture
def sample():
    rows = nested_rows(np.random.default_rng(2), {"school": 12, "row": 6}, {"school": 0.4})
    return sample_of(mlm.fit(FORMULAS[1], rows), rows)


@pytest.mark.parametrize("processes", [1, 2])
def test_each_task_knows_what_was_there_before_and_the_sample_all_of_them_after(sample, processes):
    first, *others = map(parse_formula, FORMULAS)
    fit_model(first, sample)

    def task(model):
        known = [len(sample.fits), sum(map(len, sample.told.values()))]
        fit = fit_model(model, sample)
        return known, fit

    with at_most(processes):
        found = answered([sample, sample], [lambda m=m: task(m) for m in others])
    assert [known for known, _ in found] == [[1, 1], [1, 1]]
    models = [model for model, _ in sample.fits]
    assert models == [fit.model for fit in (fit_model(m, sample) for m in (first, *others))]
    for model, (_, fit) in zip(others, found, strict=True):
        assert fit_model(model, sample).deviance == fit.deviance
    assert len(sample.fits) == 3


def test_what_was_remembered_stays_where_a_task_fails(sample):
    def fails():
        fit_model(parse_formula(FORMULAS[0]), sample)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        answered([sample], [fails])
    assert not sample.fits
    assert not sample.told
