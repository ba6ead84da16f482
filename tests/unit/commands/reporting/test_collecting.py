"""Memory is looked through rarely while a report is made, and as before afterwards."""

from __future__ import annotations

import gc

import pytest

from mlm.commands.reporting.collecting import ALLOCATIONS, rare_collections


@pytest.mark.parametrize(("usual", "during"), [(700, ALLOCATIONS), (900_000, 900_000)])
def test_the_threshold_is_raised_and_put_back(usual, during):
    before = gc.get_threshold()
    try:
        gc.set_threshold(usual, 10, 10)
        with rare_collections():
            assert gc.get_threshold()[0] == during
        assert gc.get_threshold() == (usual, 10, 10)
    finally:
        gc.set_threshold(*before)


def test_a_fault_leaves_the_threshold_as_it_was():
    before = gc.get_threshold()
    with pytest.raises(KeyError), rare_collections():
        raise KeyError
    assert gc.get_threshold() == before


def test_what_is_left_at_the_end_is_not_looked_through_at_once():
    looked: list[int] = []

    def look(phase, info):
        looked.append(info["generation"])

    gc.collect()
    gc.callbacks.append(look)
    try:
        with rare_collections():
            kept = [[] for __ in range(10_000)]
        assert not looked
        assert gc.get_count()[0] < 700 < len(kept)
    finally:
        gc.callbacks.remove(look)
