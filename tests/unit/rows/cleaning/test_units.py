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
