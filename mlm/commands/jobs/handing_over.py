"""A small job handed over to the fork server of its run (``fork_server.py``). Layer: commands.

This is the first that the program loads, and all that it loads where another process does the job.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

VARIABLE = "MLM_FORK_SERVER"
"""Variable of the environment that names the socket; set and empty: every job starts by itself."""
STAGES = ("clean", "complete", "link", "ledger", "columns", "accumulate", "merge",
          "analyse", "residuals", "report", "index")  # fmt: skip
"""Whose jobs are handed over."""
SMALL_BYTES = 500_000_000
"""Of all files that a job reads or names: with more, starting is a hundredth of what it takes."""
SMALL_ANALYSIS = 20_000_000
"""The same of an analysis; larger ones, of minutes and with all the memory, start by themselves."""
TAKEN = b"\1"
CODE_BYTES = 4


def handed_over(arguments: Sequence[str]) -> int | None:
    """The exit code of a job that the fork server did; None where it is to be done here.

    Parameters
    ----------
    arguments : sequence of str
        Of the command line.
    """
    address = os.environ.get(VARIABLE)
    if not address or not _is_small(arguments):
        return None
    import json
    import socket

    request = json.dumps([arguments, os.getcwd(), dict(os.environ), identity()]).encode()
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(address)
            socket.send_fds(server, [len(request).to_bytes(CODE_BYTES)], [1, 2])
            server.sendall(request)
            if server.recv(1) != TAKEN:
                return None
        except OSError:
            return None  # no server, or none any more: nothing was done yet
        answer = server.recv(CODE_BYTES)
    return _ended(int.from_bytes(answer, signed=True)) if answer else _lost()


def stage_of(arguments: Sequence[str]) -> str | None:
    """The stage that a command line is of; None where its jobs are not handed over."""
    return next((word for word in arguments if word in STAGES), None)


def identity() -> list[str]:
    """Which Python and which code: those of the server are to be the same."""
    return [sys.prefix, sys.version, os.path.realpath(__file__)]


def _ended(code: int) -> int:
    """The exit code; a job that was ended by a signal ends this process by the same."""
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    return code


def _lost() -> int:
    print("The process that started this job has ended before it.", file=sys.stderr)
    return 1


def _is_small(arguments: Sequence[str]) -> bool:
    stage = stage_of(arguments)
    if stage is None:
        return False
    most = SMALL_ANALYSIS if stage == "analyse" else SMALL_BYTES
    words = [word.partition("=")[2] if word.startswith("-") else word for word in arguments]
    return sum(_bytes_of(word) for word in words if word) <= most


def _bytes_of(word: str) -> int:
    """Bytes of a file or of the files in a folder; 0 of what is neither."""
    try:
        if os.path.isdir(word):
            return sum(file.stat().st_size for file in os.scandir(word))
        return os.stat(word).st_size
    except OSError:
        return 0
