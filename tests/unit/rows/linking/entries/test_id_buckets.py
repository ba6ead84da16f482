"""Ids in buckets: each id in one of them, as integers as long as all are such."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlm.rows.linking.entries import id_buckets
from mlm.rows.linking.entries.id_buckets import IdBuckets
from mlm.rows.linking.entries.lowest_units import LowestUnits

NUMBERS = [str(n) for n in range(1000, 1040, 3)]


def taken(waves: list[list[str]]) -> list:
    """Buckets of some waves, each taken up in two pieces."""
    buckets = IdBuckets(sum(map(len, waves)))
    for wave, ids in enumerate(waves):
        for part in (slice(0, 3), slice(3, None)):
            texts = pa.array(ids[part], pa.string())
            buckets.add(texts, wave, np.arange(len(ids), dtype=np.int32)[part])
    return list(buckets.buckets())


def rows_of(bucket) -> list[tuple[str, int, int]]:
    """Id, wave and entry of each row of a bucket."""
    numbers = bucket.numbers
    ids = bucket.texts.to_pylist() if numbers is None else [str(n) for n in numbers]
    return list(zip(ids, bucket.wave.tolist(), bucket.entry.tolist(), strict=True))


@pytest.mark.parametrize("held", [1000, 10])
@pytest.mark.parametrize(
    ("later", "are_numbers"),
    [(NUMBERS, True), (["10000", "10007"], True), (["0012", "12"], False), (["7", "a7"], False)],
)
def test_all_rows_of_an_id_are_in_one_bucket(held, later, are_numbers, monkeypatch):
    monkeypatch.setattr(id_buckets, "HELD_ROWS", held)
    waves = [NUMBERS, NUMBERS[::-1], later]
    found = taken(waves)
    assert len(found) == -(-sum(map(len, waves)) // held)
    assert all((bucket.numbers is not None) == are_numbers for bucket in found)
    rows = [rows_of(bucket) for bucket in found]
    expected = [(text, wave, i) for wave, ids in enumerate(waves) for i, text in enumerate(ids)]
    assert sorted(row for own in rows for row in own) == sorted(expected)
    for own in rows:
        assert [row[1] for row in own] == sorted(row[1] for row in own) or not are_numbers
    where = [{text for text, _, _ in own} for own in rows]
    assert sum(map(len, where)) == len(set().union(*where))


@pytest.mark.parametrize("held", [1000, 10])
def test_ids_have_places_in_order(held, monkeypatch):
    monkeypatch.setattr(id_buckets, "HELD_ROWS", held)
    for bucket in taken([NUMBERS, NUMBERS[::2], ["10000", "10010"]]):
        rank, numbers = bucket.placed()
        assert numbers[rank].tolist() == bucket.numbers.tolist()
        assert (np.diff(numbers) > 0).all()


@pytest.mark.parametrize("held", [1000, 10])
@pytest.mark.parametrize("last", [["1000", "1500"], ["1000", "9000000"], ["1000", "a7"]])
def test_units_that_are_rows_are_counted_in_any_bucket(held, last, monkeypatch):
    monkeypatch.setattr(id_buckets, "HELD_ROWS", held)
    waves = [NUMBERS, [*NUMBERS[::-2], NUMBERS[-1]], last]
    parent = np.arange(max(map(len, waves)))
    units = LowestUnits("pupil", "school", ("a", "b", "c"), np.array([1, 1, 1]), parent * 0)
    for bucket in taken(waves):
        units.take(bucket, parent)
    assert units.n_units == len(set().union(*waves))
    assert [ids.distinct for ids in units.ids] == [len(set(ids)) for ids in waves]
    common = [units.ids[i].in_common(units.ids[i + 1]) for i in (0, 1)]
    assert common == [len({*waves[i]} & {*waves[i + 1]}) for i in (0, 1)]
    assert (units.n_shared, units.again.sum()) == (1, 1)
    places = [{i for ids in waves for i, own in enumerate(ids) if own == text} for text in NUMBERS]
    assert units.n_changed == sum(len(own) > 1 for own in places)
