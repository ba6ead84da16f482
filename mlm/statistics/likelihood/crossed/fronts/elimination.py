"""Elimination of crossed effects in the fronts of their containers, and its way back.

Units of the tree's level that lie in one of the finest containers are eliminated first, each by
itself. Then, front by front, with C the cross-products of the own effects of a front, D those with
its border, S their sums with the working columns and ``Omega = L L'``,

    N = I + L' C L,   Y = N^-1 L' D,   H = N^-1 L' S,
    border: C <- C - D' L Y,   S <- S - D' L H,   A <- A - S' L H,   log|V| <- log|V| + log|N|.

The way back, in its own module, gives the covariances and means of the effects. Letters: w working
columns, f combinations of them, W crossed effects, E effects in fronts, B fronts of a block, o and
b effects of its own and of its border.

Source: multifrontal elimination, Duff & Reid (1983), ACM Transactions on Mathematical Software 9,
302-325.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_array

from mlm.errors import FitError
from mlm.statistics.likelihood.crossed.fronts.layout import Block, Fronts
from mlm.statistics.likelihood.crossed.fronts.patterns import Patterns, PooledUnits
from mlm.statistics.likelihood.crossed.fronts.roots import BlockRoots, block_roots
from mlm.statistics.likelihood.crossed.root import CrossedRemains, Root
from mlm.statistics.likelihood.elimination import (
    EliminatedLevel,
    EliminationStep,
    eliminated,
    left_over,
)
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.structure import Eliminated
from mlm.statistics.likelihood.symmetric_root import symmetric_root
from mlm.statistics.likelihood.working_tree import WorkingTree

TILE = 256  # rows and columns of a piece of a matrix that is mirrored


@dataclass(frozen=True)
class EarlyUnits:
    """Units of the tree's level that are eliminated before all fronts.

    Attributes
    ----------
    units : ndarray of int (G,)
        Which of the level's.
    links : tuple of csr_array (G, W)
        For each random column, ``Z_i' Z_w`` of the unit and the crossed effects.
    pairs : list of list of tuple
        For two random columns: unit and product of the sums of each pair of linked effects, and
        where the pair stands.
    added : list of list of tuple
        The same pairs, those that stand in their order: which of them, and where.
    patterns : Patterns or None
        The units by their cross-products, where few of them are different.
    """

    units: np.ndarray
    links: tuple[csr_array, ...]
    pairs: list[list[tuple[np.ndarray, ...]]]
    added: list[list[tuple[np.ndarray, ...]]]
    patterns: Patterns | None


@dataclass(frozen=True)
class PlacedEffects:
    """The random effects of a model in the fronts of their containers.

    Attributes
    ----------
    fronts : Fronts
        Where they stand.
    base : ndarray (size + 1,)
        Their cross-products; the last place is for what stands elsewhere already.
    early : EarlyUnits or None
        Units that are eliminated before; None without a tree.
    late : ndarray of int (M,)
        Units of the tree's level among the effects in fronts.
    n_crossed : int
        W; the effects of the late units follow them, column by column.
    """

    fronts: Fronts
    base: np.ndarray
    early: EarlyUnits | None
    late: np.ndarray
    n_crossed: int


@dataclass(frozen=True)
class FrontSums:
    """The effects in fronts with their sums of the working columns.

    Attributes
    ----------
    placed : PlacedEffects
        The effects.
    sums : ndarray (E + 1, w)
        Of the effects in fronts; the last row is zero.
    tree : WorkingTree
        The early units as a level; none without a tree.
    pooled : PooledUnits or None
        The early units in patterns, used instead of the level where that is faster.
    """

    placed: PlacedEffects
    sums: np.ndarray
    tree: WorkingTree
    pooled: PooledUnits | None = None

    def with_columns(self, tree: WorkingTree, places: np.ndarray) -> FrontSums:
        """The same of some working columns (w,), with the level of all units in them."""
        early = tuple(level.only(self.placed.early.units) for level in tree.levels)
        pooled = None if self.pooled is None else self.pooled.with_columns(places)
        sums = np.take(self.sums, places, axis=1)
        return FrontSums(self.placed, sums, WorkingTree(early), pooled)


@dataclass(frozen=True)
class EliminatedBlock:
    """What eliminating a block leaves behind; one matrix a front.

    Attributes
    ----------
    inner, across : ndarray (B, o, o), (B, o, b)
        C and D.
    sums : ndarray (B, o, w)
        S.
    roots : BlockRoots
        L.
    inverse, onto, held : ndarray (B, o, o), (B, o, b), (B, o, w)
        ``N^-1``, Y and H.
    """

    inner: np.ndarray
    across: np.ndarray
    sums: np.ndarray
    roots: BlockRoots
    inverse: np.ndarray
    onto: np.ndarray
    held: np.ndarray


@dataclass(frozen=True)
class EliminatedFronts:
    """What eliminating all effects leaves behind.

    Attributes
    ----------
    early : EliminatedLevel or None
        The early units, or their patterns.
    blocks : list of EliminatedBlock
        In the order of the fronts.
    """

    early: EliminatedLevel | None
    blocks: list[EliminatedBlock]


def eliminate(
    given: FrontSums, total: np.ndarray, omegas: Sequence[np.ndarray], scratch: Scratch
) -> tuple[np.ndarray, float, EliminatedFronts]:
    """Eliminate all random effects.

    Parameters
    ----------
    given : FrontSums
        The evidence.
    total : ndarray (w, w)
        Cross-products of the working columns.
    omegas : sequence of ndarray (q, q)
        Relative covariance of each place.
    scratch : Scratch
        Memory for the early units.

    Returns
    -------
    ndarray (w, w)
        Cross-products with ``V^-1`` between them.
    float
        log|V|.
    EliminatedFronts

    Raises
    ------
    FitError
        When rounding leaves no positive definite matrix.
    """
    sums, buffer = given.sums.copy(), given.placed.base.copy()
    matrix, logdet, early = _early_eliminated(given, total, omegas, scratch, sums, buffer)
    roots = [symmetric_root(omega) for omega in omegas]
    done = []
    fronts = given.placed.fronts
    for block, coupled in zip(fronts.blocks, fronts.coupled, strict=True):
        found, gone, gained = _eliminated(block, block_roots(block, coupled, roots), buffer, sums)
        matrix = matrix - gone
        logdet += gained
        done.append(found)
    return matrix, logdet, EliminatedFronts(early, done)


def _early_eliminated(
    given: FrontSums, total, omegas, scratch: Scratch, sums, buffer
) -> tuple[np.ndarray, float, EliminatedLevel | None]:
    """Cross-products and log|V| with the early units eliminated; sums and buffer in place."""
    if given.pooled is not None:
        known = scratch.steps.get(0)
        if known is None or not np.array_equal(known.covariance[0], omegas[0]):
            known = scratch.steps[0] = given.pooled.eliminated(omegas[0])
        sums[: given.placed.n_crossed] -= known.sums
        buffer -= known.pairs
        done = EliminatedLevel(known.gain, given.pooled.patterns.inner)
        return total - known.gone, known.logdet, done
    steps = eliminated(given.tree, [[omega] for omega in omegas[: len(given.tree.levels)]], scratch)
    (matrix,), (logdet,) = left_over(total, steps)
    for step in steps:
        _take_early(given.placed, step, sums, buffer)
    return matrix, logdet, steps[0].done if steps else None


def _take_early(placed: PlacedEffects, step: EliminationStep, sums, buffer) -> None:
    """Take what the early units explain from the sums and cross-products of other effects."""
    early, gain, (product,) = placed.early, step.done.gain, step.product
    for i, link in enumerate(early.links):
        sums[: placed.n_crossed] -= link.T @ product[i]
        for j in range(len(early.links)):
            unit, weight, _ = early.pairs[i][j]
            chosen, place = early.added[i][j]
            gone = gain[i, j][unit[chosen]] * weight[chosen]
            buffer -= np.bincount(place, gone, minlength=buffer.size)


def _eliminated(
    block: Block, roots: BlockRoots, buffer: np.ndarray, sums: np.ndarray
) -> tuple[EliminatedBlock, np.ndarray, float]:
    """Eliminate the fronts of a block; what they leave on their borders is added in place.

    Returns
    -------
    EliminatedBlock
    ndarray (w, w)
        What they take from the cross-products.
    float
        Sum of ``log|N|``.
    """
    count, o, b = block.shape
    inner = buffer[block.start : block.edge].reshape(count, o, o)
    across = buffer[block.edge : block.end].reshape(count, o, b)
    middle = roots.around(inner)
    middle[:, range(o), range(o)] += 1.0
    inverse, logdet = _inverted(middle)
    own = sums[block.own]
    seen = roots.times(own)
    held = inverse @ seen
    gone = seen.reshape(count * o, -1).T @ held.reshape(count * o, -1)
    passed = roots.times(across)
    onto = inverse @ passed
    if b:
        left = (passed.transpose(0, 2, 1) @ onto).ravel()
        rest = buffer[block.end :]
        rest -= np.bincount(block.added, left, minlength=rest.size)
        sums -= block.spread @ (passed.transpose(0, 2, 1) @ held).reshape(count * b, -1)
        sums[-1] = 0.0
    return EliminatedBlock(inner, across, own, roots, inverse, onto, held), gone, logdet


def _inverted(middle: np.ndarray) -> tuple[np.ndarray, float]:
    """Inverses of positive definite matrices (B, o, o), and the sum of their log determinants.

    A single one is inverted where it stands.
    """
    try:
        if len(middle) > 1:
            lower = np.linalg.cholesky(middle)
            inverse = _inverse_of(lower)
            roots = np.diagonal(lower, axis1=-2, axis2=-1)
        else:
            inverse, roots = _inverted_in_place(middle[0])
    except np.linalg.LinAlgError as error:
        text = "the crossed effects cannot be told apart at variances this large."
        raise FitError(text) from error
    logdet = 2.0 * float(np.log(roots).sum())
    if not np.isfinite(logdet):
        raise FitError("the crossed effects cannot be told apart at variances this large.")
    return inverse, logdet


def _inverse_of(lower: np.ndarray) -> np.ndarray:
    """Inverses (B, o, o) of matrices with these lower roots, row by row in all of them at once."""
    root = np.zeros_like(lower)
    scale = 1.0 / np.diagonal(lower, axis1=-2, axis2=-1)
    for i in range(lower.shape[1]):
        if i:
            row = lower[:, i, None, :i] @ root[:, :i, :i]
            root[:, i, :i] = -scale[:, i, None] * row[:, 0]
        root[:, i, i] = scale[:, i]
    return root.transpose(0, 2, 1) @ root


def _inverted_in_place(middle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inverse (1, o, o) of a positive definite matrix, and the diagonal (o,) of its root.

    In the columns of Fortran the rows of a symmetric matrix are its columns: nothing is copied. Of
    a matrix that is not positive definite the diagonal is not known.
    """
    root, failed = lapack.dpotrf(middle.T, lower=0, clean=0, overwrite_a=1)
    if failed:
        return middle[None], np.full(len(middle), np.nan)
    diagonal = np.diagonal(root).copy()
    inverse = lapack.dpotri(root, lower=0, overwrite_c=1)[0].T
    for first in range(0, len(inverse), TILE):  # the other triangle, by pieces that stay near
        rows = slice(first, first + TILE)
        piece = inverse[rows, rows]
        piece[:] = np.tril(piece) + np.tril(piece, -1).T
        for second in range(first + TILE, len(inverse), TILE):
            columns = slice(second, second + TILE)
            inverse[rows, columns] = inverse[columns, rows].T
    return inverse[None], diagonal


@dataclass(frozen=True)
class RemainsOfFronts:
    """What eliminating a model in fronts left behind.

    Attributes
    ----------
    done : EliminatedFronts
        In the fronts.
    dense : callable
        Eliminates the same with one dense block of all crossed effects, which answers ask for.
    """

    done: EliminatedFronts
    dense: Callable[[], Eliminated]

    @cached_property
    def _dense(self) -> CrossedRemains:
        return self.dense().remains

    @property
    def tree(self) -> tuple[EliminatedLevel, ...]:
        """The tree's level, eliminated before all crossed effects, if there is one."""
        return self._dense.tree

    @property
    def root(self) -> Root:
        """The crossed effects as one dense block."""
        return self._dense.root
