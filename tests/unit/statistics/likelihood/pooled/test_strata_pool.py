"""Units by presence whose waves are weighed, against the same units one by one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from mlm.statistics.evidence.wave_parts import WaveParts
from mlm.statistics.likelihood.basis import combined_sums
from mlm.statistics.likelihood.elimination import eliminated
from mlm.statistics.likelihood.nested.structure import Nested
from mlm.statistics.likelihood.pooled import cells, presence
from mlm.statistics.likelihood.pooled.presence import units_by_presence
from mlm.statistics.likelihood.pooled.presence_pools import strata_pool
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.structure import LevelPart, StrataParts
from tests.unit.statistics.likelihood.pooled.test_grouping import (
    EVERY,
    ROUNDING,
    WAVES,
    assert_same_slopes,
    left_behind,
    omegas_of,
    pooled_and_apart,
    sums_of,
    survey,
)
from tests.unit.statistics.likelihood.pooled.test_presence import LINE, UNIT, by_wave

WEIGHTS = np.array([0.6, 1.0, 1.9])


@pytest.fixture(autouse=True)
def _in_parts(monkeypatch):
    monkeypatch.setattr(presence, "UNITS_AT_A_TIME", 100)
    monkeypatch.setattr(cells, "PARENTS_AT_A_TIME", 7)


def strata_of(columns) -> tuple[StrataParts, StrataParts]:
    """The waves of both levels, pupils pooled and apart."""
    outer, inner = columns
    w, pupil, school = survey(np.random.default_rng(5))
    totals, by_level = [], ([], [])
    for t in range(WAVES):
        rows = w[:, 1 + t] == 1.0
        totals.append(w[rows].T @ w[rows])
        for parts, own, group in zip(by_level, columns, (school[pupil], pupil), strict=True):
            sums = np.zeros((len(own), int(group.max()) + 1, w.shape[1]))
            found = sums_of(w[rows], own, group[rows])
            sums[:, : found.shape[1]] = found
            places = np.flatnonzero(np.bincount(group[rows], minlength=sums.shape[1]))
            wide = np.ascontiguousarray(sums[:, places].transpose(2, 0, 1))
            parts.append(LevelPart(places, wide))
    sums, _ = by_wave()
    units = units_by_presence(sums, school, ("school",))
    waves, weights = (sums.of_wave(t) for t in range(WAVES)), UNIT[inner][:, :4]
    made = [partial(combined_sums, each, weights, UNIT) for each in waves]
    pooled = strata_pool(units, sums, weights, UNIT, UNIT[:, sorted(outer)], made)
    outer_parts, inner_parts = map(tuple, by_level)
    apart = StrataParts(np.array(totals), (outer_parts, inner_parts), (), None)
    return replace(apart, levels=(outer_parts,), pooled=pooled), apart


@EVERY
def test_weighed_waves_of_pooled_units_tell_what_units_apart_tell(columns):
    _, frame, _ = pooled_and_apart(columns)
    both = [frame.weighed(parts, WEIGHTS) for parts in strata_of(columns)]
    assert both[0].pool is not None and both[1].pool is None
    wide = [each.tree.levels[1].wide for each in both]
    assert wide[0] == pytest.approx(wide[1], rel=ROUNDING, abs=ROUNDING)
    total = np.tensordot(WEIGHTS, strata_of(columns)[1].totals, axes=1)
    assert_same_slopes(*both, total, omegas_of(columns))


@EVERY
def test_slopes_by_the_weights_of_waves(columns):
    _, frame, _ = pooled_and_apart(columns)
    omegas, directions = omegas_of(columns), np.random.default_rng(6).normal(size=(6, 3))
    found = []
    for parts in strata_of(columns):
        nested = frame.weighed(parts, WEIGHTS)
        at = left_behind(nested, omegas)
        found.append(nested.row_slopes(parts, WEIGHTS, at, directions, Scratch()))
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    value = partial(_criterion, frame, strata_of(columns)[0], omegas, directions)
    steps = 1e-5 * np.eye(WAVES)
    slopes = [(value(WEIGHTS + step) - value(WEIGHTS - step)) / 2e-5 for step in steps]
    assert found[0] == pytest.approx(slopes, rel=1e-6)


def _criterion(frame: Nested, parts: StrataParts, omegas, directions, weights) -> float:
    """``log|V| + trace(F F' A)`` at some weights."""
    nested = frame.weighed(parts, weights)
    steps = eliminated(nested.tree, [[o] for o in omegas], Scratch(), nested.pool)
    left = np.tensordot(weights, parts.totals, axes=1) - sum(step.gone[0] for step in steps)
    return float(np.sum((directions @ directions.T) * left)) + sum(s.logdet[0] for s in steps)


def test_lines_are_two_multiples_of_the_rows_of_each_wave():
    sums, school = by_wave()
    units = units_by_presence(sums, school, ("school",))
    made = [partial(combined_sums, sums.of_wave(t), LINE, UNIT) for t in range(WAVES)]
    strata = strata_pool(units, sums, LINE, UNIT, UNIT[:, [0]], made)
    pool, wide = strata.pool(WEIGHTS), strata.weighed(WEIGHTS)(slice(None))
    assert strata.own.tolist() == [[1.0, -1.0], [1.0, 0.0], [1.0, 1.0]]
    matrix = np.column_stack([UNIT[:, 0], UNIT[:, 3] - UNIT[:, 1]])
    inner = np.einsum("igk,kj->ijg", wide, matrix)
    assert pool.inner[:, :, pool.pattern] == pytest.approx(inner, rel=ROUNDING, abs=ROUNDING)
    gain = np.random.default_rng(3).normal(size=(2, 2, pool.counts.size))
    gain = gain + gain.transpose(1, 0, 2)
    taken = np.einsum("igk,ijg,jgl->kl", wide, gain[:, :, pool.pattern], wide)
    assert pool.gone(gain) == pytest.approx(taken, rel=ROUNDING)


def test_units_with_slopes_are_left_apart():
    sums, school = by_wave()
    units = units_by_presence(sums, school, ("school",))
    other = [replace(part, sources=np.array([0, 0, 0, 1])) for part in sums.parts]
    sloped = WaveParts(sums.shape, other)
    assert strata_pool(units, sloped, np.eye(4)[[3]], UNIT, UNIT[:, [0]], ()) is None
