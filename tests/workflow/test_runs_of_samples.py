"""A small sample of two cycles through the workflow: which jobs run, and what is left alone."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.cycles import wave_rows, write_cycles


@pytest.fixture
def sample(bare_project):
    folder = bare_project.folder
    write_cycles(folder)
    (folder / "cycles.yaml").rename(folder / "config" / "cycles.yaml")
    return bare_project


@pytest.mark.study
def test_the_rows_of_all_waves_become_a_report(sample):
    run = sample.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    folder = sample.folder / "results" / "cycles"
    found = json.loads((folder / "math" / "results.json").read_text("utf-8"))
    assert (found["kind"], found["draws"]) == ("sampled", 3)
    assert (folder / "math" / "fits" / "settled.3.fit.json").exists()
    assert (folder / "math" / "publish" / "report.pdf").exists()
    assert not (folder / "statistics").exists() and not (folder / "columns.json").exists()
    table = pd.read_parquet(folder / "clean" / "2018.parquet")
    assert table["W_FSTR4"].tolist() == wave_rows(2018)["W_FSTR4"].tolist()

    assert sample.planned() == []
    sample.replace("config/cycles.yaml", "math: 420.07", "math: 480")
    planned = sample.planned()
    assert planned[:2] == ["Analyse math of the sample cycles", "Report math of cycles"]
    assert len(planned) == 3, "and the index"
