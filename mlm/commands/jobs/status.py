"""The file that tells how a job stands, beside its log, and what keeps it fresh. Layer: commands.

A job that is killed says nothing any more: a scheduler, or the system where memory ran out, gives
it no time. So the file is there from the beginning, with how much memory the job held and how long
it ran when last looked at, and goes when the job is done. One that is left is of a job that failed.
"""

from __future__ import annotations

import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from mlm.errors import Ending, MLMError

STATUS_SUFFIX = ".status.json"
LOOKED = 0.2  # seconds between looks at memory
GROWN = 1.05  # growth of memory or of age from which it is told anew
AT_FIRST = 1.0  # seconds of age that are not worth telling


class StatusFile:
    """How a job stands; nothing where no log was named.

    Examples
    --------
    >>> StatusFile().end("data", "wave K: no rows")  # no log, no file
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._began = time.monotonic()
        self._told = (0.0, AT_FIRST)  # peak and age
        self._ended = Event()
        self._watch: Thread | None = None

    @property
    def is_begun(self) -> bool:
        """Whether a log was named: the program is a job of a run."""
        return self._path is not None

    def begin(self, log: Path) -> None:
        """Write that the job whose log this is runs, and keep an eye on it from now on."""
        self._path = status_path(log)
        self._write(None, None)
        watch = Thread(target=self._look_after, daemon=True)
        with suppress(RuntimeError):  # no room for a further thread
            watch.start()
            self._watch = watch

    def end(self, ending: Ending, words: str | None) -> None:
        """Write why the job ends without its outputs."""
        if self._path is not None:
            self._stop()
            with suppress(MemoryError, ImportError):  # the exit code tells them
                self._write(ending, words)

    def done(self) -> None:
        """Remove the file: the job ends well."""
        if self._path is not None:
            self._stop()
            self._path.unlink(missing_ok=True)

    def _stop(self) -> None:
        self._ended.set()
        if self._watch is not None:
            self._watch.join()

    def _look_after(self) -> None:
        while not self._ended.wait(LOOKED):
            peak, age = self._told
            if peak_mb() > GROWN * peak or self._age > GROWN * age:
                self._write(None, None)

    @property
    def _age(self) -> float:
        return time.monotonic() - self._began

    def _write(self, ending: Ending | None, words: str | None) -> None:
        from mlm.commands.writing import write_text
        from mlm.results.runs.status import JobStatus

        peak, age = peak_mb(), self._age
        self._told = (peak, max(age, AT_FIRST))
        status = JobStatus(ending=ending, words=words, peak_mb=peak, seconds=round(age, 1))
        with suppress(OSError, MLMError):  # a full disk is told by the log
            write_text(self._path, status.to_json())


def status_path(log: Path) -> Path:
    """Where the status of the job with a log lies."""
    return Path(log).with_suffix(STATUS_SUFFIX)


def peak_mb() -> float:
    """Most memory that this process held, and those that it started, added up, in 10**6 bytes."""
    own = Path("/proc/self")
    try:
        children = [pid for file in own.glob("task/*/children") for pid in file.read_text().split()]
        found = [_high_water(own), *(_high_water(Path("/proc", pid)) for pid in children)]
        return round(sum(found) / 1e6, 1)
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


def _high_water(process: Path) -> int:
    """Bytes; 0 for a process that has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in (process / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
