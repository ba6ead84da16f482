"""Columns on disk; what the disk refuses is told with its folder."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from mlm.errors import FilesError
from mlm.rows.cleaning.store import ColumnFile, temporary_folder


@pytest.mark.parametrize("held", [0, 25, 1000])
def test_columns_come_back_by_rows(held):
    store = ColumnFile(held)
    store.append({"x": np.arange(3.0), "k": np.arange(3, dtype=np.int16)})
    store.append({"x": np.arange(3.0, 5.0), "k": np.arange(3, 5, dtype=np.int16)})
    assert store.column("x", 1, 4).tolist() == [1.0, 2.0, 3.0]
    assert store.column("k").tolist() == [0, 1, 2, 3, 4]
    assert store.column("x", 4).tolist() == [4.0]
    store.add("k", np.array([7.0]))
    assert store.column("k").tolist() == [7.0]
    store.close()


def test_a_column_that_is_held_is_neither_changed_nor_shared():
    store = ColumnFile()
    rows = np.arange(6.0)
    store.add("x", rows[:3])
    rows[:] = -1.0
    assert store.column("x").tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        store.column("x")[0] = 1.0


def test_memory_is_that_of_what_is_held_and_comes_back_with_columns_that_are_replaced():
    store = ColumnFile(held=80)
    for _ in range(5):
        store.add("x", np.arange(10.0))
    store.add("y", np.arange(10.0))
    assert [type(piece) for (piece,) in store._pieces.values()] == [np.ndarray, tuple]


@pytest.mark.parametrize("n", [10, 100_000])
def test_a_full_disk_is_told_with_the_folder_of_temporary_files(monkeypatch, tmp_path, n):
    """Small pieces wait in memory, so that the disk refuses them when they are read."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    store = ColumnFile(held=0)
    store.close()
    store._file = open("/dev/full", "w+b", buffering=8192)  # noqa: SIM115
    with pytest.raises(OSError) as raised:
        store.append({"x": np.arange(float(n))})
        store.column("x")
    assert raised.value.errno == errno.ENOSPC
    assert raised.value.filename == str(tmp_path / "(temporary file)")
    store.close()


def test_a_folder_for_temporary_files_that_cannot_be_used_is_not_exchanged(monkeypatch, tmp_path):
    folder = tmp_path / ("a" * 100) / "missing"
    monkeypatch.setenv("TMPDIR", str(folder))
    with pytest.raises(FilesError, match="TMPDIR: '.*missing' is no folder"):
        ColumnFile()
    folder.mkdir(parents=True)
    assert temporary_folder() == str(folder)
    monkeypatch.delenv("TMPDIR")
    assert os.path.isdir(temporary_folder())


@pytest.mark.parametrize("held", [0, 40, 1000])
@pytest.mark.parametrize("expected", [0, 2, 3, 4, 5, 9])
def test_room_for_rows_that_are_expected_changes_nothing(held, expected):
    store = ColumnFile(held)
    store.expect(expected)
    for start in (0, 3, 4):
        store.append({"x": np.arange(start, start + 3.0), "k": np.arange(3, dtype=np.int16)})
    assert store.column("x").tolist() == [0, 1, 2, 3, 4, 5, 4, 5, 6]
    assert store.column("x", 2, 4).tolist() == [2, 3]
    assert store.taken("x").tolist() == [0, 1, 2, 3, 4, 5, 4, 5, 6]
    assert "x" not in store
    assert store.column("k").tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2]
    store.close()


def test_room_comes_back_with_a_column_that_is_taken():
    store = ColumnFile(held=160)
    store.expect(10)
    for _ in range(3):
        for _ in range(2):
            store.append({"x": np.arange(5.0), "y": np.arange(5.0)})
        assert store.taken("x").tolist() == store.taken("y").tolist()
        assert store._room == 160
