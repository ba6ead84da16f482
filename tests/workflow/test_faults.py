"""Faults of the machine: after the recovery of the README, one rerun gives what a clean run gives.

Jobs and Snakemake are killed at every rule, disks run full, memory is short. What counts is every
byte under results/, leftovers included, and what the last words say.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlm.configuration import load_configuration
from stages import EACH, left_out
from tests.workflow.project import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.study]

TINY = load_configuration(ROOT / "tests" / "workflow" / "tiny.yaml")
STAGES = [stage for stage in (*EACH, "index") if stage not in left_out(TINY)]
WHOM = ["job", "snakemake"]
MOUNTED = ".mounted"
SMALL = 1 << 16  # bytes of a folder for temporary files that is full at once
MEMORY = [300, 500]  # of a job, in megabytes of addresses: too few for what it loads
DISKS = {"rows": "60k", "statistics": "700k", "pages": "1500k"}  # what finds no more room
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/proc/self").exists(), reason="mounts a small disk"
)


def _tree(project):
    """Hash of every file of the results, hidden ones too, but for Snakemake's dates of folders."""
    folder = project.folder / "results"
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (".snakemake_timestamp", MOUNTED)
    }


def _correct(project):
    project.replace("data/wave_1.csv", ",small,", ",reg,")
    os.utime(project.folder / "data/wave_1.csv", (1e9, 1e9))


@pytest.fixture(scope="module")
def corrected(finished_project, tmp_path_factory):
    """What results are after a correction of a wave, without any fault."""
    project = finished_project.copy(tmp_path_factory.mktemp("corrected") / "project")
    _correct(project)
    run = project.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    return _tree(project)


@contextmanager
def _started(project, *arguments, **more):
    with subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **{"env": ENVIRONMENT, **more},
    ) as run:
        yield run


def _job_of(folder, stage):
    """Process of the command of a stage that runs in a folder."""
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            is_stage = words[1:4] == [b"-m", b"mlm", b"--log"] and words[5] == stage.encode()
            if is_stage and (entry / "cwd").samefile(folder):
                return int(entry.name)
        except (OSError, ValueError):
            continue
    return None


def _killed_at(project, stage, whom, *arguments):
    """Run until a stage works, then kill its job or Snakemake; what was said."""
    with _started(project, *arguments) as run:
        job = None
        while job is None and run.poll() is None:
            job = _job_of(project.folder, stage)
            time.sleep(0.005)
        assert job is not None, f"{stage} did not run:\n{run.communicate()[0]}"
        time.sleep(0.3)  # so that it has begun to work, or to write
        for pid in (job,) if whom == "job" else (run.pid,):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pytest.skip("it was over before it was killed")
        return run.communicate()[0], run.returncode


def _recover(project, whom, *arguments):
    """What the README says: the same command again, where Snakemake was killed after --unlock."""
    if whom == "snakemake":
        unlocked = project.snakemake("--unlock")
        assert unlocked.returncode == 0, unlocked.stderr
    run = project.snakemake(*arguments)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("whom", WHOM)
@pytest.mark.parametrize("stage", STAGES)
def test_a_kill_at_any_stage_leaves_no_trace(project, finished_project, stage, whom):
    said, code = _killed_at(project, stage, whom, "--forcerun", stage)
    if whom == "job":
        assert code == 1
        assert "ended from outside" in said and "Give the same command again" in said
    _recover(project, whom)
    assert _tree(project) == _tree(finished_project)


@pytest.mark.parametrize("whom", WHOM)
def test_a_kill_while_a_corrected_wave_is_cleaned_leaves_no_old_number(project, corrected, whom):
    _correct(project)
    _killed_at(project, "clean", whom)
    _recover(project, whom)
    assert _tree(project) == corrected
    assert project.planned() == []


@pytest.mark.parametrize("whom", WHOM)
def test_a_kill_while_waves_are_drawn_leaves_no_trace(fresh_project, tmp_path, whom):
    os.remove(fresh_project.config)
    shutil.copy2(ROOT / "config/science.yaml", fresh_project.folder / "config")
    whole = fresh_project.copy(tmp_path / "whole")
    target = "results/science/survey.json"
    assert whole.snakemake(target).returncode == 0
    _killed_at(fresh_project, "simulate", whom, target)
    _recover(fresh_project, whom, target)
    assert _tree(fresh_project) == _tree(whole)


@contextmanager
def _disk(folder, size):
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "mlm", folder])
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        (folder / MOUNTED).touch()  # Snakemake removes folders that are empty
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@needs_root
@pytest.mark.parametrize("what", DISKS)
def test_a_full_disk_is_told_and_leaves_no_trace(fresh_project, finished_project, what):
    results = fresh_project.folder / "results"
    with _disk(results, DISKS[what]):
        run = fresh_project.snakemake()
        last_words = run.stderr[-3000:]
        assert run.returncode == 3, run.stdout + run.stderr
        places = ("No space left on device: results/", "results/tiny")
        assert any(place in last_words for place in places)
        assert "make room there" in last_words and "report it" not in last_words
        subprocess.run(["mount", "-o", "remount,size=100m", results], check=True)
        _recover(fresh_project, "job")
        assert _tree(fresh_project) == _tree(finished_project)


@needs_root
def test_a_full_folder_for_temporary_files_is_told(fresh_project, finished_project, tmp_path):
    folder = tmp_path / "temporary"
    with _disk(folder, SMALL):
        (folder / "filling").write_bytes(bytes(SMALL // 2))
        environment = {**ENVIRONMENT, "TMPDIR": str(folder)}
        run = subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "2"],
            cwd=fresh_project.folder,
            env=environment,
            capture_output=True,
            text=True,
        )
    last_words = run.stderr[-3000:]
    assert run.returncode == 3, run.stdout + run.stderr
    assert str(folder) in last_words and "TMPDIR" in last_words
    _recover(fresh_project, "job")
    assert _tree(fresh_project) == _tree(finished_project)


@pytest.mark.parametrize("megabytes", MEMORY)
def test_want_of_memory_is_told_and_leaves_no_trace(
    fresh_project, finished_project, tmp_path, megabytes
):
    limit = tmp_path / "limit.sh"  # read by the shell of each job
    limit.write_text(f"ulimit -v {megabytes * 1024}\n")
    with _started(fresh_project, env={**ENVIRONMENT, "BASH_ENV": str(limit)}) as run:
        said, _ = run.communicate()
    assert run.returncode in (1, 3), said
    assert "memory" in said[-3000:].lower(), said
    assert "a fault of mlm" not in said[-3000:]
    _recover(fresh_project, "job")
    assert _tree(fresh_project) == _tree(finished_project)
