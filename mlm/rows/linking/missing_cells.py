"""Sums of columns over cells of rows that share outermost unit, wave and pattern of lacking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.configuration.models import Configuration
from mlm.results.coefficient import Factor
from mlm.rows.cleaning.texts import number
from mlm.rows.linking.survey_rows import present

MOST_COMPARED_CATEGORIES = 30
"""Categories of a covariate above which rows are not compared by it."""

Sums = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of a column by cell (C,): rows with a value, their sum, their sum of squares."""


@dataclass(frozen=True)
class Cells:
    """Rows with the outcome in cells of one cluster, wave and pattern.

    Attributes
    ----------
    cluster, wave, pattern : ndarray of int (C,)
    columns : dict of Factor to Sums
        Of each number, and of each category but one of two. Numbers are counted from the first one,
        as sums of squares need.
    """

    cluster: np.ndarray
    wave: np.ndarray
    pattern: np.ndarray
    columns: dict[Factor, Sums]


class LackingSums:
    """The sums while rows go by, block by block.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    names : sequence of str
        Its variables that are summed.
    n_waves : int
    """

    def __init__(self, configuration: Configuration, names: Sequence[str], n_waves: int):
        entries = [configuration.variables[name] for name in names]
        self._names, self._n_waves = tuple(names), n_waves
        self._categories = [list(e.categories) if e.is_category else [] for e in entries]
        self._references = [entry.reference for entry in entries]
        self._origins: list[float | None] = [None] * len(entries)
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []

    def add(
        self, wave: int, cluster: np.ndarray, pattern: np.ndarray, values: Sequence[np.ndarray]
    ) -> None:
        """Add rows (n,) of a wave: their clusters, patterns, and values of each variable."""
        n_patterns = int(pattern.max()) + 1
        code, first = number(cluster.astype(np.int64) * n_patterns + pattern)
        rows = np.bincount(code)
        sums = [
            row
            for place, column in enumerate(values)
            for row in self._of(place, column, code, rows * present(column[first]))
        ]
        own = np.full(len(first), wave)
        self._parts.append((cluster[first], own, pattern[first], np.array(sums)))

    def _of(
        self, place: int, values: np.ndarray, code: np.ndarray, rows: np.ndarray
    ) -> Iterator[np.ndarray]:
        """By cell (c,): rows with a value, then sum and sum of squares, or rows by category.

        The rows of a cell, being of one pattern, all have a value or all lack it.
        """
        size, categories = len(rows), len(self._categories[place])
        if categories > MOST_COMPARED_CATEGORIES:
            return
        yield rows
        if categories:
            cells = np.bincount(
                code * categories + np.maximum(values, 0), minlength=size * categories
            )
            yield from cells.reshape(size, categories).T * (rows > 0)
            return
        if self._origins[place] is None and rows.any():
            self._origins[place] = float(values[present(values).argmax()])
        values = values - (self._origins[place] or 0.0)
        values[np.isnan(values)] = 0.0
        yield np.bincount(code, values, size)
        yield np.bincount(code, values * values, size)

    @property
    def origins(self) -> np.ndarray:
        """What each variable is counted from; NaN where no value has gone by."""
        return np.array([np.nan if o is None else o for o in self._origins], dtype=float)

    def take(
        self,
        wave: int,
        cluster: np.ndarray,
        pattern: np.ndarray,
        sums: np.ndarray,
        origins: np.ndarray,
    ) -> None:
        """Add the cells (C,) of a wave whose sums (K, C) are counted from other origins (V,)."""
        sums, row = sums.copy(), 0
        for place, (categories, own) in enumerate(zip(self._categories, origins, strict=True)):
            if len(categories) > MOST_COMPARED_CATEGORIES:
                continue
            if not categories and not np.isnan(own):
                if self._origins[place] is None:
                    self._origins[place] = float(own)
                n, total, squares = sums[row : row + 3]
                shift = own - self._origins[place]
                squares += shift * (2.0 * total + shift * n)
                total += shift * n
            row += 1 + (len(categories) or 2)
        self._parts.append((cluster, np.full(len(cluster), wave), pattern, sums))

    def folded(self, n_patterns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Cluster, wave and pattern of each cell (C,), and the sums (K, C) of its rows."""
        empty = np.zeros(0, dtype=np.int64)
        parts = self._parts or [(empty, empty, empty, np.zeros((self._n_columns, 0)))]
        cluster, wave, pattern = (
            np.concatenate(each) for each in list(zip(*parts, strict=True))[:3]
        )
        key = (cluster.astype(np.int64) * self._n_waves + wave) * n_patterns + pattern
        code, first = number(key) if len(key) else (empty, empty)
        columns = (np.concatenate(each) for each in zip(*(p[3] for p in parts), strict=True))
        sums = np.array([np.bincount(code, column, len(first)) for column in columns])
        return cluster[first], wave[first], pattern[first], sums

    def cells(self, n_patterns: int) -> Cells:
        """The cells of all rows, given the number of their patterns."""
        *keys, sums = self.folded(n_patterns)
        return Cells(*keys, dict(self._told(sums)))

    @property
    def _n_columns(self) -> int:
        sizes = (len(each) for each in self._categories)
        return sum(1 + (n or 2) for n in sizes if n <= MOST_COMPARED_CATEGORIES)

    def _told(self, sums: Sequence[np.ndarray]) -> Iterator[tuple[Factor, Sums]]:
        """The columns of each variable: it itself, or each category but one of two."""
        rest = iter(sums)
        for name, categories, declared in zip(
            self._names, self._categories, self._references, strict=True
        ):
            if len(categories) > MOST_COMPARED_CATEGORIES:
                continue
            n = next(rest)
            if not categories:
                yield Factor(variable=name), (n, next(rest), next(rest))
            reference = declared or next(iter(categories), None)
            for category in categories:
                total = next(rest)
                if category != reference or len(categories) > 2:
                    yield Factor(variable=name, category=category), (n, total, total)
