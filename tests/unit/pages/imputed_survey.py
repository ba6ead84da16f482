"""The survey behind the sample with values that are missing imputed, analysed over imputations."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from mlm.configuration import Configuration
from mlm.configuration.planning import plan_of
from mlm.results.analysis import AnalysisResults
from mlm.results.survey.survey import SurveyAccount
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.linking.linking import link_waves
from mlm.statistics.answers.imputed.analysis import analyse_imputed
from mlm.statistics.answers.imputed.beside import ShiftedImputations
from mlm.statistics.evidence.completed_samples import CompletedSamples
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves
from tests.cleaned_waves import clean_wave
from tests.few_draws import few_draws
from tests.unit.pages.sample import provenance
from tests.unit.pages.sample.survey import analysed_configuration, loaded, rows

DRAWS = 3
GONE = 0.1  # of the experience of teachers
SHIFT = 5.0  # years


def _with_gaps() -> dict[str, pd.DataFrame]:
    rng, found = np.random.default_rng(5), {}
    for wave, frame in rows().items():
        gone = rng.random(len(frame)) < GONE
        found[wave] = frame.assign(experience=frame["experience"].mask(gone, ""))
    return found


def _completed(table: pd.DataFrame, rng: np.random.Generator, shift: float = 0.0) -> pd.DataFrame:
    """Rows whose gaps are filled from others of their wave; free lunch as well."""
    table = table.copy()
    for name in ("experience", "ses"):
        gone = table[name].isna()
        drawn = rng.choice(table[name].dropna().to_numpy(), int(gone.sum()))
        table.loc[gone, name] = drawn + shift if name == "experience" else drawn
    return table


@cache
def imputed_made() -> dict[str, str]:
    """Results and the linked survey, as their files hold them."""
    with TemporaryDirectory() as folder:
        results, survey = _analysed(Path(folder))
    return {"results": results.to_json(), "survey": survey.to_json()}


def imputed_inputs() -> dict:
    """Inputs of a report as a run gives them, to be changed by a test."""
    stored = {name: json.loads(text) for name, text in imputed_made().items()}
    rest = {"analysis": "math", "provenance": provenance(), "previous": None, "residuals": None}
    return {"configuration": _configuration(), **stored, **rest}


def _configuration() -> dict:
    given = analysed_configuration()
    given["variables"]["experience"]["missing"] = {"": "not recorded"}
    given["analyses"]["math"]["terms"] = ["class_type", "ses", "experience"]
    del given["analyses"]["math"]["between"]
    return given


def _analysed(folder: Path) -> tuple[AnalysisResults, SurveyAccount]:
    (folder / "data").mkdir()
    configuration = loaded(folder / "sample.yaml", _configuration())
    tables, ledgers = {}, {}
    for wave, frame in _with_gaps().items():
        frame.to_csv(folder / "data" / f"wave_{wave}.csv", index=False)
        table, ledgers[wave] = clean_wave(configuration, wave, folder)
        tables[wave] = table.to_pandas()
    survey = link_waves(configuration, tables, ledgers)
    complete = _merged(configuration, tables, tables)
    rng = np.random.default_rng(8)
    draws = [_drawn(configuration, tables, rng) for _ in range(DRAWS)]
    moved = [_drawn(configuration, tables, rng, SHIFT) for _ in range(DRAWS)]
    with few_draws():
        results, _ = analyse_imputed(
            plan_of(configuration, "math"),
            CompletedSamples.of(draws),
            survey,
            complete,
            [ShiftedImputations("experience", SHIFT, CompletedSamples.of(moved))],
        )
    return results, survey


def _drawn(configuration: Configuration, tables, rng, shift: float = 0.0) -> CrossProducts:
    completed = {wave: _completed(table, rng, shift) for wave, table in tables.items()}
    return _merged(configuration, completed, tables)


def _merged(configuration: Configuration, tables, like) -> CrossProducts:
    columns = columns_of_survey(configuration, next(iter(like.values())))
    parts = {
        wave: accumulate_wave(configuration, wave, table, columns)["math"]
        for wave, table in tables.items()
    }
    return merge_waves(plan_of(configuration, "math"), parts)
