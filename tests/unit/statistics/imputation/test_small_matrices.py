"""Decompositions straight from LAPACK are those of NumPy, and refuse what NumPy refuses."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.small_matrices import (
    backward,
    block_inverses,
    cholesky,
    forward,
    inverse,
    root_inverse,
    solved,
    symmetric_places,
)

ROUNDING = 1e-12


@pytest.mark.parametrize("size", [0, 1, 2, 7])
def test_decompositions_are_those_of_numpy(size):
    rng = np.random.default_rng(size)
    wide = rng.normal(size=(size, size + 3))
    matrix, right = wide @ wide.T, rng.normal(size=(size, 4))
    root = np.linalg.cholesky(matrix)
    pairs = [
        (cholesky(matrix), root),
        (root_inverse(root), np.linalg.inv(root)),
        (inverse(matrix), np.linalg.inv(matrix)),
        (solved(matrix, right), np.linalg.solve(matrix, right)),
        (forward(root, right), np.linalg.solve(root, right)),
        (backward(root, right), np.linalg.solve(root.T, right)),
        (forward(root, right[:, 0]), np.linalg.solve(root, right[:, 0])),
    ]
    for found, expected in pairs:
        assert found.shape == expected.shape
        assert found == pytest.approx(expected, abs=ROUNDING, rel=ROUNDING)
    assert np.array_equal(inverse(matrix), inverse(matrix).T)


def test_blocks_are_inverted_each_by_itself_and_zero_around():
    rng = np.random.default_rng(3)
    wide = rng.normal(size=(4, 7))
    matrix = wide @ wide.T
    chosen = np.array([[True] * 4, [False] * 4, [True, False, True, False]])
    found = block_inverses(matrix, chosen)
    assert found[0] == pytest.approx(np.linalg.inv(matrix), abs=ROUNDING, rel=ROUNDING)
    assert not found[1].any()
    at = np.ix_([0, 2], [0, 2])
    assert found[2][at] == pytest.approx(np.linalg.inv(matrix[at]), abs=ROUNDING, rel=ROUNDING)
    assert np.count_nonzero(found[2]) == 4


def test_a_symmetric_matrix_is_found_again_among_its_upper_entries():
    matrix = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]])
    assert np.array_equal(matrix[np.triu_indices(3)][symmetric_places(3)], matrix)


def test_what_is_not_positive_definite_is_refused():
    singular = np.array([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(np.linalg.LinAlgError):
        block_inverses(singular, np.array([[True, True]]))
    for refused in (cholesky, inverse, lambda matrix: solved(matrix, np.ones(2))):
        with pytest.raises(np.linalg.LinAlgError, match="minor of order 2"):
            refused(singular)
    root = np.array([[1.0, 0.0], [1.0, 0.0]])
    for refused in (root_inverse, lambda r: forward(r, np.ones(2)), lambda r: backward(r, [1, 1])):
        with pytest.raises(np.linalg.LinAlgError, match="entry 2 of the diagonal"):
            refused(root)
