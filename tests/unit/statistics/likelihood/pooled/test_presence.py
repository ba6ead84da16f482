"""Units added up by the waves on which they were seen, against the same units one by one."""

from __future__ import annotations

from dataclasses import replace
from weakref import ref

import numpy as np
import pytest

from mlm.statistics.evidence.wave_parts import WavePart, WaveParts
from mlm.statistics.likelihood.nested.structure import Nested
from mlm.statistics.likelihood.nested.traces import PlaceTraces
from mlm.statistics.likelihood.pooled import cells, presence, presence_pools
from mlm.statistics.likelihood.pooled.cells import CellSums
from mlm.statistics.likelihood.pooled.grouping import OwnSums, PooledGroups
from mlm.statistics.likelihood.pooled.presence import units_by_presence
from mlm.statistics.likelihood.pooled.presence_pools import presence_pool
from mlm.statistics.likelihood.pooled.wave_cells import WaveCells
from tests.unit.statistics.likelihood.pooled.test_grouping import (
    EVERY,
    PUPILS,
    ROUNDING,
    SCHOOLS,
    WAVES,
    assert_same_slopes,
    omegas_of,
    pooled_and_apart,
    sums_of,
    survey,
)

UNIT = np.eye(6)
LINE = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, -1.0, 0.0, 1.0]])  # of the candidates


def by_wave(seed: int = 5) -> tuple[WaveParts, np.ndarray]:
    """Sums of pupils by wave, pupils of a school in an order of the wave's own; their schools."""
    w, pupil, school = survey(np.random.default_rng(seed))
    rng, parts = np.random.default_rng(seed + 1), []
    for t in range(WAVES):
        rows = w[:, 1 + t] == 1.0
        there = np.unique(pupil[rows])
        places = there[np.lexsort([rng.random(there.size), school[there]])]
        own = sums_of(w[rows][:, [0, 4, 5]], [0], pupil[rows])[:, places]
        marks = np.eye(WAVES)[t]
        multiples, zeros = np.r_[1.0, marks], np.zeros(1 + WAVES, dtype=int)
        pick, scale = np.array([0, 0, 0, 0, 1, 2]), np.r_[1.0, marks, 1.0, 1.0]
        parts.append(WavePart(places, own, zeros, multiples, pick, scale))
    return WaveParts((1 + WAVES, PUPILS, 6), parts), school


def of_columns(sums: WaveParts, school: np.ndarray, columns) -> object:
    outer, inner = columns
    units = units_by_presence(sums, school, ("school",))
    return presence_pool(units, sums, UNIT[inner][:, :4], UNIT, UNIT[:, sorted(outer)])


@pytest.fixture(autouse=True)
def _in_parts(monkeypatch):
    monkeypatch.setattr(presence, "UNITS_AT_A_TIME", 100)
    monkeypatch.setattr(cells, "PARENTS_AT_A_TIME", 7)
    monkeypatch.setattr(presence, "ROOM_FOR_CELLS", 1)  # some presences by group, others for all


@EVERY
def test_units_by_presence_tell_what_units_apart_tell(columns):
    _, apart, total = pooled_and_apart(columns)
    pool = of_columns(*by_wave(), columns)
    assert pool is not None
    pooled = Nested(apart.tree, pool)
    assert_same_slopes(pooled, apart, total, omegas_of(columns))
    basis = np.linalg.qr(np.random.default_rng(7).normal(size=(5, 5)))[0]
    first, second = (PlaceTraces(each.tree, each.pool, basis).of(0, 1) for each in (pooled, apart))
    assert first.whole == pytest.approx(second.whole, rel=ROUNDING, abs=ROUNDING)
    assert pool.inner[:, :, pool.pattern] == pytest.approx(apart.inner(1))


def test_lines_share_presences():
    """Effects of a line are two multiples of the rows of each wave."""
    sums, school = by_wave()
    units = units_by_presence(sums, school, ("school",))
    pool = presence_pool(units, sums, LINE, UNIT, UNIT[:, [0]])
    matrix = np.column_stack([UNIT[:, 0], UNIT[:, 3] - UNIT[:, 1]])
    old = PooledGroups(OwnSums(np.asarray(sums), LINE), matrix, school).pool(UNIT[:, [0]], UNIT)
    gain = np.random.default_rng(3).normal(size=(2, 2, 2**WAVES - 1))
    inner, given = pool.inner, old.inner
    same = [int(np.abs(given - inner[:, :, [p]]).sum(axis=(0, 1)).argmin()) for p in range(7)]
    assert sorted(same) == list(range(7))
    assert pool.gone(gain) == pytest.approx(old.gone(gain[:, :, np.argsort(same)]), rel=ROUNDING)


def test_cross_products_of_columns_of_time():
    sums, school = by_wave()
    units = units_by_presence(sums, school, ("school",))
    found = units.inner(sums, np.eye(4)[1:], UNIT[:, 1:4])
    assert found == pytest.approx(np.einsum("rt,ts->rts", units.rows, np.eye(WAVES)))
    assert units.inner(sums, np.eye(4)[[0]], UNIT[:, [4]]) is None


def test_models_share_what_was_made_for_others():
    sums, school = by_wave()
    units = units_by_presence(sums, school, ("school",))
    columns = [0, 4], [0]
    pool = of_columns(sums, school, columns)
    assert of_columns(sums, school, columns) is pool
    assert units_by_presence(sums.some([0, 1]), school, ("school",)) is units
    assert units_by_presence(sums.some(groups=school > 3), None, ()) is not units


def test_units_that_do_not_pay_or_have_slopes_are_left_to_their_patterns(monkeypatch):
    sums, school = by_wave()
    units = units_by_presence(sums, school, ("school",))
    other = [replace(part, sources=np.array([0, 0, 0, 1])) for part in sums.parts]
    sloped = WaveParts(sums.shape, other)
    assert presence_pool(units, sloped, np.eye(4)[[3]], UNIT, UNIT[:, [0]]) is None
    assert presence_pool(units, sums, np.eye(4)[[3]], UNIT, UNIT[:, [0]]) is not None
    monkeypatch.setattr(presence_pools, "UNITS_A_CELL", PUPILS)
    assert presence_pool(units, sums, np.eye(4)[[2]], UNIT, UNIT[:, [0]]) is None


def test_sums_that_cannot_be_told_by_presence():
    """Sums kept whole, rows that are weighed, and waves in which schools are not together."""
    sums, school = by_wave()
    assert units_by_presence(np.asarray(sums), school, ()) is None
    assert (
        units_by_presence(WaveParts(sums.shape, sums.parts, keeps_whole=True), school, ()) is None
    )
    weighed = [replace(part, sums=0.7 * part.sums) for part in sums.parts]
    assert units_by_presence(WaveParts(sums.shape, weighed), school, ()) is None
    turned = [replace(part, places=part.places[::-1]) for part in sums.parts]
    assert units_by_presence(WaveParts(sums.shape, turned), school, ()) is None


def test_units_without_groups_around():
    sums, _ = by_wave()
    ordered = []
    for part in sums.parts:
        order = np.argsort(part.places)
        ordered.append(replace(part, places=part.places[order], sums=part.sums[:, order]))
    alone = WaveParts(sums.shape, ordered)
    units = units_by_presence(alone, None, ())
    pool = presence_pool(units, alone, UNIT[[0]][:, :4], UNIT, UNIT[:, :0])
    old = PooledGroups(OwnSums(np.asarray(sums), UNIT[[0]][:, :4]), UNIT[:, [0]], None)
    given = old.pool(UNIT[:, :0], UNIT)
    assert sorted(pool.counts) == sorted(given.counts) and pool.counts.sum() == PUPILS
    order, other = np.argsort(pool.inner[0, 0]), np.argsort(given.inner[0, 0])
    assert pool.moments[:, order] == pytest.approx(given.moments[:, other], rel=ROUNDING)


@EVERY
def test_few_sums_of_a_model_are_kept_and_many_are_those_of_waves(columns, monkeypatch):
    sums, school = by_wave()
    rng, found = np.random.default_rng(9), []
    for much in (0, 1 << 20):
        monkeypatch.setattr(presence_pools, "MUCH_FEWER", much)
        sums.shared.clear()
        pool = of_columns(sums, school, columns)
        assert isinstance(pool.cells, (CellSums, WaveCells)[much > 0])
        found.append(pool)
    shape = pool.inner.shape[1:]
    weights, values = rng.normal(size=(2, *shape)), rng.normal(size=(2, 6, SCHOOLS))
    for take in (lambda c: c.handed_on(weights), lambda c: c.taken_back(values, shape)):
        one, other = (take(each.cells) for each in found)
        assert one == pytest.approx(other, rel=ROUNDING, abs=ROUNDING)


def test_the_last_pool_with_a_slope_is_kept_and_no_other():
    sums, school = by_wave()
    first = ref(of_columns(sums, school, ([0, 4], [0])))
    plain = ref(of_columns(sums, school, ([0], [0])))
    assert plain() is None and first() is not None
    assert of_columns(sums, school, ([0, 4], [0])) is first()
    of_columns(sums, school, ([0, 5], [0]))
    assert first() is None
