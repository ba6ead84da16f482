"""What each stage loads: a library that it does not use costs every job its start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mlm.commands.jobs.fork_server import LOADED
from mlm.commands.jobs.handing_over import VARIABLE
from mlm.commands.program import asked
from tests.imputed_files import CONFIGURATION, imputed_waves, observed_waves, write_imputed

pytestmark = pytest.mark.workflow

ROOT = Path(__file__).parents[2]
ROWS = {"numpy", "pyarrow"}
PAGES = {"numpy", "jinja2", "fontTools"}
USED = {
    "clean": ROWS,
    "link": {*ROWS, "scipy"},
    "ledger": set(),
    "columns": ROWS,
    "accumulate": ROWS,
    "merge": {"numpy"},
    "analyse": {*ROWS, "scipy"},
    "residuals": {*ROWS, "scipy"},
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
    "link": {"scipy"},  # errors of numbers of waves
    "merge": {"pandas", "pyarrow"},  # many ids without order
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


EACH_ALONE = """
import json, os, sys
from mlm.commands.program import main
told = {}
for name, words in json.loads(sys.argv[1]):
    receiver, sender = os.pipe()
    child = os.fork()
    if not child:
        os.close(receiver)
        sys.argv = ["mlm", name, *words]
        sys.stdout = open(os.devnull, "w")
        try:
            main()
        except SystemExit as end:
            with os.fdopen(sender, "w") as out:
                json.dump([end.code or 0, sorted(sys.modules)], out)
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver) as answer:
        told[name] = json.load(answer)
    os.waitpid(child, 0)
print(json.dumps(told))
"""
OF_UNITS = "publication: {unit_pages: school}\ndisclosure: {mode: controlled}\n"
BY_HAND = {
    "schema": set(),
    "new": set(),
    "run": set(),
    "init": ROWS,
    "check": {*ROWS, "scipy"},
    "simulate": ROWS,
    "intake": ROWS,
    "link_wave": ROWS,
    "accumulate_part": ROWS,
    "residuals_of_wave": {*ROWS, "scipy"},
    "complete": ROWS,
    "impute": {*ROWS, "scipy"},
    "merge_imputed": {"numpy"},
    "units": {*PAGES, "pyarrow", "babel", "typst"},
}
"""What the commands use that are no jobs of the small survey."""


def test_every_command_is_looked_at():
    assert {command.__name__ for command in asked([])} == USED.keys() | BY_HAND.keys()


def test_other_commands_load_what_they_use_too(finished_project, tmp_path):
    config, out = "config/tiny.yaml", str(tmp_path)
    made = finished_project.folder / "results" / "tiny"
    inside = tmp_path / "inside.yaml"
    text = finished_project.config.read_text(encoding="utf-8")
    inside.write_text(f"{text}{OF_UNITS}", encoding="utf-8")
    steps = [
        ("schema", []),
        ("new", [f"{out}/new"]),
        ("run", ["--help"]),
        ("init", ["data/wave_K.csv", "data/wave_1.csv"]),
        ("check", [config]),
        ("simulate", [str(ROOT / "config" / "science.yaml"), f"{out}/simulated"]),
        ("intake", ["--out", f"{out}/taken", config, "K", "data/wave_K.csv"]),
        ("link_wave", ["--out", f"{out}/linked", config, "K", f"{made}/clean/K.parquet"]),
        ("accumulate_part", ["--columns", f"{made}/columns.json", "--out", f"{out}/part",
                             "--number", "0", "--of", "2", config, "K", f"{made}/clean/K.parquet"]),
        ("residuals_of_wave", ["--statistics", f"{made}/math/statistics.npz", "--fits",
                               f"{made}/math/fits", "--out", f"{out}/K.npz", config, "math", "K",
                               f"{made}/clean/K.parquet"]),
        ("units", ["--results", f"{made}/math/results.json", "--survey", f"{made}/survey.json",
                   "--out", f"{out}/units", str(inside), "math"]),
        *_of_imputed(tmp_path),
    ]  # fmt: skip
    found = _loaded_by(steps, finished_project.folder)
    assert {name: found[name] for name in BY_HAND if name != "impute"} == {
        name: used for name, used in BY_HAND.items() if name != "impute"
    }


@pytest.mark.study
def test_drawing_what_rows_lack_loads_what_it_uses_too(tmp_path):
    steps = _of_drawn(tmp_path)
    assert _loaded_by(steps, tmp_path)["impute"] == BY_HAND["impute"]


def _loaded_by(steps, folder) -> dict[str, set[str]]:
    """The heavy libraries that each command has loaded at its end; all commands end well."""
    command = [sys.executable, "-c", EACH_ALONE, json.dumps(steps)]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    told = json.loads(run.stdout)
    assert {name: code for name, (code, _) in told.items() if code} == {}, run.stderr
    return {name: set(modules) & HEAVY for name, (_, modules) in told.items()}


def _cleaned(folder, waves) -> tuple[list[tuple[str, list[str]]], str, list[str]]:
    """The commands that clean a survey with gaps; its configuration, and the clean rows."""
    config, clean = str(folder / "gaps.yaml"), [str(folder / f"{wave}.parquet") for wave in waves]
    steps = [
        ("clean", ["--out", table, "--ledger", str(folder / f"{wave}.json"), config, wave])
        for wave, table in zip(waves, clean, strict=True)
    ]
    steps.append(("columns", ["--out", str(folder / "columns.json"), config, clean[0]]))
    return steps, config, clean


def _of_drawn(folder) -> list[tuple[str, list[str]]]:
    """Commands of a survey whose gaps are drawn."""
    waves = observed_waves(schools=12, pupils=3)
    for wave, frame in waves.items():
        frame.to_csv(folder / f"{wave}.csv", index=False, na_rep="NA")
    text = CONFIGURATION.format(suffix=".csv", missing="{method: joint, draws: 2, iterations: 200}")
    (folder / "gaps.yaml").write_text(text, encoding="utf-8")
    steps, config, clean = _cleaned(folder, waves)
    columns, out = ["--columns", str(folder / "columns.json")], str(folder / "imputed")
    return [*steps, ("impute", [*columns, "--out", out, config, "score", *clean])]


def _of_imputed(folder) -> list[tuple[str, list[str]]]:
    """Commands of a survey that brings imputations."""
    waves = observed_waves(schools=4, pupils=4)
    write_imputed(folder, "mice", waves, imputed_waves(waves))
    steps, config, clean = _cleaned(folder, waves)
    columns, sums = ["--columns", str(folder / "columns.json")], []
    for wave, table in zip(waves, clean, strict=True):
        filled, out = folder / "full" / f"{wave}.parquet", str(folder / "sums" / wave)
        account = ["--account", str(filled.with_suffix(".json"))]
        given = [config, wave, str(folder / f"{wave}.csv")]
        steps.append(("complete", ["--out", str(filled), *account, *given]))
        given = ["--completed", str(filled), "--out", out, config, wave, table]
        steps.append(("accumulate", [*columns, *given]))
        sums.append(out)
    out = str(folder / "imputed")
    return [*steps, ("merge_imputed", ["--out", out, config, "score", *sums])]
