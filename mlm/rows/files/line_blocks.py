"""Blocks of whole lines of a text, one after the other in the same memory.

A reader that looks ahead holds many blocks, each in memory of its own that is taken and cleared
for it. Blocks that are read into the same memory stay in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

LOOKED_BACK = 1 << 12  # bytes at the end of a block in which its last line break is looked for
_BREAKS = (b"\n", b"\r")


class LongLine(ValueError):
    """A line that does not fit into a block."""


def line_blocks(stream: BinaryIO, size: int) -> Iterator[memoryview]:
    r"""Blocks of whole lines; the next block is written over the last one.

    Parameters
    ----------
    stream : file
        Bytes of a text in which every line break ends a line.
    size : int
        Most bytes of a block.

    Yields
    ------
    memoryview
        Some lines. All but the first block begin with an empty line, so that bytes with which only
        a file begins (the mark of UTF-8) are taken for a part of the line where they stand.

    Raises
    ------
    LongLine
        A line is longer than a block.

    Examples
    --------
    >>> import io
    >>> [bytes(block) for block in line_blocks(io.BytesIO(b"a,b\n1,2\n3,4"), 10)]
    [b'a,b\n1,2\n', b'\n3,4']
    """
    held = memoryview(bytearray(1 + size))
    held[:1] = b"\n"
    first, filled = 1, 1
    while True:
        filled, is_last = _fill(stream, held, filled)
        if filled == 1:
            return
        end = filled if is_last else _end_of_lines(held[:filled])
        yield held[first:end]
        if is_last:
            return
        rest = bytes(held[end:filled])
        first, filled = 0, 1 + len(rest)
        held[1:filled] = rest


def _fill(stream: BinaryIO, held: memoryview, filled: int) -> tuple[int, bool]:
    """Fill memory from some place on; how far it is filled, and whether the text has ended."""
    while filled < len(held):
        n = stream.readinto(held[filled:])
        if not n:
            return filled, True
        filled += n
    return filled, False


def _end_of_lines(held: memoryview) -> int:
    """Place behind the last line break; the first byte is none of the text."""
    for looked in (LOOKED_BACK, len(held)):
        start = max(1, len(held) - looked)
        text = bytes(held[start:])
        for line_break in _BREAKS:
            place = text.rfind(line_break)
            if place >= 0:
                return start + place + 1
    raise LongLine
