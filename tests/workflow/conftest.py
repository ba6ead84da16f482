"""A small survey in a folder of its own, run once; tests get copies of the finished folder."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests.workflow.project import NOT_COPIED, ROOT, Project

CODE = ("Snakefile", "workflow", "profiles", "mlm", "reports")
SCHOOLS = {str(number) for number in range(1, 17)}


@pytest.fixture(scope="session")
def unrun_project(tmp_path_factory) -> Project:
    """The small survey before its first run."""
    folder = tmp_path_factory.mktemp("unrun") / "project"
    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=NOT_COPIED)
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
    base = tmp_path_factory.getbasetemp()
    several = "PYTEST_XDIST_WORKER" in os.environ  # then each process has a folder inside the run's
    shared = (base.parent if several else base) / "finished"
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


@pytest.fixture
def bare_project(fresh_project) -> Project:
    """A folder of code and data without any survey in it, for one of the test's own."""
    fresh_project.config.unlink()
    return fresh_project


def _copy_some_schools(source: Path, folder: Path) -> None:
    with open(source, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with open(folder / source.name, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if row["school"] in SCHOOLS)
