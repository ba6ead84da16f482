"""A sample with its innermost levels eliminated at held variances: fewer levels, faster draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.nouns.coding import model_columns
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.moments import raw_vector


def collapsed(
    model: Model, omegas: Sequence[np.ndarray], stats: CrossProducts, levels: int
) -> tuple[Model, CrossProducts]:
    """The sample with its innermost levels eliminated at given variance components.

    What is left is the sample of rows ``V^-1/2 [X y]``, V the covariance of a row within the
    eliminated levels over sigma^2: fewer levels, the same fixed effects, sigma^2 and outer
    variances. Its deviances differ from those of the whole sample by a constant.

    Parameters
    ----------
    model : Model
        A model with nested levels.
    omegas : sequence of ndarray (q, q)
        Covariance over sigma^2 of each random term.
    stats : CrossProducts
        The sample, with the levels of the model alone.
    levels : int
        Number of innermost levels to eliminate.

    Returns
    -------
    model : Model
        The model without the random terms of these levels.
    stats : CrossProducts

    Source
    ------
    Longford (1987), Biometrika 74, 817-827, eq. 6-9.
    """
    if not levels:
        return model, stats
    total, outer = stats.total.copy(), [level.sums.copy() for level in stats.levels]
    random = model_columns(model, stats.columns.categories)[1]
    for i in range(len(stats.levels) - 1, len(stats.levels) - 1 - levels, -1):
        level = stats.levels[i]
        weights, omega = _relative(model, omegas, random, stats, level)
        places = [stats.columns.positions[c] for c in level.candidates]
        sums = np.tensordot(weights, outer[i], axes=1)
        inner = np.einsum("agc,bc->gab", sums[:, :, places], weights)
        gain = omega @ np.linalg.inv(np.eye(len(omega)) + inner @ omega)
        product = np.einsum("gab,bgk->agk", gain, sums)
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
    groups = {level.group for level in kept}
    model = model.with_random([term for term in model.random if term.group in groups])
    left = replace(stats, total=0.5 * (total + total.T), levels=kept, n_rows=stats.n_obs, parts={})
    return model, left


def _relative(model: Model, omegas, random, stats: CrossProducts, level: GroupSums):
    """Raw columns of a level as weights of its candidates, and their covariance over sigma^2."""
    places = [stats.columns.positions[c] for c in level.candidates]
    chosen = [i for i, term in enumerate(model.random) if term.group == level.group]
    weights = [raw_vector(c.column, stats)[places] for i in chosen for c in random[i]]
    sizes = np.cumsum([0, *(len(random[i]) for i in chosen)])
    omega = np.zeros((sizes[-1], sizes[-1]))
    for i, start, stop in zip(chosen, sizes, sizes[1:], strict=False):
        omega[start:stop, start:stop] = omegas[i]
    return np.stack(weights), omega
