"""Small matrices of many groups at once, stored component first: (q, r, G).

Every operation is a short loop over components of arithmetic on arrays over the groups, which is
several times faster than one small matrix product a group when q is small. Few groups leave little
to each operation, so that the loops run over as few components as the sums need.
"""

from __future__ import annotations

import numpy as np

CACHED = 1 << 15  # numbers of an array (256 KB) that are worked on while they are in the cache


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products (q, s, G) of matrices (q, r, G) and (r, s, G); G may be 1 in one of them."""
    out = np.empty((a.shape[0], b.shape[1], max(a.shape[2], b.shape[2])))
    for rows in portions(*out.shape):
        part, left = out[rows], a[rows]
        np.multiply(left[:, 0, None], b[0], out=part)
        for k in range(1, a.shape[1]):
            part += left[:, k, None] * b[k]
    return out


def transpose(a: np.ndarray) -> np.ndarray:
    """Transposes (r, q, G) of matrices (q, r, G)."""
    return a.transpose(1, 0, 2)


def portions(w: int, q: int, size: int) -> list[slice]:
    """Parts of the w columns of arrays (w, q, G) that stay in the processor's cache."""
    step = max(CACHED // max(q * size, 1), 1)
    return [slice(start, start + step) for start in range(0, w, step)]


def apply(matrices: np.ndarray, columns: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Products (w, q, G) of square matrices (q, q, G) and w columns of each group (w, q, G)."""
    out = np.empty(columns.shape) if out is None else out
    for i in range(columns.shape[1]):
        contract(matrices[i], columns, out[:, i])
    return out


def combine(matrix: np.ndarray, columns: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """The same for one matrix (q, q) of all groups."""
    out = np.empty(columns.shape) if out is None else out
    for i in range(columns.shape[1]):
        np.multiply(columns[:, 0], matrix[i, 0], out=out[:, i])
        for j in range(1, columns.shape[1]):
            out[:, i] += columns[:, j] * matrix[i, j]
    return out


def contract(vectors: np.ndarray, columns: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Products (w, G) of a vector of each group (q, G) and w columns of each group (w, q, G)."""
    out = np.multiply(vectors[0], columns[:, 0], out=out)
    for j in range(1, vectors.shape[0]):
        out += vectors[j] * columns[:, j]
    return out


def cholesky(matrices: np.ndarray) -> np.ndarray:
    """Lower Cholesky factors (q, q, G) of positive definite matrices (q, q, G)."""
    q = matrices.shape[0]
    root = np.zeros_like(matrices)
    for j in range(q):
        left = matrices[j:, j].copy()
        for k in range(j):
            left -= root[j:, k] * root[j, k]
        root[j, j] = np.sqrt(left[0])
        root[j + 1 :, j] = left[1:] / root[j, j]
    return root


def forward_solve(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solutions (q, s, G) of ``root X = right``, roots lower triangular, right (q, s, 1 or G)."""
    out = np.empty((root.shape[0], right.shape[1], root.shape[2]))
    for columns in portions(right.shape[1], root.shape[0], root.shape[2]):
        part, known = out[:, columns], right[:, columns]
        for i in range(root.shape[0]):
            left = known[i] - sum(root[i, k] * part[k] for k in range(i))
            np.divide(left, root[i, i], out=part[i])
    return out
