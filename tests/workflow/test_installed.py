"""The wheel alone is enough: no checkout is needed to run a survey in an empty folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.workflow.project import NOT_COPIED, ROOT

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Run ``mlm`` of a wheel in a folder, with the other packages of this environment."""
    checkout, wheels, site = map(tmp_path_factory.mktemp, ("checkout", "wheels", "site"))
    for name in ("mlm", "workflow", "profiles", "reports"):
        shutil.copytree(ROOT / name, checkout / name, ignore=NOT_COPIED)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, checkout / name)
    build = ("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels))
    _pip(*build, str(checkout))
    (wheel,) = wheels.iterdir()
    _pip("install", "--no-deps", "--target", str(site), str(wheel))
    shutil.rmtree(checkout)
    environment = {**os.environ, "PYTHONPATH": str(site)}

    def run(folder, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "mlm", *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )

    run.wheel = wheel
    return run


def _pip(*words: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pip", "--no-cache-dir", *words], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_wheel_puts_one_folder_beside_others(installed):
    with zipfile.ZipFile(installed.wheel) as file:
        names = file.namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"mlm"}
    assert "mlm/workflow/rules/rows.smk" in names and "mlm/workflow/Snakefile" in names
    assert "mlm/workflow/profiles/default/config.yaml" in names


def test_a_survey_runs_from_an_empty_folder_to_its_report(
    installed, unrun_project, finished_project, tmp_path
):
    made = installed(tmp_path, "new", "project")
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "project"
    assert installed(folder, "run", "--cores", "2").returncode == 2  # no configuration yet
    shutil.copytree(unrun_project.folder / "data", folder / "data", dirs_exist_ok=True)
    shutil.copy2(unrun_project.config, folder / "config")
    checked = installed(folder, "check", "config/tiny.yaml")
    assert checked.returncode == 0, checked.stderr
    run = installed(folder, "run", "config/tiny.yaml", "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    results = "results/tiny/math/results.json"
    same = finished_project.folder / results
    assert (folder / results).read_bytes() == same.read_bytes()
    assert (folder / "results/publish/index.html").is_file()
    again = installed(folder, "run", "--cores", "2", "--report", "report.zip")
    assert again.returncode == 0, again.stdout + again.stderr
    with zipfile.ZipFile(folder / "report.zip") as file:
        assert any(name.endswith(".pdf") for name in file.namelist())
    (folder / "data/wave_1.csv").write_text("pupil\n")
    assert installed(folder, "run", "config/tiny.yaml").returncode == 2
