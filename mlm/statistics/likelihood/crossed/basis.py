"""Sums of crossed factors in the basis of a model, or of the stored columns themselves."""

from __future__ import annotations

import numpy as np
from scipy.sparse import block_array, csr_array, diags_array, hstack

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.basis import combined_sums
from mlm.statistics.likelihood.crossed.root import WorkingCrossing
from mlm.statistics.likelihood.drawing import places_of


def crossed_basis(levels, crossed, matrix: np.ndarray, stats: CrossProducts) -> WorkingCrossing:
    """Sums of crossed factors in a basis; their effects stand together, column by column.

    Parameters
    ----------
    levels : list of (GroupSums, any, ndarray (q, c))
        The tree; of its innermost level, the weights of the candidates in each random column.
    crossed : list of (int, ndarray of int (q,), ndarray (q, c))
        Position of each crossed factor in the sample, its random columns in the basis, and the
        weights of its candidates in them.
    matrix : ndarray (k, w)
        Columns of the basis, as combinations of the stored columns.
    stats : CrossProducts
        The sample.
    """
    factors = [stats.crossing.factors[i] for i, _, _ in crossed]
    columns = tuple(own for _, own, _ in crossed)
    weights = [w for _, _, w in crossed]
    sizes = tuple((w.shape[0], f.size) for f, w in zip(factors, weights, strict=True))
    sums = [
        combined_sums(f.sums, w, matrix).reshape(-1, matrix.shape[1])
        for f, w in zip(factors, weights, strict=True)
    ]
    rows = []
    for c, (i, _, wc) in enumerate(crossed):
        row = []
        for d, (j, _, wd) in enumerate(crossed):
            if c == d:
                own = stats.crossing.pairs.get((i, i))
                row.append(
                    _own_square(stats, factors[c], wc)
                    if own is None
                    else _weighted_block(own, wc, wc)
                )
            elif c < d:
                row.append(_weighted_block(stats.crossing.pairs[i, j], wc, wd))
            else:
                row.append(_weighted_block(stats.crossing.pairs[j, i], wd, wc).T)
        rows.append(row)
    links: tuple = ()
    if levels:
        tree_weights = levels[-1][2]
        parts = [
            _weighted_block(f.links, tree_weights, w) for f, w in zip(factors, weights, strict=True)
        ]
        joined = hstack(parts, format="csr")
        n_groups = levels[-1][0].size
        links = tuple(
            joined[i * n_groups : (i + 1) * n_groups] for i in range(tree_weights.shape[0])
        )
    groups = tuple(f.group for f in factors)
    square = block_array(rows, format="csr")
    return WorkingCrossing(groups, sizes, square, np.concatenate(sums), links, columns)


def candidate_basis(
    stats: CrossProducts,
    tree_weights: np.ndarray | None = None,
    matrix: np.ndarray | None = None,
) -> WorkingCrossing:
    """All crossed factors with their candidates as random columns.

    Parameters
    ----------
    stats : CrossProducts
        The sample.
    tree_weights : ndarray (q, c), optional
        Random columns of the tree's level as combinations of its candidates; by default these.
    matrix : ndarray (k, w), optional
        Columns of the basis, the stored columns first; by default these alone.
    """
    factors = stats.crossing.factors
    levels = [
        (level, None, np.eye(len(level.candidates)) if tree_weights is None else tree_weights)
        for level in stats.levels
    ]
    crossed = [
        (i, np.array(places_of(f, stats)), np.eye(len(f.candidates))) for i, f in enumerate(factors)
    ]
    matrix = np.eye(len(stats.columns)) if matrix is None else matrix
    return crossed_basis(levels, crossed, matrix, stats)


def _own_square(stats: CrossProducts, factor, weights: np.ndarray) -> csr_array:
    """``Z'Z`` of one factor: diagonal within each pair of its columns."""
    positions = [stats.columns.positions[c] for c in factor.candidates]
    products = np.tensordot(weights, factor.sums[:, :, positions], axes=1) @ weights.T
    rows = products.transpose(0, 2, 1)
    return block_array([[diags_array(own) for own in row] for row in rows], format="csr")


def _weighted_block(tables, left: np.ndarray, right: np.ndarray) -> csr_array:
    """Sparse block of combined columns from tables of sums by candidate of both sides."""
    rows = []
    for a in left:
        row = []
        for b in right:
            row.append(
                sum(
                    (x * y) * tables[i][j]
                    for i, x in enumerate(a)
                    for j, y in enumerate(b)
                    if x and y
                )
            )
        rows.append(row)
    return block_array(rows, format="csr")
