"""Sums of effects of units with shares, from sums by pattern, against units one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from mlm.statistics.likelihood.nested import effects
from mlm.statistics.likelihood.pooled import weighed
from mlm.statistics.likelihood.unit_shares import SharedWeights, UnitShares, whole_weights
from tests.unit.statistics.likelihood.pooled.test_grouping import (
    EVERY,
    PUPILS,
    RANDOM,
    SCHOOLS,
    left_behind,
    omegas_of,
    pooled_and_apart,
)

CONTRAST = np.array([0.3, -0.2, 0.1, 0.5, -0.4, 1.0])


def shares_of(school: np.ndarray) -> UnitShares:
    """Two pupils of three, each with a share in the sum of its school; some schools have none."""
    rng = np.random.default_rng(4)
    there = np.flatnonzero((rng.random(PUPILS) < 0.7) & (school > 4))
    cells = rng.random(there.size), (school[there], there)
    return UnitShares(csr_array(cells, shape=(SCHOOLS, PUPILS)))


def found(nested, columns, weights):
    at = left_behind(nested, omegas_of(columns))
    errors = nested.joint(at, weights)
    return nested.sums_of_means(at, CONTRAST, weights), errors.variances(), errors.covariance()


@EVERY
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside effects of schools"])
def test_sums_of_shares_are_those_of_units_one_by_one(columns, beside, monkeypatch):
    monkeypatch.setattr(weighed, "GROUPS_AT_A_TIME", 100)
    pooled, apart, _ = pooled_and_apart(columns)
    (outer, inner), rng = columns, np.random.default_rng(8)
    shares = shares_of(pooled.tree.levels[1].parent).below(SCHOOLS)
    weights = {1: SharedWeights(shares, rng.normal(size=len(inner)))}
    if beside:
        weights[0] = csr_array(rng.normal(size=(2 * SCHOOLS, len(outer) * SCHOOLS)))
    single = {place: whole_weights(own) for place, own in weights.items()}
    with monkeypatch.context() as patch:
        patch.setattr(effects, "means", _only_around(effects.means))
        mine = found(pooled, columns, weights)
    for one, other in zip(mine, found(apart, columns, single), strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-10)
    assert mine[0][SCHOOLS + 5 :].all()


def _only_around(means):
    """Means that are asked of the schools alone."""

    def asked(apart, contrast, deepest=None):
        assert deepest == 0
        return means(apart, contrast, deepest)

    return asked


def test_shares_are_weighed_once_a_model():
    columns = RANDOM["a covariance over waves"]
    pooled, _, _ = pooled_and_apart(columns)
    shares = shares_of(pooled.tree.levels[1].parent)
    first = weighed.weighed_groups(pooled.tree, pooled.pool, shares)
    assert weighed.weighed_groups(pooled.tree, pooled.pool, shares) is first
    assert weighed.weighed_groups(pooled.tree.unmade, pooled.pool, shares) is not first


def test_units_with_several_shares_are_found_one_by_one():
    """A pupil that changed school has a share in the sums of both."""
    columns = RANDOM["intercepts"]
    pooled, apart, _ = pooled_and_apart(columns)
    table = shares_of(pooled.tree.levels[1].parent).table.tolil()
    table[2, 700] = table[9, 700] = 0.4
    weights = {1: SharedWeights(UnitShares(csr_array(table)), np.array([1.3]))}
    assert weighed.weighed_groups(pooled.tree, pooled.pool, weights[1].shares) is None
    single = {1: weights[1].whole()}
    for one, other in zip(
        found(pooled, columns, weights), found(apart, columns, single), strict=True
    ):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-10)


def test_shares_below_other_sums():
    shares = shares_of(np.arange(PUPILS) % SCHOOLS)
    lower = shares.below(3)
    assert shares.below(3) is lower and lower.table.shape == (SCHOOLS + 3, PUPILS)
    assert lower.table[:3].nnz == 0 and (lower.table[3:] != shares.table).nnz == 0
    assert lower.squares[3:, 3:].toarray() == pytest.approx(shares.squares.toarray())
