"""How rows that lack a covariate differ from those that have it: within waves, in SD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlm.configuration.models import Configuration
from mlm.nouns.distributions import student_quantile
from mlm.results.coefficient import Factor
from mlm.results.survey.missing_covariates import Unlike
from mlm.rows.cleaning.texts import number
from mlm.rows.linking.missing_patterns import PatternRows
from mlm.rows.linking.survey_rows import SurveyRows, present

SMALLEST_SPREAD = 1e-12
"""Share of the sum of squares below which a column does not vary within waves."""

MOST_COMPARED_CATEGORIES = 30
"""Categories of a covariate above which rows are not compared by it."""


Sums = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of a column by cell (C,): rows with a value, their sum, their sum of squares."""


@dataclass(frozen=True)
class _Cells:
    """Rows with the outcome in cells of one cluster, wave and pattern.

    Attributes
    ----------
    of_row : ndarray of int (N,)
        The cell of each row.
    cluster, wave, pattern : ndarray of int (C,)
    """

    of_row: np.ndarray
    cluster: np.ndarray
    wave: np.ndarray
    pattern: np.ndarray

    @property
    def size(self) -> int:
        return len(self.cluster)


class RowsCompared:
    """Rows that lack a covariate against those that have it, by sums over cells.

    Rows of one outermost unit, wave and pattern are one cell: each column is read once, and all
    comparisons are made of the sums.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Cleaned rows of all waves.
    found : PatternRows
        Those of them that have the outcome.
    """

    def __init__(self, configuration: Configuration, rows: SurveyRows, found: PatternRows):
        self._found = found
        self._cells = _cells(configuration, rows, found)
        self._columns = {
            factor: sums
            for name in (found.outcome, *found.covariates)
            for factor, sums in self._sums(configuration, rows, name)
        }

    def unlike(self, variable: str) -> Iterator[Unlike]:
        """Differences of the outcome and of each other covariate, where they can be told."""
        place = self._found.covariates.index(variable)
        lacks = self._found.lacking[self._cells.pattern, place]
        for factor, sums in self._columns.items():
            if factor.variable != variable:
                made = _difference(self._cells, lacks, *sums)
                if made is not None:
                    members = None if factor.category is None else int(sums[1][lacks].sum())
                    yield Unlike(column=factor, members=members, **made)

    def _sums(
        self, configuration: Configuration, rows: SurveyRows, name: str
    ) -> Iterator[tuple[Factor, Sums]]:
        """The columns of a variable: it itself, or each category but one of two."""
        entry = configuration.variables[name]
        categories = list(entry.categories) if entry.is_category else []
        if len(categories) > MOST_COMPARED_CATEGORIES:
            return
        n, *sums = self._by_cell(rows, name, len(categories))
        if not categories:
            yield Factor(variable=name), (n, *sums)
        reference = entry.reference or next(iter(categories), None)
        for category, total in zip(categories, sums, strict=False):
            if category != reference or len(categories) > 2:
                yield Factor(variable=name, category=category), (n, total, total)

    def _by_cell(self, rows: SurveyRows, name: str, categories: int) -> np.ndarray:
        """Rows with a value by cell; then its sum and sum of squares, or rows by category.

        Numbers are counted from the first one, as sums of squares need. Shape (1 + 2, C), or
        (1 + categories, C).
        """
        numbers, cells, size = self._found.rows, self._cells.of_row, self._cells.size
        sums, origin = np.zeros((1 + (categories or 2), size)), None
        for wave in range(len(rows.waves)):
            part = rows.part(wave)
            own = slice(*np.searchsorted(numbers, [part.start, part.stop]))
            values = rows.column(name, wave)[numbers[own] - part.start]
            has = present(values)
            codes, values = cells[own][has], values[has]
            sums[0] += np.bincount(codes, minlength=size)
            if categories:
                for k in range(categories):
                    sums[1 + k] += np.bincount(codes[values == k], minlength=size)
            elif len(values):
                origin = values[0] if origin is None else origin
                sums[1] += np.bincount(codes, values - origin, size)
                sums[2] += np.bincount(codes, (values - origin) ** 2, size)
        return sums


def _cells(configuration: Configuration, rows: SurveyRows, found: PatternRows) -> _Cells:
    cluster = rows.unit(configuration.unit_path(configuration.level_names[0]))[found.rows]
    wave = rows.wave[found.rows]
    n_waves, n_patterns = len(rows.waves), max(len(found.lacking), 1)
    key = (cluster.astype(np.int64) * n_waves + wave) * n_patterns + found.pattern
    codes, first = number(key)
    place, pattern = np.divmod(key[first], n_patterns)
    return _Cells(codes, place // n_waves, place % n_waves, pattern)


def _difference(
    cells: _Cells, lacks: np.ndarray, n: np.ndarray, total: np.ndarray, squares: np.ndarray
) -> dict | None:
    """Coefficient of lacking a variable in a regression on it and the waves, by clusters.

    The error is the sandwich over clusters times G / (G - 1) (Liang & Zeger 1986); its degrees of
    freedom are those of the fewer clusters, that lack the variable or have it. None where there are
    fewer than two of either.

    Parameters
    ----------
    cells : _Cells
    lacks : ndarray of bool (C,)
        Whether the rows of a cell lack the variable.
    n, total, squares : ndarray (C,)
        Rows with a value of the column, its sum and its sum of squares.
    """
    lacking, having = (np.unique(cells.cluster[of & (n > 0)]).size for of in (lacks, ~lacks))
    if min(lacking, having) < 2:
        return None
    wave, rows = cells.wave, np.bincount(cells.wave, n)
    centred = lacks - (np.bincount(wave, n * lacks) / np.maximum(rows, 1.0))[wave]
    mean = np.bincount(wave, total) / np.maximum(rows, 1.0)
    variation = float(np.sum(n * centred * centred))
    spread = float(np.sum(squares) - np.sum(rows * mean * mean))
    if variation <= 0.0 or spread <= SMALLEST_SPREAD * float(np.sum(squares)):
        return None
    residual = total - n * mean[wave]
    slope = float(np.sum(centred * residual)) / variation
    scores = np.bincount(cells.cluster, centred * (residual - slope * n * centred))
    clusters = np.unique(cells.cluster[n > 0]).size
    error = float(np.sqrt(clusters / (clusters - 1) * np.sum(scores**2))) / variation
    sd, df = float(np.sqrt(spread / n.sum())), min(lacking, having) - 1
    size, error = slope / sd, error / sd
    apart = float(student_quantile(0.975, df)) * error
    return {
        "n": int(n[lacks].sum()),
        "groups": lacking,
        "standardised": _digits(size),
        "std_error": _digits(error),
        "lower": _digits(size - apart),
        "upper": _digits(size + apart),
        "df": df,
    }


def _digits(value: float) -> float:
    """A number with nine digits, which the order of the rows does not change by rounding."""
    return float(f"{value:.9g}")
