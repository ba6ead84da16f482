"""Text of any encoding as a stream of UTF-8 bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""First bytes of a text in UTF-16."""


class EncodedTexts(io.RawIOBase):
    """Blocks of text as a stream of UTF-8 bytes."""

    def __init__(self, texts: Iterator[str]):
        self._texts = texts
        self._rest = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer) -> int:
        """Fill a buffer; the number of bytes put into it, 0 at the end."""
        while not self._rest:
            text = next(self._texts, None)
            if text is None:
                return 0
            self._rest = text.encode("utf-8")
        n = min(len(buffer), len(self._rest))
        buffer[:n] = self._rest[:n]
        self._rest = self._rest[n:]
        return n
