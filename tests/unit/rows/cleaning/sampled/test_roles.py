"""Columns of the sample in the clean tables: kinds, names by wave, missing codes, formats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest

from mlm.errors import SurveyError
from tests.cleaned_waves import clean_wave
from tests.cycles import wave_rows, write_cycles
from tests.unit.rows.files.formats import write

pytestmark = pytest.mark.usefixtures("read_in_this_process")
WEIGHTS = ["W_FSTUWT", "W_FSCHWT", "W_FSTR1", "PV1MATH"]


def _waves(form: str) -> list[dict]:
    return [{"name": n, "time": int(n), "files": [f"{n}.{form}"]} for n in ("2018", "2022")]


def test_weights_and_draws_are_numbers_and_strata_texts(tmp_path):
    table, ledger = clean_wave(write_cycles(tmp_path), "2018")
    kinds = dict(zip(table.schema.names, table.schema.types, strict=True))
    assert all(kinds[name] == pa.float64() for name in WEIGHTS)
    assert kinds["STRATUM"] == pa.string()
    assert "math" not in kinds
    read = wave_rows(2018)
    assert table["PV3MATH"].to_pylist() == read["PV3MATH"].tolist()
    assert table["STRATUM"].to_pylist() == read["STRATUM"].tolist()
    (score,) = [found for found in ledger.variables if found.variable == "math"]
    draws = read[[f"PV{m}MATH" for m in (1, 2, 3)]]
    assert score.n == 100
    assert score.mean == pytest.approx(draws.to_numpy().mean())
    assert score.sd == pytest.approx(np.sqrt(draws.var(ddof=1).mean()))


@pytest.mark.parametrize("form", ["csv", "parquet", "sav", "dta", "sas7bdat", "xlsx"])
def test_every_kind_of_file_gives_the_same_table(tmp_path, form):
    usual, _ = clean_wave(write_cycles(tmp_path), "2022")
    configuration = write_cycles(tmp_path, waves=_waves(form))
    frame = wave_rows(2022)
    write(tmp_path / f"2022.{form}", frame.astype({"SCHOOLID": object, "STRATUM": object}))
    table, _ = clean_wave(configuration, "2022")
    assert table.equals(usual)


def test_decimal_commas_and_missing_codes_are_read_as_those_of_variables(tmp_path):
    waves = [{**w, "decimal": ",", "delimiter": ";"} for w in _waves("csv")]
    missing = {"columns": "PV{1..3}MATH", "missing": {"9997": "not tested"}}
    weight = {"column": "W_FSTUWT", "missing": {"999": "not known"}}
    configuration = write_cycles(
        tmp_path,
        waves=waves,
        plausible_values={"math": missing},
        weights={"pupil": weight, "school": "W_FSCHWT"},
    )
    frame = wave_rows(2022)
    frame.loc[[0, 1], "PV1MATH"] = 9997
    frame.loc[0, ["PV2MATH", "PV3MATH"]] = 9997
    frame.loc[2, "W_FSTUWT"] = 999
    frame.to_csv(tmp_path / "2022.csv", index=False, sep=";", decimal=",")
    table, ledger = clean_wave(configuration, "2022")
    assert table["PV1MATH"].null_count == 2
    assert table["PV3MATH"].null_count == 1
    assert table["W_FSTUWT"].to_pylist()[2] is None
    assert table["escs"].to_pylist() == frame["escs"].tolist()
    (values,) = ledger.roles.plausible_values
    assert (values.all, values.some, values.none) == (98, 1, 1)
    (found,) = [entry for entry in ledger.missing if entry.variable == "math"]
    assert (found.cells, found.reason.meaning) == (2, "not tested")


def test_the_range_and_the_missing_codes_of_a_score_are_those_of_its_values(tmp_path):
    math = {"label": "M", "type": "number", "level": "row", "unit": "points", "range": [0, 1000]}

    def spoil(frame):
        frame.loc[4, "PV2MATH"] = 9997

    with pytest.raises(
        SurveyError, match=r"PV2MATH: 1 cell outside the range 0 to 1000 \(2022.csv line 6"
    ):
        clean_wave(write_cycles(tmp_path, spoil, math=math), "2022")
    told = {**math, "missing": {"9997": "not tested"}}
    table, _ = clean_wave(write_cycles(tmp_path, spoil, math=told), "2022")
    assert table["PV2MATH"].null_count == 1


def test_missing_values_of_a_labelled_file_are_missing(tmp_path):
    configuration = write_cycles(tmp_path, waves=_waves("sav"))
    frame = wave_rows(2022)
    frame.loc[:3, "W_FSTUWT"] = 9999.0
    ranges = {"W_FSTUWT": [9999.0]}
    pyreadstat.write_sav(frame, tmp_path / "2022.sav", missing_ranges=ranges)
    table, ledger = clean_wave(configuration, "2022")
    assert table["W_FSTUWT"].null_count == 4
    (found,) = ledger.roles.unweighted
    assert (found.variable, found.reason.kind, found.rows) == ("W_FSTUWT", "missing_weight", 4)


def test_columns_are_found_under_the_names_of_their_wave(tmp_path):
    def spoil(frame):
        names = {f"W_FSTR{r}": f"W_FSTURWT{r}" for r in range(1, 5)}
        return frame.rename(columns={**names, "W_FSTUWT": "STUDWT"})

    columns = {"columns": "W_FSTR1-W_FSTR4", "names": {"2022": "W_FSTURWT{1..4}"}}
    configuration = write_cycles(
        tmp_path,
        spoil,
        replicates={"method": "fay", "factor": 0.5, "columns": columns},
        weights={
            "pupil": {"column": "W_FSTUWT", "names": {"2022": "STUDWT"}},
            "school": "W_FSCHWT",
        },
    )
    table, _ = clean_wave(configuration, "2022")
    read = wave_rows(2022)
    assert table["W_FSTR4"].to_pylist() == read["W_FSTR4"].tolist()
    assert table["W_FSTUWT"].to_pylist() == read["W_FSTUWT"].tolist()


def test_a_weight_may_be_the_product_of_columns(tmp_path):
    """As the files of pupils of TIMSS have that of schools; each factor has names and codes."""

    def spoil(frame):
        frame["FAC"], frame["ADJ"] = frame["W_FSCHWT"] / 1.25, 1.25
        frame.loc[4, "ADJ"] = 99
        return frame.drop(columns="W_FSCHWT")

    parts = [
        {"column": "WGTFAC1", "names": {"2022": "FAC"}},
        {"column": "ADJ", "missing": {"99": "-"}},
    ]
    configuration = write_cycles(tmp_path, spoil, weights={"pupil": "W_FSTUWT", "school": parts})
    table, ledger = clean_wave(configuration, "2022")
    expected = wave_rows(2022)["W_FSCHWT"].to_numpy(copy=True)
    expected[4] = np.nan
    found = table["WGTFAC1*ADJ"].to_numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    (own,) = [entry for entry in ledger.roles.weights if entry.variable == "WGTFAC1*ADJ"]
    (whole,) = ledger.roles.unweighted
    assert (own.missing, whole.variable, whole.rows) == (1, "WGTFAC1*ADJ", 1)
    with pytest.raises(SurveyError, match=r"'FAC' \(sampling.weights.school\[0\]\) is not there"):
        clean_wave(write_cycles(tmp_path, weights={"pupil": "W_FSTUWT", "school": parts}), "2022")


def test_strata_have_the_normal_form_of_ids(tmp_path):
    def spoil(frame):
        frame["STRATUM"] = [f"{i % 3}.0" if i % 2 else str(i % 3) for i in range(len(frame))]

    table, _ = clean_wave(write_cycles(tmp_path, spoil), "2022")
    assert set(table["STRATUM"].to_pylist()) == {"0", "1", "2"}


ABSENT = {
    "all replicates": (
        lambda frame: frame.rename(columns={f"W_FSTR{r}": f"W_FSTURWT{r}" for r in range(1, 5)}),
        "2022.csv: 4 of the 4 columns of sampling.replicates.columns are not there (W_FSTR1, "
        "W_FSTR2, W_FSTR3 and 1 more); correct first and last, or say under 'names' how they are "
        "called in this wave; did you mean 'W_FSTURWT1'?",
    ),
    "some values": (
        lambda frame: frame.drop(columns="PV3MATH"),
        "2022.csv: 1 of the 3 columns of plausible_values.math are not there (PV3MATH)",
    ),
    "a weight": (
        lambda frame: frame.rename(columns={"W_FSCHWT": "W_SCHWT"}),
        "2022.csv: the column 'W_FSCHWT' (sampling.weights.school) is not there; correct the "
        "configuration, or say under 'names' how it is called in this wave; did you mean "
        "'W_SCHWT'?",
    ),
}


@pytest.mark.parametrize("case", ABSENT)
def test_columns_that_are_not_there_are_told_by_their_key(tmp_path, case):
    spoil, expected = ABSENT[case]
    with pytest.raises(SurveyError) as caught:
        clean_wave(write_cycles(tmp_path, spoil), "2022")
    assert expected in str(caught.value)


def test_rows_without_a_weight_are_kept_and_told_once(tmp_path):
    def spoil(frame):
        frame.loc[[0, 7], "W_FSTUWT"] = 0.0
        frame.loc[[3], "W_FSTUWT"] = np.nan
        frame.loc[frame["SCHOOLID"] == frame["SCHOOLID"][0], "W_FSCHWT"] = 0.0

    table, ledger = clean_wave(write_cycles(tmp_path, spoil), "2022")
    assert table.num_rows == ledger.rows_kept == 100
    told = {(e.variable, e.reason.kind): e for e in ledger.roles.unweighted}
    rows = {key: entry.rows for key, entry in told.items()}
    assert rows == {
        ("W_FSTUWT", "missing_weight"): 1,
        ("W_FSTUWT", "zero_weight"): 2,
        ("W_FSCHWT", "zero_weight"): 3,
    }
    assert [place.line for place in told["W_FSTUWT", "zero_weight"].first] == [2, 9]


def test_sums_of_weights_of_units_count_each_unit_once(tmp_path):
    _, ledger = clean_wave(write_cycles(tmp_path), "2018")
    read = wave_rows(2018)
    sums = {entry.variable: entry.sum for entry in ledger.roles.weights}
    assert sums["W_FSTUWT"] == read["W_FSTUWT"].sum()
    assert sums["W_FSCHWT"] == read.groupby("SCHOOLID")["W_FSCHWT"].first().sum()


WRONG = {
    "a negative weight": (
        lambda frame: frame.loc.__setitem__((5, "W_FSTUWT"), -1.0),
        "W_FSTUWT: 1 weight below zero (2022.csv line 7); correct them, or declare codes",
    ),
    "no weight": (
        lambda frame: frame.__setitem__("W_FSTUWT", 0.0),
        "W_FSTUWT: no weight is above zero; check its column",
    ),
    "a text": (
        lambda frame: frame.__setitem__("W_FSTUWT", "heavy"),
        "W_FSTUWT: 100 cells not a number (2022.csv lines 2, 3, 4 and 97 more)",
    ),
    "copies": (
        lambda frame: frame.__setitem__("PV2MATH", frame["PV1MATH"]),
        "math: 2 plausible values are the same in every row as others (PV1MATH, PV2MATH); each "
        "draw is a column of its own: check the files, or how the columns were made",
    ),
    "an empty value": (
        lambda frame: frame.__setitem__("PV2MATH", np.nan),
        "PV2MATH: the outcome is missing in every row; check its column",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_them_is_told_with_its_place(tmp_path, case):
    spoil, expected = WRONG[case]
    with pytest.raises(SurveyError) as caught:
        clean_wave(write_cycles(tmp_path, spoil), "2022")
    assert expected in str(caught.value)


def test_a_survey_without_these_keys_is_written_as_before(tmp_path):
    keys = ("sampling", "plausible_values", "minimum_proficiency", "linking_error")
    math = {"label": "M", "type": "number", "level": "row", "column": "PV1MATH"}
    configuration = write_cycles(tmp_path, math=math, **dict.fromkeys(keys))
    table, ledger = clean_wave(configuration, "2018")
    assert table.schema.names == ["school", "pupil", "escs", "size", "math"]
    roles = ledger.model_dump(mode="json")["roles"]
    assert roles == {"weights": [], "plausible_values": []}


def test_strata_may_be_many(tmp_path):
    rows = pd.concat([wave_rows(2022)] * 3, ignore_index=True)
    rows["SCHOOLID"] = [f"{i // 5:03d}" for i in range(len(rows))]
    rows["STRATUM"] = [f"s{i // 100}" for i in range(len(rows))]
    configuration = write_cycles(tmp_path)
    rows.to_csv(tmp_path / "2022.csv", index=False)
    table, _ = clean_wave(configuration, "2022")
    assert table["STRATUM"].to_pylist() == rows["STRATUM"].tolist()
