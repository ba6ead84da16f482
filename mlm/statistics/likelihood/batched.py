"""Small matrices of many groups at once, stored component first: (q, r, G).

A product with one matrix of all groups is a product of two large matrices, left to BLAS. Others are
sums over components of arithmetic on arrays over the groups, which is several times faster than one
small matrix product a group when q is small. Few groups leave little to each operation, so that a
sum over components is one operation.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlm.statistics.evidence.tree import Family

PORTION = 1 << 20  # numbers of groups (8 MB) worked on at a time: fewer leave operations little
LOOPED = 40  # groups of a family, on average, from which it is worked on by itself
LOOKED_UP = 1 << 12  # groups whose families are looked up at a time


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products (q, s, G) of matrices (q, r, G) and (r, s, G); G may be 1 in one of them."""
    if a.shape[2] == 1:
        found = a[:, :, 0] @ b.reshape(b.shape[0], -1)
        return found.reshape(a.shape[0], *b.shape[1:])
    if b.shape[2] == 1:
        return np.matmul(b[:, :, 0].T, a)
    return np.einsum("ikg,kjg->ijg", a, b)


def transpose(a: np.ndarray) -> np.ndarray:
    """Transposes (r, q, G) of matrices (q, r, G)."""
    return a.transpose(1, 0, 2)


def portions(width: int, size: int) -> list[slice]:
    """Parts of G groups, with so many numbers each, that are worked on together."""
    step = max(PORTION // max(width, 1), 1)
    return [slice(start, start + step) for start in range(0, size, step)]


def apply(matrices: np.ndarray, columns: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Products (w, q, G) of square matrices (q, q, G) and w columns of each group (w, q, G)."""
    if columns.shape[1] == 1:
        return np.multiply(columns, matrices[0], out=out)
    return np.einsum("ijg,wjg->wig", matrices, columns, out=out)


def combine(matrix: np.ndarray, columns: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """The same for one matrix (q, q) of all groups."""
    if columns.shape[1] == 1:
        return np.multiply(columns, matrix[0, 0], out=out)
    return np.matmul(matrix, columns, out=out)


def contract(vectors: np.ndarray, columns: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Products (w, G) of a vector of each group (q, G) and w columns of each group (w, q, G)."""
    if columns.shape[1] == 1:
        return np.multiply(columns[:, 0], vectors[0], out=out)
    return np.einsum("jg,wjg->wg", vectors, columns, out=out)


def of_families(
    family: Family, matrices: np.ndarray, columns: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """Products (a, q, n) of one matrix for the groups of a family, of groups that stand together.

    Parameters
    ----------
    family : Family
        Groups of a level by those of the next outer one.
    matrices : ndarray (a, r, H)
        One for each of these.
    columns : ndarray (r, q, G)
        Of each group.

    Yields
    ------
    groups : slice
    found : ndarray (a, q, n)
    """
    if family.mean_size >= LOOPED:
        own, beside = np.ascontiguousarray(matrices.transpose(2, 0, 1)), columns.swapaxes(0, 1)
        for matrix, groups in zip(own, family.slices(), strict=True):
            yield groups, np.matmul(matrix, beside[:, :, groups]).swapaxes(0, 1)
        return
    for start in range(0, columns.shape[2], LOOKED_UP):
        groups = slice(start, start + LOOKED_UP)
        own = np.take(matrices, family.parent[groups], axis=2)
        yield groups, np.einsum("arg,rqg->aqg", own, columns[:, :, groups])


def cholesky(matrices: np.ndarray) -> np.ndarray:
    """Lower Cholesky factors (q, q, G) of positive definite matrices (q, q, G)."""
    q = matrices.shape[0]
    root = np.zeros_like(matrices)
    for j in range(q):
        left = matrices[j:, j]
        if j:
            left = left - np.einsum("ikg,kg->ig", root[j:, :j], root[j, :j])
        root[j, j] = np.sqrt(left[0])
        root[j + 1 :, j] = left[1:] / root[j, j]
    return root


def forward_solve(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solutions (q, s, G) of ``root X = right``, roots lower triangular, right (q, s, 1 or G)."""
    out = np.empty((root.shape[0], right.shape[1], root.shape[2]))
    for groups in portions(2 * out.shape[0] * out.shape[1], root.shape[2]):
        part, own = out[:, :, groups], root[:, :, groups]
        known = right if right.shape[2] == 1 else right[:, :, groups]
        for i in range(root.shape[0]):
            left = known[i]
            if i:
                left = left - np.einsum("kg,ksg->sg", own[i, :i], part[:i])
            np.divide(left, own[i, i], out=part[i])
    return out


def backward_solve(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solutions (d, G) of ``root' x = right``."""
    out = np.empty_like(right)
    for i in range(len(right) - 1, -1, -1):
        left = right[i].copy()
        for k in range(i + 1, len(right)):
            left -= root[k, i] * out[k]
        out[i] = left / root[i, i]
    return out
