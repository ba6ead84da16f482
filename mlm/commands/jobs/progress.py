"""What a job says in its log while it runs, and at its end. Layer: commands.

A job that ends within five seconds says one line, at its end. A longer one says how far it is, in
lines ever further apart, so that a job of an hour says some thirty.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import TextIO

from mlm.errors import SurveyDoubt
from mlm.nouns.machine.progress import Counted, listening

SILENT = 5.0  # seconds that need no word
GROWTH = 1.25  # of a job's age from line to line
TICK = 0.5  # seconds between looks at the clock
MARK = "...."
"""With which a line about a job that still runs begins."""
WARNED = "Warning: "
"""With which a warning begins, in one line."""
DOUBTED = "Please look: "
"""With which a doubt about a survey begins, in one line; several jobs of the survey may tell it."""
_WORDS: dict[Counted, tuple[str, str]] = {
    "rows": ("row read", "rows read"),
    "models": ("model fitted", "models fitted"),
}


@dataclass
class _Pass:
    """One way through what is counted.

    Attributes
    ----------
    began : float
        When, by the clock.
    done : int
        In this pass.
    all : int
        In this pass and those before.
    of : int, optional
        In a whole pass.
    """

    began: float
    done: int = 0
    all: int = 0
    of: int | None = None


class Progress:
    """Counts what a job has done and puts it into words.

    Parameters
    ----------
    clock : callable
        Seconds.

    Examples
    --------
    >>> progress = Progress(clock=iter([0.0, 0.0, 10.0, 10.0]).__next__)
    >>> progress.count("rows", 250_000, 1_000_000)
    >>> progress.line()
    '.... 10 s: 250,000 of 1,000,000 rows read, about 30 s left of this pass'
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._began = clock()
        self._passes: dict[Counted, _Pass] = {}

    def count(self, what: Counted, n: int, of: int | None) -> None:
        """Some more are done, as ``nouns.machine.progress`` tells it."""
        now = self._passes.setdefault(what, _Pass(self._clock()))
        if now.of is not None and (now.done >= now.of or of != now.of):
            now.began, now.done = self._clock(), 0  # a further pass
        now.done, now.all, now.of = now.done + n, now.all + n, of

    @property
    def age(self) -> float:
        """Seconds that the job has run."""
        return self._clock() - self._began

    def line(self) -> str:
        """How far the job is."""
        age = self.age
        told = [self._of_pass(what, now) for what, now in list(self._passes.items())]
        return f"{MARK} {_duration(age)}: {'; '.join(told) or 'at work'}"

    def _of_pass(self, what: Counted, now: _Pass) -> str:
        if now.of is None:
            return _counted(now.all, what)
        spent = self._clock() - now.began
        left = spent / now.done * (now.of - now.done)
        ending = f", about {_duration(left)} left of this pass" if now.done < now.of else ""
        return f"{now.done:,} of {_counted(now.of, what)}{ending}"

    def last_line(self, peak_mb: float) -> str:
        """What the job has done."""
        told = [_counted(now.all, what) for what, now in self._passes.items()]
        return "; ".join([f"Done in {_duration(self.age)} with {peak_mb:,.0f} MB", *told])

    @contextmanager
    def told(self, stream: TextIO) -> Iterator[None]:
        """Write lines while the block runs."""
        ended = Event()
        thread = Thread(target=self._tell, args=(stream, ended), daemon=True)
        with listening(self.count):
            with suppress(RuntimeError):  # no room for a further thread
                thread.start()
            try:
                yield
            finally:
                ended.set()

    def _tell(self, stream: TextIO, ended: Event) -> None:
        due = SILENT
        while not ended.wait(TICK):
            if self.age >= due:
                print(self.line(), file=stream, flush=True)
                due = max(due * GROWTH, due + SILENT)


def show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    """Write a warning as one line, which is found again at the end of a run."""
    text = " ".join(str(message).split())
    begins = DOUBTED if issubclass(category, SurveyDoubt) else f"{WARNED}{category.__name__}: "
    print(f"{begins}{text}", file=file or sys.stderr)


def _counted(n: int, what: Counted) -> str:
    one, many = _WORDS[what]
    return f"{n:,} {one if n == 1 else many}"


def _duration(seconds: float) -> str:
    """Seconds below two minutes, minutes below two hours, hours."""
    if seconds < 1.95:
        return f"{seconds:.1f} s"
    for unit, name in ((1, "s"), (60, "min")):
        if seconds < 120 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 3600:.1f} h"
