"""Keys of any size are numbered as a dictionary would number them."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.rows.accumulating.batches import Coded
from mlm.rows.accumulating.grouping import Codebook, Ids
from mlm.rows.accumulating.key_table import FIRST, KeyTable

EXTREMES = np.array([0, -1, np.iinfo(np.int64).min, np.iinfo(np.int64).max])


@pytest.mark.parametrize("spread", [1, 1 << 20, 1 << 40])
def test_numbers_are_those_of_a_dictionary(spread):
    rng, table, known = np.random.default_rng(spread), KeyTable(), {}
    for size in (10, 5_000, 70_000, 20_000):  # beyond the slots of a new table
        keys = np.unique(np.append(rng.integers(-size, size, size) * spread, EXTREMES))
        keys = rng.permutation(keys)
        expected = [known.setdefault(key, len(known)) for key in keys.tolist()]
        np.testing.assert_array_equal(table.numbers(keys), expected)
    assert table.size == len(known) > FIRST // 2
    assert table.keys.tolist() == list(known)


def test_a_codebook_goes_on_when_keys_lie_too_far_apart_for_a_table():
    book, known = Codebook(), {}
    for keys in ([5, 3, 5], [3, 1 << 60, 4], [-(1 << 60), 5, 1 << 60]):
        expected = [known.setdefault(key, len(known)) for key in keys]
        assert book.codes(np.array(keys)).tolist() == expected
    assert book.keys.tolist() == list(known)


def test_texts_are_numbered_on_when_another_list_of_values_follows():
    ids, first = Ids(), np.array(["b", "a", "c"], dtype=object)
    assert ids.codes(Coded(np.array([2, 0], dtype=np.int8), first)).tolist() == [2, 0]
    assert (ids.size, ids.values.tolist()) == (3, ["b", "a", "c"])
    second = np.array(["d", "a"], dtype=object)
    assert ids.codes(Coded(np.array([0, 1, 0]), second)).tolist() == [3, 1, 3]
    assert ids.codes(Coded(np.array([1]), first)).tolist() == [1]
    assert (ids.size, ids.values.tolist()) == (4, ["b", "a", "c", "d"])
