"""What `mlm check` says of columns that nothing reads, and of variables that are declared oddly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.commands.words.unused_words import unused_words
from mlm.rows.cleaning.cleaning import clean_in_chunks
from tests.cycles import write_cycles
from tests.unit.configuration.sampled.surveys import given

COLUMN = {"label": "Mathematics", "type": "number", "level": "row"}


def words(folder, spoil=None, columns=None, **changes) -> list[str]:
    configuration = write_cycles(folder, spoil, **changes)
    waves = {wave: clean_in_chunks(configuration, wave) for wave in configuration.wave_names}
    known = {w: list(pd.read_csv(folder / f"{w}.csv", nrows=1)) for w in waves}
    return list(unused_words(configuration, columns or known, waves))


def test_a_sound_sample_needs_no_words(tmp_path):
    assert words(tmp_path) == []


def test_one_plausible_value_as_the_outcome_without_weights_is_told(tmp_path):
    found = words(
        tmp_path,
        math=COLUMN | {"column": "PV1MATH"},
        plausible_values={},
        minimum_proficiency={},
        linking_error={},
        sampling=None,
    )
    draws, weights = found
    assert "math: 1 of the 3 plausible values PV1MATH to PV3MATH is used" in draws
    assert "plausible_values: {math: PV1MATH-PV3MATH}" in draws
    assert "nothing uses: W_FSCHWT, W_FSTUWT; every row counts alike" in weights


def test_plausible_values_beside_another_outcome_are_told(tmp_path):
    found = words(
        tmp_path,
        math=COLUMN | {"column": "escs"},
        plausible_values={},
        minimum_proficiency={},
        linking_error={},
    )
    assert found == [
        "please look: plausible values that nothing reads: PV1MATH to PV3MATH; an outcome that is "
        "measured by them is said under plausible_values"
    ]


def test_a_part_of_the_plausible_values_is_told(tmp_path):
    (text,) = words(tmp_path, plausible_values={"math": "PV1MATH-PV2MATH"})
    assert "2 of the 3 plausible values PV1MATH to PV3MATH are used" in text


@pytest.mark.parametrize(
    ("replicates", "said"),
    [
        ({"method": "fay", "factor": 0.5, "columns": "W_FSTR1-W_FSTR4"}, "4 of the 8 columns"),
        (None, "none of the 8 columns"),
    ],
)
def test_replicates_that_are_left_out_are_told(tmp_path, replicates, said):
    configured = given()["sampling"]
    changed = {key: value for key, value in configured.items() if key != "replicates"}
    changed |= {"replicates": replicates} if replicates else {}
    more = [f"W_FSTR{number}" for number in range(1, 9)]
    (text,) = words(tmp_path, columns={"2018": more, "2022": more}, sampling=changed)
    assert f"{said} W_FSTR1 to W_FSTR8" in text


def test_a_mean_for_schools_beside_their_own_weight_is_told(tmp_path):
    sampling = given()["sampling"] | {"weights": {"row": "W_FSTUWT"}, "school_weight": "mean"}
    (text,) = words(tmp_path, sampling=sampling)
    assert "school_weight: mean stands beside" in text and "W_FSCHWT" in text


def test_a_variable_of_schools_that_is_declared_of_rows_is_told(tmp_path):
    def of_schools(frame):
        frame["escs"] = frame.groupby("SCHOOLID")["escs"].transform("mean")

    assert words(tmp_path, of_schools) == []  # in one of two waves
    schools = {"label": "S", "type": "number", "level": "row", "column": "size"}
    variables = given()["variables"] | {"size": schools}
    analyses = {"math": given()["analyses"]["math"] | {"terms": ["escs", "size"]}}
    (text,) = words(tmp_path, variables=variables, analyses=analyses)
    assert "size: it is declared 'level: pupil' and has one value in each school" in text
    assert "say 'level: school'" in text


def test_an_auxiliary_that_is_a_term_is_told(tmp_path):
    missing = {"method": "joint", "auxiliary": ["escs"]}
    found = words(
        tmp_path,
        lambda frame: frame.assign(escs=frame["escs"].mask(np.arange(len(frame)) == 3)),
        math=COLUMN | {"column": "PV1MATH"},
        plausible_values={},
        minimum_proficiency={},
        linking_error={},
        sampling=None,
        survey_keys={"missing": missing},
    )
    assert "missing: auxiliary: escs is a term of math" in found[-1]
