"""A small sample of two cycles through the workflow: which jobs run, and what is left alone."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.cycles import wave_rows, write_cycles

RESULTS = "results/cycles/math/results.json"


@pytest.fixture
def sample(unrun_project, tmp_path):
    project = unrun_project.copy(tmp_path / "project")
    project.config.unlink()
    write_cycles(project.folder)
    (project.folder / "cycles.yaml").rename(project.folder / "config" / "cycles.yaml")
    return project


@pytest.mark.slow
def test_the_rows_of_all_waves_become_results(sample):
    run = sample.snakemake(RESULTS)
    assert run.returncode == 0, run.stdout + run.stderr
    folder = sample.folder / "results" / "cycles"
    found = json.loads((folder / "math" / "results.json").read_text("utf-8"))
    assert (found["kind"], found["draws"]) == ("sampled", 3)
    assert (folder / "math" / "fits" / "settled.3.fit.json").exists()
    assert not (folder / "statistics").exists() and not (folder / "columns.json").exists()
    table = pd.read_parquet(folder / "clean" / "2018.parquet")
    assert table["W_FSTR4"].tolist() == wave_rows(2018)["W_FSTR4"].tolist()

    planned = sample.snakemake("--dry-run", RESULTS)
    assert "Nothing to be done" in planned.stdout + planned.stderr
    sample.replace("config/cycles.yaml", "math: 420.07", "math: 480")
    planned = sample.snakemake("--dry-run", RESULTS)
    told = planned.stdout + planned.stderr
    assert "Analyse math of the sample cycles" in told and "Clean wave" not in told
