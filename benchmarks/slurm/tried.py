"""What is held against a real Slurm, each a run of the workflow in a folder of its own.

    python benchmarks/slurm/tried.py FOLDER [NAME ...]      as run.sh calls it; NAME: only these

``same_bytes`` runs the example surveys here and on Slurm and compares every file of the results;
the others spoil data, code or memory, add a wave, ask for more cores, and look at exit codes, words
and attempts.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
from survey_side import write  # noqa: E402

PARTS = ("Snakefile", "workflow", "profiles", "mlm", "reports", "config", "data")
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc")
NOTHING_OF_SNAKEMAKE = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
OWN_OPTIONS = {  # of this cluster: it has no accounts and no accounting, and its jobs are short
    "slurm-no-account": (),
    "slurm-status-command": ("squeue",),
    "slurm-init-seconds-before-status-checks": ("3",),
    "latency-wait": ("5",),
}
LARGE_ROWS = 4_000_000
STAR = ("--config", "surveys=star")
LAST_WAVE = re.compile(r"^  - \{name: \"3\".*\n", re.MULTILINE)
_JOB = re.compile(r"Job \d+: (?!All reports)(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """A run of Snakemake that is over."""

    code: int
    text: str
    seconds: float

    @property
    def jobs(self) -> list[str]:
        """Messages of the jobs that were begun, further attempts too."""
        return _JOB.findall(self.text)


class Project:
    """A copy of the workflow in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in PARTS:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=NOT_COPIED)
            else:
                shutil.copy2(source, folder / name)

    def on_slurm(self, *arguments: str) -> Run:
        """Run on the cluster, by the profile of the repository."""
        own = [w for name, values in OWN_OPTIONS.items() for w in (f"--{name}", *values)]
        return self._run("--profile", "profiles/slurm", *own, *arguments)

    def here(self, *arguments: str) -> Run:
        """Run on this machine."""
        return self._run("--cores", "2", *arguments)

    def replace(self, file: str, before: str, after: str) -> None:
        """Replace the first occurrence of a text in a file."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert before in text, f"{before!r} is not in {file}"
        path.write_text(text.replace(before, after, 1), "utf-8")

    def results(self, *patterns: str) -> dict[str, str]:
        """Hash of each file of the results, but for Snakemake's own marks."""
        folder = self.folder / "results"
        found = [p for pattern in patterns or ("**/*",) for p in folder.glob(pattern)]
        files = [p for p in found if p.is_file() and p.name != ".snakemake_timestamp"]
        return {
            str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
        }

    def _run(self, *arguments: str) -> Run:
        began = time.time()
        words = [sys.executable, "-m", "snakemake", *arguments]
        with open(self.folder / "run.log", "a", encoding="utf-8") as log:
            place = log.tell()
            code = subprocess.run(
                words, cwd=self.folder, env=NOTHING_OF_SNAKEMAKE, stdout=log, stderr=log
            ).returncode
        text = (self.folder / "run.log").read_text("utf-8")[place:]
        return Run(code, text, time.time() - began)


def same_bytes(folder: Path) -> str:
    """The example surveys here and on Slurm: every file of the results."""
    here, there = Project(folder / "here"), Project(folder / "slurm")
    local, remote = here.here(), there.on_slurm()
    assert (local.code, remote.code) == (0, 0), (local.text[-2000:], remote.text[-2000:])
    ours, theirs = here.results(), there.results()
    differ = [name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)]
    assert differ == [], differ
    sent = len(re.findall("has been submitted with SLURM jobid", remote.text))
    return (
        f"{len(ours)} files equal to the byte; {len(remote.jobs)} jobs, sent as {sent}; "
        f"{local.seconds:.0f} s here, {remote.seconds:.0f} s on Slurm"
    )


def data_error(folder: Path) -> str:
    """A cell outside its range: the words, exit code 2, one attempt."""
    project = Project(folder)
    path = project.folder / "data/star/wave_2.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    cells = lines[5].split(",")
    cells[lines[0].rstrip("\n").split(",").index("math")] = "99999"
    path.write_text("".join([*lines[:5], ",".join(cells), *lines[6:]]), "utf-8")
    run = project.on_slurm(*STAR, "--", "results/star/clean/2.parquet")
    assert run.code == 2, run.text[-2000:]
    assert "math: 1 cell outside the range" in run.text[-1000:]
    assert run.jobs == ["Clean wave 2 of star"]
    return "exit code 2, the words at the end, one attempt of three"


def program_error(folder: Path) -> str:
    """A fault of the program: its traceback, exit code 1, one attempt."""
    project = Project(folder)
    place = "    from mlm.rows.cleaning.cleaning import"
    project.replace("mlm/commands/clean.py", place, f"    1 / 0\n{place}")
    run = project.on_slurm(*STAR, "--", "results/star/clean/2.parquet")
    assert run.code == 1, run.text[-2000:]
    assert "ZeroDivisionError" in run.text[-2000:] and run.jobs == ["Clean wave 2 of star"]
    return "exit code 1, the traceback at the end, one attempt of three"


def memory(folder: Path) -> str:
    """A job that asks for too little memory: told where it may not be tried again, else made."""
    project = Project(folder)
    write(project.folder / "large", LARGE_ROWS, 1, "cross_section")
    large = ("--config", "configs=large/large.yaml")
    asks = ("--set-resources", "clean:mem_mb=450*2**(attempt-1)", "--")
    target = "results/large/clean/w0.parquet"
    once = project.on_slurm(*large, "--retries", "0", *asks, target)
    assert once.code == 3 and "Memory ran out" in once.text[-3000:], once.text[-3000:]
    told = re.search(r"it had used ([\d,]+) MB of ([\d,]+) MB", once.text)
    again = project.on_slurm(*large, *asks, target)
    assert again.code == 0, again.text[-3000:]
    attempts = len(again.jobs)
    assert attempts > 1
    return (
        f"without retries exit code 3, 'Memory ran out', {told[1]} of {told[2]} MB told; with them "
        f"attempt {attempts} of {450 * 2 ** (attempts - 1)} MB made it"
    )


def time_limit(folder: Path) -> str:
    """A job that asks for too little time, and may not be tried again: told."""
    project = Project(folder)
    asks = ("--retries", "0", "--set-resources", "analyse:runtime=1", "--")
    run = project.on_slurm(*STAR, *asks, "results/star/math/results.json")
    assert run.code == 3 and "its time was over" in run.text, run.text[-3000:]
    told = re.search(r"it had used .* and ([\d,]+) s of ([\d,]+) s", run.text)
    return f"exit code 3, 'its time was over', {told[1]} of {told[2]} s told"


def new_wave(folder: Path) -> str:
    """A fourth wave: its own jobs and what adds all waves up; numbers as of all four at once."""
    project, at_once = Project(folder / "grown"), Project(folder / "at_once")
    config = project.folder / "config/star.yaml"
    whole = config.read_text("utf-8")
    config.write_text(LAST_WAVE.sub("", whole, count=1), "utf-8")
    target = "results/star/math/residuals.json"
    before = project.on_slurm(*STAR, "--", target)
    assert before.code == 0, before.text[-2000:]
    config.write_text(whole, "utf-8")
    after = project.on_slurm(*STAR, "--", target)
    assert after.code == 0, after.text[-2000:]
    assert at_once.here(*STAR, "--", target).code == 0
    patterns = ("star/survey.json", "star/math/**/*.json", "star/math/statistics.npz")
    numbers = [
        {name: sha for name, sha in p.results(*patterns).items() if not name.endswith(".made.json")}
        for p in (project, at_once)
    ]
    assert numbers[0] == numbers[1] and len(numbers[0]) > 5
    again = [job for job in before.jobs if "wave" in job and job in after.jobs]
    assert not [job for job in again if job.startswith(("Clean", "Accumulate"))], again
    return (
        f"{len(before.jobs)} jobs before, {len(after.jobs)} for the wave; numbers equal to the byte"
    )


def more_cores(folder: Path) -> str:
    """An analysis for which cores are asked: it has them, and numbers are those of one core."""
    project, alone = Project(folder / "cores"), Project(folder / "alone")
    target = "results/star/math/results.json"
    run = project.on_slurm(*STAR, "--set-resources", "analyse:cpus_per_task=2", "--", target)
    assert run.code == 0, run.text[-2000:]
    told = subprocess.run(["scontrol", "show", "jobs"], capture_output=True, text=True).stdout
    jobs = [job for job in told.split("\n\n") if "analyse" in job and str(project.folder) in job]
    assert jobs and all("NumCPUs=2" in job for job in jobs), jobs
    assert alone.on_slurm(*STAR, "--", target).code == 0
    pair = [
        numbers_of(json.loads((p.folder / target).read_text("utf-8"))) for p in (project, alone)
    ]
    assert len(pair[0]) == len(pair[1])
    furthest = max(abs(a - b) / max(abs(a), 1.0) for a, b in zip(*pair, strict=True))
    assert furthest < 1e-6, furthest
    return f"2 cores asked for and given; {len(pair[0])} numbers alike to {furthest:.0e}"


def numbers_of(content: object) -> list[float]:
    """All numbers of a result, in order."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        return [number for part in content for number in numbers_of(part)]
    is_number = isinstance(content, int | float) and not isinstance(content, bool)
    return [float(content)] if is_number else []


CASES: dict[str, Callable[[Path], str]] = {
    "data_error": data_error,
    "program_error": program_error,
    "memory": memory,
    "time_limit": time_limit,
    "new_wave": new_wave,
    "more_cores": more_cores,
    "same_bytes": same_bytes,
}


def main() -> int:
    """Run the cases; exit code 0 where all held."""
    folder, *names = sys.argv[1:]
    failed = 0
    print("| what | seconds | found |\n|---|---:|---|", flush=True)
    for name in names or CASES:
        began = time.time()
        try:
            found = CASES[name](Path(folder).resolve() / name)
        except AssertionError as error:
            found, failed = f"FAILED: {str(error)[-1500:]}", failed + 1
        print(f"| {name} | {time.time() - began:.0f} | {found} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
