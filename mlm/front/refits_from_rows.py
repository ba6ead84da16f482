"""Fits to replicates that are made of their rows, where factors differ inside clusters.

Where rows of a group have few rows of factors, cross-products of these classes take the place of
the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mlm.nouns.levels import ROW
from mlm.nouns.model import Model
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.batches import Coded
from mlm.rows.accumulating.model_statistics import statistics_of_models
from mlm.rows.accumulating.sources import Source, source_of
from mlm.rows.replicating.class_samples import class_sample
from mlm.rows.replicating.replicate_classes import (
    ReplicateClasses,
    places_of,
    replicate_classes,
)
from mlm.rows.replicating.weighted_totals import Made
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.replication.refitted_errors import RefittedErrors, refit_to, with_estimates

MadeFrom = Literal["classes", "rows"]


@dataclass(frozen=True)
class ReplicateSamples:
    """The sample in every replicate.

    Attributes
    ----------
    made_from : {"classes", "rows"}
        Whether cross-products of classes of rows were enough, or rows were read for each.
    each : iterable of CrossProducts
        Replicate by replicate.
    """

    made_from: MadeFrom
    each: Iterable[CrossProducts]


def replicate_samples(
    models: Sequence[Model],
    stats: CrossProducts,
    data,
    known: tuple[str, ...] | Made,
    waves: Sequence[str] = (),
    by_classes: bool = True,
) -> ReplicateSamples:
    """The sample in every replicate, from its classes of rows, or each from one pass over its rows.

    Parameters
    ----------
    models : sequence of Model
        What will be fitted.
    stats : CrossProducts
        The sample.
    data : DataFrame, path, or list of paths
        Its rows.
    known : tuple of str, or Made
        Columns of the replicate weights, or clusters of which they are made.
    waves : sequence of str
        Waves that were drawn apart: each has replicates of its own, which leave the others as they
        are; none: a replicate is one of all rows.
    by_classes : bool
        Whether classes of rows are looked for.
    """
    design = stats.sampled.design
    frame = _frame(source_of(data), models, design, known)
    count = known.factors.shape[1] if isinstance(known, Made) else len(known)
    wanted = [(wave, r) for wave in waves or (None,) for r in range(count)]
    if by_classes:
        plain = replace(design, replicates=None, standard_errors="linearised")
        base = statistics_of_models(models, frame, None, (), plain)
        classes = replicate_classes(frame, base, design, known, bool(waves))
        if classes is not None:
            units = _Units(frame, base, design, known)
            each = (_of_classes(base, classes, units, r, wave) for wave, r in wanted)
            return ReplicateSamples("classes", each)
    own = _conditional(design)
    moved = (_reweighed(frame, design, stats, known, r, wave) for wave, r in wanted)
    each = (statistics_of_models(models, rows, None, (), own) for rows in moved)
    return ReplicateSamples("rows", each)


def _of_classes(
    base: CrossProducts, classes: ReplicateClasses, units: _Units, r: int, wave: str | None
) -> CrossProducts:
    moved = classes.moved(r, wave)
    return class_sample(base, classes, _conditional(units.design), units.of(r, wave), moved)


class _Units:
    """Overall weights of units in replicates, as often as their rows say."""

    def __init__(self, frame, base: CrossProducts, design: SamplingDesign, known):
        self.design, self._known, self._frame = design, known, frame
        self._weights = np.nan_to_num(frame[design.weights[ROW]].to_numpy(dtype=float))
        clusters = set(design.psu_ids or base.levels[0].group)
        self._levels = []
        for place, level in enumerate(base.levels):
            column = design.weights.get(design.key_of(level.group) or "")
            if column is None:
                self._levels.append(None)
                continue
            places = places_of(frame, base, place)
            there = np.flatnonzero(places >= 0)
            first = there[np.unique(places[there], return_index=True)[1]]
            given = frame[column].to_numpy(dtype=float)[first]
            is_moved = clusters <= set(level.group) and not design.mean_weights
            self._levels.append((given, places if is_moved else None))

    def of(self, r: int, wave: str | None) -> list[np.ndarray | None]:
        """By level, outermost first; None of levels without a weight."""
        own = np.nan_to_num(_replicate_weights(self._frame, self.design, self._known, r, wave))
        out: list[np.ndarray | None] = []
        for known in self._levels:
            if known is None:
                out.append(None)
                continue
            given, places = known
            if places is not None:
                there, size = places >= 0, given.size
                sums = np.bincount(places[there], own[there], size)
                given = given * _ratio(sums, np.bincount(places[there], self._weights[there], size))
            out.append(given)
        return out


def errors_of_samples(
    solutions: Sequence[Solution],
    stats: CrossProducts,
    samples: Iterable[CrossProducts],
    waves: int = 0,
) -> tuple[RefittedErrors, ...]:
    """Errors of some fits from fits to the sample in every replicate.

    Parameters
    ----------
    solutions : sequence of Solution
        One a draw, of one model or of several.
    stats : CrossProducts
        Their sample.
    samples : iterable of CrossProducts
        That of each replicate, which may have further columns and levels.
    waves : int
        Waves that have replicates of their own; 0: all have the same.
    """
    estimates: list[list[np.ndarray]] = [[] for _ in solutions]
    for sample in samples:
        for place, solution in enumerate(solutions):
            groups = {term.group for term in solution.fit.model.random}
            others = (level.group for level in sample.levels if level.group not in groups)
            estimates[place].append(refit_to(solution, sample.without_levels(*others)))
    replicates = stats.sampled.replicates
    if waves:
        replicates = replace(replicates, scale=np.tile(replicates.scale, waves))
    return tuple(
        with_estimates(solution, stats, np.array(each), replicates, len(each))
        for solution, each in zip(solutions, estimates, strict=True)
    )


def _frame(source: Source, models: Sequence[Model], design: SamplingDesign, known):
    """The columns of rows that replicates are made of, as a data frame."""
    import pandas as pd

    terms = [t for m in models for t in (*m.terms, *(t for r in m.random for t in r.terms))]
    names = [m.response for m in models] + [v for term in terms for v in term.variables]
    names += [name for m in models for r in m.random for name in r.group]
    names += [*design.columns, *design.ids, *(() if isinstance(known, Made) else known)]
    names = list(dict.fromkeys(names))
    parts: dict[str, list] = {name: [] for name in names}
    for batch in source.batches(names):
        for name, part in parts.items():
            column = batch.columns[name]
            if isinstance(column, Coded):
                values = np.append(np.asarray(column.values, dtype=object), [None])
                column = values[column.codes]
            part.append(column)
    frame = pd.DataFrame({name: np.concatenate(part) for name, part in parts.items()})
    variables = {v for term in terms for v in term.variables}
    texts = [v for v in names if v in variables and not source.is_number(v)]
    for name, values in source.distinct(texts).items():
        frame[name] = pd.Categorical(frame[name], values)
    return frame


def _conditional(design: SamplingDesign) -> SamplingDesign:
    """The design of a replicate, whose weights are given as conditional ones.

    Adjustments may leave a row lighter than its unit, which is no fault there. Units that weigh as
    the mean of their rows keep doing so.
    """
    are = "overall" if design.mean_weights else "conditional"
    weights = {**design.weights, ROW: _row_column(design)}
    return replace(design, weights=weights, are=are, replicates=None, standard_errors="linearised")


def _row_column(design: SamplingDesign) -> str:
    """Column of the weights of rows in a replicate: of their own, where they share one with units.

    Occasions of a followed unit have its weight.
    """
    row = design.weights[ROW]
    shared = any(column == row for level, column in design.weights.items() if level != ROW)
    return f"{row} of rows" if shared else row


def _reweighed(
    frame, design: SamplingDesign, stats: CrossProducts, known, r: int, wave: str | None
):
    """The rows of a replicate: their weights, and those of units as often as their rows say."""
    row = design.weights[ROW]
    weights = frame[row].to_numpy(dtype=float)
    own = _replicate_weights(frame, design, known, r, wave)
    if design.mean_weights:
        return frame.assign(**{row: own})
    moved, around = {}, np.ones(len(frame))
    clusters = set(design.psu_ids or stats.levels[0].group)
    for level in stats.levels:
        column = design.weights.get(design.key_of(level.group) or "")
        if column is None:
            continue
        overall = frame[column].to_numpy(dtype=float)
        if clusters <= set(level.group):
            overall = overall * _factor(frame, level.group, own, weights)
        moved[column] = _ratio(overall, around)
        around = overall
    return frame.assign(**{**moved, _row_column(design): _ratio(own, around)})


def _replicate_weights(
    frame, design: SamplingDesign, known, r: int, wave: str | None
) -> np.ndarray:
    """Weights (n,) of the rows in a replicate, which may be one of a wave alone."""
    weights = frame[design.weights[ROW]].to_numpy(dtype=float)
    if isinstance(known, Made):
        own = weights * known.factors[known.places, r]
    else:
        own = frame[known[r]].to_numpy(dtype=float)
    if wave is not None:
        own = np.where(frame[design.wave].astype(str) == wave, own, weights)
    return own


def _factor(frame, group: tuple[str, ...], own: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sum of the weights of a replicate over that of the weights, of the unit of each row."""
    ids = [frame[name] for name in group]
    sums = frame.assign(_own=own, _all=weights).groupby(ids, sort=False)
    return _ratio(sums["_own"].transform("sum"), sums["_all"].transform("sum"))


def _ratio(a, b) -> np.ndarray:
    """Ratios (n,); zero where the second is zero or missing, so that the row is left out."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return np.divide(a, b, out=np.zeros(a.shape), where=b > 0.0)
