"""A small survey in a folder of its own, run once; tests get copies of the finished folder."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
CODE = ("Snakefile", "workflow", "profiles", "mlm", "reports")
SCHOOLS = {str(number) for number in range(1, 17)}
THIRD_WAVE = '  - {name: "2", label: Grade 2, time: 2, files: [data/wave_2.csv]}\n'

_JOB = re.compile(r"^Job \d+: (.+)$", re.MULTILINE)
_SKIPPED = ("__pycache__", "*.pyc")


@dataclass(frozen=True)
class Project:
    """A folder with the workflow, the package and one small survey."""

    folder: Path

    @property
    def config(self) -> Path:
        """Configuration of the survey."""
        return self.folder / "config" / "tiny.yaml"

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run snakemake in the folder, with the folder's own code."""
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        return subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
        )

    def planned(self) -> list[str]:
        """What a run would do: the messages of its jobs, sorted."""
        dry = self.snakemake("--dry-run")
        assert dry.returncode == 0, dry.stdout + dry.stderr
        return sorted(_JOB.findall(dry.stdout + dry.stderr))

    def replace(self, file: str | Path, before: str, after: str) -> None:
        """Replace the first occurrence of a text in a file."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert before in text, f"{before!r} is not in {file}"
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    def append(self, file: str, text: str) -> None:
        """Add text at the end of a file."""
        with open(self.folder / file, "a", encoding="utf-8") as stream:
            stream.write(text)

    def copy(self, folder: Path) -> Project:
        """The same folder elsewhere, times of files included."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns(*_SKIPPED))
        return Project(folder)


@pytest.fixture(scope="session")
def unrun_project(tmp_path_factory) -> Project:
    """The small survey before its first run."""
    folder = tmp_path_factory.mktemp("unrun") / "project"
    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(*_SKIPPED))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    (folder / "config").mkdir()
    shutil.copy2(Path(__file__).parent / "tiny.yaml", folder / "config" / "tiny.yaml")
    (folder / "data").mkdir()
    for wave in ("K", "1", "2"):
        _copy_some_schools(ROOT / "data" / "star" / f"wave_{wave}.csv", folder / "data")
    return Project(folder)


@pytest.fixture(scope="session")
def finished_project(unrun_project, tmp_path_factory) -> Project:
    """The small survey after its first run; made once for all processes of a test run."""
    shared = tmp_path_factory.getbasetemp().parent / "finished"
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            work = unrun_project.copy(Path(f"{shared}.work"))
            run = work.snakemake()
            assert run.returncode == 0, run.stdout + run.stderr
            work.folder.rename(shared)
    return Project(shared)


@pytest.fixture
def project(finished_project, tmp_path) -> Project:
    """A copy of the finished survey that a test may change."""
    return finished_project.copy(tmp_path / "project")


@pytest.fixture
def fresh_project(unrun_project, tmp_path) -> Project:
    """A copy of the survey before its first run."""
    return unrun_project.copy(tmp_path / "project")


def _copy_some_schools(source: Path, folder: Path) -> None:
    with open(source, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with open(folder / source.name, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if row["school"] in SCHOOLS)
