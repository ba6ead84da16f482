"""Mistakes in how a simulated survey is sampled and measured, each told by its place."""

from __future__ import annotations

import pytest

from mlm.errors import ConfigurationError
from tests.two_stages import two_stages

ROWS = "pupil: {sex: {g: 0.95, b: 0.8}}"
FAY = 'replicates: {method: fay, columns: "W_FSTR{1..16}"}'
READING = "{math: 0.85, reading: 0.8}"

MISTAKES = [
    ("outcome: math", "outcome: maths", "'maths' is not a variable"),
    ("outcome: math", "outcome: kind", "'kind' must be a number that the files hold"),
    ("    reading:\n", "    math:\n", "'math' is the outcome itself"),
    ("fixed: {Intercept: 480, ", "fixed: {", "the term Intercept is required"),
    ('"region:wave:school": 900', '"region:school": 900', "'region:school' is not a group"),
    ("statistic: mean}", "statistic: sd}", "'school_escs' is not drawn; true effects are those"),
    ("{school: 25, pupil: 10}", "{school: 25}", "'pupil' is required but not given"),
    ("{school: 25, pupil: 10}", "{class: 5, school: 25, pupil: 10}", "'class' is not a level that"),
    ("{school: 25, pupil: 10}", '{school: {"2018": 9}, pupil: 10}', "the wave '2022' is required"),
    ("school: 25, pupil: 10", 'school: 9, pupil: {"2018": 9}', "one number of pupils is drawn"),
    ("{school: 25, pupil: 10}", "{school: 1, pupil: 10}", "two units at least are drawn"),
    ("strata: [region]", "strata: [regin]", "'regin' is no level above school and no variable"),
    (
        "strata: [region]",
        "strata: [sex]",
        "'sex' must be a category that is drawn, of level school",
    ),
    ("strata: [region]", "sorted_by: [escs]", "'escs' must be a variable that is drawn, of level"),
    ("strata: [region]", "sorted_by: [esc]", "'esc' is not a variable"),
    ("{school: 0.4, pupil", "{school: 1.0, pupil", "a correlation between -1 and 1 is expected"),
    ("{school: 0.4, pupil", "{region: 0.4, pupil", "'region' is not a level that is drawn from"),
    ('"region:wave:school": 1500', '"region:wave:school": 0', "school have no variance"),
    (
        "weights: {school: W_FSCHWT, pupil: W_FSTUWT}",
        "weights: {}",
        "weights of pupils is required",
    ),
    ("pupil: W_FSTUWT}", "pupil: W_FSCHWT}", "columns W_FSCHWT are made twice"),
    ("stratum: STRATUM", "stratum: pupil", "columns pupil hold ids of a level"),
    ("response: {school: 0.9,", "response: {school: {sex: {g: 1}},", "one share is expected"),
    (ROWS, "pupil: {sex: {g: 0.95}}", "the category 'b' is required but not given"),
    (ROWS, "pupil: {kind: {x: 0.9, y: 0.9}}", "'kind' is of level school; one of level row"),
    (ROWS, "pupil: {escs: {x: 0.9}}", "'escs' must be a category that is drawn"),
    (ROWS, "pupil: {sex: {g: 1, b: 1}, kind: {x: 1}}", "one variable, with a share for each"),
    (FAY, FAY.replace("16", "18"), "18 columns; balanced replicates are a multiple of 4"),
    (FAY, FAY.replace("fay", "jk1"), "16 columns for 25 units drawn in wave 2018; jk1"),
    (FAY, FAY.replace("fay", "jk2"), "jk2 writes zones and units"),
    (
        FAY,
        "replicates: {method: fay, zone: Z}",
        "fay writes replicate weights: name their 'columns'",
    ),
    ("PV{1..5}READ", "PV{1..4}READ", "outcomes have 5, 4 plausible values; expected as many each"),
    ("PV{1..5}READ", "PV{1..1}READ", "two plausible values or more are expected"),
    (', reading: "PV{1..5}READ"', ', science: "PV{1..5}S"', "'science' is not an outcome"),
    (READING, "{math: 0.85}", "the outcome 'reading' is required but not given"),
    (
        READING,
        f"{READING}\n    conditioning: {{covariates: [esc]}}",
        "'esc' is not a covariate that",
    ),
    ("cuts: {math", "cuts: {science", "'science' is not an outcome; known: math, reading"),
    ("design: new_schools", "design: same_schools", "drawn anew in each wave, and in same_schools"),
    ("design: new_schools", "design: same_pupils", "plausible values of same_pupils, whose scores"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_mistakes_are_told(old, new, message):
    with pytest.raises(ConfigurationError) as caught:
        two_stages((old, new))
    assert message in str(caught.value)
    assert "line" in str(caught.value)


def test_the_survey_itself_is_sound():
    assert two_stages().simulate.made_columns[:4] == ("W_FSCHWT", "W_FSTUWT", "STRATUM", "W_FSTR1")
