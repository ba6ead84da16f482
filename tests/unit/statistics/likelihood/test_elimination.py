"""The step of the elimination against matrices written out: values, series, effects of any size."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.errors import FitError
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.gains import values
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.series import filled
from mlm.statistics.likelihood.working_tree import WorkingLevel, WorkingTree

ROUNDING = 1e-10
SIZES = [3, 7, 12]  # groups of each level, outermost first
COLUMNS = {
    "intercepts": [[0], [0], [0]],
    "slopes": [[0], [0, 1], [0, 1, 2]],
    "slopes outside alone": [[0, 1], [2], [0]],
    "each its own": [[1], [2], [0]],
}


def sample(columns: list[list[int]]):
    """Working columns W (n, w), the effects' Z (n, q G) of each level, and the tree of their sums.

    Effects stand group by group.
    """
    rng = np.random.default_rng(8)
    parents = [np.zeros(3, dtype=int), np.sort(np.r_[0:3, rng.integers(3, size=4)])]
    parents.append(np.sort(np.r_[0:7, rng.integers(7, size=5)]))
    groups = [np.sort(np.r_[0:12, rng.integers(12, size=28)])]
    for parent in parents[:0:-1]:
        groups.insert(0, parent[groups[0]])
    w = np.column_stack([np.ones(40), rng.normal(size=(40, 4))])
    z = [
        np.hstack([w[:, own] * (group == g)[:, None] for g in range(size)])
        for own, group, size in zip(columns, groups, SIZES, strict=True)
    ]
    levels = []
    for own, parent, size, effects in zip(columns, parents, SIZES, z, strict=True):
        sums = (effects.T @ w).reshape(size, len(own), -1).transpose(1, 0, 2)
        levels.append(
            WorkingLevel((), np.array(own), parent, lambda groups, sums=sums: sums[:, groups])
        )
    return w, z, WorkingTree(tuple(levels))


def covariances(columns: list[list[int]]) -> list[np.ndarray]:
    return [0.5 * np.eye(len(own)) + 0.2 * (i + 1) for i, own in enumerate(columns)]


def precision(z: list[np.ndarray], omegas: list[np.ndarray]) -> tuple[np.ndarray, float]:
    """``V^-1`` and ``log|V|`` written out."""
    spread = [np.kron(np.eye(size), omega) for size, omega in zip(SIZES, omegas, strict=True)]
    v = np.eye(40) + sum(own @ s @ own.T for own, s in zip(z, spread, strict=True))
    return np.linalg.inv(v), np.linalg.slogdet(v)[1]


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_values_are_those_of_the_whole_covariance(columns):
    w, z, tree = sample(columns)
    omegas = covariances(columns)
    steps = eliminated(tree, [[omega] for omega in omegas], Scratch())
    (matrix,), (logdet,) = left_over(w.T @ w, steps)
    inverse, expected = precision(z, omegas)
    assert matrix == pytest.approx(w.T @ inverse @ w, rel=ROUNDING, abs=ROUNDING)
    assert logdet == pytest.approx(expected, rel=ROUNDING)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_series_are_the_derivatives_of_the_values(columns, place):
    w, z, tree = sample(columns)
    omegas = covariances(columns)
    change = np.ones_like(omegas[place])
    along = [[o, change] if i == place else [o] for i, o in enumerate(omegas)]
    matrix, logdet = map(filled, left_over(w.T @ w, eliminated(tree, along, Scratch())))
    inverse, _ = precision(z, omegas)
    slope = z[place] @ np.kron(np.eye(SIZES[place]), change) @ z[place].T
    turned = inverse @ slope
    assert logdet[1] == pytest.approx(np.trace(turned), rel=ROUNDING)
    assert logdet[2] == pytest.approx(-0.5 * np.trace(turned @ turned), rel=ROUNDING)
    first, second = -turned @ inverse, turned @ turned @ inverse
    assert matrix[1] == pytest.approx(w.T @ first @ w, rel=ROUNDING, abs=ROUNDING)
    assert matrix[2] == pytest.approx(w.T @ second @ w, rel=ROUNDING, abs=ROUNDING)


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_effects_of_any_size_leave_what_is_orthogonal_to_their_columns(columns):
    w, z, tree = sample(columns)
    steps = eliminated(tree, [None] * 3, Scratch())
    (left,), _ = left_over(w.T @ w, steps)
    basis, values, _ = np.linalg.svd(np.hstack(z), full_matrices=False)
    basis = basis[:, values > 1e-8]
    rest = w - basis @ (basis.T @ w)
    assert left == pytest.approx(rest.T @ rest, abs=1e-9)
    dimensions = sum(np.trace(step.gains.space, axis1=1, axis2=2).sum() for step in steps)
    assert round(dimensions) == basis.shape[1]


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_effects_without_variance_leave_the_sums_of_outer_levels_as_they_are(columns):
    _, _, tree = sample(columns)
    zeros = [[np.zeros((len(own), len(own)))] for own in columns]
    for step, level in zip(eliminated(tree, zeros, Scratch()), tree.levels, strict=True):
        assert step.done.wide == pytest.approx(level.wide, rel=ROUNDING, abs=ROUNDING)
        assert not step.gone[0].any()


def test_levels_inside_a_changed_one_are_eliminated_once():
    columns = COLUMNS["slopes"]
    w, z, tree = sample(columns)
    scratch, omegas = Scratch(), covariances(columns)
    before = eliminated(tree, [[omega] for omega in omegas], scratch)
    omegas[1] = 2.0 * omegas[1]
    after = eliminated(tree, [[omega] for omega in omegas], scratch)
    assert [a is b for a, b in zip(before, after, strict=True)] == [False, False, True]
    (matrix,), _ = left_over(w.T @ w, after)
    assert matrix == pytest.approx(w.T @ precision(z, omegas)[0] @ w, rel=ROUNDING, abs=ROUNDING)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_variances_beyond_what_rounding_leaves_are_refused_without_noise():
    """A search tries them and turns back; nobody reads of a division by zero."""
    inner = np.array([[1.0, 2.0], [2.0, 1.0]])[:, :, None]  # as rounding may leave them
    omega = 1e3 * np.eye(2)
    with pytest.raises(FitError, match="variances this large"):
        values(inner, omega)
