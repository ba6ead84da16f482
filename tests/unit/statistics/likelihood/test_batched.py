"""Small matrices of many groups at once: as one matrix of each group, whatever the portions."""

import numpy as np
import pytest

from mlm.statistics.evidence.tree import Family
from mlm.statistics.likelihood import batched

SIZES = [(1, 1), (2, 7), (3, 10_000), (6, 60), (8, 900)]  # below, at and above one portion


def _matrices(q: int, size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((q, q, size))


def _apart(matrices: np.ndarray) -> np.ndarray:
    return np.moveaxis(matrices, 2, 0)


@pytest.mark.parametrize(("q", "size"), SIZES)
def test_products_are_those_of_each_group(q, size):
    a, b, one = _matrices(q, size, 1), _matrices(q, size, 2), _matrices(q, 1, 3)
    for left, right in ((a, b), (a, one), (one, b)):
        found = _apart(batched.multiply(left, right))
        np.testing.assert_allclose(found, _apart(left) @ _apart(right), rtol=0, atol=1e-13)


@pytest.mark.parametrize(("q", "size"), SIZES)
def test_roots_and_solutions_are_those_of_each_group(q, size):
    a = _matrices(q, size, 4)
    positive = batched.multiply(a, batched.transpose(a)) + np.eye(q)[:, :, None]
    root = batched.cholesky(positive)
    np.testing.assert_allclose(_apart(root), np.linalg.cholesky(_apart(positive)), atol=1e-12)
    for right in (_matrices(q, size, 5), _matrices(q, 1, 6)):
        found = _apart(batched.forward_solve(root, right))
        np.testing.assert_allclose(found, np.linalg.solve(_apart(root), _apart(right)), atol=1e-11)


@pytest.mark.parametrize(("q", "size"), SIZES)
def test_columns_are_multiplied_as_those_of_each_group(q, size):
    matrices, one = _matrices(q, size, 7), _matrices(q, 1, 8)[:, :, 0]
    columns = np.random.default_rng(9).standard_normal((5, q, size))
    apart = np.moveaxis(columns, 2, 0)  # (G, w, q)
    known = {
        batched.apply: (matrices, apart @ _apart(matrices).transpose(0, 2, 1)),
        batched.combine: (one, apart @ one.T),
    }
    for product, (matrix, expected) in known.items():
        out = np.empty_like(columns)
        np.testing.assert_allclose(_apart(product(matrix, columns)), expected, atol=1e-13)
        assert product(matrix, columns, out) is out
        np.testing.assert_allclose(_apart(out), expected, atol=1e-13)
    found, expected = (
        batched.contract(matrices[0], columns),
        (apart @ _apart(matrices)[:, 0, :, None]),
    )
    np.testing.assert_allclose(found.T, expected[..., 0], atol=1e-13)


@pytest.mark.parametrize("size", [3, 3 * batched.LOOPED])
def test_families_share_a_matrix(size):
    rng = np.random.default_rng(size)
    parent = np.sort(np.r_[np.arange(5), rng.integers(5, size=5 * (size - 1))])
    matrices, columns = rng.standard_normal((4, 2, 5)), rng.standard_normal((2, 3, parent.size))
    family = Family(parent)
    assert (family.mean_size >= batched.LOOPED) == (size >= batched.LOOPED)
    found = np.full((4, 3, parent.size), np.nan)
    for groups, values in batched.of_families(family, matrices, columns):
        found[:, :, groups] = values
    expected = np.einsum("arg,rqg->aqg", matrices[:, :, parent], columns)
    np.testing.assert_allclose(found, expected, atol=1e-13)
