"""What a trial of a run tells before the run."""

from __future__ import annotations

import numpy as np

from mlm.commands.check import check
from tests.unit.commands.spoiled_surveys import Spoiled, only, school_number


def told(capsys, spoiled: Spoiled, folder, **sizes) -> list[str]:
    """Lines that check prints of the analysis."""
    check([spoiled.write(folder, **sizes)])
    lines = capsys.readouterr().out.splitlines()
    return [line.partition("analysis score: ")[2] for line in lines if "analysis score: " in line]


def test_many_rows_that_will_be_left_out_are_told(tmp_path, capsys):
    spoiled = Spoiled(only("ses", lambda rows, t: np.arange(len(rows)) >= 2 + t))
    lines = told(capsys, spoiled, tmp_path)
    assert lines[0] == (
        "10% of the rows (9 of 90) will be left out of the models, as a value is missing in them, "
        "most often of ses"
    )


def test_many_rows_that_will_be_completed_are_told_and_not_as_left_out(tmp_path, capsys):
    lacking = only("ses", lambda rows, t: school_number(rows) < 9)
    lines = told(capsys, Spoiled(lacking, missing=None), tmp_path, schools=12, pupils=3)
    assert [line for line in lines if "left out of" in line or "ranked" in line] == []
    (line,) = [line for line in lines if "lack a covariate" in line]
    assert line.startswith("25% of the rows that have the outcome (") and "will be drawn" in line


def test_few_rows_that_will_be_left_out_are_not(tmp_path, capsys):
    spoiled = Spoiled(only("ses", lambda rows, t: np.arange(len(rows)) >= 1))
    assert not any("left out" in line for line in told(capsys, spoiled, tmp_path))


def test_units_that_are_too_few_among_complete_rows_are_told(tmp_path, capsys):
    spoiled = Spoiled(only("ses", lambda rows, t: school_number(rows) < 9))
    lines = told(capsys, spoiled, tmp_path, schools=12, pupils=3)
    assert "9 schools have complete rows: they are not ranked (10 are needed)" in lines
    (tmp_path / "all").mkdir()
    whole = told(capsys, Spoiled(), tmp_path / "all", schools=10, pupils=3)
    assert not any("ranked" in line for line in whole)


def test_units_that_are_too_few_in_the_survey_are_told_once(tmp_path, capsys):
    check([Spoiled().write(tmp_path, schools=4, pupils=4)])
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if "not ranked" in line]) == 1


def test_what_only_a_fit_can_know_is_said_where_a_run_may_begin(tmp_path, capsys):
    check([Spoiled().write(tmp_path)])
    assert capsys.readouterr().out.splitlines()[-1].startswith("spoiled: not looked at: whether ")


def leave_last_wave(waves) -> None:
    waves["c"] = waves["c"][school_number(waves["c"]) < 10]


def test_units_that_left_before_the_wave_in_which_they_are_compared_are_told(tmp_path, capsys):
    lines = told(capsys, Spoiled(leave_last_wave), tmp_path, schools=12, pupils=3)
    assert (
        "2 of 12 schools have no complete rows in the last wave, c, in which units are compared: "
        "their effects are predicted and not ranked (compare: waves_seen counts them in)"
    ) in lines
    (tmp_path / "seen").mkdir()
    seen = Spoiled(leave_last_wave, analysis={"compare": "waves_seen", "against": "above"})
    assert not any("last wave" in line for line in told(capsys, seen, tmp_path / "seen"))


def test_that_a_run_alone_finds_what_lasts_is_told(tmp_path, capsys):
    lines = told(capsys, Spoiled(analysis={"compare": "lasting"}), tmp_path)
    assert any(line.startswith("compare: lasting needs effects with a part") for line in lines)
