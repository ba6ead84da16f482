"""Door 2: the rows once more, for the residuals of a fit; in memory are one batch and the sums."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mlm.columns import Column
from mlm.errors import StatisticsError, SurveyError
from mlm.hierarchy import Level
from mlm.rows.batches import Batch, as_coded
from mlm.rows.blocks import BlockBuilder
from mlm.rows.complete import CompleteRows
from mlm.rows.grouping import groups_of
from mlm.rows.sources import Source, check_columns
from mlm.statistics.crossproducts import CrossProducts
from mlm.statistics.fit import Fit
from mlm.statistics.residual_sums import Residuals, ResidualSums
from mlm.statistics.row_errors import RowErrors
from mlm.statistics.row_overlap import OverlapSums

MAX_CATEGORIES = 200  # of the variable by which residuals are summed
SAME_SUM = 1e-6  # sum of the residuals, over sigma and the number of rows: 0 but for rounding


def residuals_of(
    fit: Fit,
    stats: CrossProducts,
    source: Source,
    by: str | None,
    overlaps: Sequence[OverlapSums] = (),
) -> Residuals:
    """Residuals of the complete rows of a source, in one pass.

    Parameters
    ----------
    fit : Fit
        A fit with nested levels.
    stats : CrossProducts
        Its sample.
    source : Source
        The rows that the sample was accumulated from, in any order; only ``names``, ``where`` and
        ``batches`` are used.
    by : str or None
        A category, such as the wave, by which residuals are summed too.
    overlaps : sequence of OverlapSums
        Sums over scores of the rows that are made in the same pass.

    Raises
    ------
    StatisticsError
        When the sample is not the one of the fit, factors are crossed, or rows have precisions.
    SurveyError
        When the rows are not those of the sample.
    """
    if fit.precision:
        raise StatisticsError(
            f"residuals are summarised for rows of one residual variance; those of this fit have "
            f"the precisions of {fit.precision}."
        )
    needed = RowErrors.of(fit, stats)
    places = _Places(needed)
    variables = _numbers(fit, needed)
    sums = ResidualSums(needed.sigma, needed.spread, {v: stats.moments(v) for v in variables})
    complete = CompleteRows(stats.columns, needed.group)
    builder = BlockBuilder(needed.columns)
    read = [*stats.columns.variables, *needed.group, *([by] if by else [])]
    check_columns(source, read)
    for batch in source.batches(list(dict.fromkeys(read))):
        found = complete.of(batch)
        if found is None:
            continue
        rows, values = found
        groups = places.of(rows)
        codes, names = _categories(rows, by)
        for start in range(0, rows.rows, builder.rows):
            part = slice(start, min(start + builder.rows, rows.rows))
            own = groups[part] if groups is not None else None
            errors = needed.errors(builder.block(values, part), own)
            numbers = {v: values[v][part] for v in variables}
            sums.add(errors, numbers, codes[part] if by else None, names)
        _add_scores(overlaps, values, rows.rows)
    complete.check(source)
    _check_same(sums, stats, fit, needed.sigma, source)
    return sums.residuals(fit.formula)


def _add_scores(overlaps: Sequence[OverlapSums], values, n: int) -> None:
    for sums in overlaps:
        builder = BlockBuilder(sums.columns)
        for start in range(0, n, builder.rows):
            part = slice(start, min(start + builder.rows, n))
            sums.add(builder.block(values, part), values[sums.variable][part])


def _numbers(fit: Fit, needed: RowErrors) -> list[str]:
    """Numeric variables of the fixed part whose moments the sample knows."""
    used = dict.fromkeys(v for term in fit.model.terms for v in term.variables)
    known = set(needed.columns.columns)
    return [v for v in used if Column(powers=((v, "identity", 1),)) in known]


def _categories(batch: Batch, by: str | None) -> tuple[np.ndarray, list[str]]:
    if by is None:
        return np.empty(0, dtype=int), []
    column = as_coded(batch.columns[by])
    if len(column.values) > MAX_CATEGORIES:
        raise SurveyError(
            f"{by} has {len(column.values)} values in {batch.where or 'the data'}; residuals are "
            f"summed by a category of at most {MAX_CATEGORIES}, such as the wave."
        )
    return column.codes, [str(value) for value in column.values]


class _Places:
    """Position, in the sample, of the innermost group of each row."""

    def __init__(self, needed: RowErrors):
        self._groups = groups_of([Level(needed.group)])[0] if needed.group else None
        keys = zip(*(key.tolist() for key in needed.keys), strict=True)
        self._known = {tuple(map(str, key)): i for i, key in enumerate(keys)}
        self._table = np.empty(0, dtype=np.intp)
        self._name = ":".join(needed.group)

    def of(self, batch: Batch) -> np.ndarray | None:
        """Positions (n,), or None without groups."""
        if self._groups is None:
            return None
        codes = self._groups.codes(batch)
        if self._groups.size > self._table.size:
            self._extend(batch)
        return self._table[codes.by_row()]

    def _extend(self, batch: Batch) -> None:
        first = self._table.size
        new = zip(*(name[first:].tolist() for name in self._groups.names()), strict=True)
        labels = [tuple(map(str, key)) for key in new]
        found = [self._known.get(label, -1) for label in labels]
        strange = [":".join(labels[i]) for i, place in enumerate(found) if place < 0]
        if strange:
            raise SurveyError(
                f"{batch.where or 'the data'}: {len(strange)} groups of {self._name} are not in "
                f"the sample of the fit ({', '.join(strange[:3])}); expected the rows that the "
                "cross-products were accumulated from. Accumulate and fit again."
            )
        self._table = np.concatenate([self._table, np.array(found, dtype=np.intp)])


def _check_same(sums: ResidualSums, stats, fit: Fit, sigma: float, source: Source) -> None:
    """Refuse rows that are not those of the sample: other rows, or another sum of residuals."""
    centred = "Intercept" in fit.names
    off = abs(sums.total) / (sigma * max(sums.rows, 1)) if centred else 0.0
    if sums.rows == stats.n_obs and (off < SAME_SUM or math.isnan(off)):
        return
    raise SurveyError(
        f"{source.where}: {sums.rows} complete rows with a mean residual of {off:.2g} residual "
        f"standard deviations; the sample of the fit has {stats.n_obs} rows with a mean of 0. "
        "Expected the rows that the cross-products were accumulated from. Accumulate and fit again."
    )
