"""Correlations of predictions with means: by moments as by draws."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.answers.over_time import carried_forward
from mlm.statistics.answers.over_time.back_test import back_test
from mlm.statistics.answers.over_time.carried_forward import carried_model
from mlm.statistics.answers.over_time.expected_correlation import (
    blocks_of_units,
    correlation_of_many,
    drawn_correlations,
)
from tests.effects_over_waves import common, level_of, prepared, rows, with_form

TAILS = (0.025, 0.975)
DRAWS = 20_000
MEAN = 0.002
"""Of mean correlations: what the delta method leaves out at 200 units, and errors of draws."""

ENDS = 0.006
"""Of ends of intervals: the same."""


def test_moments_give_what_draws_give():
    rng = np.random.default_rng(3)
    foretold, errors = np.zeros((2, 200, 200))
    for block in np.split(np.arange(200), 10):
        for matrix, size in ((foretold, 0.5), (errors, 0.8)):
            root = rng.normal(size=(20, 20)) / 6.0 + size * np.eye(20)
            matrix[np.ix_(block, block)] = root @ root.T + 0.05
    drawn = drawn_correlations(foretold, errors, DRAWS)
    found = correlation_of_many(
        ((foretold[np.ix_(b, b)], errors[np.ix_(b, b)]) for b in np.split(np.arange(200), 10)),
        TAILS,
    )
    assert found.mean == pytest.approx(drawn.mean(), abs=MEAN)
    ends = np.quantile(drawn, TAILS)
    assert (found.lower, found.upper) == pytest.approx(tuple(ends), abs=ENDS)


def test_where_nothing_is_foretold_nothing_is_correlated():
    found = correlation_of_many([(np.zeros((3, 3)), np.eye(3))], TAILS)
    assert (found.mean, found.lower, found.upper) == (0.0, 0.0, 0.0)


def test_blocks_hold_whole_outermost_units():
    outermost = ["b", "a", "b", "c", "a", "c", "c", "d"]
    blocks = [block.tolist() for block in blocks_of_units(outermost, most=4)]
    assert blocks == [[1, 4, 0, 2], [3, 5, 6, 7]]
    cut = [block.tolist() for block in blocks_of_units(["a"] * 5, most=2)]
    assert cut == [[0, 1], [2, 3], [4]]


@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged")
def test_many_units_are_held_against_what_few_would_be(monkeypatch):
    frame, _ = rows(3, common(0.6, 3), schools=120, size=6)
    plan, _, stats = prepared(frame, ("w0", "w1", "w2"))
    settled = with_form(plan, stats, "unstructured")
    found = []
    for most in (10**6, 10):
        monkeypatch.setattr(carried_forward, "MOST_UNITS", most)
        carried = carried_model(plan, settled, level_of(plan, stats))
        found.append(back_test(plan, settled, carried))
    few, many = found
    assert many.correlation == pytest.approx(few.correlation, abs=0.02)
    assert many.expected == pytest.approx(few.expected, abs=0.03)
    assert many.expected_low < many.expected < many.expected_high
    assert many.known == pytest.approx(few.known, abs=0.05)
