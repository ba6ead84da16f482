"""What the jobs of a run say while they run, and what they warned of, told on the terminal.

A command writes to its log how far it is and what it warns of (``mlm/commands/jobs/progress.py``).
Here the logs of the jobs that run are looked at: what is new of how far they are is told at once,
warnings at the end, when all else has gone by.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from mlm.commands.jobs.progress import DOUBTED, MARK, WARNED

PAUSE = 1.0  # seconds between looks at the logs
MOST_WARNINGS = 20  # warnings that are told
MOST_PLACES = 20  # folders of reports that are named


@dataclass
class TalkingJob:
    """A job that runs.

    Attributes
    ----------
    name : str
        Its message.
    log : Path
        Where it speaks.
    read : int
        Bytes of the log that were read.
    """

    name: str
    log: Path
    read: int = 0

    def new_lines(self) -> list[str]:
        """Whole lines that were written since the last look."""
        with suppress(OSError), open(self.log, "rb") as file:
            file.seek(self.read)
            text, end, _ = file.read().rpartition(b"\n")
            self.read += len(text) + len(end)
            return text.decode(errors="replace").splitlines()
        return []


class RunWords(logging.Handler):
    """Listens to the events of a run, and to its jobs.

    Parameters
    ----------
    say : callable
        Puts a line on the terminal.
    """

    def __init__(self, say: Callable[[str], None]):
        super().__init__()
        self._say = say
        self._started: set[int] = set()
        self._running: dict[int, TalkingJob] = {}
        self._warnings: dict[str, None] = {}
        self._ended = Event()
        self._watch: Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of an event; others than those of jobs are passed by."""
        match getattr(record, "event", None):
            case LogEvent.JOB_STARTED:
                jobids = record.jobs
                self._started.update([jobids] if isinstance(jobids, int) else jobids)
            case LogEvent.JOB_INFO if record.log and record.jobid in self._started:
                name = record.rule_msg or record.rule_name
                self._begin(record.jobid, TalkingJob(name, Path(record.log[0])))
            case LogEvent.JOB_FINISHED:
                self._end(record.job_id)
            case LogEvent.JOB_ERROR:
                self._end(record.jobid)

    def _begin(self, jobid: int, job: TalkingJob) -> None:
        job.log.unlink(missing_ok=True)  # of a run before
        self._running[jobid] = job
        if self._watch is None:
            self._watch = Thread(target=self._look_after, daemon=True)
            self._watch.start()

    def _end(self, jobid: int) -> None:
        job = self._running.pop(jobid, None)
        if job is not None:
            self._listen(job)

    def _look_after(self) -> None:
        while not self._ended.wait(PAUSE):
            for job in list(self._running.values()):
                self._listen(job)

    def _listen(self, job: TalkingJob) -> None:
        for line in job.new_lines():
            if line.startswith(MARK):
                self._say(f"{job.name}: {line.removeprefix(MARK).strip()}")
            elif line.startswith(WARNED):
                self._warnings[f"{job.name}: {line.removeprefix(WARNED)}"] = None
            elif line.startswith(DOUBTED):  # of the survey, whichever of its jobs tells it
                self._warnings[line.removeprefix(DOUBTED)] = None

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        super().close()

    def repeat_warnings(self) -> None:
        """Tell all that jobs of this run warned of, once."""
        told = list(self._warnings)
        if not told:
            return
        more = (
            [f"... and {len(told) - MOST_WARNINGS} more, in logs/"]
            if len(told) > MOST_WARNINGS
            else []
        )
        self._say("\n  ".join(["Warnings of this run:", *told[:MOST_WARNINGS], *more]))

    def name_reports(self, outputs: Iterable[str]) -> None:
        """Tell where the reports of this run lie; nothing of outputs that are not on this disk.

        Parameters
        ----------
        outputs : iterable of str
            All outputs of the reports, and the page that lists them.
        """
        made = [Path(path) for path in outputs if Path(path).is_file()]
        places = dict.fromkeys(path.parent for path in made if path.name == "brief.html")
        pages = [str(path) for path in made if path.name == "index.html"]
        if not places:
            return
        lines = [
            f"Reports (brief.html, report.html, each as PDF too) lie in {len(places)} folders:"
        ]
        if len(places) == 1:
            lines = ["The report (brief.html, report.html, each as PDF too) lies in this folder:"]
        lines += [str(place) for place in [*places][:MOST_PLACES]]
        lines += [f"... and {len(places) - MOST_PLACES} more"] if len(places) > MOST_PLACES else []
        self._say("\n  ".join(lines))
        if pages:
            self._say(f"All of them are listed in {pages[0]}")


def listen(is_quiet: bool) -> RunWords:
    """Listen to a run; the listener of a run before in this process goes."""
    for handler in [h for h in logger.handlers if type(h).__name__ == RunWords.__name__]:
        logger.removeHandler(handler)
        handler.close()
    words = RunWords((lambda line: None) if is_quiet else terminal())
    logger.addHandler(words)
    return words


def terminal() -> Callable[[str], None]:
    """Writes lines to the error stream: faint on a terminal where rich is installed, else plain."""
    if sys.stderr.isatty():
        with suppress(ImportError):
            from rich.console import Console
            from rich.text import Text

            console = Console(stderr=True)
            return lambda line: console.print(Text(line, style="dim"))
    return lambda line: print(line, file=sys.stderr, flush=True)
