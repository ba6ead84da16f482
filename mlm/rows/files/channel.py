"""The channel between this program and the process that reads a typed file.

Both sides speak in frames over one socket of their own: a letter for the kind, the length, the
content. What else the process or its libraries print goes nowhere and is never taken for an answer.
"""

from __future__ import annotations

import socket
import struct
import time

HELLO = b"H"
"""The process has started."""
OPEN, READ = b"O", b"A"
"""Requests, as JSON: open a file and describe it; send some columns of all rows."""
DESCRIPTION, BATCH, END = b"D", b"B", b"E"
"""Answers: a description as JSON, rows as an Arrow record batch, no more rows."""
REFUSED, FAULT = b"R", b"F"
"""Answers: what is wrong with the file, as text; where the reader broke off, as text."""

MAX_BYTES = 1 << 33
"""Longest content of a frame."""

_HEAD = struct.Struct(">cQ")


class Silent(Exception):
    """Nothing came within the time that is allowed."""


class Channel:
    """One end of the channel.

    Parameters
    ----------
    end : socket.socket
        A connected socket.
    seconds : float, optional
        Time in all that this end may wait for the other one; default: for ever.
    """

    def __init__(self, end: socket.socket, seconds: float | None = None):
        self._end = end
        self._left = seconds

    def send(self, kind: bytes, content: bytes | memoryview = b"") -> None:
        """Send one frame.

        Raises
        ------
        OSError
            The other end is closed.
        Silent
            The other end does not take it within the time.
        """
        for part in (_HEAD.pack(kind, len(content)), content):
            self._waiting(self._end.sendall, part)

    def receive(self) -> tuple[bytes, bytearray]:
        """Kind and content of the next frame.

        Raises
        ------
        EOFError
            The other end is closed, within a frame too.
        Silent
            The frame does not come within the time.
        """
        kind, length = _HEAD.unpack(self._exactly(_HEAD.size))
        if length > MAX_BYTES:
            raise EOFError("a frame beyond all proportion")
        return kind, self._exactly(length)

    def close(self) -> None:
        """Close this end; the other one is told."""
        self._end.close()

    def _exactly(self, length: int) -> bytearray:
        content = bytearray(length)
        rest = memoryview(content)
        while rest:
            try:
                n_bytes = self._waiting(self._end.recv_into, rest)
            except ConnectionError:
                n_bytes = 0
            if not n_bytes:
                raise EOFError("the other end is closed")
            rest = rest[n_bytes:]
        return content

    def _waiting(self, action, argument):
        """Result of a blocking action; its time counts."""
        if self._left is None:
            return action(argument)
        if self._left <= 0:
            raise Silent
        began = time.monotonic()
        self._end.settimeout(self._left)
        try:
            return action(argument)
        except TimeoutError:
            raise Silent from None
        finally:
            self._left -= time.monotonic() - began
