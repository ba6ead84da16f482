"""A simulated sample of one wave, as of a national assessment, from files to its reports."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.bands import largest_ratio

SURVEY = """\
survey: national
title: A national assessment
description: One sample of schools, measured with plausible values.
source: made for tests
design: cross_section
levels:
  - {name: school, id: school, plural: schools}
  - {name: pupil, id: pupil}
waves:
  - {name: "2022", time: 2022, files: [results/national/simulated/2022.csv]}
variables:
  math: {label: Mathematics, type: number, level: row, unit: points}
  escs: {label: Home, type: number, level: row}
  sex: {label: Sex, type: category, level: row, categories: {g: Girl, b: Boy}}
sampling:
  weights: {school: W_FSCHWT, pupil: W_FSTUWT}
  replicates: {method: fay, factor: 0.5, columns: "W_FSTR{1..24}"}
plausible_values: {math: "PV{1..5}MATH"}
minimum_proficiency: {math: 420.07}
analyses:
  math: {outcome: math, terms: [escs, sex]}
simulate:
  seed: 7
  outcome: math
  sizes: {school: 150, pupil: [20, 50]}
  fixed: {Intercept: 500, escs: 20, "sex[T.b]": -12}
  variances: {school: 1200, residual: 5000}
  covariates:
    escs: {clustering: 0.25}
    sex: {shares: {g: 0.5, b: 0.5}}
  cuts: {math: [420.07]}
  sample:
    sizes: {school: 44, pupil: 15}
    informative: {school: 0.3, pupil: 0.3}
    response: {school: 0.95, pupil: {sex: {g: 0.95, b: 0.85}}}
    weights: {school: W_FSCHWT, pupil: W_FSTUWT}
    replicates: {method: fay, factor: 0.5, columns: "W_FSTR{1..24}"}
  plausible_values:
    columns: {math: "PV{1..5}MATH"}
    reliability: 0.85
"""


@pytest.fixture
def national(bare_project):
    (bare_project.folder / "config" / "national.yaml").write_text(SURVEY, encoding="utf-8")
    return bare_project


@pytest.mark.study
def test_one_wave_becomes_reports_that_hold_its_population(national):
    run = national.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    folder = national.folder / "results" / "national"
    found = json.loads((folder / "math" / "results.json").read_text("utf-8"))
    truth = json.loads((folder / "simulated" / "truth.json").read_text("utf-8"))
    known = truth["population"]["2022"]["outcomes"]["math"]
    boy, girl = (known["by"]["sex"][code]["mean"] for code in "bg")
    (sex,) = found["means"]["by"]
    pairs = {
        "mean": (found["means"]["waves"][0], known["mean"]),
        "share": (found["shares_at"][0]["waves"][0], known["at_or_above"]["420.07"]),
        "gap": (sex["categories"][1]["waves"][0]["gap"], boy - girl),
    }
    for name, (estimate, true) in pairs.items():
        reach = largest_ratio(len(pairs)) * estimate["std_error"]
        assert abs(estimate["estimate"] - true) < reach, name
    assert {each["what"] for each in found["refusals"]} >= {"ranking", "residuals_of_rows"}
    assert "next_wave" not in {each["what"] for each in found["refusals"]}
    publish = folder / "math" / "publish"
    for name in ("report.pdf", "brief.pdf", "brief.docx", "tables.xlsx"):
        assert (publish / name).stat().st_size > 1000
    page = (publish / "report.html").read_text("utf-8")
    assert "reached the minimum proficiency" in page
    told = json.loads((publish / "report.json").read_text("utf-8"))["findings"]
    assert "change" not in {each["kind"] for each in told["items"]}
    rows = pd.read_csv(publish / "tidy.csv")
    mean = rows[(rows["statistic"] == "weighted_mean") & rows["group"].isna()].iloc[0]
    assert mean["se_sampling"] > 0 and mean["se_measurement"] > 0
    assert national.planned() == []
