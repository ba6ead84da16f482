"""The part of a sample that some models need: fewer columns, fewer levels, so faster draws."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from mlm.nouns.coding import model_columns
from mlm.nouns.columns import closure
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.fitting.fit import Fit


def excerpt(model: Model, stats: CrossProducts) -> CrossProducts:
    """The sample with the columns, levels and candidates of one model, and of all its submodels.

    Parameters
    ----------
    model : Model
        Where factors are crossed, with the level that they are crossed with.
    stats : CrossProducts
        Its sample.

    Returns
    -------
    CrossProducts
        Fits of the model, or of one with fewer fixed terms, are the same as to the whole sample.
    """
    random = model_columns(model, stats.columns.categories)[1]
    places = kept_columns(model, stats)
    candidates: dict[tuple[str, ...], set] = {}
    for term, coded in zip(model.random, random, strict=True):
        candidates.setdefault(term.group, set()).update(closure(c.column for c in coded))
    chosen = stats.without_levels(*(v.group for v in stats.levels if v.group not in candidates))
    levels = tuple(_with_columns(v, candidates[v.group], places) for v in chosen.levels)
    parts = {name: part[np.ix_(places, places)] for name, part in stats.parts.items()}
    return replace(
        chosen,
        columns=stats.columns.only(stats.columns.columns[i] for i in places),
        total=stats.total[np.ix_(places, places)],
        levels=levels,
        crossing=_crossing(stats, candidates, places) if stats.crossing else None,
        parts=parts,
    )


def kept_columns(model: Model, stats: CrossProducts) -> list[int]:
    """Places of the stored columns that the excerpt for a model keeps."""
    fixed, random, response = model_columns(model, stats.columns.categories)
    needed = set(closure(c.column for c in [*fixed, *(c for r in random for c in r), response]))
    return [i for i, column in enumerate(stats.columns.columns) if column in needed]


def _crossing(stats: CrossProducts, candidates: dict, places: list[int]) -> Crossing:
    """The crossed factors of a model, with their links to each other and to the tree."""
    chosen = [
        (i, factor) for i, factor in enumerate(stats.crossing.factors) if factor.group in candidates
    ]
    rows = [_places(factor, candidates[factor.group]) for _, factor in chosen]
    tree = _places(stats.levels[-1], candidates[stats.levels[-1].group])
    factors = tuple(
        replace(
            _with_columns(factor, candidates[factor.group], places),
            links=_cells(factor.links, tree, own),
        )
        for (_, factor), own in zip(chosen, rows, strict=True)
    )
    pairs = {
        (c, d): _cells(stats.crossing.pairs[chosen[c][0], chosen[d][0]], rows[c], rows[d])
        for c, d in combinations(range(len(chosen)), 2)
    }
    return Crossing(factors, pairs)


def _cells(tables, left: list[int], right: list[int]):
    return tuple(tuple(tables[i][j] for j in right) for i in left)


def _places(level: GroupSums | CrossedFactor, candidates: set) -> list[int]:
    return [i for i, candidate in enumerate(level.candidates) if candidate in candidates]


def _with_columns(level, candidates: set, places: list[int]):
    kept = _places(level, candidates)
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
