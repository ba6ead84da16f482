"""What each stage loads: a library that it does not use costs every job its start."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mlm.commands.jobs.fork_server import LOADED
from mlm.commands.jobs.handing_over import VARIABLE

pytestmark = pytest.mark.workflow

ROWS = {"numpy", "pyarrow"}
PAGES = {"numpy", "jinja2", "fontTools"}
USED = {
    "clean": ROWS,
    "link": {*ROWS, "pandas", "scipy"},
    "ledger": set(),
    "columns": ROWS,
    "accumulate": ROWS,
    "merge": {*ROWS, "pandas"},
    "analyse": {*ROWS, "scipy"},
    "residuals": {*ROWS, "pandas", "scipy", "formulaic"},
    "report": {*PAGES, "pyarrow", "babel", "typst", "docx", "pptx", "xlsxwriter"},
    "index": {"numpy", "jinja2"},
}
HEAVY = {"matplotlib", "snakemake", "pyreadstat", "rich"}.union(*USED.values())
"""Libraries that take more than a twentieth of a second to load."""

NOTE = """
import atexit, json, os, sys

def note():
    if sys.argv and sys.argv[0].endswith("__main__.py") and "mlm" in sys.argv[0]:
        names = [word for word in sys.argv[1:] if not word.startswith("-")]
        stages = json.loads(os.environ["NOTED_STAGES"])
        stage = next(name for name in names if name in stages)
        with open(os.path.join(os.environ["NOTES"], stage), "w") as file:
            json.dump(sorted(sys.modules), file)

atexit.register(note)
"""


@pytest.fixture(scope="module")
def loaded(finished_project, tmp_path_factory) -> dict[str, set[str]]:
    """The heavy libraries that each stage has loaded at its end, in a run of all of them."""
    notes = tmp_path_factory.mktemp("notes")
    hook = tmp_path_factory.mktemp("hook")
    (hook / "sitecustomize.py").write_text(NOTE, encoding="utf-8")
    project = finished_project.copy(tmp_path_factory.mktemp("loaded") / "project")
    environment = {
        "PYTHONPATH": str(hook),
        "NOTES": str(notes),
        "NOTED_STAGES": json.dumps([*USED]),
        VARIABLE: "",  # every job starts by itself
    }
    run = project.snakemake("--forceall", **environment)
    assert run.returncode == 0, run.stdout + run.stderr
    return {path.name: set(json.loads(path.read_text())) & HEAVY for path in notes.iterdir()}


def test_a_stage_loads_what_it_uses(loaded):
    assert loaded == USED


LOADED_BEFORE = """
import importlib, sys
from mlm.commands.jobs.fork_server import LOADED
for name in LOADED[sys.argv[1]]:
    importlib.import_module(name)
print(" ".join(sys.modules))
"""
SOMETIMES = {
    "accumulate": {"pandas"},  # ids without order
    "link": {"scipy"},  # errors of numbers of waves
    "index": {"numpy", "fontTools"},  # reports to be looked through again, a house style
}
"""Libraries that a stage uses with some surveys alone."""


@pytest.mark.parametrize("stage", LOADED)
def test_what_a_stage_uses_is_loaded_before_it_is_forked_and_nothing_else(stage):
    command = [sys.executable, "-c", LOADED_BEFORE, stage]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    used = USED["clean" if stage == "complete" else stage]
    sometimes = SOMETIMES.get(stage, set())
    assert used - sometimes <= set(found) & HEAVY <= used | sometimes


NOTHING_TO_DO = """
import sys
from snakemake.cli import main
try:
    main(["--cores", "1", "--dry-run"])
except SystemExit as end:
    assert not end.code
print(" ".join(sys.modules))
"""


OF_SNAKEMAKE = {"snakemake", "numpy", "jinja2"}
"""Libraries that it loads by itself."""


def test_to_find_that_there_is_nothing_to_do_needs_no_further_library(project):
    run = subprocess.run(
        [sys.executable, "-c", NOTHING_TO_DO], cwd=project.folder, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert "Nothing to be done" in run.stdout + run.stderr
    assert set(run.stdout.split()) & HEAVY == OF_SNAKEMAKE
