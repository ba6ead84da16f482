"""A small job handed over to the fork server of its run (``fork_server.py``). Layer: commands.

This is the first that the program loads, and all that it loads where another process does the job.
So it asks the library in C behind ``socket`` and writes what is handed over as Python does: loading
``socket``, ``json`` and ``signal`` takes as long as all else that is loaded.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
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
FILE_BYTES = 4  # of an open file, by which a process knows it


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
    answer = _answer(address, written([[*arguments], os.getcwd(), dict(os.environ), identity()]))
    if answer is None:
        return None
    return _ended(int.from_bytes(answer, signed=True)) if answer else _lost()


def _answer(address: str, request: bytes) -> bytes | None:
    """The code that the server gives when the job is done; nothing of one that ended before.

    None where there is no server, or none any more, or it does not take the job: then nothing was
    done yet.
    """
    import _socket

    streams = b"".join(stream.to_bytes(FILE_BYTES, sys.byteorder) for stream in (1, 2))
    server = _socket.socket(_socket.AF_UNIX)
    try:
        server.connect(address)
        rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)
        server.sendmsg([len(request).to_bytes(CODE_BYTES)], [rights])
        server.sendall(request)
        is_taken = server.recv(1) == TAKEN
    except OSError:
        is_taken = False
    if not is_taken:
        server.close()
        return None
    answer = server.recv(CODE_BYTES)
    server.close()
    return answer


def written(request: list) -> bytes:
    """A request of lists, mappings and texts as Python writes it, in letters of ASCII alone."""
    return ascii(request).encode()


def stage_of(arguments: Sequence[str]) -> str | None:
    """The stage that a command line is of; None where its jobs are not handed over."""
    return next((word for word in arguments if word in STAGES), None)


def identity() -> list[str]:
    """Which Python and which code: those of the server are to be the same."""
    return [sys.prefix, sys.version, os.path.realpath(__file__)]


def _ended(code: int) -> int:
    """The exit code; a job that was ended by a signal ends this process by the same."""
    if code < 0:
        import signal

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
