"""Memory is looked through rarely while a report is made, and as before afterwards."""

from __future__ import annotations

import gc

import pytest

from mlm.commands.reporting.collecting import ALLOCATIONS, rare_collections


@pytest.mark.parametrize(("usual", "during"), [(700, ALLOCATIONS), (200_000, 200_000)])
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
