"""Sums by slot against the same sums cell by cell: common patterns, rare ones, and both ways."""

import numpy as np
import pytest

from mlm.statistics.likelihood.pooled import cells
from mlm.statistics.likelihood.pooled.cells import (
    CellSums,
    OwnSlots,
    SharedSlots,
    WholeSums,
    cell_sums,
)

COLUMNS, WIDTH = 2, 3


@pytest.fixture(params=[True, False], ids=["few", "many"])
def few(request, monkeypatch):
    """Whether the sums count as few."""
    if not request.param:
        monkeypatch.setattr(cells, "FEW_SUMS", 0)
    return request.param


def _cells(share: float, parents: int, patterns: int):
    """Cells of some enclosing groups, of which the first have many patterns more than others."""
    rng = np.random.default_rng(int(100 * share))
    has = rng.random((parents, patterns)) < share
    has[: parents // 4] |= rng.random((parents // 4, patterns)) < 0.4
    has[:, 0] = True  # the first pattern is everywhere
    has[-1, 1:] = False
    parent, pattern = np.nonzero(has)
    seen = rng.random((COLUMNS, patterns)) < 0.7
    seen[:, 0] = True, False
    totals = rng.standard_normal((COLUMNS, WIDTH, parent.size)) * seen[:, None, pattern]
    return parent, pattern, seen, totals


def _sums(share: float, parents: int, patterns: int, step: int):
    parent, pattern, seen, totals = _cells(share, parents, patterns)
    parts = [slice(i, min(i + step, parent.size)) for i in range(0, parent.size, step)]
    chunks = ((some, totals[:, :, some]) for some in parts)
    return cell_sums(chunks, WIDTH, pattern, parent, seen), parent, pattern, totals


@pytest.mark.parametrize("step", [3, 1000])
@pytest.mark.parametrize(
    ("share", "parents", "patterns"), [(0.0, 9, 5), (0.1, 40, 30), (0.6, 12, 8)]
)
def test_slots_hand_on_and_take_back_what_cells_do(share, parents, patterns, step, few):
    sums, parent, pattern, totals = _sums(share, parents, patterns, step)
    assert isinstance(sums, WholeSums if few else CellSums)
    rng = np.random.default_rng(3)
    weights = rng.standard_normal((4, COLUMNS, patterns))
    expected = np.zeros((4, WIDTH, parents))
    handed = np.einsum("rqn,qkn->nrk", weights[:, :, pattern], totals)
    np.add.at(expected.transpose(2, 0, 1), parent, handed)
    np.testing.assert_allclose(sums.handed_on(weights), expected, atol=1e-12)
    values = rng.standard_normal((4, WIDTH, parents))
    back = np.zeros((4, COLUMNS, patterns))
    own = np.einsum("rkn,qkn->nrq", values[:, :, parent], totals)
    np.add.at(back.transpose(2, 0, 1), pattern, own)
    np.testing.assert_allclose(sums.taken_back(values, back.shape[1:]), back, atol=1e-12)
    parts = [(0, values[:, :, :5]), (5, values[:, :, 5:])]
    found = sum(sums.taken_back(part, back.shape[1:], first) for first, part in parts)
    np.testing.assert_allclose(found, back, atol=1e-12)


def test_columns_are_picked_or_combined(few):
    sums, *_ = _sums(0.1, 40, 30, 1000)
    if not few:
        assert {type(part) for part in sums.parts} == {SharedSlots, OwnSlots}
    weights = np.random.default_rng(4).standard_normal((1, COLUMNS, 30))
    whole, picks = sums.handed_on(weights), np.array([2, 0])
    picked = sums.combined(np.eye(WIDTH)[:, picks], picks)
    combined = sums.combined(np.eye(WIDTH)[:, picks] * 2.0, None)
    np.testing.assert_allclose(picked.handed_on(weights), whole[:, picks])
    np.testing.assert_allclose(combined.handed_on(weights), 2.0 * whole[:, picks], atol=1e-12)


def test_rare_slots_take_no_more_room_than_twice_the_cells(monkeypatch):
    monkeypatch.setattr(cells, "FEW_SUMS", 0)
    sums, *_ = _sums(0.1, 40, 30, 1000)
    rare = [part for part in sums.parts if isinstance(part, OwnSlots)]
    used = sum(int((part.sums != 0.0).any(axis=2).sum()) for part in rare)
    assert sum(part.slots.size for part in rare) <= 2 * used
    assert isinstance(sums, CellSums)
