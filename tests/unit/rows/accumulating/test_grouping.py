"""Ids keep their numbers from batch to batch."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.rows.accumulating.batches import Batch, Coded
from mlm.rows.accumulating.grouping import Grouping, NumberedIds


def test_texts_are_numbered_on_when_another_list_of_values_follows():
    ids, first = NumberedIds(), np.array(["b", "a", "c"], dtype=object)
    assert ids.codes(Coded(np.array([2, 0], dtype=np.int8), first)).tolist() == [2, 0]
    assert (ids.size, ids.at(np.arange(ids.size)).tolist()) == (3, ["b", "a", "c"])
    second = np.array(["d", "a"], dtype=object)
    assert ids.codes(Coded(np.array([0, 1, 0]), second)).tolist() == [3, 1, 3]
    assert ids.codes(Coded(np.array([1]), first)).tolist() == [1]
    assert (ids.size, ids.at(np.arange(ids.size)).tolist()) == (4, ["b", "a", "c", "d"])


@pytest.mark.parametrize("as_texts", [True, False])
def test_names_of_new_groups_are_the_last_of_all(as_texts):
    rng, grouping = np.random.default_rng(5), Grouping()
    groups, known = grouping.of(("a", "b", "c")), []
    for start in range(0, 90, 30):
        ids = {name: rng.integers(0, 3 + start // 30, 30) for name in "abc"}
        if as_texts:
            texts = np.array([f"t{i}" for i in range(9)][start // 30 :], dtype=object)
            ids = {name: Coded(column, texts) for name, column in ids.items()}
        groups.codes(Batch(ids, 30, start))
        known += zip(*(key.tolist() for key in groups.names(len(known))), strict=True)
    assert known == list(zip(*(key.tolist() for key in groups.names()), strict=True))
    assert len(set(known)) == len(known) == groups.size
