"""A reader of typed files without a process of its own, for tests that are not about processes."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress

import pytest

from mlm.rows.files import reader_process
from mlm.rows.files.channel import Channel
from mlm.rows.files.child import serve


class _Thread:
    """What stands in for a process: the same code, on the other end of the same channel."""

    returncode = 0

    def __init__(self, end: socket.socket):
        channel = Channel(socket.socket(fileno=os.dup(end.fileno())))
        self._thread = threading.Thread(target=self._serve, args=[channel], daemon=True)
        self._thread.start()

    def _serve(self, channel: Channel) -> None:
        with suppress(EOFError, OSError):
            serve(channel, lambda memory, seconds: None)
        channel.close()

    def kill(self) -> None:
        """Nothing: the thread ends when the channel is closed."""

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)


@pytest.fixture
def read_in_this_process(monkeypatch):
    """Typed files are read by the functions of the child in a thread: a start costs nothing."""
    monkeypatch.setattr(reader_process, "_started", _Thread)
