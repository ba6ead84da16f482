"""Results and account of the small assessment: stored as a run writes them, and made anew."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pyarrow.parquet import write_table

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.front.sampled_analysis import analyse_rows
from mlm.results.sampled.results import SampledResults
from mlm.results.survey.survey import SurveyAccount
from mlm.rows.accumulating.sources import source_of
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import clean_wave
from tests.sampled_rows import sampled_rows, stored_configuration

FOLDER = Path(__file__).parent / "unit" / "pages" / "sampled"


def sampled_results() -> SampledResults:
    """The stored results of the analysis."""
    return SampledResults.model_validate_json(stored("results"))


def survey_account() -> SurveyAccount:
    """The stored account of the linked survey."""
    return SurveyAccount.model_validate_json(stored("survey"))


@cache
def stored(name: str) -> str:
    """A stored record as its file has it."""
    return (FOLDER / f"{name}.json").read_text("utf-8")


@cache
def made() -> dict[str, str]:
    """Both records made from the rows; takes seconds."""
    with TemporaryDirectory() as folder:
        results, survey = _analysed(Path(folder))
    return {"results": results.to_json(), "survey": survey.to_json()}


def _analysed(folder: Path) -> tuple[SampledResults, SurveyAccount]:
    """Rows written to a folder, cleaned, linked and analysed."""
    (folder / "data").mkdir()
    path = folder / "assessment.yaml"
    path.write_text(json.dumps(stored_configuration()), encoding="utf-8")
    configuration = load_configuration(path)
    tables, ledgers, files = {}, {}, {}
    for wave, frame in sampled_rows().items():
        frame.to_csv(folder / "data" / f"{wave}.csv", index=False)
        table, ledgers[wave] = clean_wave(configuration, wave, folder)
        tables[wave], files[wave] = table.to_pandas(), folder / f"{wave}.parquet"
        write_table(table, files[wave])
    survey = link_waves(configuration, tables, ledgers)
    sources = {wave: source_of(file) for wave, file in files.items()}
    results, _ = analyse_rows(plan_of(configuration, "math"), sources, survey)
    return results, survey
