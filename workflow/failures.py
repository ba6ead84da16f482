"""Plain messages at the end of a run that failed, and its exit code.

A command of ``mlm`` that ends with exit code 2 has written to its log what is wrong with data or
configuration, where, and what to do; with 3, what is wrong with the machine or with a file that an
earlier stage made. Snakemake reports such a job like any other failure, so the handler here says it
again at the very end, plainly, and hands the exit code on.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mlm.errors import EXIT_CODE, FILES_EXIT_CODE, MLMError

T = TypeVar("T")

_STATUS = re.compile(r"returned non-zero exit status (\d+)\.$", re.MULTILINE)
_SIGNAL = re.compile(r"died with <Signals\.\w+: (\d+)>\.$", re.MULTILINE)
_JOB_LOG = re.compile(r"^    log: (.+) \(check log file\(s\) for error details\)$", re.MULTILINE)
_IN_STORAGE = re.compile(r" \(send to storage\)")
_LAST_LINES = 30
_SIGNALLED = 128  # a shell tells a signal as an exit code above this

_DATA = "The data or the configuration need a change."
_FILES = (
    "Neither the data nor mlm are at fault: the machine is, or a file that was made earlier. Do "
    "what is said below, then give the same command again."
)
_ENDED = (
    "A job was ended from outside, by signal {signal}: data and mlm are not at fault. Give the "
    "same command again. If memory ran out, which the system ends jobs for: fewer jobs at once "
    "(--cores 1), or more memory for the job (--set-resources RULE:mem_mb=8000)."
)
_BROKE = (
    "A job broke off by signal {signal}, inside a library. Most often memory ran out: fewer jobs "
    "at once (--cores 1), or more memory for the job (--set-resources RULE:mem_mb=8000), and the "
    "same command again. If that does not help, please report it."
)
_OUTSIDE = {1, 2, 9, 15, 24, 25}  # signals that a person, a scheduler or a limit sends
_OTHER = "A step failed. Its last words:"


@dataclass(frozen=True)
class Failures:
    """Jobs of a run that failed.

    Attributes
    ----------
    logs : tuple of Path
        The log files of their commands.
    statuses : tuple of int
        The exit codes of their commands.
    """

    logs: tuple[Path, ...]
    statuses: tuple[int, ...]

    @classmethod
    def of_run(cls, snakemake_log: str) -> Failures:
        """The failures that the text of Snakemake's own log tells of.

        A remote executor names its own log behind that of the command, and tells the exit code in
        it.
        """
        found = [_IN_STORAGE.sub("", names) for names in _JOB_LOG.findall(snakemake_log)]
        named = [list(map(Path, names.split(", "))) for names in found]
        further = [_text(log) for _, *others in named for log in others]
        texts = [snakemake_log, *further]
        statuses = [int(code) for text in texts for code in _STATUS.findall(text)]
        statuses += [_SIGNALLED + int(n) for text in texts for n in _SIGNAL.findall(text)]
        return cls(tuple(dict.fromkeys(logs[0] for logs in named)), tuple(statuses))

    @property
    def exit_code(self) -> int | None:
        """That of the commands where each of them told whose fault it is; else None."""
        told = set(self.statuses)
        if len(self.statuses) < len(self.logs) or not told <= {EXIT_CODE, FILES_EXIT_CODE}:
            return None
        return min(told)

    @property
    def heading(self) -> str:
        """What is to be done, in one sentence."""
        signals = {code - _SIGNALLED for code in self.statuses if code > _SIGNALLED}
        if self.exit_code is not None:
            told = set(self.statuses)
            headings = {EXIT_CODE: _DATA, FILES_EXIT_CODE: _FILES}
            return "\n".join(headings[code] for code in sorted(told))
        if signals and len(signals) == len(set(self.statuses)):
            sentence = _ENDED if signals <= _OUTSIDE else _BROKE
            return sentence.format(signal=", ".join(map(str, sorted(signals))))
        return _OTHER

    def text(self) -> str:
        """Each failed command's own words."""
        parts = []
        for log in self.logs:
            lines = _text(log).rstrip().splitlines() or ["(nothing was said)"]
            shown = lines if self.exit_code is not None else lines[-_LAST_LINES:]
            parts.append("\n".join([f"{log}:", *(f"  {line}" for line in shown)]))
        return "\n\n".join(parts)


def _text(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def or_exit(make: Callable[[], T]) -> T:
    """What ``make`` returns; on a fault of the configuration its message and exit code 2."""
    try:
        return make()
    except MLMError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None


def explain(snakemake_logs: str | Sequence[str]) -> None:
    """Say again, last and plainly, why jobs failed; end with their exit code if they all gave one.

    The lock on the folder and the records of finished jobs are kept in order by Snakemake, which
    leaves its own contexts in the usual way.
    """
    names = [snakemake_logs] if isinstance(snakemake_logs, str) else snakemake_logs
    failures = Failures.of_run("\n".join(_text(Path(name)) for name in names))
    if not failures.logs:
        return
    print(f"\n{failures.heading}\n\n{failures.text()}", file=sys.stderr)
    if failures.exit_code is not None:
        raise SystemExit(failures.exit_code)
