"""The dense block of crossed factors at the root of the elimination.

The innermost level of the tree is eliminated group by group; what is left of the crossed factors is
one dense block, eliminated last:

    A <- A - A_vw (A_ww + Omega^-1)^-1 A_wv,   log|V| <- log|V| + log|I + A_ww Omega|,

with w the effects of all crossed factors and v the working columns. With ``Omega = L L'`` and
``N = I + L' A_ww L`` the inverse in the middle is ``L N^-1 L'``. Along a direction of the variances
the same is a series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.linalg import block_diag, cholesky, lapack, solve_triangular
from scipy.sparse import csr_array

from mlm.errors import FitError
from mlm.statistics.likelihood.elimination import EliminatedLevel, EliminationStep
from mlm.statistics.likelihood.gains import solver_series
from mlm.statistics.likelihood.series import Series, minus, times

MAX_CELLS = 40_000_000  # numbers of links that are kept as full matrices (320 MB)
DENSE_SHARE = 0.03  # share of used entries from which full matrices are faster than sparse ones


@dataclass(frozen=True)
class WorkingCrossing:
    """The crossed factors of one model in the working basis.

    Attributes
    ----------
    groups : tuple of tuple of str
        Id columns of each factor.
    sizes : tuple of (int, int)
        Random columns q and groups J of each factor; its effects stand together, column by column.
    square : csr_array (W, W)
        ``Z_w' Z_w`` of all crossed effects.
    sums : ndarray (W, w)
        ``Z_w'`` times the working columns.
    links : tuple of csr_array (G, W)
        For each random column of the tree's level, ``Z_i' Z_w`` by group.
    columns : tuple of ndarray of int (q,)
        Working columns that carry the random effects of each factor.
    """

    groups: tuple[tuple[str, ...], ...]
    sizes: tuple[tuple[int, int], ...]
    square: csr_array
    sums: np.ndarray
    links: tuple[csr_array, ...]
    columns: tuple[np.ndarray, ...]

    @property
    def n_effects(self) -> int:
        """Crossed effects W."""
        return sum(q * size for q, size in self.sizes)

    @property
    def parts(self) -> list[slice]:
        """Place of each factor's effects among all."""
        ends = np.cumsum([q * size for q, size in self.sizes])
        return [slice(e - q * j, e) for e, (q, j) in zip(ends, self.sizes, strict=True)]

    def with_columns(self, places: np.ndarray) -> WorkingCrossing:
        """The same of some working columns (w,), all random ones among them."""
        number = {place: i for i, place in enumerate(places.tolist())}
        columns = tuple(np.array([number[c] for c in own.tolist()]) for own in self.columns)
        return replace(self, sums=np.take(self.sums, places, axis=1), columns=columns)

    @cached_property
    def filled(self) -> list[np.ndarray] | None:
        """The links as full matrices (G, W), where so many entries are used that this is faster."""
        entries = sum(link.nnz for link in self.links)
        cells = sum(link.shape[0] * link.shape[1] for link in self.links)
        if not 0 < cells <= MAX_CELLS or entries < DENSE_SHARE * cells:
            return None
        return [link.toarray() for link in self.links]

    def explained(self, gain: np.ndarray) -> np.ndarray:
        """``sum over i and j of links_i' Q_ij links_j``, shape (W, W), from gains (q, q, G)."""
        out = np.zeros(self.square.shape)
        for i in range(len(self.links)):
            for j in range(len(self.links)):
                if self.filled is not None:
                    out += self.filled[i].T @ (gain[i, j][:, None] * self.filled[j])
                else:
                    scaled = self.links[j].multiply(gain[i, j][:, None]).tocsr()
                    out += (self.links[i].T @ scaled).toarray()
        return out

    def without_tree(self, steps: Sequence[EliminationStep]) -> tuple[Series, Series]:
        """``A_ww`` (W, W) and ``A_wv`` (W, w), the tree's level eliminated if there is one."""
        square, sums = [self.square.toarray()], [self.sums]
        for step in steps:
            square = minus(square, [self.explained(gain) for gain in step.gains.gain])
            for i, link in enumerate(self.links):
                sums = minus(sums, [link.T @ product[i] for product in step.product])
        return square, sums

    @cached_property
    def pairs(self) -> list[list[tuple[np.ndarray, ...]]]:
        """For two columns of the tree: group, both crossed effects and the product of the sums."""
        return [[row_pairs(left, right) for right in self.links] for left in self.links]


def row_pairs(left: csr_array, right: csr_array) -> tuple[np.ndarray, ...]:
    """All pairs of entries of two matrices in the same row: row, both columns, product."""
    per_left, per_right = np.diff(left.indptr), np.diff(right.indptr)
    rows = np.repeat(np.arange(left.shape[0]), per_left)
    repeats = per_right[rows]
    first = np.repeat(np.arange(left.nnz), repeats)
    within = np.arange(first.size) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    second = np.repeat(right.indptr[rows], repeats) + within
    product = left.data[first] * right.data[second]
    return rows[first], left.indices[first], right.indices[second], product


@dataclass(frozen=True)
class Root:
    """The dense block after the tree is eliminated.

    Attributes
    ----------
    square : ndarray (W, W)
        ``A_ww``.
    sums : ndarray (W, w)
        ``A_wv``.
    roots : tuple of ndarray (q, q)
        Symmetric root L of the Omega of each factor.
    parts : list of slice
        Place of each factor's effects among all.
    lower : ndarray (W, W)
        Lower Cholesky factor of ``N = I + L' A_ww L``.
    """

    square: np.ndarray
    sums: np.ndarray
    roots: tuple[np.ndarray, ...]
    parts: list[slice]
    lower: np.ndarray

    @cached_property
    def inverse(self) -> np.ndarray:
        """``N^-1``, shape (W, W)."""
        inverse, _ = lapack.dpotri(self.lower, lower=1)  # the upper triangle stays zero
        places = np.diag_indices_from(inverse)
        diagonal = inverse[places]
        inverse = inverse + inverse.T
        inverse[places] = diagonal
        return inverse

    @cached_property
    def gain(self) -> np.ndarray:
        """``(A_ww + Omega^-1)^-1 = L N^-1 L'``, shape (W, W)."""
        return _times(self.roots, self.parts, _times(self.roots, self.parts, self.inverse).T)

    def applied(self, right: np.ndarray) -> np.ndarray:
        """``(A_ww + Omega^-1)^-1`` times a matrix (W, f)."""
        seen = _times(self.roots, self.parts, right)
        half = solve_triangular(self.lower, seen, lower=True)
        left = solve_triangular(self.lower, half, lower=True, trans="T")
        return _times(self.roots, self.parts, left)


@dataclass(frozen=True)
class CrossedRemains:
    """What eliminating a model with crossed factors left behind.

    Attributes
    ----------
    tree : tuple of EliminatedLevel
        Of the tree's level, if there is one.
    root : Root
        Of the crossed factors.
    """

    tree: tuple[EliminatedLevel, ...]
    root: Root


def eliminated_root(
    crossing: WorkingCrossing, square: np.ndarray, sums: np.ndarray, omegas: Sequence[np.ndarray]
) -> tuple[Root, np.ndarray, float]:
    """Eliminate the crossed effects.

    Parameters
    ----------
    crossing : WorkingCrossing
        The crossed factors.
    square : ndarray (W, W)
        ``A_ww``, the tree eliminated.
    sums : ndarray (W, w)
        ``A_wv``, the tree eliminated.
    omegas : sequence of ndarray (q, q)
        Relative covariance of each factor.

    Returns
    -------
    Root
    ndarray (w, w)
        What they take from the cross-products.
    float
        log|I + A_ww Omega|.

    Raises
    ------
    FitError
        When rounding leaves no positive definite matrix.
    """
    roots, parts = tuple(_symmetric_root(omega) for omega in omegas), crossing.parts
    middle = _times(roots, parts, _times(roots, parts, square).T)
    middle[np.diag_indices_from(middle)] += 1.0
    try:
        lower = cholesky(middle, lower=True)
    except (np.linalg.LinAlgError, ValueError) as error:  # ValueError: values that are not finite
        text = "the crossed effects cannot be told apart at variances this large."
        raise FitError(text) from error
    half = solve_triangular(lower, _times(roots, parts, sums), lower=True)
    logdet = 2.0 * float(np.log(np.diagonal(lower)).sum())
    return Root(square, sums, roots, parts, lower), half.T @ half, logdet


def root_series(
    crossing: WorkingCrossing, square: Series, sums: Series, omegas: Sequence[Series]
) -> tuple[Series, Series]:
    """Series of what the crossed effects take from the cross-products, and of log|I + A_ww Omega|.

    Parameters
    ----------
    crossing : WorkingCrossing
        The crossed factors.
    square, sums : list of ndarray (W, W) and (W, w)
        ``A_ww`` and ``A_wv``, the tree eliminated.
    omegas : sequence of list of ndarray (q, q)
        Relative covariance of each factor along a direction.
    """
    spread = [_spread(crossing, omegas, k) for k in range(max(map(len, omegas)))]
    around = times(square, spread, np.matmul)
    if len(around) == 1:
        _, gone, logdet = eliminated_root(crossing, square[0], sums[0], [o[0] for o in omegas])
        return [gone], [logdet]
    solver, logs = solver_series(around, np.matmul)
    gain = times(spread, solver, np.matmul)
    gone = times(sums, times(gain, sums, np.matmul), lambda a, b: a.T @ b)
    return gone, [-np.linalg.slogdet(solver[0])[1], *logs]


def _spread(crossing: WorkingCrossing, omegas: Sequence[Series], k: int) -> np.ndarray:
    """Coefficient k of the block-diagonal covariance (W, W) of all crossed effects."""
    parts = [o[k] if k < len(o) else np.zeros_like(o[0]) for o in omegas]
    sizes = [size for _, size in crossing.sizes]
    return block_diag(*map(np.kron, parts, map(np.eye, sizes)))


def _times(roots, parts: list[slice], right: np.ndarray) -> np.ndarray:
    """L times a matrix (W, f), L block-diagonal with one root (q, q) for the groups of a factor."""
    out = np.empty(right.shape)
    for root, part in zip(roots, parts, strict=True):
        own = np.ascontiguousarray(right[part]).reshape(len(root), -1)
        out[part] = (root @ own).reshape(-1, right.shape[1])
    return out


def _symmetric_root(omega: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(omega)
    return (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T


def tree_slope(crossing: WorkingCrossing, root: Root) -> np.ndarray:
    """What the crossed block adds to minus the derivative by Q of the tree's groups, (q, q, G)."""
    q, size = len(crossing.links), crossing.links[0].shape[0]
    out = np.empty((q, q, size))
    for i in range(q):
        if crossing.filled is not None:
            reach = crossing.filled[i] @ root.gain
            for j in range(q):
                out[i, j] = np.einsum("gw,gw->g", reach, crossing.filled[j])
            continue
        for j in range(q):
            rows, a, b, product = crossing.pairs[i][j]
            out[i, j] = np.bincount(rows, weights=product * root.gain[a, b], minlength=size)
    return out
