"""Sums of many groups, in memory or in files: the same, in whatever order the rows come."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlm.nouns.columns import Column, Columns
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating import group_table, nested_levels
from mlm.rows.accumulating.accumulate import accumulate_together
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.evidence.arrays.array_files import FiledSums
from mlm.statistics.evidence.crossproducts import CrossProducts

X = Column(powers=(("x", "identity", 1),))
COLUMNS = Columns((Column(), X), {("x", "identity"): (0.0, 1.0)}, {})
GROUPS = [("a",), ("a", "b"), ("a", "b", "wave")]


def wanted(groups=GROUPS, slopes: bool = True) -> Wanted:
    own = [(group, [X] if slopes and len(group) > 1 else []) for group in groups]
    return Wanted(COLUMNS, Hierarchy.of(own), may_file=True)


def rows_of(n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    b = np.sort(rng.integers(0, n // 4, n))
    return pd.DataFrame({"a": b // 9, "b": b, "wave": "w", "x": rng.integers(-9, 9, n) / 4})


def sums_of(tmp_path, frame: pd.DataFrame, claim: Wanted) -> CrossProducts:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, row_group_size=700)
    (found,) = accumulate_together(source_of(path), [claim])
    return found.cross_products()


@pytest.fixture
def few_held(monkeypatch):
    monkeypatch.setattr(group_table, "HELD_NUMBERS", 50)
    monkeypatch.setattr(group_table, "DONE_GROUPS", 8)
    monkeypatch.setattr(nested_levels, "FILED_GROUPS", 100)


@pytest.mark.parametrize("groups", [GROUPS, GROUPS[1:], GROUPS[:2], [("b",)]])
@pytest.mark.parametrize("slopes", [True, False])
def test_sums_in_files_are_those_in_memory(groups, slopes, tmp_path, few_held, monkeypatch):
    frame, claim = rows_of(4000), wanted(groups, slopes)
    found = sums_of(tmp_path, frame, claim)
    assert isinstance(found.levels[-1].sums.held, FiledSums)
    monkeypatch.setattr(group_table, "HELD_NUMBERS", 10**9)
    expected = sums_of(tmp_path, frame, claim)
    assert not isinstance(expected.levels[-1].sums.held, FiledSums)
    for own, other in zip(found.levels, expected.levels, strict=True):
        assert np.array_equal(own.sums, other.sums)  # quarters add up exactly
        assert all(np.array_equal(a, b) for a, b in zip(own.keys, other.keys, strict=True))
    found.save(tmp_path / "filed.npz")
    expected.save(tmp_path / "held.npz")
    assert (tmp_path / "filed.npz").read_bytes() == (tmp_path / "held.npz").read_bytes()


def test_groups_that_come_back_are_held_again(tmp_path, few_held, monkeypatch):
    frame = pd.concat([rows_of(3000), rows_of(3000, seed=2)])
    found = sums_of(tmp_path, frame, wanted())
    assert isinstance(found.levels[-1].sums.held, np.ndarray)
    monkeypatch.setattr(group_table, "HELD_NUMBERS", 10**9)
    expected = sums_of(tmp_path, frame, wanted())
    for own, other in zip(found.levels, expected.levels, strict=True):
        assert np.array_equal(own.sums, other.sums)


def test_sums_of_units_with_one_group_each_are_stored_once(tmp_path):
    sums = sums_of(tmp_path, rows_of(4000), wanted())
    assert sums.levels[1].sums is sums.levels[2].sums
    assert sums.levels[0].sums is not sums.levels[1].sums
    sums.save(tmp_path / "sums.npz")
    with np.load(tmp_path / "sums.npz") as stored:
        assert "sums_1" in stored.files and "sums_2" not in stored.files
    for lazily in (False, True):
        found = CrossProducts.load(tmp_path / "sums.npz", lazily)
        for own, other in zip(found.levels, sums.levels, strict=True):
            assert np.array_equal(np.asarray(own.sums), other.sums)
