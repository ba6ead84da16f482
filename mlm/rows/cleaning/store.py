"""Columns of a wave on disk: written chunk by chunk or whole, read column by column.

What a wave needs in memory is its ids and one column at a time, however many columns it has. The
file is read, not mapped: mapped pages would count as memory in use.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import numpy as np

from mlm.errors import FilesError


class ColumnFile:
    """Columns in a temporary file, each as one piece or as the pieces of chunks."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="mlm-", dir=temporary_folder())  # noqa: SIM115
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
            with _named():
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
                part = values[row + first - start : row + last - start]
                with _named():
                    self._file.seek(place + first * kind.itemsize)
                    self._file.readinto(memoryview(part).cast("B"))
            row += length
        return values

    def close(self) -> None:
        """Give the file back; what was not written yet is lost."""
        with suppress(OSError):
            self._file.close()


@contextmanager
def _named() -> Iterator[None]:
    """Faults of the disk that name no file name the temporary one, which has no name itself."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = os.path.join(temporary_folder(), "(temporary file)")
        raise


def temporary_folder() -> str:
    """Folder of temporary files: that of TMPDIR where it is set, and no other in silence.

    Raises
    ------
    FilesError
        It cannot be written to, or there is none.
    """
    wanted = os.environ.get("TMPDIR")
    if wanted and not (os.path.isdir(wanted) and os.access(wanted, os.W_OK | os.X_OK)):
        raise FilesError(
            f"TMPDIR: {wanted!r} is no folder that can be written to; make it, or set TMPDIR "
            "to another folder"
        )
    try:
        return wanted or tempfile.gettempdir()
    except FileNotFoundError:
        raise FilesError(
            "no folder for temporary files can be written to; make room or set TMPDIR to a folder"
        ) from None
