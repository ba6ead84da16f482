"""Plain messages at the end of a run that failed, and its exit code.

A command of ``mlm`` that fails tells whose fault it is, and in which words, in a file beside its
log (``mlm/commands/jobs/status.py``). Snakemake reports such a job like any other failure, so this
says it again at the very end, plainly, and hands the exit code on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mlm.errors import EXIT_CODE, FILES_EXIT_CODE, MLMError
from mlm.results.runs.status import JobStatus

T = TypeVar("T")

LAST_LINES = 30
LAST_OF_OTHERS = 10  # lines of an executor's log, most of which are Snakemake's own
NEAR_LIMIT = 0.8  # share of what was asked for that a job had used when it was ended for using more
OWN_MB = 250  # of Snakemake itself, which counts where a scheduler runs it around the job

HEADINGS = {  # by whose fault or doing it is, in the order in which they are told
    "data": "The data or the configuration need a change.",
    "machine": (
        "Neither the data nor mlm are at fault: the machine is, or a file that was made earlier. "
        "Do what is said below, then give the same command again."
    ),
    "memory": (
        "Memory ran out: neither the data nor mlm are at fault. More memory for the job "
        "(--set-resources RULE:mem_mb=8000), further attempts, each of which asks for more "
        "(--retries 2), or fewer jobs at once (--cores 1), and the same command again."
    ),
    "time": (
        "A job was ended when its time was over. More of it (--set-resources RULE:runtime=240, in "
        "minutes), or further attempts, each of which asks for more (--retries 2), and the same "
        "command again."
    ),
    "killed": (
        "A job was ended from outside, by a person, a scheduler or a limit, or broke off inside a "
        "library, before it could say why. Most often memory ran out: more of it for the job "
        "(--set-resources RULE:mem_mb=8000), or fewer jobs at once (--cores 1). Give the same "
        "command again; if that does not help, please report it."
    ),
    "not begun": (
        "A job ended before its command could say anything, or where its files cannot be seen from "
        "here: it was ended from outside, or the machine that it was sent to, or the environment "
        "there, is at fault. Give the same command again."
    ),
    "fault": "A step failed. Its last words:",
}
THE_SAME_AGAIN = ("data", "machine", "fault")  # what another attempt would meet again
TOLD = {"data": EXIT_CODE} | dict.fromkeys(("machine", "memory", "time"), FILES_EXIT_CODE)


@dataclass(frozen=True)
class Asked:
    """What a job asked for.

    Attributes
    ----------
    mem_mb : float, optional
        Memory.
    minutes : float, optional
        Time.
    """

    mem_mb: float | None = None
    minutes: float | None = None


@dataclass(frozen=True)
class Failure:
    """A job that failed.

    Attributes
    ----------
    rule : str
        Its rule.
    log : Path, optional
        The log of its command.
    others : tuple of Path
        Logs that an executor names beside it.
    status : JobStatus, optional
        How the job stood when it was last heard of; None where its command never began.
    asked : Asked
        Memory and time.
    executor : str
        What the executor said of it, empty for nothing.
    """

    rule: str
    log: Path | None
    others: tuple[Path, ...]
    status: JobStatus | None
    asked: Asked
    executor: str = ""

    @property
    def kind(self) -> str:
        """Whose fault or doing it is, as in ``HEADINGS``."""
        if self.status is None:
            return "not begun"
        if self.status.ending is not None:
            return self.status.ending
        memory, minutes = self.asked.mem_mb, self.asked.minutes
        if memory and self.status.peak_mb + OWN_MB >= NEAR_LIMIT * memory:
            return "memory"
        if minutes and self.status.seconds >= NEAR_LIMIT * 60 * minutes:
            return "time"
        return "killed"

    @property
    def may_pass(self) -> bool:
        """Whether another attempt may succeed."""
        return self.kind not in THE_SAME_AGAIN

    def text(self) -> str:
        """The command's own words; of one that was ended, how it stood."""
        lines = [f"{self.log or self.rule}:"]
        if self.status is None or self.status.ending is None:
            lines += [f"  {line}" for line in [*self._stood(), *self._others_say()]]
        else:
            words = self.status.words
            told = words.splitlines() if words and self.kind in TOLD else self._log_says()
            lines += [f"  {line}" for line in told or ["(nothing was said)"]]
        return "\n".join(lines)

    def _stood(self) -> list[str]:
        if self.status is None:
            return []
        memory, minutes = self.asked.mem_mb, self.asked.minutes
        held = f"{self.status.peak_mb:,.0f} MB" + (f" of {memory:,.0f} MB" if memory else "")
        lived = f"{self.status.seconds:,.0f} s" + (f" of {60 * minutes:,.0f} s" if minutes else "")
        return [f"when last seen it had used {held} and {lived}", *self._log_says()]

    def _log_says(self) -> list[str]:
        return _last_lines(self.log) if self.log else []

    def _others_say(self) -> list[str]:
        told = self.executor.splitlines()
        for path in self.others:
            lines = _last_lines(path)[-LAST_OF_OTHERS:]
            told += [f"{path}:", *(f"  {line}" for line in lines)] if lines else []
        return told


def exit_code(failures: Iterable[Failure]) -> int | None:
    """That of the commands where it is known of each of them whose fault it is; else None."""
    codes = {TOLD.get(failure.kind) for failure in failures}
    return None if None in codes else min(codes)


def text(failures: Iterable[Failure]) -> str:
    """What is to be done, and the words of each job, those of one kind together."""
    parts = []
    for kind, heading in HEADINGS.items():
        same = [failure.text() for failure in failures if failure.kind == kind]
        parts += [heading, *same] if same else []
    return "\n\n".join(parts)


def explain(failures: list[Failure]) -> None:
    """Say again, last and plainly, why jobs failed; end with their exit code if all are known.

    The lock on the folder and the records of finished jobs are kept in order by Snakemake, which
    leaves its own contexts in the usual way.
    """
    if not failures:
        return
    print(f"\n{text(failures)}", file=sys.stderr)
    code = exit_code(failures)
    if code is not None:
        raise SystemExit(code)


def or_exit(make: Callable[[], T]) -> T:
    """What ``make`` returns; on a fault of the configuration its message and exit code 2."""
    try:
        return make()
    except MLMError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None


def _last_lines(log: Path) -> list[str]:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rstrip().splitlines()[-LAST_LINES:]
