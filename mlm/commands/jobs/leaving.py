"""The end of a process whose work is done. Layer: commands.

What is left in memory goes with the process. Python would first take it apart, module by module:
in a process that was forked each page that it touches is copied for that, which takes longer than
the work of the smallest jobs.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

NOT_FLUSHED = 120
"""Exit code of Python where what was written last did not arrive."""


def leaving(work: Callable[[], object]) -> NoReturn:
    """Do the work and end the process, at once, with the exit code that the work asks for.

    Threads are waited for, what was registered for the end is done and streams are flushed. An
    error goes the way of every error.

    Parameters
    ----------
    work : callable
        Ends by itself or by ``SystemExit``.
    """
    code: object = None
    try:
        work()
    except SystemExit as end:
        code = end.code
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    os._exit((code or 0) & 0xFF if _flushed() else NOT_FLUSHED)


def _flushed() -> bool:
    """Whether all that was written has arrived; a stream may have been closed before."""
    arrived = True
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except OSError:
            arrived = False
    return arrived
