"""Stored columns of a block of rows, made in one buffer that stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlm.nouns.columns import Column, Columns, function_values

CACHE_NUMBERS = 75_000  # numbers of a block: 600 kB
SMALL_PRODUCT = 1_000_000  # multiplications up to which matrices are multiplied without a copy
MIN_ROWS, THIN_ROWS, MAX_ROWS = 1024, 2048, 8192


class BlockBuilder:
    """Makes the stored columns of a recipe for one block of rows after another.

    Parameters
    ----------
    columns : Columns
        The recipe.

    Attributes
    ----------
    rows : int
        Largest number of rows in a block.
    """

    def __init__(self, columns: Columns):
        self.rows = _block_rows(len(columns))
        self._recipe, self._k = columns, len(columns)
        self._place = dict(columns.positions)
        self._pieces: list[tuple[int, Column]] = []
        self._products: list[tuple[int, list[int]]] = []
        for row, column in enumerate(columns.columns):
            parts = _parts(column)
            if len(parts) > 1:
                self._products.append((row, self._factors(column, parts)))
            elif parts:
                self._pieces.append((row, column))
        self._buffer = np.empty((len(self._place), self.rows))
        self._buffer[0] = 1.0

    def block(self, values: Mapping[str, np.ndarray], rows: slice) -> np.ndarray:
        """Stored columns of some rows that follow each other, shape (k, n).

        Parameters
        ----------
        values : mapping of str to ndarray (N,)
            Numbers, and categories as their positions in the recipe.
        rows : slice
            Rows of the block, at most ``self.rows``.

        Returns
        -------
        ndarray (k, n)
            A view that holds until the next block is made.
        """
        out = self._buffer[:, : rows.stop - rows.start]
        for row, piece in self._pieces:
            if piece.indicators:
                variable, category = piece.indicators[0]
                code = self._recipe.categories[variable].index(category)
                np.equal(values[variable][rows], code, out=out[row], casting="unsafe")
            else:
                variable, function, _ = piece.powers[0]
                self._standardise(variable, function, values[variable][rows], out[row])
        for row, factors in self._products:
            np.multiply(out[factors[0]], out[factors[1]], out=out[row])
            for factor in factors[2:]:
                out[row] *= out[factor]
        return out[: self._k]

    def _standardise(self, variable: str, function: str, values: np.ndarray, out: np.ndarray):
        origin, unit = self._recipe.scales[variable, function]
        if function != "identity":
            values = function_values(function, values)
        np.subtract(values, origin, out=out, dtype=np.float64)
        if unit != 1.0:
            np.multiply(out, 1.0 / unit, out=out)

    def _factors(self, column: Column, parts: Sequence[Column]) -> list[int]:
        """Rows whose product a column is: a stored column and one more factor, where there is."""
        for part in reversed(parts):
            rest = _without(column, part)
            if rest in self._place and self._place[rest] < self._place[column]:
                return [self._place[rest], self._row_of(part)]
        return [self._row_of(part) for part in parts]

    def _row_of(self, part: Column) -> int:
        """Row of a single factor, in the recipe or beside it."""
        if part not in self._place:
            self._place[part] = len(self._place)
            self._pieces.append((self._place[part], part))
        return self._place[part]


def _block_rows(k: int) -> int:
    """Rows of a block of k columns that stays in the cache and is multiplied fast."""
    in_cache = max(MIN_ROWS, min(MAX_ROWS, CACHE_NUMBERS // k))
    small = SMALL_PRODUCT // (k * k)
    return min(in_cache, small) if small >= THIN_ROWS else in_cache


def _parts(column: Column) -> list[Column]:
    """Single indicators and first powers that a column is the product of."""
    parts = [Column(indicators=(indicator,)) for indicator in column.indicators]
    for variable, function, exponent in column.powers:
        parts += [Column(powers=((variable, function, 1),))] * exponent
    return parts


def _without(column: Column, part: Column) -> Column:
    """A column divided by one of its factors."""
    if part.indicators:
        kept = tuple(i for i in column.indicators if i != part.indicators[0])
        return Column(kept, column.powers)
    variable, function, _ = part.powers[0]
    powers = ((v, f, e - (v == variable and f == function)) for v, f, e in column.powers)
    return Column(column.indicators, tuple(p for p in powers if p[2]))
