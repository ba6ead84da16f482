"""Cells of nested and crossed units: what they add up to is what rows by themselves do."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mlm.statistics.imputation.crossed.cells import UnitCells
from mlm.statistics.imputation.crossed.crossed_totals import crossed_totals

ROWS, GROUPS, UNITS, D = 60, 7, 5, 2


@pytest.fixture
def rows():
    """Rows of two patterns, which have both responses and the first alone."""
    rng = np.random.default_rng(1)
    observed = np.array([[True, True], [True, False]])
    pattern = rng.integers(0, 2, ROWS)
    group, unit = rng.integers(0, GROUPS, ROWS), rng.integers(0, UNITS, ROWS)
    q, x = np.vstack([np.ones(ROWS), rng.normal(size=ROWS)]), rng.normal(size=(D, ROWS))
    x[1, pattern == 1] = 0.0
    sizes = [GROUPS, UNITS]
    cells = UnitCells.of(pattern, [group, unit], np.ones(ROWS), 2, sizes)
    return SimpleNamespace(
        observed=observed, pattern=pattern, group=group, unit=unit, q=q, x=x, cells=cells
    )


def test_cells_hold_each_row_once(rows):
    keys = np.vstack([rows.pattern, rows.group, rows.unit])
    found, counts = np.unique(keys, axis=1, return_counts=True)
    bounds = np.diff(rows.cells.bounds)
    assert np.array_equal(np.repeat([0, 1], bounds), found[0])
    assert np.array_equal(np.vstack(rows.cells.sides), found[1:])
    assert np.array_equal(rows.cells.rows, counts)


def test_what_one_side_takes_from_the_other_is_that_of_the_rows(rows):
    rng = np.random.default_rng(2)
    wholes = [rng.normal(size=(D, size)) for size in rows.cells.sizes]
    inner = rng.normal(size=(2, D, D))
    for side, other in ((0, 1), (1, 0)):
        ids = [rows.group, rows.unit]
        expected = np.zeros((D, rows.cells.sizes[side]))
        for row in range(ROWS):
            taken = inner[rows.pattern[row]] @ wholes[other][:, ids[other][row]]
            expected[:, ids[side][row]] += taken
        assert np.allclose(rows.cells.pulled(side, wholes, inner), expected)


def test_totals_are_those_of_rows_with_what_groups_and_units_add(rows):
    rng = np.random.default_rng(3)
    effects = [rng.normal(size=(D, size)) for size in rows.cells.sizes]
    shown = [rng.normal(size=(1, GROUPS)), rng.normal(size=(2, UNITS))]
    known = np.hstack([np.ones((2, 2), dtype=bool), rows.observed])
    z = np.vstack([rows.q, rows.x])
    totals = np.array([z[:, rows.pattern == p] @ z[:, rows.pattern == p].T for p in range(2)])

    def sums(ids: np.ndarray, size: int) -> np.ndarray:
        parts = []
        for p in range(2):
            own = z[known[p]] * (rows.pattern == p)
            parts += [np.bincount(ids, row, size) for row in own]
        return np.array(parts)

    def by_pattern(values: np.ndarray) -> np.ndarray:
        out = np.zeros((known.size, values.shape[1]))
        out[np.flatnonzero(known)] = values
        return out.reshape(*known.shape, -1)

    table = SimpleNamespace(
        n_predictors=2,
        n_responses=D,
        known=known,
        totals=totals,
        sums=sums(rows.group, GROUPS),
        crossed=(SimpleNamespace(sums=sums(rows.unit, UNITS)),),
        cells=rows.cells,
        by_pattern=by_pattern,
    )
    found = crossed_totals(table, effects, shown)
    left = rows.x - effects[0][:, rows.group] - effects[1][:, rows.unit]
    whole = np.vstack([rows.q, shown[0][:, rows.group], shown[1][:, rows.unit], left])
    for p in range(2):
        own = whole[:, rows.pattern == p]
        expected = own @ own.T
        if p:
            expected[-1], expected[:, -1] = 0.0, 0.0
        assert np.allclose(found[p], expected)
