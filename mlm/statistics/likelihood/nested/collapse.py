"""A sample with its innermost levels eliminated at held variances, levels nested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.held_effects import HeldEffects


def collapsed(
    model: Model, omegas: Sequence[np.ndarray], stats: CrossProducts, levels: int
) -> CrossProducts:
    """The sample with its innermost levels eliminated; arguments as ``making.collapsed``.

    Source
    ------
    Longford (1987), Biometrika 74, 817-827, eq. 6-9.
    """
    total, outer = stats.total.copy(), [level.sums.copy() for level in stats.levels]
    for i in range(len(stats.levels) - 1, len(stats.levels) - 1 - levels, -1):
        level = stats.levels[i]
        held = HeldEffects.of(model, omegas, stats, level)
        sums, product, _ = held.eliminated(outer[i])
        total -= np.einsum("agk,agl->kl", sums, product, optimize=True)
        parent = level.parent
        for m in range(i - 1, -1, -1):
            own = [stats.columns.positions[c] for c in stats.levels[m].candidates]
            gone = np.einsum("agc,agk->cgk", sums[:, :, own], product, optimize=True)
            starts = np.flatnonzero(np.diff(parent, prepend=-1))
            outer[m] -= np.add.reduceat(gone, starts, axis=1)
            parent = stats.levels[m].parent[parent]
    kept = tuple(
        replace(level, sums=sums)
        for level, sums in zip(stats.levels[:-levels], outer, strict=False)
    )
    return replace(stats, total=0.5 * (total + total.T), levels=kept, n_rows=stats.n_obs, parts={})
