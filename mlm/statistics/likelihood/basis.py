"""Working columns: combinations of stored columns in which the algebra of a model keeps its digits.

Stored (standardised) columns serve as they are wherever the model is closed under the change of
origin; ``T`` maps them to the raw columns that a user names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.coding import CodedColumn
from mlm.nouns.columns import CONSTANT, Column, Columns
from mlm.statistics.evidence.arrays.distinct_sums import DistinctSums
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.wave_parts import WaveParts
from mlm.statistics.likelihood.working_tree import ALL_GROUPS, WorkingLevel

ALIAS_TOLERANCE = 1e-11  # share of a column's square left after the columns before it


class WorkingColumns:
    """Growing list of working columns as combinations of stored columns."""

    def __init__(self, vectors: Sequence[np.ndarray]):
        self.vectors = list(vectors)

    def position(self, vector: np.ndarray) -> int:
        """Place of a working column, added at the end when it is new."""
        for i, known in enumerate(self.vectors):
            if np.array_equal(known, vector):
                return i
        self.vectors.append(vector)
        return len(self.vectors) - 1


def check_known(coded: Sequence[CodedColumn], recipe: Columns) -> None:
    """Refuse raw columns that the cross-products cannot make.

    Raises
    ------
    StatisticsError
        Naming the first such column.
    """
    positions = recipe.positions
    for column in coded:
        scaled = all((v, f) in recipe.scales for v, f, _ in column.column.powers)
        lacking = not scaled or any(c not in positions for c in recipe.expansion(column.column))
        if lacking:
            raise StatisticsError(
                f"column {column.name} is not in the cross-products, which hold "
                f"{', '.join(recipe.names[:8])}... Accumulate with all candidate columns."
            )


def _raw_vector(column: Column, recipe: Columns) -> np.ndarray:
    vector = np.zeros(len(recipe))
    positions = recipe.positions
    for stored, weight in recipe.expansion(column).items():
        vector[positions[stored]] = weight
    return vector


def _stored_vector(column: Column, recipe: Columns) -> np.ndarray:
    vector = np.zeros(len(recipe))
    vector[recipe.positions[column]] = 1.0
    return vector


def _closed_transform(columns: Sequence[Column], recipe: Columns) -> np.ndarray | None:
    """T with raw = stored T when the raw columns span their own stored columns, else None."""
    position = {column: i for i, column in enumerate(columns)}
    transform = np.zeros((len(columns), len(columns)))
    for j, column in enumerate(columns):
        for stored, weight in recipe.expansion(column).items():
            if stored not in position:
                return None
            transform[position[stored], j] = weight
    return transform


def fixed_basis(
    fixed: Sequence[CodedColumn], recipe: Columns
) -> tuple[list[np.ndarray], np.ndarray, bool]:
    """Working fixed columns, their transform to raw columns, and whether 1 is among them."""
    columns = [c.column for c in fixed]
    transform = _closed_transform(columns, recipe)
    if transform is None:
        return [_raw_vector(c, recipe) for c in columns], np.eye(len(columns)), CONSTANT in columns
    return [_stored_vector(c, recipe) for c in columns], transform, CONSTANT in columns


def independent_columns(
    fixed: Sequence[CodedColumn], stats: CrossProducts
) -> tuple[list[CodedColumn], list[CodedColumn]]:
    """Fixed columns that those before them do not determine, and the others."""
    recipe = stats.columns
    columns = [c.column for c in fixed]
    closed = _closed_transform(columns, recipe) is not None
    make = _stored_vector if closed else _raw_vector
    matrix = (
        np.column_stack([make(c, recipe) for c in columns])
        if columns
        else np.zeros((len(recipe), 0))
    )
    gram = matrix.T @ stats.total @ matrix
    factor = np.zeros_like(gram)
    kept: list[int] = []
    for j in range(len(columns)):
        row = np.zeros(len(kept))
        for a, i in enumerate(kept):
            row[a] = (gram[j, i] - row[:a] @ factor[a, :a]) / factor[a, a]
        left = gram[j, j] - row @ row
        if left > ALIAS_TOLERANCE * max(gram[j, j], 1e-300):
            a = len(kept)
            factor[a, :a], factor[a, a] = row, np.sqrt(left)
            kept.append(j)
    return [fixed[j] for j in kept], [fixed[j] for j in range(len(columns)) if j not in kept]


def block_basis(term, coded: Sequence[CodedColumn], stats: CrossProducts):
    """Working columns of a term: stored ones if closed, else raw ones of unit mean square."""
    recipe = stats.columns
    columns = [c.column for c in coded]
    transform = _closed_transform(columns, recipe)
    if transform is not None:
        return [_stored_vector(c, recipe) for c in columns], transform
    vectors = [_raw_vector(c, recipe) for c in columns]
    scales = [np.sqrt(v @ stats.total @ v / stats.n_obs) or 1.0 for v in vectors]
    return [v / s for v, s in zip(vectors, scales, strict=True)], np.diag(scales)


def candidate_weights(vector: np.ndarray, level, stats: CrossProducts, term) -> np.ndarray:
    """A working column as weights of a level's candidates.

    Raises
    ------
    StatisticsError
        When the column is made of others than the candidates.
    """
    positions = [stats.columns.positions[c] for c in level.candidates]
    outside = np.delete(vector, positions)
    if outside.any():
        raise StatisticsError(
            f"random term {term}: its columns were not accumulated as candidates of {level.name} "
            f"(there: {', '.join(c.name for c in level.candidates)}). Accumulate again with them."
        )
    return vector[positions]


def combined_sums(
    sums: np.ndarray | WaveParts | DistinctSums,
    weights: np.ndarray,
    matrix: np.ndarray,
    groups: slice = ALL_GROUPS,
) -> np.ndarray:
    """Sums (q, n, w) of the working columns from those of the candidates (c, G, k).

    Parameters
    ----------
    sums : ndarray (c, G, k), WaveParts or DistinctSums
        Sums of the candidates.
    weights : ndarray (q, c)
        The random columns as combinations of the candidates.
    matrix : ndarray (k, w)
        The working columns as combinations of the stored columns.
    groups : slice
        Groups that stand together; all of them by default.
    """
    picks = selection(matrix)
    rows = selection(weights.T)
    if isinstance(sums, WaveParts | DistinctSums):
        if groups == ALL_GROUPS and picks is not None and rows is not None:
            return sums.taken(rows, picks)
        own = range(sums.shape[0]) if rows is None else rows
        used = np.flatnonzero(matrix.any(axis=1)) if picks is None else picks
        sums, matrix = sums.block(own, groups, used), matrix[used]
        picks = None if picks is None else ALL_GROUPS
        rows = None if rows is None else ALL_GROUPS
    else:
        sums = sums[:, groups]
    chosen = sums[rows] if rows is not None else np.tensordot(weights, sums, axes=1)
    return chosen[:, :, picks] if picks is not None else chosen @ matrix


def working_level(
    level: GroupSums, columns: np.ndarray, weights: np.ndarray, matrix: np.ndarray
) -> WorkingLevel:
    """A level in working columns.

    Parameters
    ----------
    level : GroupSums
        Its sums in the stored columns.
    columns : ndarray of int (q,)
        Working columns that carry its random effects.
    weights : ndarray (q, c)
        The same as combinations of its candidates.
    matrix : ndarray (k, w)
        Working columns as combinations of the stored columns.
    """
    made = partial(combined_sums, level.sums, weights, matrix)
    return WorkingLevel(level.group, columns, level.parent, made, level.weights)


def redrawn_level(level: WorkingLevel, sample: CrossProducts, matrix: np.ndarray) -> WorkingLevel:
    """A level with the sums of a sample that differs in its response alone.

    Parameters
    ----------
    level : WorkingLevel
        The level.
    sample : CrossProducts
        The sample.
    matrix : ndarray (k, w)
        Working columns as combinations of the stored columns.
    """
    sums = sample.level(level.group)
    places = [sample.columns.positions[column] for column in sums.candidates]
    weights = np.ascontiguousarray(matrix[places][:, level.columns].T)
    return replace(level, made=partial(combined_sums, sums.sums, weights, matrix))


def selection(matrix: np.ndarray) -> np.ndarray | None:
    """Rows that a 0/1 matrix selects, one a column; None when it is not a selection."""
    ones = matrix == 1.0
    if ((matrix == 0.0) | ones).all() and (ones.sum(axis=0) == 1).all():
        return ones.argmax(axis=0)
    return None
