"""A sample with the level that factors are crossed with eliminated at a held variance.

What is left are the crossed effects, whose groups then share rows: products of one factor's groups
with each other are no longer zero, and stand in a table of cells of the factor with itself. Some of
the factors can be eliminated after it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from scipy.linalg import block_diag, solve_triangular
from scipy.sparse import csr_array

from mlm.nouns.coding import model_columns
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossing import Cells, CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.likelihood.crossed.basis import candidate_basis
from mlm.statistics.likelihood.drawing import places_of
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.held_effects import held_tree
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.symmetric_root import symmetric_root


def collapsed(
    model: Model, omegas: Sequence[np.ndarray], stats: CrossProducts, levels: int
) -> CrossProducts:
    """The sample without its level; arguments as ``making.collapsed``."""
    held, k = held_tree(model, omegas, stats, levels), len(stats.columns)
    steps = eliminated(held.tree, held.covariances, Scratch())
    (total,), _ = left_over(held.total, steps)
    basis = candidate_basis(stats, held.weights[0], held.matrix)
    (square,), (around,) = basis.without_tree(steps)
    crossing = _crossing(stats.crossing.factors, basis.sizes, square, around[:, :k])
    return replace(
        stats,
        total=0.5 * (total + total.T)[:k, :k],
        levels=(),
        crossing=crossing,
        n_rows=stats.n_obs,
        parts={},
    )


def without_factors(
    model: Model,
    omegas: Sequence[np.ndarray],
    stats: CrossProducts,
    groups: Collection[tuple[str, ...]],
) -> CrossProducts:
    """A sample without a tree, some of its crossed factors eliminated at held variances.

    Parameters
    ----------
    model : Model
        The model.
    omegas : sequence of ndarray (q, q)
        Covariance over sigma^2 of each random term.
    stats : CrossProducts
        The sample, with the factors of the model alone and no level of a tree.
    groups : collection of tuple of str
        Id columns of the factors to eliminate; one at least is left.
    """
    basis, factors = candidate_basis(stats), stats.crossing.factors
    shapes = dict(zip([f.group for f in factors], basis.sizes, strict=True))
    places = np.split(np.arange(basis.n_effects), np.cumsum([q * n for q, n in basis.sizes])[:-1])
    roots = {f.group: _root(model, omegas, stats, f) for f in factors if f.group in groups}

    def pulled(table: np.ndarray) -> np.ndarray:
        """Rows of the factors to eliminate, for effects of variance one."""
        parts = [
            np.tensordot(roots[f.group].T, table[own].reshape(*shapes[f.group], -1), axes=1)
            for f, own in zip(factors, places, strict=True)
            if f.group in groups
        ]
        return np.concatenate([part.reshape(-1, table.shape[1]) for part in parts])

    stay = [i for i, f in enumerate(factors) if f.group not in groups]
    left = np.concatenate([places[i] for i in stay])
    square = basis.square.toarray()
    joint = np.block([[square, basis.sums], [basis.sums.T, stats.total]])
    own = pulled(pulled(square).T)
    chosen = np.concatenate([left, np.arange(basis.n_effects, joint.shape[0])])
    gains = solve_triangular(
        np.linalg.cholesky(np.eye(own.shape[0]) + own),
        pulled(joint[: basis.n_effects, chosen]),
        lower=True,
    )
    rest = joint[np.ix_(chosen, chosen)] - gains.T @ gains
    rest, n = 0.5 * (rest + rest.T), left.size
    kept, sizes = [factors[i] for i in stay], [basis.sizes[i] for i in stay]
    crossing = _crossing(kept, sizes, rest[:n, :n], rest[:n, n:])
    return replace(stats, total=rest[n:, n:], crossing=crossing, parts={})


def _root(model: Model, omegas, stats: CrossProducts, factor: CrossedFactor) -> np.ndarray:
    """A root (c, r) of the covariance over sigma^2 of a factor's effects on its candidates."""
    random = model_columns(model, stats.columns.categories)[1]
    chosen = [i for i, term in enumerate(model.random) if term.group == factor.group]
    vectors = np.stack([raw_vector(c.column, stats) for i in chosen for c in random[i]])
    covariance = block_diag(*(omegas[i] for i in chosen))
    return vectors[:, places_of(factor, stats)].T @ symmetric_root(covariance)


def _crossing(
    factors: Sequence[CrossedFactor],
    sizes: Sequence[tuple[int, int]],
    square: np.ndarray,
    around: np.ndarray,
) -> Crossing:
    """Factors with their cross-products with each other, and with the stored columns."""
    ends = np.cumsum([q * n for q, n in sizes])
    parts = [slice(end - q * n, end) for end, (q, n) in zip(ends.tolist(), sizes, strict=True)]
    found, pairs = [], {}
    shapes = list(zip(factors, parts, sizes, strict=True))
    for c, (factor, part, (q, size)) in enumerate(shapes):
        sums = around[part].reshape(q, size, around.shape[1])
        found.append(replace(factor, sums=sums, links=()))
        for d, (_, other, (r, there)) in enumerate(shapes[c:], start=c):
            pairs[c, d] = _cells(square[part, other], (q, size), (r, there))
    return Crossing(tuple(found), pairs)


def _cells(block: np.ndarray, left: tuple[int, int], right: tuple[int, int]) -> Cells:
    """Tables by candidate of both sides, of a block (q J, r K)."""
    tables = block.reshape(*left, *right)
    return tuple(tuple(csr_array(tables[i, :, j]) for j in range(right[0])) for i in range(left[0]))
