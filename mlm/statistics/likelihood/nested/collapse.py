"""A sample with its innermost levels eliminated at held variances, levels nested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.held_effects import held_tree
from mlm.statistics.likelihood.scratch import Scratch


def collapsed(
    model: Model, omegas: Sequence[np.ndarray], stats: CrossProducts, levels: int
) -> CrossProducts:
    """The sample with its innermost levels eliminated; arguments as ``making.collapsed``.

    Source
    ------
    Longford (1987), Biometrika 74, 817-827, eq. 6-9.
    """
    held, k = held_tree(model, omegas, stats, levels), len(stats.columns)
    steps = eliminated(held.tree, held.covariances, Scratch())
    (total,), _ = left_over(held.total, steps)
    kept = tuple(
        replace(level, sums=np.ascontiguousarray(step.done.sums[:, :, :k]))
        for level, step in zip(stats.levels[:-levels], steps, strict=False)
    )
    total = 0.5 * (total + total.T)[:k, :k]
    return replace(stats, total=total, levels=kept, n_rows=stats.n_obs, parts={})
