"""Keys of any size are numbered as a dictionary would number them."""

from __future__ import annotations

import numpy as np
import pytest

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
