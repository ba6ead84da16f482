"""Statistics of one model: the columns it needs, in a basis in which the algebra keeps its digits.

The working basis is made of stored (standardised) columns wherever the model is closed under the
change of origin; ``T`` maps it to the raw columns that a user names. Only column algebra on
cross-products happens here.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlm.columns import CONSTANT, CodedColumn, Column, Columns, model_columns
from mlm.errors import ModelError, StatisticsError
from mlm.model import Model
from mlm.statistics.crossproducts import CrossProducts
from mlm.statistics.pooling import Pool, pool_groups

ALIAS_TOLERANCE = 1e-11  # share of a column's square left after the columns before it


@dataclass(frozen=True)
class Block:
    """One random term: a block of its level's relative covariance matrix.

    Attributes
    ----------
    level : int
        Position of the level, outermost first.
    start : int
        First row and column of the block in the level's matrix.
    names : tuple of str
        Raw columns of the term, q of them.
    transform : ndarray (q, q)
        ``T`` with ``raw = T' working``, so that working effects are ``T`` times raw effects.
    """

    level: int
    start: int
    names: tuple[str, ...]
    transform: np.ndarray

    @property
    def size(self) -> int:
        """Number of columns q."""
        return len(self.names)


@dataclass(frozen=True)
class WorkingLevel:
    """Sums of one level in the working basis.

    Attributes
    ----------
    group : tuple of str
        Id columns of the level.
    columns : ndarray of int (q,)
        Working columns that carry the level's random effects.
    sums : ndarray (q, G, w)
        Sums of products of those columns with all working columns.
    parent : ndarray of int (G,)
        Group of the next outer level.
    """

    group: tuple[str, ...]
    columns: np.ndarray
    sums: np.ndarray
    parent: np.ndarray


@dataclass(frozen=True)
class Working:
    """All that the likelihood of one model needs.

    Attributes
    ----------
    model : Model
        The claim.
    fixed : tuple of CodedColumn
        Raw fixed columns, p of them, aliased ones left out.
    aliased : tuple of str
        Names of the columns left out because the others determine them.
    transform : ndarray (p, p)
        ``T`` with raw fixed columns = working fixed columns times T.
    response : tuple of (origin, unit)
        The working response is ``(y - origin) / unit``.
    total : ndarray (w, w)
        Cross-products of the working columns; the first p are fixed, the last is the response.
    levels : tuple of WorkingLevel
        Outermost first.
    blocks : tuple of Block
        Random terms, in the order of the model.
    n_obs : int
        Number of rows.
    pool : Pool or None
        The innermost level with equal groups pooled, where that pays; used instead of its sums.
    """

    model: Model
    fixed: tuple[CodedColumn, ...]
    aliased: tuple[str, ...]
    transform: np.ndarray
    response: tuple[float, float]
    total: np.ndarray
    levels: tuple[WorkingLevel, ...]
    blocks: tuple[Block, ...]
    n_obs: int
    pool: Pool | None = None

    @cached_property
    def parents(self) -> list[list[np.ndarray]]:
        """For the groups of each level, their group (G,) in every level around, outermost first."""
        out: list[list[np.ndarray]] = []
        for i, level in enumerate(self.levels):
            out.append(
                [around[level.parent] for around in out[i - 1]] + [level.parent] if i else []
            )
        return out

    @cached_property
    def starts(self) -> list[list[np.ndarray]]:
        """First group of each level inside every group of the levels around, as ``parents``."""
        return [[np.flatnonzero(np.diff(p, prepend=-1)) for p in level] for level in self.parents]

    @property
    def n_fixed(self) -> int:
        """Number of fixed effects p."""
        return len(self.fixed)


def working_statistics(model: Model, stats: CrossProducts, pooled: bool = True) -> Working:
    """The working statistics of a model.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        The evidence.
    pooled : bool
        Pool equal innermost groups where that pays; effects of single groups need them apart.

    Raises
    ------
    StatisticsError
        When the sample lacks a column, a level or a candidate slope of the model.
    ModelError
        When there are fewer rows than parameters or the response does not vary.
    """
    recipe = stats.columns
    fixed, random, response = model_columns(model, recipe.categories)
    _check_known([*fixed, *(c for term in random for c in term), response], recipe)
    kept, aliased = _independent(fixed, stats)
    if aliased:
        warnings.warn(
            f"fixed effects determined by the others are left out: {', '.join(aliased)}",
            stacklevel=3,
        )
    vectors, transform, centred = _fixed_basis(kept, recipe)
    origin, unit = recipe.scales[response.column.powers[0][:2]]
    y = np.zeros(len(recipe))
    y[recipe.positions[response.column]] = 1.0
    if not centred and origin:
        y[0], origin = origin / unit, 0.0
    basis = _Basis(vectors)
    levels, blocks = _random_part(model, random, stats, basis)
    matrix = np.column_stack([*basis.vectors, y])
    total = matrix.T @ stats.total @ matrix
    _check_response(total, len(kept), stats.n_obs, model.response)
    built = tuple(
        WorkingLevel(
            level.group, np.array(columns), _combine(level.sums, weights, matrix), level.parent
        )
        for level, columns, weights in levels
    )
    pool = _pooled(levels, built, matrix, stats) if pooled else None
    return Working(
        model,
        tuple(kept),
        tuple(aliased),
        transform,
        (origin, unit),
        total,
        built,
        blocks,
        stats.n_obs,
        pool,
    )


def _pooled(levels, built: Sequence[WorkingLevel], matrix: np.ndarray, stats) -> Pool | None:
    """The pool of the innermost level; kept with the sample, since models share it."""
    picks = _selection(matrix)
    chosen = [_selection(weights.T) for _, _, weights in levels]
    if not levels or picks is None or any(choice is None for choice in chosen):
        return None
    inner = levels[-1][0]
    outer = [picks[level.columns] for level in built[:-1]]
    around = tuple((b.group, *o) for b, o in zip(built, outer, strict=False))
    key = (inner.group, tuple(chosen[-1]), around)
    if key not in stats.memo:
        around: list[np.ndarray] = []
        for level in built[1:]:
            around = [parent[level.parent] for parent in around] + [level.parent]
        columns = picks[built[-1].columns]
        stats.memo[key] = pool_groups(inner.sums[chosen[-1]], columns, around, outer)
    pool = stats.memo[key]
    return pool.selected(picks) if pool is not None else None


class _Basis:
    """Growing list of working columns as combinations of stored columns."""

    def __init__(self, vectors: Sequence[np.ndarray]):
        self.vectors = list(vectors)

    def position(self, vector: np.ndarray) -> int:
        for i, known in enumerate(self.vectors):
            if np.array_equal(known, vector):
                return i
        self.vectors.append(vector)
        return len(self.vectors) - 1


def _check_known(coded: Sequence[CodedColumn], recipe: Columns) -> None:
    positions = recipe.positions
    for column in coded:
        scaled = all((v, f) in recipe.scales for v, f, _ in column.column.powers)
        lacking = not scaled or any(c not in positions for c in recipe.expansion(column.column))
        if lacking:
            raise StatisticsError(
                f"column {column.name} is not in the cross-products, which hold "
                f"{', '.join(recipe.names[:8])}... Accumulate with all candidate columns."
            )


def _vector(column: Column, recipe: Columns) -> np.ndarray:
    vector = np.zeros(len(recipe))
    positions = recipe.positions
    for stored, weight in recipe.expansion(column).items():
        vector[positions[stored]] = weight
    return vector


def _unit_vector(column: Column, recipe: Columns) -> np.ndarray:
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


def _fixed_basis(
    fixed: Sequence[CodedColumn], recipe: Columns
) -> tuple[list[np.ndarray], np.ndarray, bool]:
    """Working fixed columns, their transform to raw columns, and whether 1 is among them."""
    columns = [c.column for c in fixed]
    transform = _closed_transform(columns, recipe)
    if transform is None:
        return [_vector(c, recipe) for c in columns], np.eye(len(columns)), CONSTANT in columns
    return [_unit_vector(c, recipe) for c in columns], transform, CONSTANT in columns


def _independent(
    fixed: Sequence[CodedColumn], stats: CrossProducts
) -> tuple[list[CodedColumn], list[str]]:
    """Fixed columns that those before them do not determine, and the names of the others."""
    recipe = stats.columns
    columns = [c.column for c in fixed]
    closed = _closed_transform(columns, recipe) is not None
    make = _unit_vector if closed else _vector
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
    names = [fixed[j].name for j in range(len(columns)) if j not in kept]
    return [fixed[j] for j in kept], names


def _random_part(model: Model, random, stats: CrossProducts, basis: _Basis):
    """Levels with their working columns and weights of candidates, and the blocks."""
    order = [level.group for level in stats.levels]
    found = {term.group: ([], []) for term in model.random}
    spans = []
    for term, coded in zip(model.random, random, strict=True):
        level = stats.level(term.group)
        vectors, transform = _block_basis(term, coded, stats)
        columns, weights = found[term.group]
        spans.append((term.group, len(columns), tuple(c.name for c in coded), transform))
        for vector in vectors:
            columns.append(basis.position(vector))
            weights.append(_candidate_weights(vector, level, stats, term))
    groups = [group for group in order if group in found]
    reduced = stats.without_levels(*(g for g in order if g not in found))
    levels = [(reduced.level(g), found[g][0], np.array(found[g][1])) for g in groups]
    blocks = tuple(Block(groups.index(g), start, names, t) for g, start, names, t in spans)
    return levels, blocks


def _block_basis(term, coded: Sequence[CodedColumn], stats: CrossProducts):
    """Working columns of a term: stored ones if closed, else raw ones of unit mean square."""
    recipe = stats.columns
    columns = [c.column for c in coded]
    transform = _closed_transform(columns, recipe)
    if transform is not None:
        return [_unit_vector(c, recipe) for c in columns], transform
    vectors = [_vector(c, recipe) for c in columns]
    scales = [np.sqrt(v @ stats.total @ v / stats.n_obs) or 1.0 for v in vectors]
    return [v / s for v, s in zip(vectors, scales, strict=True)], np.diag(scales)


def _candidate_weights(vector: np.ndarray, level, stats: CrossProducts, term) -> np.ndarray:
    positions = [stats.columns.positions[c] for c in level.candidates]
    outside = np.delete(vector, positions)
    if outside.any():
        raise StatisticsError(
            f"random term {term}: its columns were not accumulated as candidates of {level.name} "
            f"(there: {', '.join(c.name for c in level.candidates)}). Accumulate again with them."
        )
    return vector[positions]


def _combine(sums: np.ndarray, weights: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Sums (q, G, w) of the working columns from those of the candidates (c, G, k)."""
    picks = _selection(matrix)
    rows = _selection(weights.T)
    chosen = sums[rows] if rows is not None else np.tensordot(weights, sums, axes=1)
    return chosen[:, :, picks] if picks is not None else chosen @ matrix


def _selection(matrix: np.ndarray) -> np.ndarray | None:
    """Rows that a 0/1 matrix selects, one a column; None when it is not a selection."""
    ones = matrix == 1.0
    if ((matrix == 0.0) | ones).all() and (ones.sum(axis=0) == 1).all():
        return ones.argmax(axis=0)
    return None


def _check_response(total: np.ndarray, n_fixed: int, n_obs: int, response: str) -> None:
    if n_obs <= n_fixed + 1:
        raise ModelError(f"{n_obs} rows cannot carry {n_fixed} fixed effects and a variance.")
    square = total[-1, -1]
    if n_fixed:
        fitted = np.linalg.lstsq(total[:n_fixed, :n_fixed], total[:n_fixed, -1], rcond=None)[0]
        square = square - fitted @ total[:n_fixed, -1]
    if square <= 1e-14 * max(total[-1, -1], 1e-300) or total[-1, -1] == 0.0:
        raise ModelError(
            f"the response {response} is constant or determined by the fixed effects: nothing is "
            "left to explain. Check the column and its missing codes."
        )
