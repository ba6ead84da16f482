"""The working statistics of a model, made from the evidence; its structure is chosen here.

The working basis is made of stored (standardised) columns wherever the model is closed under the
change of origin; ``T`` maps it to the raw columns that a user names. Only column algebra on
cross-products happens here. What crossed factors need is imported where there are some.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlm.errors import EffectsLeftOut, ModelError
from mlm.nouns.coding import CodedColumn, model_columns
from mlm.nouns.columns import CONSTANT, closure
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.strata import keeps_strata, strata_of
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.likelihood.basis import (
    WorkingColumns,
    block_basis,
    candidate_weights,
    check_known,
    fixed_basis,
    independent_columns,
    redrawn_level,
    working_level,
)
from mlm.statistics.likelihood.drawing import DrawnModel
from mlm.statistics.likelihood.nested.structure import Nested
from mlm.statistics.likelihood.nested.waves_merged import merged_waves
from mlm.statistics.likelihood.over_waves.residual_form import with_residual
from mlm.statistics.likelihood.pooled.innermost import pooled_innermost, pooled_strata
from mlm.statistics.likelihood.pooled.pool import Pool
from mlm.statistics.likelihood.strata import ResidualStrata, check_residual, check_rows
from mlm.statistics.likelihood.structure import Drawing, LevelPart, StrataParts, Structure
from mlm.statistics.likelihood.threads import one_thread
from mlm.statistics.likelihood.working import Block, Working
from mlm.statistics.likelihood.working_tree import WorkingLevel, WorkingTree

if TYPE_CHECKING:
    from mlm.statistics.likelihood.crossed.structure import Crossed

ALL_EXPLAINED = 1e-14  # share of the response's square left, below which nothing is
NONE = 1e-9  # share of the response's square that a column may take by rounding
MOST_COLUMNS_NAMED = 5  # columns that determine a response which are named


@one_thread()
def working_statistics(
    model: Model,
    stats: CrossProducts,
    pooled: bool = True,
    ratios: Mapping[str, float] | None = None,
) -> Working:
    """The working statistics of a model.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        The evidence.
    pooled : bool
        Pool equal innermost groups where that pays; effects of single groups need them apart.
    ratios : mapping of str to float, optional
        Residual variance over sigma^2 in each category of the variable by which the model has
        them differ; equal ones where none are given.

    Raises
    ------
    StatisticsError
        When the sample lacks a column, a level or a candidate slope of the model.
    ModelError
        When there are fewer rows than parameters or the response does not vary.
    """
    recipe = stats.columns
    fixed, random, response = model_columns(model, recipe.categories)
    check_known([*fixed, *(c for term in random for c in term), response], recipe)
    kept, aliased = independent_columns(fixed, stats)
    if aliased:
        names = ", ".join(column.name for column in aliased)
        told = f"fixed effects determined by the others are left out: {names}"
        warnings.warn(told, EffectsLeftOut, stacklevel=3)
    vectors, transform, centred = fixed_basis(kept, recipe)
    origin, unit = recipe.scales[response.column.powers[0][:2]]
    y = np.zeros(len(recipe))
    y[recipe.positions[response.column]] = 1.0
    if not centred and origin:
        y[0], origin = origin / unit, 0.0
    basis = WorkingColumns(vectors)
    bases = [block_basis(t, c, stats) for t, c in zip(model.random, random, strict=True)]
    levels, factors, blocks = _random_part(model, random, bases, stats, basis)
    blocks = with_residual(blocks, levels, basis, stats)
    matrix = np.column_stack([*basis.vectors, y])
    total = matrix.T @ stats.total @ matrix
    _check_response(total, kept, stats.n_obs, model.response)
    working = Working(
        model,
        tuple(kept),
        tuple(aliased),
        transform,
        (origin, unit),
        total,
        _structure(levels, factors, matrix, stats, pooled and model.residual is None),
        blocks,
        stats.n_obs,
        stats.log_weights,
        matrix,
    )
    if model.residual is None:
        return working
    coded = [*fixed, *(c for term in random for c in term), response]
    pooled_levels = levels if pooled and not factors else ()
    columns = closure(c.column for c in coded)
    strata = _strata(working, random, bases, stats, columns, pooled_levels)
    if ratios is None:
        check_rows(model, strata.rows)
    return strata.at(strata.ordered(ratios))


@one_thread()
def redrawn(working: Working, sample: CrossProducts) -> Working:
    """The working statistics of the same model on a sample that differs in its response alone.

    Most of what a fit to a small sample takes before it begins is to find columns and levels.

    Parameters
    ----------
    working : Working
        On a sample with the same columns, levels and rows.
    sample : CrossProducts
        With the other response.
    """
    structure, matrix = working.structure, working.matrix
    is_apart = isinstance(structure, Nested) and structure.pool is structure.merged is None
    if working.strata is not None or not is_apart:
        return working_statistics(working.model, sample)
    total = matrix.T @ sample.total @ matrix
    _check_response(total, working.fixed, sample.n_obs, working.model.response)
    levels = tuple(redrawn_level(level, sample, matrix) for level in structure.tree.levels)
    return replace(working, total=total, structure=Nested(WorkingTree(levels)))


def _strata(
    working: Working, random, bases, stats: CrossProducts, columns, levels
) -> ResidualStrata:
    """The working statistics of the categories by which residual variances differ.

    Of the levels (their groups, columns and weights) the innermost is pooled, where that pays.
    """
    from mlm.statistics.likelihood.crossed.basis import crossed_basis

    model, matrix = working.model, working.matrix
    check_residual(working)
    parts = strata_of(stats, model.residual, columns)
    totals = np.array([matrix.T @ part.total @ matrix for part in parts.values()])
    waves_apart = keeps_strata(stats, model.residual)
    pool = pooled_strata(levels, matrix, parts.values()) if waves_apart else None
    by_level, crossings = [], []
    for part in parts.values():
        basis = WorkingColumns(list(matrix.T[:-1]))
        own, factors, _ = _random_part(model, random, bases, part, basis)
        apart = own if pool is None else own[:-1]
        by_level.append([_part_of_level(*level, matrix) for level in apart])
        if factors:
            crossings.append(crossed_basis(own, factors, matrix, part))
    rows = {name: float(round(part.total[0, 0])) for name, part in parts.items()}
    transposed = tuple(zip(*by_level, strict=True))
    sums = StrataParts(totals, transposed, tuple(crossings), stats.crossing, pool)
    return ResidualStrata(model.residual, rows, sums, working)


def _part_of_level(level, columns, weights: np.ndarray, matrix: np.ndarray) -> LevelPart:
    """Sums of the groups of a level that have rows in a stratum."""
    places = np.flatnonzero(level.rows > PRESENT)
    wide = working_level(level, np.array(columns), weights, matrix).wide
    return LevelPart(places, np.ascontiguousarray(wide[:, :, places]))


def _structure(levels, factors, matrix: np.ndarray, stats, pooled: bool) -> Structure:
    """Nested, or crossed where one of the model's factors is."""
    built = _built(levels, matrix)
    if factors:
        return _crossed(levels, factors, WorkingTree(built), matrix, stats)
    if not pooled or stats.sampled is not None:
        return Nested(WorkingTree(built))
    pool = pooled_innermost(levels, matrix, stats)
    if pool is not None:
        return Nested(WorkingTree(built), pool)

    def of(some, columns: np.ndarray) -> tuple[WorkingTree, Pool | None]:
        return WorkingTree(_built(some, columns)), pooled_innermost(some, columns, stats)

    return Nested(WorkingTree(built), None, merged_waves(levels, matrix, stats, of))


def _built(levels, matrix: np.ndarray) -> tuple[WorkingLevel, ...]:
    return tuple(
        working_level(level, np.array(columns), weights, matrix)
        for level, columns, weights in levels
    )


def _crossed(levels, factors, tree: WorkingTree, matrix: np.ndarray, stats) -> Crossed:
    """Crossed factors: where the sample keeps those of a model with more columns, some of these."""
    from mlm.statistics.likelihood.crossed.basis import crossed_basis
    from mlm.statistics.likelihood.crossed.fronts.placing import front_sums
    from mlm.statistics.likelihood.crossed.structure import Crossed

    groups = [level.group for level, _, _ in levels] + [place for place, _, _ in factors]
    own = [(matrix[:, c].tobytes(), weights.tobytes()) for _, c, weights in (*levels, *factors)]
    key = tuple(zip(groups, own, strict=True))
    wider, known = stats.structures.get(key, (None, None))
    places = None if wider is None else _places_among(matrix, wider)
    if places is not None:
        return _narrowed(known, tree, places)
    crossing = crossed_basis(levels, factors, matrix, stats)
    fronts = front_sums(crossing, tree.levels[-1] if tree.levels else None, stats.crossing)
    made = Crossed(tree, crossing, fronts)
    stats.structures[key] = matrix, _narrowed(made, tree.unmade, np.arange(matrix.shape[1]))
    return made


def _narrowed(wider: Crossed, tree: WorkingTree, places: np.ndarray) -> Crossed:
    """Some working columns (w,) of a structure, with the tree in these."""
    fronts = wider.fronts
    if fronts is not None:
        fronts = fronts.with_columns(tree, places)
    return replace(wider, tree=tree, crossing=wider.crossing.with_columns(places), fronts=fronts)


def _places_among(matrix: np.ndarray, wider: np.ndarray) -> np.ndarray | None:
    """Place of each column (w,) among those of another matrix; None unless all are there."""
    known = {column.tobytes(): i for i, column in enumerate(wider.T)}
    places = [known.get(column.tobytes()) for column in matrix.T]
    return None if None in places else np.array(places)


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
        The model.
    omegas : sequence of ndarray (q, q)
        Covariance over sigma^2 of each random term.
    stats : CrossProducts
        The sample, with the levels of the model alone.
    levels : int
        Number of innermost levels of the tree to eliminate.

    Returns
    -------
    model : Model
        The model without the random terms of these levels.
    stats : CrossProducts
    """
    if not levels:
        return model, stats
    if _is_crossed(stats):
        from mlm.statistics.likelihood.crossed import collapse as maker
    else:
        from mlm.statistics.likelihood.nested import collapse as maker
    left = maker.collapsed(model, omegas, stats, levels)
    groups = {level.group for level in left.all_levels}
    return model.with_random([term for term in model.random if term.group in groups]), left


def without_factors(
    model: Model,
    omegas: Sequence[np.ndarray],
    stats: CrossProducts,
    groups: Collection[tuple[str, ...]],
) -> tuple[Model, CrossProducts]:
    """The sample with some of its crossed factors eliminated at given variance components.

    As for :func:`collapsed`, with which the level that they are crossed with is eliminated first.

    Parameters
    ----------
    model, omegas, stats
        As there; the sample has no level of a tree.
    groups : collection of tuple of str
        Id columns of the factors to eliminate; one at least is left.

    Returns
    -------
    model : Model
        The model without the random terms of these factors.
    stats : CrossProducts
    """
    from mlm.statistics.likelihood.crossed import collapse

    left = collapse.without_factors(model, omegas, stats, groups)
    return model.with_random([term for term in model.random if term.group not in groups]), left


def drawing(model: DrawnModel, stats: CrossProducts) -> Drawing:
    """Draws of the response of a model, as cross-products with the levels of a sample."""
    if _is_crossed(stats):
        from mlm.statistics.likelihood.crossed import drawing as maker
    else:
        from mlm.statistics.likelihood.nested import drawing as maker
    return maker.ResponseDrawing(model, stats)


def _is_crossed(stats: CrossProducts) -> bool:
    """Whether a sample has crossed factors, whatever those of a model are."""
    return bool(stats.crossing.factors)


def _random_part(model: Model, random, bases, stats: CrossProducts, basis: WorkingColumns):
    """Levels and crossed factors with their working columns and weights of candidates; blocks.

    ``bases`` are the working columns and the transform of each random term.
    """
    found: dict = {term.group: ([], []) for term in model.random}
    spans = []
    for term, coded, (vectors, transform) in zip(model.random, random, bases, strict=True):
        level = stats.level(term.group)
        columns, weights = found[term.group]
        spans.append((term.group, len(columns), tuple(coded), transform))
        for vector in vectors:
            columns.append(basis.position(vector))
            weights.append(candidate_weights(vector, level, stats, term))
    tree = [level.group for level in stats.levels]
    reduced = stats.without_levels(*(g for g in tree if g not in found))
    levels = [
        (level, found[level.group][0], np.array(found[level.group][1])) for level in reduced.levels
    ]
    factors = stats.crossing.factors
    crossed = [
        (i, np.array(found[factor.group][0]), np.array(found[factor.group][1]))
        for i, factor in enumerate(factors)
        if factor.group in found
    ]
    order = [level.group for level, _, _ in levels] + [factors[i].group for i, _, _ in crossed]
    blocks = tuple(
        Block(order.index(g), start, coded, t, term.form)
        for term, (g, start, coded, t) in zip(model.random, spans, strict=True)
    )
    return levels, crossed, blocks


def _check_response(total: np.ndarray, kept: Sequence[CodedColumn], n_obs: int, response: str):
    n_fixed = len(kept)
    if n_obs <= n_fixed + 1:
        raise ModelError(
            f"{n_obs} rows cannot carry {n_fixed} fixed effects and a variance: expected "
            f"{n_fixed + 2} rows at least. Leave out terms."
        )
    square, fitted = total[-1, -1], np.zeros(n_fixed)
    if n_fixed:
        fitted = np.linalg.lstsq(total[:n_fixed, :n_fixed], total[:n_fixed, -1], rcond=None)[0]
        square = square - fitted @ total[:n_fixed, -1]
    if square > ALL_EXPLAINED * max(total[-1, -1], 1e-300) and total[-1, -1] > 0.0:
        return
    share = fitted**2 * np.diagonal(total)[:n_fixed] / max(total[-1, -1], 1e-300)
    names = [
        c.name for c, part in zip(kept, share, strict=True) if c.column != CONSTANT and part > NONE
    ]
    if names:
        others = " and others" if len(names) > MOST_COLUMNS_NAMED else ""
        raise ModelError(
            f"the response {response} is determined exactly by "
            f"{', '.join(names[:MOST_COLUMNS_NAMED])}{others}: nothing is left to explain. Leave "
            "out the terms that it was computed from, or that were computed from it."
        )
    raise ModelError(
        f"the response {response} is constant: nothing is left to explain. Check the column and "
        "its missing codes."
    )
