"""Run the studies, each file in a process of its own, and keep how and when each ended.

    python -m tests.studies                 # all files that have not passed at this commit
    python -m tests.studies tests/recovery  # those of a folder, or some files
    python -m tests.studies --table         # what is known of all; nothing is run

A row of ``studies.csv`` is written as soon as a file has ended: what was stopped goes on where it
was, and neither a failure nor the end of one process hides what others find. What a file printed,
with its longest tests, stands in ``logs/studies/``.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
LEDGER = ROOT / "tests" / "studies.csv"
LOGS = ROOT / "logs" / "studies"
CHOSEN = ("-m", "study", "--hypothesis-profile=all", "-p", "no:xdist")
CHANGED = "+"  # after a commit: files differed from it
NEVER = ""  # commit of a file that has not been run to its end


@dataclass(frozen=True)
class Row:
    """How the studies of a file ended when they were last run, and at which commit."""

    file: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    cpu_minutes: float = 0.0
    commit: str = NEVER
    day: str = ""

    @property
    def room(self) -> str:
        """Folder of tests, of unit tests with the folder in it."""
        parts = Path(self.file).parts
        return "/".join(parts[1 : 3 if parts[1] == "unit" else 2])

    def has_passed_at(self, commit: str) -> bool:
        """Whether nothing failed at a commit from which no file differed."""
        return self.failed == 0 and self.commit == commit and not commit.endswith(CHANGED)


def read(path: Path = LEDGER) -> dict[str, Row]:
    """Rows by file."""
    if not path.exists():
        return {}
    kinds = {field.name: {"int": int, "float": float}.get(field.type, str) for field in fields(Row)}
    with path.open(encoding="utf-8", newline="") as lines:
        found = [{k: kinds[k](v) for k, v in line.items()} for line in csv.DictReader(lines)]
    return {line["file"]: Row(**line) for line in found}


def write(rows: dict[str, Row], path: Path = LEDGER) -> None:
    """Rows in the order of their files; whole or not at all."""
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8", newline="") as out:
        names = [field.name for field in fields(Row)]
        table = csv.DictWriter(out, names, lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(rows[file]) for file in sorted(rows))
    beside.replace(path)


def commit_at_hand() -> str:
    """Commit of the files, marked where some differ from it; never that of no repository."""
    git = ("git", "-C", str(ROOT))
    try:
        found = subprocess.check_output((*git, "rev-parse", "--short=8", "HEAD"), text=True).strip()
        beside = f":(exclude){LEDGER.relative_to(ROOT)}"
        state = (*git, "status", "--porcelain", "--untracked-files=no", "--", ".", beside)
        return found + CHANGED * bool(subprocess.check_output(state))
    except (OSError, subprocess.CalledProcessError):
        return f"unknown{CHANGED}"


def files_of(paths: Iterable[str]) -> list[str]:
    """Files below some paths that hold studies."""
    command = (sys.executable, "-m", "pytest", "--collect-only", "-q", *CHOSEN, *paths)
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)
    lines = [line for line in run.stdout.splitlines() if "::" in line]
    return list(dict.fromkeys(line.partition("::")[0] for line in lines))


def outcome_of(file: str, commit: str) -> Row:
    """Run the studies of a file; one that did not come to its end has failed."""
    log = LOGS / f"{file.removesuffix('.py').replace('/', '.')}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    told = log.with_suffix(".xml")
    told.unlink(missing_ok=True)
    options = ("-v", "--durations=10", f"--junitxml={told}")
    with log.open("w", encoding="utf-8") as out:
        command = (sys.executable, "-m", "pytest", *CHOSEN, *options, file)
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    minutes = round((usage.ru_utime + usage.ru_stime) / 60.0, 2)
    return Row(file, *_counts(told), minutes, commit, date.today().isoformat())


def _counts(told: Path) -> tuple[int, int, int]:
    """Tests that passed, failed and were skipped."""
    if not told.exists():
        return 0, 1, 0
    suite = ElementTree.parse(told).getroot().find("testsuite")
    tests, failures, errors, skipped = (
        int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")
    )
    return tests - failures - errors - skipped, failures + errors, skipped


def run(
    files: Iterable[str],
    commit: str,
    workers: int,
    path: Path = LEDGER,
    outcome: Callable[[str, str], Row] = outcome_of,
) -> list[Row]:
    """Run files that have not passed at a commit, what took longest first; rows as they end."""
    rows = read(path)
    left = [file for file in files if not rows.get(file, Row(file)).has_passed_at(commit)]
    # what was never run may take long
    left.sort(key=lambda file: -(rows[file].cpu_minutes if file in rows else float("inf")))
    ended = []
    with ThreadPoolExecutor(workers) as pool:
        for future in as_completed([pool.submit(outcome, file, commit) for file in left]):
            row = future.result()
            ended.append(row)
            write(rows := read(path) | {row.file: row}, path)
            print(f"{row.cpu_minutes:7.2f} min  {'FAILED' if row.failed else 'passed'}  {row.file}")
    return ended


def table(rows: Iterable[Row]) -> str:
    """Counts and minutes by room, then the files that are red or were never run."""
    rooms, rows = defaultdict(list), list(rows)
    for row in rows:
        rooms[row.room].append(row)
    lines = [
        f"{'room':<18}{'files':>6}{'passed':>8}{'failed':>8}{'skipped':>9}{'CPU min':>9}  commits"
    ]
    for room, own in [*sorted(rooms.items()), ("all", rows)]:
        counts = (sum(getattr(r, name) for r in own) for name in ("passed", "failed", "skipped"))
        passed, failed, skipped = counts
        minutes = sum(row.cpu_minutes for row in own)
        commits = sorted({row.commit or "never" for row in own})
        shown = ", ".join(commits[:3]) + (f" and {len(commits) - 3} more" if commits[3:] else "")
        counts = f"{len(own):>6}{passed:>8}{failed:>8}{skipped:>9}{minutes:>9.1f}"
        lines.append(f"{room:<18}{counts}  {shown}")
    lines += [f"FAILED at {row.commit}: {row.file}" for row in rows if row.failed]
    lines += [f"never run to its end: {row.file}" for row in rows if row.commit == NEVER]
    return "\n".join(lines)


def main() -> int:
    """Run what is asked for and print the table; the status says whether anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", default=["tests"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    ended = []
    if not given.table:
        ended = run(files_of(given.paths), commit_at_hand(), given.workers)
    print(table(read().values()))
    return int(any(row.failed for row in ended))


if __name__ == "__main__":
    sys.exit(main())
