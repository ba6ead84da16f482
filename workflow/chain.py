"""Whether the files under results/ are what would be made now, told from the records beside them.

Snakemake leaves a missing file alone while what is made of it is there, looks at contents only
where a date is newer, and forgets what it knew of a job that failed. So this is settled before each
run: a job's outputs are good if they are all there, unchanged since they were made, by the same
configuration, code and software, of the same source files, and of the outputs of the very jobs
that are there now. The others are made again: each of their jobs has a mark, a small file that
Snakemake knows as one of its inputs, and that is written anew.

Where results or sources are not on this disk (storage of Snakemake), nothing is known here, and
nothing is marked: the commands check what they read when they run.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from content import Contents
from mlm.commands.made import files_of
from mlm.errors import ResultError
from mlm.results.runs.made import MadeRecord

MARKS = Path(".snakemake/mlm-again")


@dataclass(frozen=True)
class Job:
    """A job with all that its outputs depend on.

    Attributes
    ----------
    name : str
        As in the records.
    mark : Path
        File that makes it run again when it is written.
    outputs : tuple of Path
        Files and folders, the record among them.
    record : Path
        The record.
    made_by : str
        Configuration, code and software.
    sources : mapping of str to Path
        Files of the survey that it reads, by the names in the configuration.
    reads : tuple of str
        Jobs whose outputs it reads.
    names_all : bool
        Whether its record names the jobs before those too.
    """

    name: str
    mark: Path
    outputs: tuple[Path, ...]
    record: Path
    made_by: str
    sources: Mapping[str, Path]
    reads: tuple[str, ...]
    names_all: bool = True

    @property
    def existing(self) -> list[Path]:
        """Outputs that are there."""
        return [path for path in self.outputs if path.exists()]


class Chain:
    """The jobs of a run.

    Parameters
    ----------
    jobs : iterable of Job
    others : mapping of str to str
        What stands for the outputs of jobs that are not run now.
    contents : Contents
        Hashes of files.
    """

    def __init__(self, jobs: Iterable[Job], others: Mapping[str, str], contents: Contents):
        self.jobs = {job.name: job for job in jobs}
        self._contents = contents
        self._others = others
        self._before: dict[str, set[str]] = {}
        self._records = {name: _record(job) for name, job in self.jobs.items()}

    @cached_property
    def broken(self) -> dict[str, str]:
        """Why outputs that are there are not good, by job; empty text: for what they are made of.

        Outputs that are missing altogether are named where others that are there need them.
        """
        found = {name: self._fault(job) for name, job in self.jobs.items()}
        return {name: fault for name, fault in found.items() if fault is not None}

    def mark(self) -> None:
        """Let Snakemake make all again that is broken, whatever it thinks of it."""
        for name, job in self.jobs.items():
            _bring_to_the_present(job.existing)
            fault = self.broken.get(name)
            if fault is None:
                continue
            job.mark.parent.mkdir(parents=True, exist_ok=True)
            job.mark.write_text(f"{time.time_ns()} {fault}\n", encoding="utf-8")

    def _fault(self, job: Job) -> str | None:
        if not job.existing:
            return None
        missing = [path for path in job.outputs if not path.exists()]
        record = self._records[job.name]
        if missing:
            return f"{missing[0]} is not there"
        if record is None:
            return f"{job.record} is not a record of this version"
        return (
            self._changed_output(job, record)
            or self._changed_source(job, record)
            or self._changed_making(job, record)
        )

    def _changed_output(self, job: Job, record: MadeRecord) -> str | None:
        folder = job.record.parent
        outputs = (path for path in job.outputs if path != job.record)
        files = (path for output in outputs for path in files_of(output).values())
        found = {path.relative_to(folder).as_posix(): path for path in files}
        written = record.hashes
        for name in sorted(found.keys() | written.keys()):
            path = folder / name
            if name not in found:
                return f"{path} is not there"
            if written.get(name) != self._contents.hash_of(path):
                return f"{path} was changed, cut or damaged since it was made"
        return None

    def _changed_source(self, job: Job, record: MadeRecord) -> str | None:
        read = record.source_hashes
        for name, path in job.sources.items():
            if path.is_file() and read.get(name) != self._contents.hash_of(path):
                return f"{name} is not the file that was read"
        return None

    def _changed_making(self, job: Job, record: MadeRecord) -> str | None:
        above = {name: self._digest(name) for name in self._above(job)}
        same = record.made_by == job.made_by and record.source_hashes.keys() == job.sources.keys()
        return None if same and record.digests == above else ""

    def _digest(self, name: str) -> str | None:
        record = self._records.get(name)
        return self._others.get(name) if record is None else record.digest

    def _above(self, job: Job) -> set[str]:
        """Jobs before a job: those that it reads, and where it names all, those before them."""
        if job.name not in self._before:
            further = [self._above(self.jobs[name]) for name in job.reads if job.names_all]
            self._before[job.name] = set(job.reads).union(*further)
        return self._before[job.name]

    def reasons(self) -> list[str]:
        """What is broken by itself, in words: outputs, what they were made of, or by."""
        needed = {other for name in self.broken for other in self._above(self.jobs[name])}
        gone = [n for n, job in self.jobs.items() if n in needed and not job.existing]
        told = [f"{name}: {fault}" for name, fault in self.broken.items() if fault]
        told += [f"{name}: {self.jobs[name].outputs[0]} is not there" for name in gone]
        return told + self._makings()

    def _makings(self) -> list[str]:
        """What jobs were made by before and are not now: configuration, code, versions."""
        changed: Counter[str] = Counter()
        for name, fault in self.broken.items():
            before, now = _parts(self._records[name]), _parts(self.jobs[name])
            parts = [part for part in {**now, **before} if before.get(part) != now.get(part)]
            if not fault and parts:
                changed[", ".join(parts)] += 1
        return [f"{n} {'job' if n == 1 else 'jobs'}: other {parts}" for parts, n in changed.items()]


def mark(stage: str, wildcards: Mapping[str, str]) -> Path:
    """The mark of a job, by its stage and wildcards, in whatever order these are given."""
    own = "".join(f"-{value}" for key, value in sorted(wildcards.items()) if key != "survey")
    return MARKS / wildcards.get("survey", "") / f"{stage}{own}"


def _parts(made: MadeRecord | Job | None) -> dict[str, str]:
    """The parts of what something is made by, by their names."""
    texts = (made.made_by or "").split(", ") if made is not None else []
    return {name: rest for name, _, rest in (text.partition(" ") for text in texts) if name}


def _record(job: Job) -> MadeRecord | None:
    try:
        return MadeRecord.load(job.record)
    except (OSError, ResultError):
        return None


def _bring_to_the_present(paths: Iterable[Path]) -> None:
    """Outputs from the future would look newer than their marks, and than what is made of them."""
    now = time.time()
    for path in paths:
        for file in (path, path / ".snakemake_timestamp"):
            if file.exists() and file.stat().st_mtime > now:
                os.utime(file, (now, now))
