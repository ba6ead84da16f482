"""A level is units, units in waves, or the rows."""

from __future__ import annotations

from mlm.nouns.levels import WAVE, PlannedLevel


def test_units_in_waves_keep_the_name_of_their_units():
    level = PlannedLevel("school", ("county", "school", WAVE), in_wave=True)
    assert (level.unit, level.name, level.place) == ("school", "school in wave", WAVE)
    assert level.key == "county:school:wave"
    assert not level.is_residual


def test_units_below_the_wave_belong_to_one_wave():
    level = PlannedLevel("class", ("school", WAVE, "class"))
    assert not level.in_wave
    assert level.name == level.place == "class"


def test_the_rows_are_the_residual():
    level = PlannedLevel("pupil", ())
    assert level.is_residual
    assert level.key == "residual"
