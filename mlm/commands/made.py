"""The record beside the outputs of a stage, and the check of what a stage reads. Layer: commands.

Each command writes, after all its outputs, ``<output>.made.json``: the hash of every file that it
wrote, and which jobs, with which outputs, it read. A command that reads an output of another first
compares it with the record beside it. So a file that was changed, cut or copied from another run
is named before anything is computed from it, on whatever machine the command runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlm.errors import FilesError, ResultError
from mlm.results.runs.made import FileHash, JobDigest, MadeRecord

SUFFIX = ".made.json"
FOLDERS_AROUND = 3  # of a file in a recorded folder, in which its record is looked for
FITS = "fits"
"""Folder of the fits of an analysis, a file a model, of several draws one a model and draw."""

AGAIN = "and give the same command again"


def job_name(stage: str, survey: str, name: str = "") -> str:
    """A job in words: stage, wave or analysis where it has one, survey."""
    return f"{stage} {name} of {survey}" if name else f"{stage} of {survey}"


def record_path(path: Path) -> Path:
    """Where the record of a file or folder lies; fits share that of their results."""
    path = Path(path)
    stem = "results" if path.name == FITS else path.name.partition(".")[0]
    return path.with_name(stem + SUFFIX)


def file_hash(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_of(path: Path) -> dict[str, Path]:
    """The file itself, or all files of a folder, by path from the folder that holds it.

    Hidden files are marks of Snakemake, or leftovers, and no outputs.
    """
    if not path.is_dir():
        return {path.name: path}
    inside = (file for file in sorted(path.rglob("*")) if file.is_file())
    names = {file.relative_to(path.parent).as_posix(): file for file in inside}
    return {name: file for name, file in names.items() if "/." not in name}


class Making:
    """One run of a command: what it reads is checked, what it writes is recorded.

    Parameters
    ----------
    job : str
        Its name, see :func:`job_name`.
    made_by : str, optional
        Configuration, code and software of the run, in a text that is compared.
    """

    def __init__(self, job: str, made_by: str | None = None):
        self.job = job
        self.made_by = made_by
        self._near: dict[str, str] = {}
        self._above: dict[str, str] = {}
        self._told_by: dict[str, Path] = {}

    def check(self, paths: Iterable[Path]) -> None:
        """Compare files that were made by other jobs with the records beside them.

        Raises
        ------
        FilesError
            Files that are not what was made, or that were not made of each other; all are named.
        """
        problems = []
        for path in map(Path, paths):
            try:
                record = checked_record(path)
            except FilesError as error:
                problems += error.problems
                continue
            self._near[record.job] = record.digest
            for job, digest in record.digests.items():
                self._told_by.setdefault(job, path)
                if self._above.setdefault(job, digest) != digest:
                    problems.append(_mix_up(path, self._told_by[job], job))
        for job, digest in self._near.items():
            if self._above.get(job, digest) != digest:
                problems.append(_mix_up(self._told_by[job], None, job))
        if problems:
            raise FilesError(list(dict.fromkeys(problems)))

    def check_apart(self, groups: Iterable[Iterable[Path]]) -> None:
        """Compare groups of files, each as ``check`` does: what one group is made of may differ.

        The same jobs made each of them of other data, as those of imputations.

        Raises
        ------
        FilesError
            As ``check``, of all groups.
        """
        problems = []
        for group in groups:
            alone = Making(self.job, self.made_by)
            try:
                alone.check(group)
            except FilesError as error:
                problems += error.problems
            self._near |= alone._near
            self._above |= alone._above
        if problems:
            raise FilesError(list(dict.fromkeys(problems)))

    def record(
        self,
        outputs: Iterable[Path],
        sources: Mapping[str, str] | None = None,
        near_only: bool = False,
    ) -> None:
        """Write the record beside the first of the outputs, after all of them.

        Parameters
        ----------
        outputs : iterable of Path
            Files and folders in one folder.
        sources : mapping of str to str, optional
            SHA-256 of the survey's own files that were read.
        near_only : bool
            Whether the jobs before those whose outputs were read are left out.
        """
        from mlm.commands.writing import write_text

        paths = list(map(Path, outputs))
        files = {name: file for path in paths for name, file in files_of(path).items()}
        above = self._near if near_only else {**self._above, **self._near}
        record = MadeRecord(
            job=self.job,
            made_by=self.made_by,
            sources=[FileHash(file=f, sha256=sha) for f, sha in sorted((sources or {}).items())],
            made_of=[JobDigest(job=job, digest=own) for job, own in sorted(above.items())],
            files=[FileHash(file=f, sha256=file_hash(at)) for f, at in sorted(files.items())],
        )
        write_text(record_path(paths[0]), record.to_json())


def checked_record(path: Path) -> MadeRecord:
    """The record of a file or folder that is what the record says.

    Raises
    ------
    FilesError
        The record is not there or not readable, or the file is not what was written.
    """
    holder = _holder(path)
    beside = record_path(holder)
    if not beside.is_file():
        raise FilesError(
            f"{path}: nothing says what made it, {beside.name} is not there beside it; "
            f"delete {path} {AGAIN}"
        )
    try:
        record = MadeRecord.load(beside)
    except ResultError as error:
        raise FilesError(str(error)) from error
    own = path.relative_to(holder.parent).as_posix()
    above = own[: -len(path.name)]
    found = {above + name: file for name, file in files_of(path).items()}
    written = {name: sha for name, sha in record.hashes.items() if _is_part(name, own)}
    problems = [
        f"{holder.parent / name}: not what '{record.job}' wrote ({what}); delete {holder} {AGAIN}"
        for name in sorted(found.keys() | written.keys())
        if (what := _difference(found.get(name), written.get(name)))
    ]
    if problems:
        raise FilesError(problems)
    return record


def _holder(path: Path) -> Path:
    """The file or folder itself, or the folder around it that was recorded as a whole."""
    around = (path, *list(path.parents)[:FOLDERS_AROUND])
    return next((place for place in around if record_path(place).is_file()), path)


def _is_part(name: str, of: str) -> bool:
    return name == of or name.startswith(f"{of}/")


def _difference(file: Path | None, written: str | None) -> str | None:
    if file is None or not file.is_file():
        return "it is not there"
    if written is None:
        return "it came later"
    found = file_hash(file)
    if found == written:
        return None
    return f"changed, cut or damaged since: SHA-256 {found[:12]}..., {written[:12]}... was written"


def _mix_up(path: Path, other: Path | None, job: str) -> str:
    if other is None:
        return f"{path}: made of an earlier run of '{job}'; delete it {AGAIN}"
    return f"{path}, {other}: made of different runs of '{job}'; delete both {AGAIN}"
