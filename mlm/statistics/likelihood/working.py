"""Statistics of one model: the columns it needs, in a basis in which the algebra keeps its digits.

The working basis is made of stored (standardised) columns wherever the model is closed under the
change of origin; ``T`` maps it to the raw columns that a user names. Only column algebra on
cross-products happens here.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from mlm.errors import ModelError
from mlm.nouns.coding import CodedColumn, model_columns
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.tree import Family
from mlm.statistics.likelihood.basis import (
    WorkingColumns,
    block_basis,
    candidate_weights,
    check_known,
    combined_sums,
    fixed_basis,
    independent_columns,
    selection,
)
from mlm.statistics.likelihood.crossed.basis import crossed_basis
from mlm.statistics.likelihood.crossed.elimination import WorkingCrossing
from mlm.statistics.likelihood.pools import Pool, pool_groups
from mlm.statistics.likelihood.threads import one_thread
from mlm.statistics.likelihood.working_level import WorkingLevel


@dataclass(frozen=True)
class Block:
    """One random term: a block of its level's relative covariance matrix.

    Attributes
    ----------
    level : int
        Position of the level, outermost first.
    start : int
        First row and column of the block in the level's matrix.
    columns : tuple of CodedColumn
        Raw columns of the term, q of them.
    transform : ndarray (q, q)
        ``T`` with ``raw = T' working``, so that working effects are ``T`` times raw effects.
    """

    level: int
    start: int
    columns: tuple[CodedColumn, ...]
    transform: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the raw columns."""
        return tuple(column.name for column in self.columns)

    @property
    def size(self) -> int:
        """Number of columns q."""
        return len(self.columns)


@dataclass(frozen=True)
class Working:
    """All that the likelihood of one model needs.

    Attributes
    ----------
    model : Model
        The claim.
    fixed : tuple of CodedColumn
        Raw fixed columns, p of them, aliased ones left out.
    aliased : tuple of CodedColumn
        Columns left out because the others determine them.
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
    crossing : WorkingCrossing or None
        Factors crossed with the levels; their blocks count as further levels, after the others.
    log_weights : float
        Sum over the rows of the logarithm of their weight.
    matrix : ndarray (k, w) or None
        Working columns as combinations of the stored ones.
    """

    model: Model
    fixed: tuple[CodedColumn, ...]
    aliased: tuple[CodedColumn, ...]
    transform: np.ndarray
    response: tuple[float, float]
    total: np.ndarray
    levels: tuple[WorkingLevel, ...]
    blocks: tuple[Block, ...]
    n_obs: int
    pool: Pool | None = None
    crossing: WorkingCrossing | None = None
    log_weights: float = 0.0
    matrix: np.ndarray | None = None

    @property
    def widths(self) -> list[int]:
        """Random columns of each level and, after them, of each crossed factor."""
        crossed = [q for q, _ in self.crossing.sizes] if self.crossing else []
        return [len(level.columns) for level in self.levels] + crossed

    @property
    def n_crossed(self) -> int:
        """Effects of all crossed factors together."""
        return sum(q * size for q, size in self.crossing.sizes) if self.crossing else 0

    @property
    def names(self) -> list[str]:
        """Grouping factor of each level and, after them, of each crossed factor."""
        crossed = self.crossing.groups if self.crossing else ()
        return [":".join(group) for group in (*(level.group for level in self.levels), *crossed)]

    def sums_of(self, position: int) -> np.ndarray:
        """Sums (q, G, w) of a level or, after them, of a crossed factor."""
        if position < len(self.levels):
            return self.levels[position].sums
        position -= len(self.levels)
        own, (q, size) = self.crossing.parts[position], self.crossing.sizes[position]
        return self.crossing.sums[own].reshape(q, size, -1)

    @property
    def group_sizes(self) -> list[int]:
        """Groups of each level and, after them, of each crossed factor."""
        crossed = [size for _, size in self.crossing.sizes] if self.crossing else []
        return [level.parent.size for level in self.levels] + crossed

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

    @cached_property
    def families(self) -> list[Family | None]:
        """For each level, its groups by the groups of the next outer one; None for the first."""
        return [Family(level.parent) if i else None for i, level in enumerate(self.levels)]

    @cached_property
    def reach(self) -> list[list[int]]:
        """For each level, the random columns of all levels around it, none of them twice."""
        around = [level.columns.tolist() for level in self.levels]
        return [sorted({c for level in around[:i] for c in level}) for i in range(len(around))]

    @property
    def n_fixed(self) -> int:
        """Number of fixed effects p."""
        return len(self.fixed)


@one_thread()
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
    check_known([*fixed, *(c for term in random for c in term), response], recipe)
    kept, aliased = independent_columns(fixed, stats)
    if aliased:
        names = ", ".join(column.name for column in aliased)
        warnings.warn(f"fixed effects determined by the others are left out: {names}", stacklevel=3)
    vectors, transform, centred = fixed_basis(kept, recipe)
    origin, unit = recipe.scales[response.column.powers[0][:2]]
    y = np.zeros(len(recipe))
    y[recipe.positions[response.column]] = 1.0
    if not centred and origin:
        y[0], origin = origin / unit, 0.0
    basis = WorkingColumns(vectors)
    levels, crossed, blocks = _random_part(model, random, stats, basis)
    matrix = np.column_stack([*basis.vectors, y])
    total = matrix.T @ stats.total @ matrix
    _check_response(total, len(kept), stats.n_obs, model.response)
    built = tuple(
        WorkingLevel(
            level.group,
            np.array(columns),
            level.parent,
            partial(combined_sums, level.sums, weights, matrix),
        )
        for level, columns, weights in levels
    )
    pool = _pooled(levels, built, matrix, stats) if pooled and not crossed else None
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
        crossed_basis(levels, crossed, matrix, stats) if crossed else None,
        stats.log_weights,
        matrix,
    )


def _pooled(levels, built: Sequence[WorkingLevel], matrix: np.ndarray, stats) -> Pool | None:
    """The pool of the innermost level; kept with the sample, since models share it."""
    if not levels:
        return None
    inner, _, weights = levels[-1]
    own = matrix[:, built[-1].columns]
    reach = matrix[:, sorted({int(c) for level in built[:-1] for c in level.columns})]
    around = built[-2].group if built[:-1] else ()
    key = (inner.group, around, *(part.tobytes() for part in (weights, own, reach)))
    if key not in stats.memo:
        parent = built[-1].parent if built[:-1] else None
        rows = selection(weights.T)
        sums = inner.sums[rows] if rows is not None else np.tensordot(weights, inner.sums, axes=1)
        stats.memo[key] = pool_groups(sums, own, parent, reach)
    pool = stats.memo[key]
    return pool.combined(matrix) if pool is not None else None


def _random_part(model: Model, random, stats: CrossProducts, basis: WorkingColumns):
    """Levels and crossed factors with their working columns and weights of candidates; blocks."""
    found: dict = {term.group: ([], []) for term in model.random}
    spans = []
    for term, coded in zip(model.random, random, strict=True):
        level = stats.level(term.group)
        vectors, transform = block_basis(term, coded, stats)
        columns, weights = found[term.group]
        spans.append((term.group, len(columns), tuple(coded), transform))
        for vector in vectors:
            columns.append(basis.position(vector))
            weights.append(candidate_weights(vector, level, stats, term))
    tree = [level.group for level in stats.levels]
    reduced = stats.without_levels(*(g for g in tree if g not in found))
    levels = [
        (level, found[level.group][0], np.array(found[level.group][1])) for level in reduced.levels
    ]
    factors = stats.crossing.factors
    crossed = [
        (i, np.array(found[factor.group][0]), np.array(found[factor.group][1]))
        for i, factor in enumerate(factors)
        if factor.group in found
    ]
    order = [level.group for level, _, _ in levels] + [factors[i].group for i, _, _ in crossed]
    blocks = tuple(Block(order.index(g), start, coded, t) for g, start, coded, t in spans)
    return levels, crossed, blocks


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
