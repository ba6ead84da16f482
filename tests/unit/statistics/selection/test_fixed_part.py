"""What one effect tells of a test of several is what the test itself says."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from mlm.statistics.selection.fixed_part import FixedCovariance, FixedPart

LEVEL = 0.05
COLUMNS = 7


def _drawn(seed: int, errors: int = 2) -> FixedPart:
    """Estimates with an error of their covariance, some of them far from zero."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(COLUMNS, 2 * COLUMNS)) * 10.0 ** rng.uniform(-3, 3, (COLUMNS, 1))
    matrix = root @ root.T
    changes = rng.normal(size=(errors, COLUMNS, COLUMNS)) * rng.uniform(0.01, 0.4)
    half = np.linalg.cholesky(matrix)
    slopes = half @ (changes + changes.transpose(0, 2, 1)) @ half.T
    beta = half @ rng.normal(size=COLUMNS) * rng.choice([1.0, 3.0, 10.0])
    return FixedPart(FixedCovariance(np.arange(COLUMNS), matrix, slopes, 40.0), beta)


def _sets(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.choice(COLUMNS, size, replace=False) for size in (1, 2, 2, 3, 4, 6)]


@pytest.mark.parametrize("errors", [0, 1, 3])
def test_a_test_is_decided_early_only_as_the_test_itself_decides(errors):
    early = 0
    for seed in range(150):
        rng, fixed = np.random.default_rng(seed), _drawn(seed, errors)
        for part in (fixed, fixed.without(np.array([seed % COLUMNS]))):
            for columns in _sets(rng):
                found, whole = part.p_value(columns, LEVEL), part.p_value(columns)
                early += found != whole
                assert (found > LEVEL) == (whole > LEVEL)
                assert found in (0.0, whole)
    assert early > 100


@pytest.mark.parametrize("seed", range(20))
def test_no_combination_has_fewer_degrees_of_freedom(seed):
    fixed, rng = _drawn(seed).known, np.random.default_rng(seed)
    left = fixed.without(np.array([2])).covariance
    assert left.least_degrees == fixed.least_degrees
    for known in (fixed, left):
        for weights in rng.normal(size=(50, known.columns.size)):
            variance, changes = weights @ known.matrix @ weights, known.slopes @ weights @ weights
            degrees = 2.0 * variance**2 / ((changes**2).sum() + 2.0 * variance**2 / known.degrees)
            assert degrees >= fixed.least_degrees * (1.0 - 1e-9)


def test_where_nothing_is_known_of_the_degrees_every_test_is_made():
    known = FixedCovariance(np.arange(2), np.ones((2, 2)), np.ones((1, 2, 2)), 40.0)
    assert known.passed(2, LEVEL) == np.inf
    assert _drawn(0).known.passed(2, 0.5) == np.inf


def test_what_a_draw_was_tested_by_goes_with_it():
    """Nothing holds itself: what does would stay in memory until the collector comes."""
    fixed = _drawn(3)
    left = fixed.without(np.array([1]))
    left.p_value(np.array([0, 2]), LEVEL)
    known = weakref.ref(fixed.known)
    collects = gc.isenabled()
    gc.disable()
    try:
        del fixed, left
        assert known() is None
    finally:
        if collects:
            gc.enable()
