"""Waves completed by imputed files: the values of each imputation, and what is refused of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlm.errors import SurveyError
from mlm.results.survey.completed import ImputedCells
from mlm.rows.completing.completion import complete_wave, imputed_name
from tests.cleaned_waves import clean_wave
from tests.imputed_files import FORMS, GAPS, WAVES, M, imputed_waves, observed_waves, write_imputed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("read_in_this_process")]


@pytest.fixture(scope="module")
def waves():
    observed = observed_waves()
    return observed, imputed_waves(observed)


def copied(waves):
    observed, imputed = waves
    own = {wave: frame.copy() for wave, frame in observed.items()}
    return own, {wave: [frame.copy() for frame in frames] for wave, frames in imputed.items()}


def completed(configuration, wave: str) -> pd.DataFrame:
    return pa.concat_tables(complete_wave(configuration, wave).blocks()).to_pandas()


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["school", "pupil"], ignore_index=True)


@pytest.mark.parametrize("form", FORMS)
def test_each_imputation_has_its_values_in_the_rows_of_the_wave(form, waves, tmp_path):
    observed, imputed = waves
    configuration = write_imputed(tmp_path, form, observed, imputed)
    for wave in WAVES:
        found, clean = completed(configuration, wave), clean_wave(configuration, wave)
        pd.testing.assert_frame_equal(found[clean[0].column_names], clean[0].to_pandas())
        assert clean[1].rows_kept == len(observed[wave])  # observed rows alone, each once
        for number, frame in enumerate(map(in_order, imputed[wave]), start=1):
            for name in GAPS:
                assert found[imputed_name(name, number)].tolist() == frame[name].tolist()
            mean = frame.groupby("school")["ses"].transform("mean")
            got = found[imputed_name("school_ses", number)]
            np.testing.assert_allclose(got, mean, rtol=1e-13)
            older = found[imputed_name("older", number)]
            np.testing.assert_allclose(older, frame["age"] - frame["ses"], rtol=1e-13)
        assert imputed_name("score", 1) not in found  # outcomes stay as observed
        assert imputed_name("age", 1) not in found  # nothing of it was missing


def test_what_was_filled_is_accounted_for(waves, tmp_path):
    observed, imputed = waves
    configuration = write_imputed(tmp_path, "one_each", observed, imputed)
    account = complete_wave(configuration, "a").account
    gaps = {name: int(observed["a"][name].replace("", np.nan).isna().sum()) for name in GAPS}
    assert account.imputed == tuple(
        ImputedCells(variable=name, cells=gaps[name]) for name in ("ses", "tongue", "money")
    )
    assert (account.imputations, account.rows) == (M, len(observed["a"]))
    assert [file.rows_read for file in account.files] == [len(observed["a"])] * M


def test_rows_without_ids_are_matched_by_their_order(waves, tmp_path):
    observed, imputed = waves
    configuration = write_imputed(
        tmp_path, "jomo", observed, imputed, lambda t: t.replace(", id: pupil", "")
    )
    found = completed(configuration, "b")
    frame = imputed["b"][1].sort_values("school", kind="stable", ignore_index=True)
    assert found[imputed_name("ses", 2)].tolist() == frame["ses"].tolist()


def test_a_variable_that_files_lack_keeps_what_was_observed(waves, tmp_path):
    observed, imputed = copied(waves)
    frames = {wave: [f.drop(columns="age") for f in frames] for wave, frames in imputed.items()}
    configuration = write_imputed(tmp_path, "one_each", observed, frames)
    found = completed(configuration, "a")
    frame = in_order(imputed["a"][2])
    np.testing.assert_allclose(found[imputed_name("older", 3)], frame["age"] - frame["ses"])


def _fewer_rows(observed, imputed):
    imputed["b"][1] = imputed["b"][1].iloc[2:]


def _more_rows(observed, imputed):
    more = imputed["b"][1].iloc[:1].assign(pupil="p999")
    imputed["b"][1] = pd.concat([imputed["b"][1], more], ignore_index=True)


def _twice(observed, imputed):
    imputed["b"][1] = pd.concat([imputed["b"][1], imputed["b"][1].iloc[:3]], ignore_index=True)


def _other_values(observed, imputed):
    known = np.flatnonzero(observed["b"]["ses"].notna())[:4]
    imputed["b"][1].loc[known, "ses"] += 0.5


def _other_category(observed, imputed):
    place = int(np.flatnonzero(observed["b"]["tongue"] == "x")[0])
    imputed["b"][1].loc[place, "tongue"] = "z"


def _still_missing(observed, imputed):
    known = observed["b"]["score"].notna() & observed["b"]["ses"].isna()
    imputed["b"][1].loc[np.flatnonzero(known)[:2], "ses"] = np.nan


def _no_such_column(observed, imputed):
    imputed["b"][1] = imputed["b"][1].drop(columns="tongue")


def _within_schools(observed, imputed):
    place = np.flatnonzero(observed["b"]["money"].isna())[0]
    imputed["b"][1].loc[place, "money"] += 1.0


def _no_code(observed, imputed):
    place = np.flatnonzero(observed["b"]["tongue"] == "")[0]
    imputed["b"][1].loc[place, "tongue"] = "1.7"


SPOILED = {
    "fewer rows": (_fewer_rows, "2 rows of the wave are not there"),
    "more rows": (_more_rows, "1 row is not among those of the wave"),
    "rows twice": (_twice, "3 rows are not among those of the wave"),
    "other values": (_other_values, "ses: 4 cells not as observed"),
    "another category": (_other_category, "tongue: 1 cell not as observed"),
    "gaps left": (_still_missing, "ses: 2 cells still missing, in rows that have the outcome"),
    "no column": (_no_such_column, "cells missing, and the files have no such column"),
    "several values in a school": (
        _within_schools,
        "money: imputed with several values in 1 school, although it describes a school",
    ),
    "what is no code": (_no_code, "tongue: "),
}


@pytest.mark.parametrize("form", ["one_each", "mice"])
@pytest.mark.parametrize("case", SPOILED)
def test_what_is_no_imputation_of_the_wave_is_told_with_its_place(case, form, waves, tmp_path):
    spoil, told = SPOILED[case]
    if form == "mice" and case in ("rows twice", "no column"):
        pytest.skip("a stacked file has the same columns in all imputations")
    observed, imputed = copied(waves)
    spoil(observed, imputed)
    configuration = write_imputed(tmp_path, form, observed, imputed)
    complete_wave(configuration, "a")
    with pytest.raises(SurveyError) as error:
        complete_wave(configuration, "b")
    file = "b_2.csv" if form == "one_each" else "b.csv"
    assert f"wave b, imputation 2 of 3 ({file}): " in str(error.value)
    assert told in str(error.value)


def test_other_numbers_of_imputations_are_told(waves, tmp_path):
    observed, imputed = copied(waves)
    imputed["b"].pop()
    configuration = write_imputed(tmp_path, "spss", observed, imputed)
    complete_wave(configuration, "a")
    with pytest.raises(SurveyError, match="'Imputation_' numbers 2 imputations .1, 2., and 3 are"):
        complete_wave(configuration, "b")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("age", "'age' .* holds .* cells that are no whole number"),
        ("imp", "the column 'imp' .* is not there"),
    ],
)
def test_a_column_that_numbers_nothing_is_told(name, told, waves, tmp_path):
    observed, imputed = waves
    configuration = write_imputed(
        tmp_path,
        "jomo",
        observed,
        imputed,
        lambda text: text.replace("column: Imputation", f"column: {name}"),
    )
    with pytest.raises(SurveyError, match=told):
        complete_wave(configuration, "a")


def test_a_stacked_wave_without_observed_rows_is_told(waves, tmp_path):
    observed, imputed = waves
    configuration = write_imputed(tmp_path, "jomo", observed, imputed)
    frame = pd.read_csv(tmp_path / "a.csv")
    frame[frame["Imputation"] > 0].to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(SurveyError, match="no row is observed: Imputation is nowhere 0 or empty"):
        clean_wave(configuration, "a")
