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
    groups = tuple(f.group for f in factors)
    tree = levels[-1][2] if levels else None
    places = [i for i, _, _ in crossed]
    square, links = _cells(places, weights, tree, stats)
    return WorkingCrossing(groups, sizes, square, np.concatenate(sums), links, columns)


def _cells(
    places: list[int], weights: list[np.ndarray], tree: np.ndarray | None, stats: CrossProducts
) -> tuple[csr_array, tuple[csr_array, ...]]:
    """Products of the random columns of crossed factors, with each other and with the tree's.

    Made once for all responses of a sample: draws of a model have others.
    """
    crossing = stats.crossing
    used = [*weights, *([] if tree is None else [tree])]
    key = ("cells", *places, *((each.shape, each.tobytes()) for each in used))
    if key not in crossing.combined:
        square = block_array(_squares(places, weights, stats), format="csr")
        factors = [crossing.factors[i] for i in places]
        crossing.combined[key] = square, _links(factors, weights, tree) if tree is not None else ()
    return crossing.combined[key]


def _squares(
    places: list[int], weights: list[np.ndarray], stats: CrossProducts
) -> list[list[csr_array]]:
    """Blocks of ``Z'Z`` of the factors."""
    pairs, rows = stats.crossing.pairs, []
    for i, wi in zip(places, weights, strict=True):
        row = []
        for j, wj in zip(places, weights, strict=True):
            if (i, j) in pairs:
                row.append(_weighted_block(pairs[i, j], wi, wj))
            elif i == j:
                row.append(_own_square(stats, stats.crossing.factors[i], wi))
            else:
                row.append(_weighted_block(pairs[j, i], wj, wi).T)
        rows.append(row)
    return rows


def _links(factors, weights: list[np.ndarray], tree: np.ndarray) -> tuple[csr_array, ...]:
    """Products with each random column of the tree's innermost level."""
    parts = [_weighted_block(f.links, tree, w) for f, w in zip(factors, weights, strict=True)]
    joined = hstack(parts, format="csr")
    size = joined.shape[0] // len(tree)
    return tuple(joined[i * size : (i + 1) * size] for i in range(len(tree)))


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
