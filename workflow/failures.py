"""Plain messages, and exit code 2 where data or configuration are at fault.

A command of ``mlm`` that ends with exit code 2 has written to its log what is wrong, where, and
what to do. Snakemake reports such a job like any other failure, so the handler here says it again
at the very end, plainly, and hands the exit code on.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mlm.errors import EXIT_CODE, MLMError

T = TypeVar("T")

_STATUS = re.compile(r"returned non-zero exit status (\d+)\.$", re.MULTILINE)
_JOB_LOG = re.compile(r"^    log: (.+) \(check log file\(s\) for error details\)$", re.MULTILINE)
_LAST_LINES = 30


@dataclass(frozen=True)
class Failures:
    """Jobs of a run that failed.

    Attributes
    ----------
    logs : tuple of Path
        Their log files.
    statuses : tuple of int
        The exit codes of their commands.
    """

    logs: tuple[Path, ...]
    statuses: tuple[int, ...]

    @classmethod
    def of_run(cls, snakemake_log: str) -> Failures:
        """The failures that the text of Snakemake's own log tells of."""
        logs = dict.fromkeys(Path(name) for name in _JOB_LOG.findall(snakemake_log))
        return cls(tuple(logs), tuple(int(code) for code in _STATUS.findall(snakemake_log)))

    @property
    def are_faults_of_the_data(self) -> bool:
        """Whether every failed command said that data or configuration are at fault."""
        enough = len(self.statuses) >= len(self.logs) > 0
        return enough and set(self.statuses) == {EXIT_CODE}

    def text(self) -> str:
        """Each failed command's own words."""
        parts = []
        for log in self.logs:
            lines = log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
            shown = lines if self.are_faults_of_the_data else lines[-_LAST_LINES:]
            parts.append("\n".join([f"{log}:", *(f"  {line}" for line in shown)]))
        return "\n\n".join(parts)


def or_exit(make: Callable[[], T]) -> T:
    """What ``make`` returns; on a fault of the configuration its message and exit code 2."""
    try:
        return make()
    except MLMError as error:
        print(error, file=sys.stderr)
        raise SystemExit(EXIT_CODE) from None


def explain(snakemake_logs: str | Sequence[str]) -> None:
    """Say again, last and plainly, why jobs failed; end with exit code 2 if the data are at fault.

    The lock on the folder and the records of finished jobs are kept in order by Snakemake, which
    leaves its own contexts in the usual way.
    """
    names = [snakemake_logs] if isinstance(snakemake_logs, str) else snakemake_logs
    texts = [Path(name).read_text(encoding="utf-8", errors="replace") for name in names]
    failures = Failures.of_run("\n".join(texts))
    if not failures.logs:
        return
    if failures.are_faults_of_the_data:
        print(
            f"\nThe data or the configuration need a change.\n\n{failures.text()}", file=sys.stderr
        )
        raise SystemExit(EXIT_CODE)
    print(f"\nA step failed. Its last words:\n\n{failures.text()}", file=sys.stderr)
