"""Sums of waves that stay in their file are those that were read, whichever are asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.evidence import wave_parts
from mlm.statistics.evidence.arrays.array_files import StoredArray, write_arrays
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.wave_parts import SomeGroups, WavePart, WaveParts, whole_part

SHAPE = (2, 40, 3)


@pytest.fixture
def both(tmp_path, monkeypatch) -> tuple[WaveParts, WaveParts]:
    """Sums of two waves, which share some groups, in memory and in a file."""
    monkeypatch.setattr(wave_parts, "GROUPS_AT_A_TIME", 7)
    rng = np.random.default_rng(1)
    parts = []
    for places in (np.arange(0, 30), np.array([1, 4, *range(20, 40)])):
        own = rng.normal(size=(2, places.size, 2))
        pick, scale = np.array([1, 0, 1]), np.array([1.0, 0.0, 2.0])
        parts.append(WavePart(places, own, np.array([1, 0]), np.array([1.0, 0.5]), pick, scale))
    write_arrays(tmp_path / "sums.npz", {f"w{i}": part.sums for i, part in enumerate(parts)})
    filed = [
        replace(part, sums=StoredArray(tmp_path / "sums.npz", f"w{i}"))
        for i, part in enumerate(parts)
    ]
    return WaveParts(SHAPE, parts), WaveParts(SHAPE, filed)


def test_all_sums_are_the_same(both):
    known, filed = both
    assert np.array_equal(np.asarray(filed), np.asarray(known))
    assert np.array_equal(filed.taken([1], [0, 2]), known.taken([1], [0, 2]))


@pytest.mark.parametrize("groups", [slice(0, 40), slice(3, 9), slice(25, 40), slice(31, 32)])
def test_blocks_of_groups_are_the_same(both, groups):
    known, filed = both
    assert np.array_equal(filed.block([0, 1], groups), known.block([0, 1], groups))


def test_some_groups_are_the_same(both):
    known, filed = both
    mask = np.arange(40) % 3 > 0
    some = [np.asarray(each.some([1], mask, [2, 0])) for each in both]
    assert np.array_equal(*some)
    assert np.array_equal(some[0], np.asarray(known)[1:, mask][:, :, [2, 0]])


def test_a_sample_is_the_same_whether_its_sums_are_read_or_not(tmp_path):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"g": np.repeat(np.arange(20), 3).astype(str), "x": rng.normal(size=60)})
    model = parse_formula("y ~ x + (1 + x | g)")
    stats = statistics_of(model, frame.assign(y=rng.normal(size=60)))
    (level,) = stats.levels
    parts = WaveParts(level.sums.shape, [whole_part(level.sums)])
    replace(stats, levels=(replace(level, sums=parts),)).save(tmp_path / "stats.npz")
    read, filed = (CrossProducts.load(tmp_path / "stats.npz", largest=n) for n in (None, 0))
    (mine,), (its,) = (each.levels[0].sums.parts for each in (filed, read))
    assert isinstance(mine.sums, StoredArray) and isinstance(its.sums, np.ndarray)
    assert np.array_equal(np.asarray(filed.levels[0].sums), level.sums)


def test_some_groups_of_a_wave_are_read_between_the_first_and_the_last():
    sums = np.random.default_rng(2).normal(size=(2, 9, 3))
    some = SomeGroups(sums, np.array([1, 2, 4, 7]))
    assert np.array_equal(some.part(1, 1, 4), sums[1, [2, 4, 7]])
    assert np.array_equal(SomeGroups(some, np.array([1, 3])), sums[:, [2, 7]])
    assert some.part(0, 2, 2).shape == (0, 3)


def test_groups_in_an_order_of_their_own_are_read_from_their_file_in_parts(tmp_path):
    """Of a block no more is read than lies between its first and its last group there."""
    rng, read = np.random.default_rng(3), []
    sums = rng.normal(size=(1, 40, 3))
    np.savez(tmp_path / "sums.npz", sums=sums)
    filed = StoredArray(tmp_path / "sums.npz", "sums")
    part = filed.part
    filed.part = lambda c, start, stop: read.append(stop - start) or part(c, start, stop)
    places = np.arange(40).reshape(10, 4)[:, ::-1].ravel()  # turned within each four
    ones, columns = np.ones(1), np.arange(3)
    own = WavePart(places, filed, np.zeros(1, int), ones, columns, np.ones(3))
    found = WaveParts((1, 40, 3), [own]).block([0], slice(8, 20))
    expected = np.empty_like(sums)
    expected[:, places] = sums
    assert np.array_equal(found, expected[:, 8:20]) and read == [12]
