"""People who are followed and are in no units: files, results and report of a one-level survey."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from mlm.commands.report import report
from mlm.statistics.fitting.fit import Fit
from tests.commands_in_process import analysed, with_residuals
from tests.reference.reference_sets import FOLDER, NEEDS_DATA

pytestmark = NEEDS_DATA
BEYOND = 1e-6  # deviance by which ours may be above that of nlme
CONFIGURATION = """\
survey: lungs
title: Lung function
description: Two hundred people at four visits.
source: R package mmrm 0.3.18 (Apache-2.0), simulated.
design: same_pupils
levels:
  - {name: patient, id: USUBJID}
time: {name: visit, label: Visit, coding: categories}
waves:
  - {name: "1", time: 1, files: [fev_1.csv]}
  - {name: "2", time: 2, files: [fev_2.csv]}
  - {name: "3", time: 3, files: [fev_3.csv]}
  - {name: "4", time: 4, files: [fev_4.csv]}
variables:
  fev: {label: FEV1, column: FEV1, type: number, level: row, missing: {NA: not recorded}}
  arm:
    label: Trial arm
    column: ARMCD
    type: category
    level: patient
    categories: {PBO: Placebo, TRT: Treated}
  sex:
    label: Sex
    column: SEX
    type: category
    level: patient
    categories: {Male: Male, Female: Female}
  race:
    label: Race
    column: RACE
    type: category
    level: patient
    categories: {Asian: Asian, Black or African American: Black, White: White}
analyses:
  fev:
    outcome: fev
    terms: [race, sex, arm]
    time_interactions: [arm]
    protected: [race, sex, arm]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Folder of the results."""
    folder = tmp_path_factory.mktemp("lungs")
    rows = pd.read_csv(FOLDER / "repeated" / "fev.csv.gz", keep_default_na=False)
    for number, visit in enumerate(sorted(rows["AVISIT"].unique()), start=1):
        own = rows[rows["AVISIT"] == visit].drop(columns="AVISIT")
        own.to_csv(folder / f"fev_{number}.csv", index=False)
    config = folder / "lungs.yaml"
    config.write_text(CONFIGURATION, encoding="utf-8")
    return analysed(config, folder / "made", ["fev"])


def test_the_full_model_is_that_of_nlme(made):
    (entry,) = (
        model
        for model in json.loads((FOLDER / "repeated" / "reference.json").read_text())["models"]
        if "formula" in model
    )
    fit = Fit.from_json(made / "fev" / "fits" / "full.reml.fit.json")
    assert fit.n_obs == entry["rows"] and fit.residual == "patient"
    assert abs(fit.deviance - entry["deviance"]) < BEYOND
    table = fit.fixed_effects
    for name, its in (("arm[T.TRT]", "ARMCDTRT"), ("race[T.White]", "RACEWhite")):
        (own,) = (term for term in entry["fixed"] if term["term"] == its)
        assert table.loc[name, "estimate"] == pytest.approx(own["estimate"], abs=1e-4)
        assert table.loc[name, "std_error"] == pytest.approx(own["std_error"], abs=1e-4)


def test_its_report_tells_effects_and_names_no_share_that_is_the_whole(made, tmp_path):
    config = made.parent / "lungs.yaml"
    residuals = with_residuals(config, made, "fev")
    given = made / "fev" / "results.json", made / "survey.json"
    report(config, "fev", *given, tmp_path, residuals=residuals)
    out = tmp_path / "publish"
    tables = {path.stem for path in (out / "tables").glob("*.csv")}
    assert "shares" in tables and "shares-waves" not in tables
    lines = (out / "tables" / "explained.csv").read_text("utf-8").splitlines()
    assert lines[1].startswith("Patients and occasions,")
    coefficients = (out / "tables" / "coefficients.csv").read_text("utf-8")
    assert "Treated" in coefficients and "[c]" not in coefficients
