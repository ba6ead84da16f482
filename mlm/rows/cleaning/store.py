"""Columns of a wave on disk: written chunk by chunk or whole, read column by column.

What a wave needs in memory is its ids and one column at a time, however many columns it has. The
file is read, not mapped: mapped pages would count as memory in use.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping

import numpy as np


class ColumnFile:
    """Columns in a temporary file, each as one piece or as the pieces of chunks."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="mlm-")  # noqa: SIM115
        self._pieces: dict[str, list[tuple[int, int]]] = {}
        self._kinds: dict[str, np.dtype] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._pieces

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces)

    def append(self, columns: Mapping[str, np.ndarray]) -> None:
        """Add the rows of a chunk to their columns; the type of a column is that of its first."""
        for name, values in columns.items():
            kind = self._kinds.setdefault(name, values.dtype)
            place = self._file.seek(0, 2)
            if len(values):
                self._file.write(memoryview(np.ascontiguousarray(values, kind)).cast("B"))
            self._pieces.setdefault(name, []).append((place, len(values)))

    def add(self, name: str, values: np.ndarray) -> None:
        """Add a column; a column of that name added before is replaced."""
        self._kinds.pop(name, None)
        self._pieces.pop(name, None)
        self.append({name: values})

    def column(self, name: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Rows start to stop of a column."""
        kind, pieces = self._kinds[name], self._pieces[name]
        n = sum(length for _, length in pieces)
        stop = n if stop is None else min(stop, n)
        values = np.empty(max(stop - start, 0), dtype=kind)
        row = 0
        for place, length in pieces:
            first, last = max(start - row, 0), min(stop - row, length)
            if first < last:
                self._file.seek(place + first * kind.itemsize)
                part = values[row + first - start : row + last - start]
                self._file.readinto(memoryview(part).cast("B"))
            row += length
        return values

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
