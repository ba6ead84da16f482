"""Fits to replicates that are made of their rows, where factors differ inside clusters."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlm.nouns.levels import ROW
from mlm.nouns.model import Model
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.batches import Coded
from mlm.rows.accumulating.model_statistics import statistics_of_models
from mlm.rows.accumulating.sources import Source, source_of
from mlm.rows.replicating.weighted_totals import Made
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.replication.refitted_errors import RefittedErrors, refit_to, with_estimates


def errors_by_rows(
    solutions: Sequence[Solution],
    stats: CrossProducts,
    data,
    known: tuple[str, ...] | Made,
    waves: Sequence[str] = (),
) -> tuple[RefittedErrors, ...]:
    """Errors of the fits to some draws from fits to every replicate, each made of its rows.

    Parameters
    ----------
    solutions : sequence of Solution
        One a draw, of one model or of several.
    stats : CrossProducts
        Their sample.
    data : DataFrame, path, or list of paths
        Its rows.
    known : tuple of str, or Made
        Columns of the replicate weights, or clusters of which they are made.
    waves : sequence of str
        As ``replicate_samples`` takes them.
    """
    models = [solution.fit.model for solution in solutions]
    samples = replicate_samples(models, stats, data, known, waves)
    return errors_of_samples(solutions, stats, samples, len(waves))


def replicate_samples(
    models: Sequence[Model],
    stats: CrossProducts,
    data,
    known: tuple[str, ...] | Made,
    waves: Sequence[str] = (),
) -> Iterator[CrossProducts]:
    """The sample in every replicate, each from one pass over its rows.

    Parameters
    ----------
    models : sequence of Model
        What will be fitted.
    stats, data, known
        As ``errors_by_rows`` takes them.
    waves : sequence of str
        Waves that were drawn apart: each has replicates of its own, which leave the others as they
        are; none: a replicate is one of all rows.
    """
    design = stats.sampled.design
    frame = _frame(source_of(data), models, design, known)
    own = _conditional(design)
    count = known.factors.shape[1] if isinstance(known, Made) else len(known)
    for wave, r in itertools.product(waves or (None,), range(count)):
        moved = _reweighed(frame, design, stats, known, r, wave)
        yield statistics_of_models(models, moved, None, (), own)


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
    if isinstance(known, Made):
        own = weights * known.factors[known.places, r]
    else:
        own = frame[known[r]].to_numpy(dtype=float)
    if wave is not None:
        own = np.where(frame[design.wave].astype(str) == wave, own, weights)
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


def _factor(frame, group: tuple[str, ...], own: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sum of the weights of a replicate over that of the weights, of the unit of each row."""
    ids = [frame[name] for name in group]
    sums = frame.assign(_own=own, _all=weights).groupby(ids, sort=False)
    return _ratio(sums["_own"].transform("sum"), sums["_all"].transform("sum"))


def _ratio(a, b) -> np.ndarray:
    """Ratios (n,); zero where the second is zero or missing, so that the row is left out."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return np.divide(a, b, out=np.zeros(a.shape), where=b > 0.0)
