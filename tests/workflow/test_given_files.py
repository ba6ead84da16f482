"""A job reads the files that its rule gives it, and not those that the configuration names.

Each test has two files of one wave, both valid, that differ in a score: one where the configuration
says, the other where Snakemake brings the wave from. What the cleaned rows hold tells which was
read.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.git_at_hand import WITHOUT_GIT
from tests.workflow.project import ROOT, Project

pytestmark = pytest.mark.workflow

CLEAN = "results/tiny/clean/1.parquet"
BROUGHT, CONFIGURED = 811.0, 822.0  # scores in grade 1 that no pupil of the survey has
NOT_VALID = 99_999


def _give_a_score(path: Path, score: float) -> None:
    """Change the score of the first pupil who has one."""
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    place = head.split(",").index("math")
    cells = [row.split(",") for row in rows]
    next(row for row in cells if row[place])[place] = f"{score:g}"
    path.write_text("\n".join([head, *map(",".join, cells)]) + "\n", encoding="utf-8")


def _scores(path: Path) -> set[float]:
    return set(pq.read_table(path)["math"].to_pylist())


def _assert_brought(path: Path) -> None:
    assert BROUGHT in _scores(path) and CONFIGURED not in _scores(path)


@pytest.fixture
def two_waves(fresh_project, tmp_path) -> Project:
    """The survey, and beside it the folder ``brought`` with another file of the first grade."""
    shutil.copytree(fresh_project.folder / "data", tmp_path / "brought" / "data")
    _give_a_score(tmp_path / "brought" / "data" / "wave_1.csv", BROUGHT)
    _give_a_score(fresh_project.folder / "data" / "wave_1.csv", CONFIGURED)
    return fresh_project


def test_cleaning_reads_the_files_it_is_given(two_waves, tmp_path):
    given = tmp_path / "brought" / "data" / "wave_1.csv"
    run = two_waves.mlm("clean", "--out", CLEAN, "--ledger", CLEAN.replace(".parquet", ".json"),
                        "config/tiny.yaml", "1", str(given))  # fmt: skip
    assert run.returncode == 0, run.stderr
    _assert_brought(two_waves.folder / CLEAN)


def test_too_many_files_are_refused(two_waves):
    run = two_waves.mlm("clean", "--out", "x", "--ledger", "y", "config/tiny.yaml", "1",
                        "data/wave_1.csv", "data/wave_2.csv")  # fmt: skip
    assert run.returncode == 2
    assert "2 files were given for the 1 files of wave 1 (data/wave_1.csv)" in run.stderr


# --- storage ----------------------------------------------------------------------------

RSYNC = """#!{python}
import pathlib, shutil, sys
source, target = [word for word in sys.argv[1:] if not word.startswith("-")]
if source.endswith("/"):
    shutil.copytree(source, target, dirs_exist_ok=True)
else:
    shutil.copy2(source, target)
"""


@pytest.fixture
def path_of_programs(tmp_path) -> str:
    """Where programs are looked for: with rsync, which the storage copies files with."""
    if shutil.which("rsync"):
        return os.environ["PATH"]
    program = tmp_path / "bin" / "rsync"
    program.parent.mkdir()
    program.write_text(RSYNC.format(python=sys.executable), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return os.pathsep.join([str(program.parent), os.environ["PATH"]])


@pytest.fixture
def in_storage(two_waves, tmp_path, path_of_programs):
    """Run snakemake on the survey with the files in a storage, without a shared file system."""
    pytest.importorskip("snakemake_storage_plugin_fs")
    storage = ("--default-storage-provider", "fs", "--default-storage-prefix")
    options = (*storage, str(tmp_path / "brought"), "--shared-fs-usage", "none")

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return two_waves.snakemake(*arguments, *options, PATH=path_of_programs)

    return run


def test_a_whole_run_reads_the_storage_and_not_this_disk(in_storage, two_waves, tmp_path):
    for wave in ("K", "1"):
        (two_waves.folder / "data" / f"wave_{wave}.csv").write_text("no wave\n")
    run = in_storage()
    assert run.returncode == 0, run.stdout + run.stderr
    stored = tmp_path / "brought" / "results"
    _assert_brought(tmp_path / "brought" / CLEAN)
    assert (stored / "tiny/math/publish/report.html").is_file()
    assert not (two_waves.folder / "results").exists()


def test_a_fault_of_a_stored_wave_is_told_though_the_one_on_this_disk_is_good(
    in_storage, two_waves, tmp_path
):
    _give_a_score(tmp_path / "brought" / "data" / "wave_1.csv", NOT_VALID)
    run = in_storage(CLEAN)
    assert run.returncode == 2, run.stdout + run.stderr
    assert "math: 1 cell outside the range" in run.stderr


def test_a_wave_that_changed_in_the_storage_is_cleaned_again(in_storage, two_waves, tmp_path):
    assert in_storage(CLEAN).returncode == 0
    wave = tmp_path / "brought" / "data" / "wave_1.csv"
    _give_a_score(wave, BROUGHT + 1)
    again = in_storage(CLEAN)
    assert again.returncode == 0, again.stderr
    assert BROUGHT + 1 in _scores(tmp_path / "brought" / CLEAN)
    nothing = in_storage(CLEAN)
    assert "Nothing to be done" in nothing.stdout + nothing.stderr


def test_a_wave_that_is_looked_at_is_the_one_in_the_storage(in_storage, two_waves, tmp_path):
    """Rows in another school than the first are left out: grade 1 looks at kindergarten."""
    two_waves.replace("config/tiny.yaml", "{name: pupil,", "{name: pupil, moves: first,")
    ledger = CLEAN.replace(".parquet", ".json")

    def kept(folder: Path) -> int:
        return json.loads((folder / ledger).read_text(encoding="utf-8"))["rows_kept"]

    assert two_waves.snakemake(CLEAN).returncode == 0
    _move_a_pupil(tmp_path / "brought" / "data")
    run = in_storage(CLEAN)
    assert run.returncode == 0, run.stdout + run.stderr
    assert kept(tmp_path / "brought") == kept(two_waves.folder) - 1


def _move_a_pupil(folder: Path) -> None:
    """Give a pupil who stays in his school another school in kindergarten."""
    later = pd.read_csv(folder / "wave_1.csv", dtype=str)[["pupil", "school"]]
    first = pd.read_csv(folder / "wave_K.csv", dtype=str)
    place = pd.merge(first.reset_index(), later, on=["pupil", "school"])["index"][0]
    first.loc[place, "school"] = first["school"][first["school"] != first["school"][place]].iloc[0]
    first.to_csv(folder / "wave_K.csv", index=False, lineterminator="\n")


# --- modules and folders ------------------------------------------------------------------

MODULE = """
module mlm:
    snakefile: {snakefile!r}
    config: {{"configs": ["config/tiny.yaml"]}}
{prefix}
use rule * from mlm as mlm_*

rule all:
    default_target: True
    input: {target!r}
"""


def _as_module(folder: Path, snakefile: str | Path, prefix: str = "") -> None:
    text = MODULE.format(
        snakefile=str(snakefile),
        prefix=f"    prefix: {prefix!r}\n" if prefix else "",
        target=str(Path(prefix, "results/index.html")),
    )
    (folder / "Snakefile").write_text(text, encoding="utf-8")


def _of_a_user(project: Project, folder: Path) -> Project:
    """A folder that holds the configuration and the data alone."""
    folder.mkdir()
    for name in ("config", "data"):
        shutil.copytree(project.folder / name, folder / name)
    return Project(folder)


@pytest.fixture
def user(two_waves, tmp_path) -> Project:
    return _of_a_user(two_waves, tmp_path / "user")


def _ran(project: Project, *arguments: str) -> None:
    run = project.snakemake(*arguments)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_module_of_a_path_reads_the_folder_of_its_user(user, two_waves):
    _as_module(user.folder, two_waves.folder / "workflow" / "Snakefile")
    _ran(user)
    assert CONFIGURED in _scores(user.folder / CLEAN)
    assert user.planned() == []


def test_a_module_with_a_prefix_reads_below_it_and_reruns_what_changed_there(
    user, two_waves, tmp_path
):
    """Snakemake looks for the files of a module below its prefix; what lies outside is none."""
    _as_module(user.folder, two_waves.folder / "workflow" / "Snakefile", prefix="survey")
    shutil.copytree(tmp_path / "brought" / "data", user.folder / "survey" / "data")
    target = f"survey/{CLEAN}"
    _ran(user, target)
    _assert_brought(user.folder / target)
    _give_a_score(user.folder / "data" / "wave_1.csv", NOT_VALID)  # not one of its files
    assert "Nothing to be done" in _said(user.snakemake(target))
    wave = user.folder / "survey" / "data" / "wave_1.csv"
    was = wave.stat()
    _give_a_score(wave, BROUGHT + 1)
    os.utime(wave, ns=(was.st_atime_ns, was.st_mtime_ns))  # the content counts, not the date
    _ran(user, target)
    assert BROUGHT + 1 in _scores(user.folder / target)


def test_another_prefix_for_results_moves_them(user, two_waves):
    _as_module(user.folder, two_waves.folder / "workflow" / "Snakefile")
    text = (user.folder / "Snakefile").read_text(encoding="utf-8")
    moved = text.replace("use rule", '    replace_prefix: {"results/": "out/"}\nuse rule')
    (user.folder / "Snakefile").write_text(moved.replace("'results/", "'out/"), encoding="utf-8")
    _ran(user, "out/tiny/clean/1.parquet")
    assert CONFIGURED in _scores(user.folder / "out/tiny/clean/1.parquet")


@pytest.fixture(scope="session")
def repository(unrun_project, tmp_path_factory) -> Path:
    """The workflow as a git repository of one commit."""
    if shutil.which("git") is None:
        pytest.skip(WITHOUT_GIT)
    folder = tmp_path_factory.mktemp("repository") / "mlm"
    for name in ("Snakefile", "workflow", "profiles", "mlm", "reports"):
        source = unrun_project.folder / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        folder.mkdir(exist_ok=True)
        copy(source, folder / name)
    author = ("-c", "user.name=author", "-c", "user.email=author@example.org")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "First")):
        subprocess.run(["git", *author, *words], cwd=folder, check=True)
    return folder


def test_a_module_of_a_git_source_runs_the_code_of_its_commit(user, repository):
    _as_module(user.folder, f"git+file://{repository / 'workflow' / 'Snakefile'}@main")
    (repository / "mlm" / "commands" / "clean.py").write_text("raise SystemExit('not committed')")
    try:
        _ran(user)
        assert CONFIGURED in _scores(user.folder / CLEAN)
        assert user.planned() == []
    finally:
        subprocess.run(["git", "checkout", "-q", "."], cwd=repository, check=True)


STANDARD_USAGE = """
from snakemake.utils import min_version
min_version("9.17")

configfile: "config/config.yaml"

module mlm:
    snakefile: "{snakefile}"
    config: config

use rule * from mlm
"""


def test_the_standard_usage_of_the_catalogue_runs(user, repository):
    """As snakedeploy writes it, which copies the folder config/ of the repository."""
    snakefile = f"git+file://{repository / 'workflow' / 'Snakefile'}@main"
    shutil.copy2(ROOT / "config" / "config.yaml", user.folder / "config")
    (user.folder / "workflow").mkdir()
    text = STANDARD_USAGE.format(snakefile=snakefile)
    (user.folder / "workflow" / "Snakefile").write_text(text, encoding="utf-8")
    _ran(user, CLEAN)
    assert CONFIGURED in _scores(user.folder / CLEAN)


def test_another_working_folder_holds_configuration_data_and_results(user, tmp_path):
    for option in ("--directory", "-d"):
        other = _of_a_user(user, tmp_path / option.strip("-"))
        run = Project(tmp_path).snakemake(
            "-s", str(ROOT / "Snakefile"), option, str(other.folder), CLEAN
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert CONFIGURED in _scores(other.folder / CLEAN)
    assert not (tmp_path / "results").exists()


def _said(run: subprocess.CompletedProcess) -> str:
    return run.stdout + run.stderr
