"""Columns of a wave, written chunk by chunk or whole, read column by column; many go to disk.

What a wave needs in memory is its ids, one column at a time, and as much of the others as is held:
a part that does not grow with it. The file is read, not mapped: mapped pages would count as memory
in use.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import numpy as np

from mlm.errors import FilesError

HELD_BYTES = 1 << 27
"""Bytes of columns that stay in memory; what is added beyond them goes to the file."""


class _Held:
    """Values in memory to which others are added, in room for a number of rows."""

    def __init__(self, rows: int, kind: np.dtype):
        self._all, self._n = np.empty(rows, kind), 0

    def has_room(self, values: np.ndarray) -> bool:
        """Whether further values fit in."""
        return self._n + len(values) <= len(self._all)

    def add(self, values: np.ndarray) -> None:
        """Put further values behind the others."""
        self._all[self._n : self._n + len(values)] = values
        self._n += len(values)

    @property
    def values(self) -> np.ndarray:
        """All values, not to be written to."""
        held = self._all[: self._n]
        held.flags.writeable = False
        return held


class ColumnFile:
    """Columns in memory and a temporary file, each as one piece or as the pieces of chunks.

    Parameters
    ----------
    held : int
        Bytes that stay in memory.
    """

    def __init__(self, held: int = HELD_BYTES) -> None:
        self._file = tempfile.TemporaryFile(prefix="mlm-", dir=temporary_folder())  # noqa: SIM115
        self._pieces: dict[str, list[_Held | np.ndarray | tuple[int, int]]] = {}
        self._kinds: dict[str, np.dtype] = {}
        self._room, self._expected = held, 0

    def __contains__(self, name: str) -> bool:
        return name in self._pieces

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces)

    def expect(self, rows: int) -> None:
        """Make room for so many rows in columns that are held.

        Each is then one array while chunks are added, whose memory serves another when the column
        is taken; where nothing is written none is used.
        """
        self._expected = rows

    def append(self, columns: Mapping[str, np.ndarray]) -> None:
        """Add the rows of a chunk to their columns; the type of a column is that of its first."""
        for name, values in columns.items():
            kind = self._kinds.setdefault(name, values.dtype)
            values, pieces = np.ascontiguousarray(values, kind), self._pieces.setdefault(name, [])
            if not pieces and len(values) < self._expected and values.nbytes <= self._room:
                pieces.append(_Held(self._expected, kind))
            last = pieces[-1] if pieces else None
            if isinstance(last, _Held) and last.has_room(values) and values.nbytes <= self._room:
                last.add(values)
                self._room -= values.nbytes
            else:
                pieces.append(self._piece(values))

    def _piece(self, values: np.ndarray) -> np.ndarray | tuple[int, int]:
        """Values that are held, or their place in the file and their number."""
        if values.nbytes <= self._room:
            self._room -= values.nbytes
            held = values.view() if values.base is None else values.copy()
            held.flags.writeable = False
            return held
        with _named():
            place = self._file.seek(0, 2)
            if len(values):
                self._file.write(memoryview(values).cast("B"))
        return place, len(values)

    def add(self, name: str, values: np.ndarray) -> None:
        """Add a column; a column of that name added before is replaced."""
        self._forget(name)
        self.append({name: values})

    def column(self, name: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Rows start to stop of a column, not to be written to."""
        kind = self._kinds[name]
        pieces = [
            piece.values if isinstance(piece, _Held) else piece for piece in self._pieces[name]
        ]
        lengths = [_rows(piece) for piece in pieces]
        n = sum(lengths)
        stop = n if stop is None else min(stop, n)
        if len(pieces) == 1 and isinstance(pieces[0], np.ndarray):
            return pieces[0][start:stop]
        values = np.empty(max(stop - start, 0), dtype=kind)
        row = 0
        for piece, length in zip(pieces, lengths, strict=True):
            first, last = max(start - row, 0), min(stop - row, length)
            if first < last:
                part = values[row + first - start : row + last - start]
                self._fill(part, piece, first)
            row += length
        return values

    def taken(self, name: str) -> np.ndarray:
        """A whole column, which is not held any further."""
        values = self.column(name)
        self._forget(name)
        return values

    def _fill(self, part: np.ndarray, piece: np.ndarray | tuple[int, int], first: int) -> None:
        """Fill an array with the rows of a piece, of which the first is given."""
        if isinstance(piece, np.ndarray):
            part[:] = piece[first : first + len(part)]
            return
        with _named():
            self._file.seek(piece[0] + first * part.itemsize)
            self._file.readinto(memoryview(part).cast("B"))

    def _forget(self, name: str) -> None:
        self._kinds.pop(name, None)
        for piece in self._pieces.pop(name, ()):
            values = piece.values if isinstance(piece, _Held) else piece
            self._room += values.nbytes if isinstance(values, np.ndarray) else 0

    def close(self) -> None:
        """Give memory and file back; what was not written yet is lost."""
        self._pieces.clear()
        with suppress(OSError):
            self._file.close()


def _rows(piece: np.ndarray | tuple[int, int]) -> int:
    return len(piece) if isinstance(piece, np.ndarray) else piece[1]


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
