"""The part of a sample that some models need: fewer columns, fewer levels, so faster draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.coding import model_columns
from mlm.columns import Columns, closure
from mlm.model import Model
from mlm.statistics.crossproducts import CrossProducts, GroupSums
from mlm.statistics.fit import Fit
from mlm.statistics.quantities import raw_vector


def excerpt(model: Model, stats: CrossProducts) -> CrossProducts:
    """The sample with the columns, levels and candidates of one model, and of all its submodels.

    Parameters
    ----------
    model : Model
        With nested levels.
    stats : CrossProducts
        Its sample.

    Returns
    -------
    CrossProducts
        Fits of the model, or of one with fewer fixed terms, are the same as to the whole sample.
    """
    fixed, random, response = model_columns(model, stats.columns.categories)
    needed = set(closure(c.column for c in [*fixed, *(c for r in random for c in r), response]))
    places = [i for i, column in enumerate(stats.columns.columns) if column in needed]
    candidates: dict[tuple[str, ...], set] = {}
    for term, coded in zip(model.random, random, strict=True):
        candidates.setdefault(term.group, set()).update(closure(c.column for c in coded))
    chosen = stats.without_levels(*(v.group for v in stats.levels if v.group not in candidates))
    levels = tuple(_with_columns(v, candidates[v.group], places) for v in chosen.levels)
    parts = {name: part[np.ix_(places, places)] for name, part in stats.parts.items()}
    return replace(
        chosen,
        columns=_recipe(stats.columns, places),
        total=stats.total[np.ix_(places, places)],
        levels=levels,
        parts=parts,
    )


def _recipe(columns: Columns, places: list[int]) -> Columns:
    chosen = tuple(columns.columns[i] for i in places)
    scales = {(v, f) for column in chosen for v, f, _ in column.powers}
    return Columns(chosen, {key: columns.scales[key] for key in scales}, columns.categories)


def _with_columns(level: GroupSums, candidates: set, places: list[int]) -> GroupSums:
    kept = [i for i, candidate in enumerate(level.candidates) if candidate in candidates]
    names = tuple(level.candidates[i] for i in kept)
    return replace(
        level, candidates=names, sums=level.sums[np.ix_(kept, range(level.size), places)]
    )


def collapsed(fit: Fit, stats: CrossProducts, levels: int) -> tuple[Model, CrossProducts]:
    """The sample with its innermost levels eliminated at the variance components of a fit.

    What is left is the sample of rows ``V^-1/2 [X y]``, V the covariance of a row within the
    eliminated levels over sigma^2: fewer levels, the same fixed effects, sigma^2 and outer
    variances. Its deviances differ from those of the whole sample by a constant.

    Parameters
    ----------
    fit : Fit
        A fit with nested levels.
    stats : CrossProducts
        Its sample, with the levels of the fit alone.
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
        return fit.model, stats
    total, outer = stats.total.copy(), [level.sums.copy() for level in stats.levels]
    random = model_columns(fit.model, stats.columns.categories)[1]
    for i in range(len(stats.levels) - 1, len(stats.levels) - 1 - levels, -1):
        level = stats.levels[i]
        weights, omega = _relative(fit, random, stats, level)
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
    model = fit.model.with_random([term for term in fit.model.random if term.group in groups])
    left = replace(stats, total=0.5 * (total + total.T), levels=kept, n_rows=stats.n_obs, parts={})
    return model, left


def _relative(fit: Fit, random, stats: CrossProducts, level: GroupSums):
    """Raw columns of a level as weights of its candidates, and their covariance over sigma^2."""
    places = [stats.columns.positions[c] for c in level.candidates]
    chosen = [i for i, term in enumerate(fit.model.random) if term.group == level.group]
    weights = [raw_vector(c.column, stats)[places] for i in chosen for c in random[i]]
    sizes = np.cumsum([0, *(len(random[i]) for i in chosen)])
    omega = np.zeros((sizes[-1], sizes[-1]))
    for i, start, stop in zip(chosen, sizes, sizes[1:], strict=False):
        omega[start:stop, start:stop] = fit.omegas[i]
    return np.stack(weights), omega
