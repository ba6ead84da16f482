"""Door 2: the rows once more, for the residuals of a fit; in memory are one batch and the sums."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mlm.errors import SurveyError
from mlm.nouns.columns import Column
from mlm.results.residuals import ResidualsByCategory
from mlm.rows.accumulating.batches import Batch, as_coded
from mlm.rows.accumulating.column_blocks import BlockBuilder
from mlm.rows.accumulating.complete_rows import CompleteRows
from mlm.rows.accumulating.grouping import Grouping, Groups
from mlm.rows.accumulating.runs import Runs
from mlm.rows.accumulating.sources import Rows, check_columns
from mlm.statistics.answers.diagnostics.outcome_counts import OutcomeSums
from mlm.statistics.answers.diagnostics.residual_sums import ResidualSums
from mlm.statistics.answers.policy.overlap import OverlapSums
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_and_sd
from mlm.statistics.fitting.design.refusals import check_unweighted
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.row_errors import RowErrors

MAX_SUMMED_CATEGORIES = 200  # of the variable by which residuals are summed
SAME_SUM = 1e-6  # sum of the residuals, over sigma and the number of rows: 0 but for rounding


def residuals_of(
    fit: Fit, stats: CrossProducts, source: Rows, by: str | None
) -> ResidualsByCategory:
    """Residuals of the complete rows of a source, in one pass.

    Parameters and errors are those of :func:`sums_of_residuals`; the rows are all of the sample.

    Raises
    ------
    SurveyError
        When the rows are not those of the sample.
    """
    sums = sums_of_residuals(fit, stats, source, by)
    check_same_rows(sums, stats, fit, source.where)
    return sums.residuals(fit.formula)


def sums_of_residuals(
    fit: Fit,
    stats: CrossProducts,
    source: Rows,
    by: str | None,
    overlaps: Sequence[OverlapSums] = (),
    scores: OutcomeSums | None = None,
) -> ResidualSums:
    """Sums of the residuals of the complete rows of a source, in one pass.

    Parameters
    ----------
    fit : Fit
        A fit; its rows may have known precisions, or a term in the residual's place.
    stats : CrossProducts
        Its sample.
    source : Rows
        Rows that the sample was accumulated from, in any order, all or some.
    by : str or None
        A category, such as the wave, by which residuals are summed too.
    overlaps : sequence of OverlapSums
        Sums over scores of the rows that are made in the same pass.
    scores : OutcomeSums, optional
        Counts of the outcome by the category, made in the same pass.

    Raises
    ------
    StatisticsError
        When the sample is not the one of the fit.
    SurveyError
        When rows are in groups that the sample has not, or at fault.
    """
    check_unweighted(fit, "residuals of rows")
    needed = RowErrors.of(evaluation_of(fit, stats, pooled=False))
    places = _Places(needed)
    variables = _numbers(fit, needed)
    scales = {v: mean_and_sd(v, stats) for v in variables}
    sums = ResidualSums(needed.sigma, needed.spread, scales, fit.ratios is not None)
    complete = CompleteRows(stats.columns, places.ids, fit.precision)
    builder = BlockBuilder(needed.columns)
    read = [*complete.variables, *places.ids, *([by] if by else [])]
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
            own = [place[part] for place in groups]
            weights = _precisions(fit, stats, values, part)
            errors = needed.errors(builder.block(values, part), own, weights)
            numbers = {v: values[v][part] for v in variables}
            sums.add(errors, numbers, codes[part] if by else None, names)
        _add_scores(overlaps, values, rows.rows)
        if scores is not None:
            scores.add(values[scores.outcome], codes, names)
    complete.check(source)
    return sums


def _precisions(fit: Fit, stats: CrossProducts, values, part: slice) -> np.ndarray | None:
    """Known precisions of rows, or those that follow from the residual variances by category."""
    if fit.precision:
        return values[fit.precision][part]
    if fit.ratios is None:
        return None
    names = stats.columns.categories[fit.model.residual]
    return 1.0 / np.array([fit.ratios[name] for name in names])[values[fit.model.residual][part]]


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
    if len(column.values) > MAX_SUMMED_CATEGORIES:
        raise SurveyError(
            f"{by} has {len(column.values)} values in {batch.where or 'the data'}; residuals are "
            f"summed by a category of at most {MAX_SUMMED_CATEGORIES}, such as the wave."
        )
    return column.codes, [str(value) for value in column.values]


class _Places:
    """Position, in the sample, of each row's groups: of the innermost level and crossed factors."""

    def __init__(self, needed: RowErrors):
        grouping = Grouping()
        self.ids = tuple(dict.fromkeys(name for group in needed.groups for name in group))
        self._tables = [
            _Table(grouping.of(group), ":".join(group), keys)
            for group, keys in zip(needed.groups, needed.keys, strict=True)
        ]

    def of(self, batch: Batch) -> list[np.ndarray]:
        """Positions (n,), one array a level."""
        return [table.of(batch) for table in self._tables]


class _Table:
    """Position of the groups of one level in the sample, by their number in the rows."""

    def __init__(self, groups: Groups, name: str, keys: Sequence[np.ndarray]):
        self._groups, self._name = groups, name
        labels = _labels(keys)
        self._known = dict(zip(labels, range(len(labels)), strict=True))
        self._table = np.empty(0, dtype=np.intp)

    def of(self, batch: Batch) -> np.ndarray:
        """Positions (n,) of the groups of a batch."""
        codes = self._groups.codes(batch)
        if self._groups.size > self._table.size:
            self._extend()
        places = self._table[codes.values]
        if places.min(initial=0) < 0:
            self._refuse(batch, np.unique(codes.values[places < 0]))
        return Runs(places, codes.starts, codes.n).by_row()

    def _names(self, first: int = 0) -> list[tuple[str, ...]]:
        return _labels(self._groups.names(first))

    def _extend(self) -> None:
        """Look up the groups that are new; ids are numbered even where no complete row has them."""
        found = [self._known.get(label, -1) for label in self._names(self._table.size)]
        self._table = np.concatenate([self._table, np.array(found, dtype=np.intp)])

    def _refuse(self, batch: Batch, codes: np.ndarray) -> None:
        names = self._names()
        strange = ", ".join(":".join(names[code]) for code in codes[:3].tolist())
        raise SurveyError(
            f"{batch.where or 'the data'}: {codes.size} groups of {self._name} are not in the "
            f"sample of the fit ({strange}); expected the rows that the cross-products were "
            "accumulated from. Accumulate and fit again."
        )


def _labels(keys: Sequence[np.ndarray]) -> list[tuple[str, ...]]:
    """Ids of groups as texts, one tuple a group, of arrays (G,) of one id column each."""
    return list(zip(*(map(str, key.tolist()) for key in keys), strict=True))


def check_same_rows(sums: ResidualSums, stats: CrossProducts, fit: Fit, where: str) -> None:
    """Refuse rows that are not those of the sample: other rows, or another sum of residuals.

    Raises
    ------
    SurveyError
        It says where the rows were, how many and with which mean.
    """
    centred = "Intercept" in fit.names
    size = sums.sigma * math.sqrt(sums.weight * max(sums.rows, 1)) or 1.0
    off = abs(sums.total) / size if centred else 0.0
    if sums.rows == stats.n_obs and (off < SAME_SUM or math.isnan(off)):
        return
    raise SurveyError(
        f"{where}: {sums.rows} complete rows with a mean residual of {off:.2g} residual "
        f"standard deviations; the sample of the fit has {stats.n_obs} rows with a mean of 0. "
        "Expected the rows that the cross-products were accumulated from. Accumulate and fit again."
    )
