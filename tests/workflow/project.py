"""A folder with the workflow and one small survey, and what can be done to it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
THIRD_WAVE = '  - {name: "2", label: Grade 2, time: 2, files: [data/wave_2.csv]}\n'
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc")

_JOB = re.compile(r"^ *Job \d+: (?!All reports)(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Project:
    """A folder with the workflow, the package and one small survey."""

    folder: Path

    @property
    def config(self) -> Path:
        """Configuration of the survey."""
        return self.folder / "config" / "tiny.yaml"

    def snakemake(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Run snakemake in the folder, with the folder's own code."""
        return self._run("snakemake", "--cores", "2", *arguments, **environment)

    def mlm(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run a command of the folder's own code."""
        return self._run("mlm", *arguments)

    def _run(self, module: str, *arguments: str, **more: str) -> subprocess.CompletedProcess:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | more
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
        )

    def planned(self, *targets: str) -> list[str]:
        """What a run would do (of some files: for them): the messages of its jobs, sorted.

        The job that asks for all reports does nothing itself.
        """
        dry = self.snakemake("--dry-run", *targets)
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
        shutil.copytree(self.folder, folder, ignore=NOT_COPIED)
        return Project(folder)
