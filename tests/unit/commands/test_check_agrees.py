"""What stops a run for its data is found by `mlm check`, and what check passes can be analysed."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from mlm.commands.check import check
from mlm.commands.tables import write_blocks
from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.errors import MLMError, SurveyError
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.linking.linking import link_waves
from mlm.rows.residuals.wave_residuals import residuals_by_wave
from mlm.statistics.answers.analysis import analyse
from mlm.statistics.evidence.merging import merge_waves
from tests.unit.commands.spoiled_surveys import ANALYSED, STOPPED

pytestmark = pytest.mark.slow


def checked(path: Path) -> list[str]:
    """The problems that check finds."""
    try:
        check([path])
    except SurveyError as error:
        return error.problems
    return []


def run(path: Path) -> None:
    """Every stage of a run that sees data, one after the other."""
    configuration = load_configuration(path)
    waves = {w: clean_in_chunks(configuration, w) for w in configuration.wave_names}
    files = {wave: path.parent / f"{wave}.parquet" for wave in waves}
    for wave, cleaned in waves.items():
        write_blocks(files[wave], cleaned.schema, cleaned.blocks())
    ledgers = {wave: cleaned.ledger for wave, cleaned in waves.items()}
    account = link_waves(configuration, files, ledgers)
    columns = columns_of_survey(configuration, files[configuration.wave_names[0]])
    sums = {w: accumulate_wave(configuration, w, files[w], columns) for w in files}
    for name in configuration.analyses:
        plan = plan_of(configuration, name)
        merged = merge_waves(plan, {wave: made[name] for wave, made in sums.items()})
        _, fits = analyse(plan, merged, account)
        residuals_by_wave(plan, fits["settled.reml"], merged, files)


@pytest.mark.battery(10)
@pytest.mark.parametrize("case", STOPPED)
def test_check_finds_what_stops_a_run(tmp_path, case):
    path = STOPPED[case].write(tmp_path)
    problems = checked(path)
    assert [word for word in STOPPED[case].says if word not in "\n".join(problems)] == []
    with pytest.raises(MLMError) as stopped:
        run(path)
    said = getattr(stopped.value, "problems", [str(stopped.value)])
    assert set(said) <= set(problems), "the run stops for what check does not say"


@pytest.mark.study
@pytest.mark.parametrize("case", ANALYSED)
def test_what_check_passes_can_be_analysed(tmp_path, case):
    path = ANALYSED[case].write(tmp_path)
    assert checked(path) == []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run(path)


def test_check_looks_at_later_waves_though_an_earlier_one_is_spoiled(tmp_path):
    problems = checked(STOPPED["problems of two waves"].write(tmp_path))
    assert [problem.partition(":")[0] for problem in problems] == [
        "wave a",
        "wave c, analysis score",
    ]


def test_coefficients_that_will_be_left_out_are_told(tmp_path, capsys):
    checked(ANALYSED["a term that follows from two others"].write(tmp_path))
    assert "analysis score: sex: m cannot be told from the other terms" in capsys.readouterr().out


def test_large_surveys_are_tried_without_their_units_and_this_is_said(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("mlm.commands.checking.trial.MOST_NUMBERS", 100)
    path = STOPPED["an outcome that is one of pupils"].write(tmp_path)
    assert checked(path) == []
    assert "not looked at: whether" in capsys.readouterr().out
    terms = STOPPED["an outcome that terms determine"].write(tmp_path)
    assert "is determined exactly by ses, x" in "\n".join(checked(terms))
