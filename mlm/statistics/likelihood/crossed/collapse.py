"""A sample with the level that factors are crossed with eliminated at a held variance.

What is left are the crossed effects, whose groups then share rows: products of one factor's groups
with each other are no longer zero, and stand in a table of cells of the factor with itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from mlm.nouns.model import Model
from mlm.statistics.evidence.crossing import Cells, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.crossed.basis import candidate_basis
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.held_effects import held_tree
from mlm.statistics.likelihood.scratch import Scratch


def collapsed(
    model: Model, omegas: Sequence[np.ndarray], stats: CrossProducts, levels: int
) -> CrossProducts:
    """The sample without its level; arguments as ``making.collapsed``."""
    held, k = held_tree(model, omegas, stats, levels), len(stats.columns)
    steps = eliminated(held.tree, held.covariances, Scratch())
    (total,), _ = left_over(held.total, steps)
    basis = candidate_basis(stats, held.weights[0], held.matrix)
    (square,), (around,) = basis.without_tree(steps)
    factors, pairs = [], {}
    shapes = list(zip(stats.crossing.factors, basis.parts, basis.sizes, strict=True))
    for c, (factor, part, (q, size)) in enumerate(shapes):
        factors.append(replace(factor, sums=around[part, :k].reshape(q, size, k), links=()))
        for d, (_, other, (r, there)) in enumerate(shapes[c:], start=c):
            pairs[c, d] = _cells(square[part, other], (q, size), (r, there))
    return replace(
        stats,
        total=0.5 * (total + total.T)[:k, :k],
        levels=(),
        crossing=Crossing(tuple(factors), pairs),
        n_rows=stats.n_obs,
        parts={},
    )


def _cells(block: np.ndarray, left: tuple[int, int], right: tuple[int, int]) -> Cells:
    """Tables by candidate of both sides, of a block (q J, r K)."""
    tables = block.reshape(*left, *right)
    return tuple(tuple(csr_array(tables[i, :, j]) for j in range(right[0])) for i in range(left[0]))
