"""Rows in the order of their units, whatever number of levels one integer holds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlm.rows.cleaning import units
from mlm.rows.cleaning.ids import Ids
from mlm.rows.cleaning.units import all_rows, order_units


@pytest.mark.parametrize("bits", [63, 14, 8, 4])
def test_rows_are_sorted_by_path_and_keep_their_order_within(bits, monkeypatch):
    monkeypatch.setattr(units, "PACKED_BITS", bits)
    rng = np.random.default_rng(bits)
    sizes = {"county": 3, "school": 5, "pupil": 9}
    ids = {
        level: Ids(pa.array([f"{i}" for i in range(size)]), rng.integers(0, size, 200))
        for level, size in sizes.items()
    }
    rows = all_rows(200)[rng.permutation(200)[:150]]
    found = order_units(ids, rows)
    paths = [tuple(int(each.codes[row]) for each in ids.values()) for row in rows]
    expected = sorted(range(150), key=paths.__getitem__)
    assert found.rows.tolist() == rows[expected].tolist()
    for depth, level in enumerate(ids, start=1):
        inside = [paths[i][:depth] for i in expected]
        numbers = {path: n for n, path in enumerate(dict.fromkeys(inside))}
        assert found.groups[level].tolist() == [numbers[path] for path in inside]


@pytest.mark.parametrize("bits", [63, 13, 12])
def test_ids_that_come_once_are_the_places_of_their_rows(bits, monkeypatch):
    """Paths of 3, 5 and 100 ids take 12 bits, beside the place of 100 rows 19."""
    monkeypatch.setattr(units, "PACKED_BITS", bits)
    rng = np.random.default_rng(bits)
    texts = pa.array([f"{i:02d}" for i in range(100)])
    ids = {
        "county": Ids(texts[:3], rng.integers(0, 3, 100)),
        "school": Ids(texts[:5], rng.integers(0, 5, 100)),
        "pupil": Ids(texts, rng.permutation(100)),
    }
    rows = all_rows(100)[20:]
    path = units._sorted_paths(ids, rows)
    assert path is not None
    found = order_units(ids, rows)
    paths = [tuple(int(each.codes[row]) for each in ids.values()) for row in rows]
    expected = sorted(range(80), key=paths.__getitem__)
    assert found.rows.tolist() == rows[expected].tolist()
    assert found.groups["pupil"].tolist() == list(range(80))
    again = {**ids, "pupil": Ids(texts, np.zeros(100, dtype=np.int32))}
    assert bits == 63 or units._sorted_paths(again, rows) is None
