"""The survey behind the sample: rows as a data owner would deliver them, and their analysis."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from pyarrow.parquet import write_table

from mlm.configuration import Configuration, load_configuration
from mlm.configuration.planning import plan_of
from mlm.results.analysis import AnalysisResults
from mlm.results.residuals import Residuals
from mlm.results.survey.survey import SurveyAccount
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.linking.linking import link_waves
from mlm.rows.residuals.wave_residuals import residuals_by_wave
from mlm.statistics.answers.analysis import analyse
from mlm.statistics.evidence.merging import merge_waves
from tests.cleaned_waves import clean_wave
from tests.few_draws import few_draws
from tests.unit.pages.sample import provenance, stored_configuration, variable

SCHOOLS = 80
NOT_RECORDED = "-9"
ABSENT = {"K": ["80"], "1": ["5", "77", "78", "79"], "2": ["76", "77", "78", "79", "80"]}
UNTESTED = {"K": ["12"], "1": [], "2": ["30"]}
GAINS = {"K": 0.0, "1": 44.9, "2": 92.1}
SMALL = {"K": 8.4, "1": 12.3, "2": 5.0}
EXPERIENCE = {"K": 0.2, "1": 0.6, "2": 1.2}


def rows() -> dict[str, pd.DataFrame]:
    """Rows of each wave; pupils come, leave and change schools."""
    rng = np.random.default_rng(11)
    school = np.repeat(np.arange(SCHOOLS), rng.integers(20, 40, SCHOOLS))
    n = school.size
    pupils = {
        "small": rng.random(n) < 0.4,
        "not_free": rng.random(n) < 0.5,
        "effect": 29.5 * rng.normal(size=n),
        "first": rng.choice(3, n, p=[0.6, 0.25, 0.15]),
    }
    effects = 14.0 * rng.normal(size=SCHOOLS)
    seniority = 1.0 * rng.normal(size=SCHOOLS)
    staff = 9.0 + 2.0 * rng.normal(size=SCHOOLS)
    slopes = 17.6 + 2.0 * (staff - 9.0) + 12.0 * rng.normal(size=SCHOOLS)
    number = np.arange(n) - np.searchsorted(school, school)
    last = np.minimum(pupils["first"] + rng.choice(3, n, p=[0.35, 0.35, 0.3]), 2)
    waves = {}
    for place, (wave, gain) in enumerate(GAINS.items()):
        there = np.flatnonzero((pupils["first"] <= place) & (place <= last))
        moved = rng.random(there.size) < 0.03
        at = np.where(moved, rng.integers(SCHOOLS, size=there.size), school[there])
        experience = np.maximum(staff[at] + 4.0 * rng.normal(size=there.size), 0.0).round()
        yearly = 8.0 * rng.normal(size=SCHOOLS)
        math = 471.2 + gain + effects[at] + yearly[at] + pupils["effect"][there]
        math += EXPERIENCE[wave] * experience + seniority[at] * (experience - 9.0)
        math += np.where(pupils["small"][there], SMALL[wave], 0.0)
        math += np.where(pupils["not_free"][there], slopes[at], 0.0)
        math += 24.7 * rng.normal(size=there.size)
        frame = pd.DataFrame(
            {
                "school": [f"{s + 1}" for s in at],
                "pupil": [f"{school[p] + 1}-{number[p] + 1}" for p in there],
                "math": math.round(1).astype(str),
                "class_type": np.where(pupils["small"][there], "small", "reg"),
                "ses": np.where(pupils["not_free"][there], "N", "F"),
                "experience": experience.astype(int).astype(str),
            }
        )
        frame["weight"] = rng.choice(["1", "2", "3"], there.size)
        for name in ("pv1", "pv2"):
            frame[name] = (math + 10.0 * rng.normal(size=there.size)).round(1).astype(str)
        frame.loc[rng.random(there.size) < 0.05, "math"] = NOT_RECORDED
        frame.loc[frame["school"].isin(UNTESTED[wave]), "math"] = ""
        frame.loc[rng.random(there.size) < 0.01, "ses"] = NOT_RECORDED
        frame.loc[[3, 9, 12, 20, 31], "pupil"] = ""
        frame = frame[~frame["school"].isin(ABSENT[wave])]
        waves[wave] = frame
    return waves


def analysed_configuration() -> dict:
    """The sample's configuration with what its stored results answer beside the five questions."""
    given = stored_configuration()
    given["variables"]["school_experience"] = {
        **variable("Mean experience of the school", unit="years"),
        "level": "school",
        "aggregate": {"of": "experience", "within": "school", "statistic": "mean"},
    }
    given["variables"] |= {name: variable(name) for name in ("weight", "pv1", "pv2")}
    for name in ("math", "ses"):
        given["variables"][name]["missing"] = {NOT_RECORDED: "not recorded"}
    given["analyses"]["math"] |= {
        "terms": ["class_type", "ses", "experience", "experience^2", "school_experience"],
        "time_interactions": ["class_type", "experience"],
        "between": ["experience"],
        "slopes": ["ses", "experience"],
    }
    return given


def _cleaned_configuration() -> dict:
    """The same as its rows are cleaned: weights and plausible values are accounted for."""
    given = analysed_configuration()
    given["variables"]["mathematics"] = variable("Mathematics", unit="points")
    given["sampling"] = {"weights": {"row": "weight"}, "weights_are": "conditional"}
    given["plausible_values"] = {"mathematics": ["pv1", "pv2"]}
    del given["analyses"]["math"]["between"]
    return given


@cache
def made() -> dict[str, str]:
    """Results, the linked survey and residuals of the analysis, as their files hold them."""
    with TemporaryDirectory() as folder:
        results, survey, residuals = _analysed(Path(folder))
    records = {"results": results, "survey": survey, "residuals": residuals}
    return {name: record.to_json() for name, record in records.items()}


def everything_made() -> dict:
    """Inputs of a report as a run gives them, to be changed by a test."""
    stored = {name: json.loads(text) for name, text in made().items()}
    rest = {"analysis": "math", "provenance": provenance(), "previous": None}
    return {"configuration": analysed_configuration(), **stored, **rest}


def loaded(path: Path, given: dict) -> Configuration:
    """A configuration read from a file."""
    path.write_text(json.dumps(given), encoding="utf-8")
    return load_configuration(path)


def _analysed(folder: Path) -> tuple[AnalysisResults, SurveyAccount, Residuals]:
    """Rows written to a folder, cleaned, linked, accumulated and analysed."""
    (folder / "data").mkdir()
    cleaned = loaded(folder / "cleaned.yaml", _cleaned_configuration())
    configuration = loaded(folder / "sample.yaml", analysed_configuration())
    tables, ledgers, files = {}, {}, {}
    for wave, frame in rows().items():
        frame.to_csv(folder / "data" / f"wave_{wave}.csv", index=False)
        table, ledgers[wave] = clean_wave(cleaned, wave, folder)
        tables[wave], files[wave] = table.to_pandas(), folder / f"{wave}.parquet"
        write_table(table, files[wave])
    survey = link_waves(cleaned, tables, ledgers)
    columns = columns_of_survey(configuration, next(iter(tables.values())))
    parts = {
        wave: accumulate_wave(configuration, wave, table, columns)["math"]
        for wave, table in tables.items()
    }
    plan = plan_of(configuration, "math")
    sample = merge_waves(plan, parts)
    with few_draws():
        results, fits = analyse(plan, sample, survey)
    return results, survey, residuals_by_wave(plan, fits["settled.reml"], sample, files)
