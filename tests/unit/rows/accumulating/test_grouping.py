"""Ids keep their numbers from batch to batch."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.rows.accumulating.batches import Batch, Coded, WrittenNumbers
from mlm.rows.accumulating.grouping import Grouping, NumberedIds


def test_texts_are_numbered_on_when_another_list_of_values_follows():
    ids, first = NumberedIds(), np.array(["b", "a", "c"], dtype=object)
    assert ids.codes(Coded(np.array([2, 0], dtype=np.int8), first)).tolist() == [2, 0]
    assert (ids.size, ids.at(np.arange(ids.size)).tolist()) == (3, ["b", "a", "c"])
    second = np.array(["d", "a"], dtype=object)
    assert ids.codes(Coded(np.array([0, 1, 0]), second)).tolist() == [3, 1, 3]
    assert ids.codes(Coded(np.array([1]), first)).tolist() == [1]
    assert (ids.size, ids.at(np.arange(ids.size)).tolist()) == (4, ["b", "a", "c", "d"])


def test_integers_that_stand_for_texts_are_texts_by_name():
    ids, written = NumberedIds(), np.array([12, 30, 12]).view(WrittenNumbers)
    assert ids.codes(written).tolist() == [0, 1, 0]
    assert ids.at(np.arange(2)).tolist() == ["12", "30"]
    assert ids.codes(Coded(np.array([0, 1]), np.array(["x", "30"], object))).tolist() == [2, 1]
    assert ids.codes(written[1:]).tolist() == [1, 0]
    assert ids.at(np.arange(ids.size)).tolist() == ["12", "30", "x"]


@pytest.mark.parametrize("is_written", [True, False])
def test_integers_and_those_that_stand_for_texts_are_one_id_each(is_written):
    ids, numbers = NumberedIds(), np.array([12, 30])
    one, other = (numbers.view(WrittenNumbers), numbers)[:: 1 if is_written else -1]
    assert ids.codes(one).tolist() == ids.codes(other).tolist() == [0, 1]
    assert ids.at(np.arange(2)).tolist() == ["12", "30"]


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
