"""Ids keep their numbers from batch to batch."""

from __future__ import annotations

import numpy as np

from mlm.rows.accumulating.batches import Coded
from mlm.rows.accumulating.grouping import NumberedIds


def test_texts_are_numbered_on_when_another_list_of_values_follows():
    ids, first = NumberedIds(), np.array(["b", "a", "c"], dtype=object)
    assert ids.codes(Coded(np.array([2, 0], dtype=np.int8), first)).tolist() == [2, 0]
    assert (ids.size, ids.values.tolist()) == (3, ["b", "a", "c"])
    second = np.array(["d", "a"], dtype=object)
    assert ids.codes(Coded(np.array([0, 1, 0]), second)).tolist() == [3, 1, 3]
    assert ids.codes(Coded(np.array([1]), first)).tolist() == [1]
    assert (ids.size, ids.values.tolist()) == (4, ["b", "a", "c", "d"])
