"""A covariance over waves that takes the residual's place: each unit has one row a wave at most.

Then the effects of the unit's waves cannot be told from the residuals of its rows: both together
have the covariance of the form, as with REPEATED of SAS and the terms of the R package mmrm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.errors import ModelError
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.basis import WorkingColumns, combined_sums
from mlm.statistics.likelihood.working import Block

COUNT_ROUNDING = 1e-6  # of counts of rows, from sums of standardised columns


def with_residual(
    blocks: Sequence[Block], levels, basis: WorkingColumns, stats: CrossProducts
) -> tuple[Block, ...]:
    """The blocks, that with the residual marked.

    Parameters
    ----------
    blocks : sequence of Block
        Random terms.
    levels : list of (GroupSums, list of int (q,), ndarray (q, c))
        Levels of the tree, their working columns and the weights of their candidates.
    basis : WorkingColumns
        The working columns.
    stats : CrossProducts
        The sample.

    Raises
    ------
    ModelError
        When a term with a form is not over the categories of one variable.
    """
    for block in blocks:
        if block.form is not None and block.size < 2:
            raise ModelError(
                f"{block.form}: a covariance over {block.size} column ({', '.join(block.names)}); "
                "expected the categories of a variable, two or more: make it a text or a category."
            )
    inner = len(levels) - 1
    for i, block in enumerate(blocks):
        if block.form is None or block.level != inner:
            continue
        level, columns, weights = levels[-1]
        part = slice(block.start, block.start + block.size)
        counts = _counts(level.sums, columns[part], weights[part], block.transform, basis)
        if _is_one_a_wave(counts, stats.n_obs):
            return (*blocks[:i], replace(block, is_residual=True), *blocks[i + 1 :])
    return tuple(blocks)


def _counts(sums, columns, weights: np.ndarray, transform: np.ndarray, basis) -> np.ndarray:
    """Cross-products (G, q, q) of the raw columns of each group."""
    inner = combined_sums(sums, weights, np.column_stack([basis.vectors[c] for c in columns]))
    return np.einsum("ia,igj,jb->gab", transform, inner, transform, optimize=True)


def _is_one_a_wave(counts: np.ndarray, n_obs: int) -> bool:
    diagonal = np.diagonal(counts, axis1=1, axis2=2)
    apart = counts - diagonal[:, :, None] * np.eye(counts.shape[1])
    is_count = np.abs(diagonal - np.round(diagonal)) < COUNT_ROUNDING
    one = np.round(diagonal) <= 1.0
    every = abs(diagonal.sum() - n_obs) < 0.5
    return bool(
        np.abs(apart).max(initial=0.0) < COUNT_ROUNDING and is_count.all() and one.all() and every
    )
