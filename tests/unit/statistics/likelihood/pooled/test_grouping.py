"""Pooled groups against the same groups apart: values, derivatives, traces, sums kept by wave."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array

from mlm.statistics.evidence.wave_parts import WaveParts, whole_part
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.nested.gradient import gradient
from mlm.statistics.likelihood.nested.structure import Nested
from mlm.statistics.likelihood.nested.traces import PlaceTraces
from mlm.statistics.likelihood.pooled import apart as levels_apart
from mlm.statistics.likelihood.pooled import by_unit, grouping
from mlm.statistics.likelihood.pooled.grouping import OwnSums, PooledGroups
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.working_tree import WorkingLevel, WorkingTree

ROUNDING = 1e-10
SCHOOLS, PUPILS, WAVES = 30, 900, 3
# working columns: the constant, three waves, two numbers
RANDOM = {
    "intercepts": ([0], [0]),
    "an effect of each wave": ([1, 2, 3], [0]),
    "a covariance over waves": ([0, 1, 2, 3], [1, 2, 3]),
    "a slope of a number": ([0, 4], [0]),
    "a slope beside waves": ([1, 2, 3, 4], [1, 2, 3]),
}
EVERY = pytest.mark.parametrize("columns", RANDOM.values(), ids=RANDOM)


def survey(rng: np.random.Generator):
    """Working columns of rows, and the pupil and the school of each; gaps are of all kinds."""
    school = np.sort(np.r_[np.arange(SCHOOLS), rng.integers(SCHOOLS, size=PUPILS - SCHOOLS)])
    seen = rng.random((PUPILS, WAVES)) < [0.9, 0.8, 0.7]
    seen[school < 3, 2] = False  # some schools lack patterns
    seen[~seen.any(axis=1), 0] = True
    pupil, wave = np.nonzero(seen)
    marks = np.eye(WAVES)[wave]
    w = np.column_stack([np.ones(pupil.size), marks, rng.normal(size=(pupil.size, 2))])
    return w, pupil, school


def sums_of(w: np.ndarray, own, group: np.ndarray) -> np.ndarray:
    out = np.zeros((len(own), int(group.max()) + 1, w.shape[1]))
    for i, column in enumerate(own):
        np.add.at(out[i], group, w[:, [column]] * w)
    return out


def pooled_and_apart(columns, as_waves: bool = False) -> tuple[Nested, Nested, np.ndarray]:
    outer, inner = columns
    w, pupil, school = survey(np.random.default_rng(5))
    levels = []
    for own, group, parent in (
        (outer, school[pupil], np.zeros(SCHOOLS, int)),
        (inner, pupil, school),
    ):
        sums = sums_of(w, own, group)
        levels.append(
            WorkingLevel((), np.array(own), parent, lambda groups, sums=sums: sums[:, groups])
        )
    tree, unit = WorkingTree(tuple(levels)), np.eye(w.shape[1])
    given = sums_of(w, range(w.shape[1]), pupil)
    if as_waves:
        given = WaveParts(given.shape, [whole_part(given)])
    own = OwnSums(given, unit[inner])
    pool = PooledGroups(own, unit[:, inner], school).pool(unit[:, sorted(outer)], unit)
    assert pool is not None
    return Nested(tree, pool), Nested(tree), w.T @ w


def omegas_of(columns) -> list[np.ndarray]:
    return [0.4 * np.eye(len(own)) + 0.1 * (i + 1) for i, own in enumerate(columns)]


def slopes_of(nested: Nested, total: np.ndarray, omegas, directions: np.ndarray):
    """What is left of the cross-products, and the derivatives by both covariances."""
    scratch = Scratch()
    steps = eliminated(nested.tree, [[o] for o in omegas], scratch, nested.pool)
    (matrix,), (logdet,) = left_over(total, steps)

    at = SimpleNamespace(remains=tuple(step.done for step in steps), omegas=omegas)
    return matrix, logdet, gradient(nested.tree, nested.pool, at, directions, scratch)


def assert_same_slopes(pooled: Nested, apart: Nested, total: np.ndarray, omegas) -> None:
    directions = np.random.default_rng(6).normal(size=(len(total), 3))
    one, other = (slopes_of(each, total, omegas, directions) for each in (pooled, apart))
    assert one[0] == pytest.approx(other[0], rel=ROUNDING, abs=ROUNDING)
    assert one[1] == pytest.approx(other[1], rel=ROUNDING)
    for mine, theirs in zip(one[2], other[2], strict=True):
        assert mine == pytest.approx(theirs, rel=ROUNDING, abs=1e-9)


def left_behind(nested: Nested, omegas) -> SimpleNamespace:
    """What answers read of an evaluation."""
    steps = eliminated(nested.tree, [[o] for o in omegas], Scratch(), nested.pool)
    return SimpleNamespace(
        remains=tuple(step.done for step in steps),
        omegas=omegas,
        beta=np.zeros(2),
        fixed_spread=np.array([[0.2, 0.1], [0.1, 0.3]]),
    )


@pytest.mark.parametrize("as_waves", [False, True], ids=["an array", "sums by wave"])
@EVERY
def test_pooled_groups_tell_what_groups_apart_tell(columns, as_waves, monkeypatch):
    monkeypatch.setattr(grouping, "GROUPS_AT_A_TIME", 100)
    assert_same_slopes(*pooled_and_apart(columns, as_waves), omegas_of(columns))


@EVERY
def test_traces_of_pooled_groups(columns):
    pooled, apart, _ = pooled_and_apart(columns)
    basis = np.linalg.qr(np.random.default_rng(7).normal(size=(5, 5)))[0]
    one, other = (PlaceTraces(each.tree, each.pool, basis) for each in (pooled, apart))
    for pair in ((0, 0), (0, 1), (1, 1)):
        mine, theirs = one.of(*pair), other.of(*pair)
        for field in mine.__dataclass_fields__:
            expected = getattr(theirs, field)
            assert getattr(mine, field) == pytest.approx(expected, rel=ROUNDING, abs=ROUNDING)


def test_patterns_are_split_by_waves_and_never_by_a_number():
    """One random effect: by how often, then by when; a slope of a number keeps sums of its own."""
    w, pupil, school = survey(np.random.default_rng(5))
    unit = np.eye(w.shape[1])
    groups = PooledGroups(OwnSums(sums_of(w, range(6), pupil), unit[[0]]), unit[:, [0]], school)
    assert groups.pool(unit[:, [0]], unit).counts.size == WAVES
    by_wave = groups.pool(unit[:, [1, 2, 3]], unit)
    assert by_wave.counts.size == 2**WAVES - 1
    assert by_wave.around.known.tolist() == [0, 1, 2] and not by_wave.around.other.size
    sloped = groups.pool(unit[:, [0, 4]], unit)
    assert sloped.around.known.tolist() == [0] and sloped.around.other.tolist() == [1]


def test_groups_of_their_own_patterns_are_not_pooled():
    w, pupil, school = survey(np.random.default_rng(5))
    unit = np.eye(w.shape[1])
    sums = OwnSums(sums_of(w, range(6), pupil), unit[[4]])
    assert PooledGroups(sums, unit[:, [4]], school).pool(unit[:, [0]], unit) is None


@pytest.mark.parametrize(("own", "pays"), [([0], False), ([1, 2, 3], True)])
def test_few_patterns_pay_without_cells_where_columns_are_several(own, pays, monkeypatch):
    """Two pupils a school are of two patterns; an effect in each wave is worth pooling still."""
    monkeypatch.setattr(grouping, "LONE_PATTERN", 1000)
    w, pupil, _ = survey(np.random.default_rng(5))
    unit, school = np.eye(w.shape[1]), np.arange(PUPILS) // 2
    sums = OwnSums(sums_of(w, range(6), pupil), unit[own])
    pool = PooledGroups(sums, unit[:, own], school).pool(unit[:, [0]], unit)
    assert (pool is not None) == pays


@EVERY
def test_answers_of_single_groups_are_those_of_groups_apart(columns, monkeypatch):
    """Means, errors, sums, deletions and draws of units, a part of the pupils at a time."""
    monkeypatch.setattr(levels_apart, "ERRORS_AT_A_TIME", 100)
    pooled, apart, total = pooled_and_apart(columns)
    omegas, (outer, inner) = omegas_of(columns), columns
    rng, contrast = np.random.default_rng(8), np.array([0.3, -0.2, 0.1, 0.5, -0.4, 1.0])
    weights = {
        0: csr_array(rng.normal(size=(7, len(outer) * SCHOOLS))),
        1: csr_array(rng.normal(size=(7, len(inner) * PUPILS))),
    }
    school = pooled.tree.levels[1].parent
    totals = np.zeros((SCHOOLS, *total.shape))
    found = []
    for each in (pooled, apart):
        at = left_behind(each, omegas)
        errors = each.joint(at, weights)
        found.append(
            {
                "means": each.means(at, contrast),
                "means around": each.means(at, contrast, deepest=0),
                "means beside errors": each.posterior(at, contrast).means,
                "errors": each.posterior(at, contrast).compared,
                "given": each.posterior(at, contrast).given,
                "of sums": [errors.covariance(), errors.covariance(np.array([1, 4]), False)],
                "their variances": [errors.variances()],
                "of units": each.unit_sums(at),
            }
        )
        if set(outer) <= set(inner):
            pieces = each.pieces(at, totals, np.ones(SCHOOLS), [None, school])
            found[-1]["drawn again"] = [pieces.totals, *pieces.sums.values()]
        assert each is apart or "wide" not in vars(each.tree.levels[1])  # no sums of all pupils
    one, other = found
    assert one.keys() == other.keys() and set(other) >= {"means", "of sums"}
    for name, values in other.items():
        for mine, theirs in zip(one[name], values, strict=True):
            assert mine == pytest.approx(theirs, rel=ROUNDING, abs=1e-9), name


def test_a_pooled_level_has_one_cross_product_a_pattern():
    pooled, apart, _ = pooled_and_apart(RANDOM["a covariance over waves"])
    assert pooled.inner(1)[:, :, pooled.pool.pattern] == pytest.approx(apart.inner(1))
    assert pooled.inner(0) == pytest.approx(apart.inner(0))


@EVERY
def test_moments_by_unit_tell_what_each_takes(columns, monkeypatch):
    """At any gains, from one pass over the groups; where there are too many, none are kept."""
    monkeypatch.setattr(by_unit, "GROUPS_AT_A_TIME", 100)
    pooled, _, _ = pooled_and_apart(columns)
    level, pool = pooled.tree.levels[1], pooled.pool
    moments = by_unit.unit_moments(level, pool, level.parent, SCHOOLS)
    rng = np.random.default_rng(9)
    gain = rng.normal(size=pool.inner.shape)
    gain = gain + gain.transpose(1, 0, 2)
    wide = level.wide
    product = np.einsum("ijg,wjg->wig", gain[:, :, pool.pattern], wide)
    for school, found in enumerate(moments.gone(gain)):
        own = level.parent == school
        expected = np.einsum("vig,wig->vw", wide[:, :, own], product[:, :, own])
        assert found == pytest.approx(expected, rel=ROUNDING, abs=1e-9)
        assert moments.counts[school] == pytest.approx(
            np.bincount(pool.pattern[own], minlength=pool.counts.size)
        )
    monkeypatch.setattr(by_unit, "MOST_IN_MOMENTS", 100)
    assert by_unit.unit_moments(level, pool, level.parent, SCHOOLS) is None
