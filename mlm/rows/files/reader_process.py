"""The process that reads a typed file, seen from this side: started, asked, and ended.

It runs under limits of memory, processor time and waiting; whatever becomes of it is one message.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from mlm.errors import SurveyError
from mlm.rows.files.channel import (
    BATCH,
    DESCRIPTION,
    END,
    FAULT,
    HELLO,
    OPEN,
    READ,
    REFUSED,
    Channel,
    Silent,
)

MEMORY_BYTES = 6 << 30
"""Address space of the process; its memory in use stays far below."""

SECONDS = 1800
"""Processor time of the process."""

WAITING_SECONDS = 3600
"""Time in all that is waited for it."""

_ENDING_SECONDS = 10
_DAMAGED = "the file is damaged or cut; ask for it again"
_OTHERS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class ReaderProcess:
    """A process that holds one file open.

    Parameters
    ----------
    name : str
        The file as messages name it.
    """

    def __init__(self, name: str):
        self.name = name
        here, there = socket.socketpair()
        try:
            self._process = _started(there)
        except OSError as error:
            here.close()
            raise SurveyError(
                f"{name}: no process can be started to read it ({error.strerror}); free memory "
                "or processes, then run this again"
            ) from None
        finally:
            there.close()
        self._channel = Channel(here, WAITING_SECONDS)
        self._end = weakref.finalize(self, _ended, self._process, self._channel)
        self._has_started = False

    def opened(self, request: Mapping) -> object:
        """What the process says of a file that it opens, as plain data.

        Raises
        ------
        SurveyError
            The file cannot be read as it is, or something became of the process.
        """
        limits = {"memory": MEMORY_BYTES, "seconds": SECONDS}
        self._ask(OPEN, {**request, **limits})
        kind, content = self._answer()
        return json.loads(content) if kind == DESCRIPTION else self._fail(_DAMAGED)

    def rows(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Texts of some columns of all rows, batch by batch.

        Raises
        ------
        SurveyError
            The file turns out to be damaged, or something became of the process.
        """
        schema = pa.schema([(name, pa.string()) for name in columns])
        self._ask(READ, {"columns": list(columns)})
        while True:
            kind, content = self._answer()
            if kind == END:
                return
            if kind != BATCH:
                self._fail(_DAMAGED)
            try:
                yield pa.ipc.read_record_batch(pa.py_buffer(content), schema)
            except pa.ArrowInvalid:
                self._fail(_DAMAGED)

    def close(self) -> None:
        """End the process."""
        self._end()

    def _ask(self, kind: bytes, request: Mapping) -> None:
        """Send a request; a process that is gone is found when its answer is waited for."""
        with suppress(OSError):
            try:
                self._channel.send(kind, json.dumps(request).encode())
            except Silent:
                self._fail(_silence())

    def _answer(self) -> tuple[bytes, bytearray]:
        try:
            if not self._has_started:
                self._has_started = self._channel.receive()[0] == HELLO
            kind, content = self._channel.receive()
        except Silent:
            self._fail(_silence())
        except EOFError:
            self._fail(self._cause_of_end())
        if kind == REFUSED:
            self._fail(content.decode("utf-8", errors="replace"))
        if kind == FAULT:
            where = content.decode("utf-8", errors="replace")
            self._fail(
                f"the file is damaged or cut (the reader stopped with {where}); ask for it again"
            )
        return kind, content

    def _fail(self, message: str) -> None:
        self.close()
        raise SurveyError(f"{self.name}: {message}")

    def _cause_of_end(self) -> str:
        """Why the process ended before its answer was whole."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_SECONDS)
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return (
                f"reading took more than {SECONDS} seconds of processor time; the file is damaged, "
                "or too large: deliver it as CSV or Parquet"
            )
        if code is not None and -code in _OTHERS:
            return (
                f"the process that reads it was ended from outside ({signal.Signals(-code).name}), "
                "as systems do when memory runs out; run this again, with more memory, or deliver "
                "the file as CSV"
            )
        if not self._has_started and (code is None or code >= 0):
            return (
                f"the process that reads it did not start (exit code {code}); "
                f"'{Path(sys.executable).name} -m mlm.rows.files.child' says why"
            )
        return _DAMAGED


def _started(end: socket.socket) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "mlm.rows.files.child", str(end.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[end.fileno()],
        env=_environment(),
    )


def _ended(process: subprocess.Popen, channel: Channel) -> None:
    """End a process; it holds nothing that would be lost."""
    channel.close()
    process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_ENDING_SECONDS)


def _silence() -> str:
    return (
        f"reading it was given up after {WAITING_SECONDS} seconds of waiting, with less than "
        f"{SECONDS} seconds of processor time used; the disk or network drive does not answer, or "
        "the machine is overloaded: copy the file to a local disk, then run this again"
    )


def _environment() -> dict[str, str]:
    """This process's environment, in which the other one finds this package; one thread each."""
    package = str(Path(__file__).parents[3])
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([package, inherited] if inherited else [package])
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
