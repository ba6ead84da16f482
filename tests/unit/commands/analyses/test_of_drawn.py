"""An analysis that would lose many rows, where nothing is said: what they lack is drawn."""

from __future__ import annotations

from functools import partial

import pytest

from mlm.commands.analyse import analyse
from mlm.configuration.missing import planning
from mlm.errors import LeftOutAllTheSame, NotConverged, ResultError
from mlm.results.residuals import load_residuals
from mlm.results.sampled.loading import load_results
from mlm.results.survey.survey import SurveyAccount
from mlm.rows.imputing import survey_imputations
from mlm.statistics.imputation.sampling import ChainPlan
from tests.commands_in_process import analysed, with_residuals
from tests.few_draws import few_draws
from tests.imputed_files import CONFIGURATION, observed_waves

pytestmark = pytest.mark.slow

DRAWS = 3
UNSAID, COMPLETE = "", "missing: {method: complete}\n"


def made(folder, missing: str, schools: int = 12, analyses=("score", "plain")):
    """Configuration and results of the small survey with gaps; few iterations."""
    for wave, frame in observed_waves(schools=schools).items():
        frame.replace("", "NA").to_csv(folder / f"{wave}.csv", index=False, na_rep="NA")
    config = folder / "gaps.yaml"
    text = CONFIGURATION.format(suffix=".csv", missing="").replace("missing: \n", missing)
    config.write_text(text, "utf-8")
    short = partial(ChainPlan, chains=2, burn_in=6, between=4)
    with pytest.MonkeyPatch.context() as patch, few_draws():
        patch.setattr(survey_imputations, "ChainPlan", short)
        patch.setattr(planning, "USUAL_DRAWS", DRAWS)
        return config, analysed(config, folder / "results", analyses)


@pytest.fixture(scope="module")
def unsaid(tmp_path_factory):
    with pytest.warns(NotConverged, match="analysis score: the chains"):
        return made(tmp_path_factory.mktemp("unsaid"), UNSAID)


def test_rows_are_completed_where_many_would_be_lost(unsaid):
    _, out = unsaid
    lacking = SurveyAccount.load(out / "survey.json").lacking("score")
    found = load_results(out / "score" / "results.json")
    assert lacking.share_lost > 0.05
    assert found.n_obs == lacking.rows == found.imputed.drawn.rows
    assert found.imputed.draws == DRAWS == len(list((out / "score" / "fits").glob("full.ml.*")))
    assert found.imputed.complete_cases.rows_imputed == lacking.lost


def test_an_analysis_that_loses_few_is_that_of_complete_rows(unsaid):
    config, out = unsaid
    lacking = SurveyAccount.load(out / "survey.json").lacking("plain")
    found = load_results(out / "plain" / "results.json")
    assert lacking.share_lost <= 0.05 and found.imputed is None
    assert (out / "plain" / "fits" / "settled.reml.fit.json").is_file()
    assert load_residuals(with_residuals(config, out, "plain")).rows == found.n_obs


def test_residuals_of_imputations_are_refused_in_their_file(unsaid):
    config, out = unsaid
    path = with_residuals(config, out, "score")
    assert f'"draws": {DRAWS}' in path.read_text("utf-8") and load_residuals(path) is None


def test_rows_are_asked_for_where_they_are_needed(unsaid):
    config, out = unsaid
    given = (out / "survey.json", out / "again", [out / "score" / "statistics.npz"])
    with pytest.raises(ResultError, match=r"analysis score: .*--rows 2 times.*method: complete"):
        analyse(config, "score", *given)


def test_rows_are_left_out_where_the_configuration_says_so(tmp_path):
    _, out = made(tmp_path, COMPLETE, analyses=["score"])
    found = load_results(out / "score" / "results.json")
    assert found.imputed is None and found.notes == ()


def test_rows_are_left_out_and_it_is_told_where_nothing_can_be_drawn(tmp_path):
    with pytest.warns(LeftOutAllTheSame, match="money: missing in some of 8 units"):
        _, out = made(tmp_path, UNSAID, schools=4, analyses=["score"])
    found = load_results(out / "score" / "results.json")
    assert found.imputed is None
    (note,) = [each for each in found.notes if each.kind == "not_imputed"]
    assert note.why == "few_units"
