"""Special missing values of SAS transport files, which their reader gives as plain missing ones.

A missing number is one byte, ``.`` or ``_`` or a letter, and zeros behind it.

Source
------
SAS Institute, Record Layout of a SAS Version 5 or 6 (and 8 or 9) Data Set in SAS Transport Format.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LETTERS = "_ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_RECORD = 80
_HEADER = b"HEADER RECORD*******"
_COUNT = slice(54, 58)  # of the number of variables in the header of their descriptions
_SIZE = slice(74, 78)  # of the length of a description in the header of the data set


@dataclass(frozen=True)
class TransportLayout:
    """Where the rows of the first data set of a transport file stand.

    Attributes
    ----------
    start : int
        Byte at which the first row begins.
    places : tuple of (first, length)
        Bytes of each variable in a row, in the order of the file.
    """

    start: int
    places: tuple[tuple[int, int], ...]

    @property
    def row_bytes(self) -> int:
        """Length of a row."""
        return max(first + length for first, length in self.places)


def layout_of(path: str) -> TransportLayout | None:
    """The layout of a transport file; None where its headers are not those of the format."""
    content = np.memmap(path, dtype=np.uint8, mode="r")
    head = bytes(content[: 1 << 24])
    try:
        member = head.index(_HEADER + b"MEM")
        names = head.index(_HEADER + b"NAM", member)
        size = int(head[member + _SIZE.start : member + _SIZE.stop])
        n = int(head[names + _COUNT.start : names + _COUNT.stop])
        places = []
        for i in range(n):
            start = names + _RECORD + i * size
            (length,) = struct.unpack_from(">h", head, start + 4)
            (first,) = struct.unpack_from(">l", head, start + 84)
            places.append((first, length))
        rows = head.index(_HEADER + b"OBS", names + _RECORD + n * size) + _RECORD
    except (ValueError, struct.error):
        return None
    return TransportLayout(rows, tuple(places)) if places else None


def missing_letters(
    path: str, layout: TransportLayout, variable: int, first: int, n: int
) -> dict[int, str]:
    """Codes (``.A``) of the special missing values of a number, by row from ``first`` on.

    Parameters
    ----------
    path : str
        The file.
    layout : TransportLayout
        Where its rows stand.
    variable : int
        Place of the variable in the file.
    first, n : int
        Rows to look at.
    """
    width = layout.row_bytes
    begin = layout.start + first * width
    end = min(begin + n * width, Path(path).stat().st_size)
    n = (end - begin) // width
    content = np.memmap(path, np.uint8, "r", offset=begin, shape=(n, width))
    place, length = layout.places[variable]
    cells = content[:, place : place + length]
    codes = np.frombuffer(LETTERS.encode(), np.uint8)
    special = np.isin(cells[:, 0], codes) & ~cells[:, 1:].any(axis=1)
    return {int(row): f".{chr(cells[row, 0])}" for row in np.flatnonzero(special)}
