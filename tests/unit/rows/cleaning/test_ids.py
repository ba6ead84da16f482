"""Ids of wave files: one normal form in every format; what a program has spoiled is refused."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from mlm.errors import SurveyError
from mlm.results.survey.account import DeclaredMissing, EmptyCell, FileCode, FileRange, NoId
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.ids import IdCollector
from tests.unit.rows.files.formats import KINDS, write
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

pytestmark = pytest.mark.usefixtures("read_in_this_process")

N = 12
ROWS = pd.DataFrame(
    {
        "school": np.repeat([9001.0, 9002.0, 9003.0], 4),
        "pupil": 100.0 + np.arange(N),
        "score": np.arange(N) * 5.0,
        "ses": np.arange(N) % 5 / 2,
        "sex": ["g", "b"] * 6,
        "kind": ["x"] * 4 + ["y"] * 8,
    }
)


def cleaned(folder: Path, text: str):
    """A wave from the file of a configuration text."""
    return clean_in_chunks(write_survey(folder, text), "a")


def with_file(name: str, levels: str = "") -> str:
    """Configuration whose first wave is in some file, with further keys of the schools."""
    text = CONFIGURATION.replace("a.csv", name)
    return text.replace("{name: school, id: school}", f"{{name: school, id: school{levels}}}")


def ids(wave) -> dict[str, list[str]]:
    """Ids of all kept rows, sorted, by level."""
    table = pa.concat_tables(wave.blocks())
    return {level: table.column(level).to_pylist() for level in ("school", "pupil")}


EXPECTED = {
    "school": [str(9001 + i // 4) for i in range(N)],
    "pupil": [str(100 + i) for i in range(N)],
}


def slow_but(*quick: str):
    """Marks kinds of files slow that another process reads, a few apart."""

    def param(kind: str):
        is_slow = kind not in quick and not kind.endswith(("csv", "csv.gz", "tsv"))
        return pytest.param(kind, marks=[pytest.mark.study] if is_slow else [])

    return param


@pytest.mark.parametrize("kind", list(map(slow_but("parquet"), sorted(set(KINDS) - {"sas7bdat"}))))
@pytest.mark.parametrize("form", ["numbers", "texts", "texts of floats"])
def test_ids_are_the_same_from_every_kind_of_file(tmp_path, kind, form):
    frame = ROWS.copy()
    if form != "numbers":
        text = (lambda v: f" {v} ") if form == "texts of floats" else (lambda v: str(int(v)))
        frame[["school", "pupil"]] = frame[["school", "pupil"]].map(text)
    write(tmp_path / f"w.{kind}", frame)
    text = with_file(f"w.{kind}")
    text = text.replace("w.tsv]", 'w.tsv], delimiter: "\\t"') if kind == "tsv" else text
    assert ids(cleaned(tmp_path, text)) == EXPECTED


COLUMNS = {
    "int8": (pa.int8(), 1),
    "uint64": (pa.uint64(), 2**63),
    "single": (pa.float32(), 2**24 - 9),
    "double": (pa.float64(), 2**53 - 9),
    "decimal": (pa.decimal128(25, 2), 10**20),
    "string view": (pa.string(), 10**20),
}


@pytest.mark.parametrize("kind", list(map(slow_but("double", "decimal"), COLUMNS)))
def test_types_of_parquet_hold_ids_to_the_end_of_their_precision(tmp_path, kind):
    column, first = COLUMNS[kind]
    values = [first + i // 4 for i in range(N)]
    cells = list(map(str, values)) if column == pa.string() else values
    table = pa.Table.from_pandas(ROWS).set_column(0, "school", pa.array(cells, column))
    pq.write_table(table, tmp_path / "w.parquet")
    found = ids(cleaned(tmp_path, with_file("w.parquet")))["school"]
    assert found == list(map(str, values))


def stata_float(path):
    frame = ROWS.assign(school=(123456780 + ROWS["school"]).astype(np.float32))
    frame.to_stata(path, write_index=False)


SPOILED = {
    "stata float.dta": stata_float,
    "double.dta": lambda path: ROWS.assign(school=2.0**53 + ROWS["school"]).to_stata(
        path, write_index=False
    ),
    "double.sav": lambda path: pyreadstat.write_sav(
        ROWS.assign(school=2.0**53 + ROWS["school"]), str(path)
    ),
    "double.xlsx": lambda path: write(path, ROWS.assign(school=2.0**53 + ROWS["school"])),
    "single.parquet": lambda path: ROWS.assign(
        school=(2.0**24 + ROWS["school"]).astype(np.float32)
    ).to_parquet(path),
    "half.parquet": lambda path: pq.write_table(
        pa.Table.from_pandas(ROWS).set_column(
            0, "school", pa.array(ROWS["school"].to_numpy().astype(np.float16))
        ),
        path,
    ),
    "double.parquet": lambda path: ROWS.assign(school=2.0**53 + ROWS["school"]).to_parquet(path),
    "text of doubles.csv": lambda path: ROWS.assign(
        school=[f"{2**53 + int(s)}.0" for s in ROWS["school"]]
    ).to_csv(path, index=False),
    "exponents.csv": lambda path: ROWS.assign(school="1.23E+10").to_csv(path, index=False),
    "dates.csv": lambda path: ROWS.assign(school="1-Jan").to_csv(path, index=False),
}


@pytest.mark.parametrize("kind", list(map(slow_but("stata float.dta", "single.parquet"), SPOILED)))
def test_ids_that_a_program_has_changed_are_refused_with_their_places(tmp_path, kind):
    name = f"w.{kind.split('.')[1]}"
    SPOILED[kind](tmp_path / name)
    place = rf"\({name} (rows 1, 2, 3|rows 2, 3, 4|lines 2, 3, 4) and 9 more\)"
    what = "are dates such as 1-Jan" if kind == "dates.csv" else "are rounded numbers.*"
    with pytest.raises(SurveyError, match=rf"school: {N} ids {what} {place}; .*export"):
        cleaned(tmp_path, with_file(name))


@pytest.mark.parametrize(("mark", "text"), [(",", "9001,0"), (",", "9001.0"), (".", "9001.00")])
def test_decimal_places_of_a_file_are_no_part_of_an_id(tmp_path, mark, text):
    frame = ROWS.assign(school=text).drop(columns=["score", "ses"])
    frame = frame.assign(score=1, ses=2, kind="x")
    frame.loc[3, "score"] = 5
    frame.to_csv(tmp_path / "w.csv", index=False, sep=";")
    form = f"files: [w.csv], delimiter: ';', decimal: '{mark}'"
    wave = cleaned(tmp_path, CONFIGURATION.replace("files: [a.csv]", form))
    assert set(ids(wave)["school"]) == {"9001"}


@pytest.mark.parametrize("text", ["9.000", "9,5", "1.10", "A.0.", "1.0.0"])
def test_what_may_be_no_whole_number_stays(tmp_path, text):
    ROWS.assign(school=text, kind="x").to_csv(tmp_path / "w.csv", index=False)
    assert set(ids(cleaned(tmp_path, with_file("w.csv")))["school"]) == {text}


def test_missing_ids_are_known_in_every_spelling_and_from_the_file(tmp_path):
    frame = ROWS.assign(school=[9001, -9, -8, -5, np.nan, *[9002] * 7], kind="x")
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "w.sav"),
        missing_ranges={"school": [-8, {"lo": -6, "hi": -4}]},
    )
    wave = cleaned(tmp_path, with_file("w.sav", ", missing: {'-9.0': not known}"))
    assert set(ids(wave)["school"]) == {"9001", "9002"}
    reasons = [DeclaredMissing(meaning="not known"), FileCode(code="-8"), FileRange(), EmptyCell()]
    assert {(entry.reason, entry.rows) for entry in wave.ledger.excluded} == {
        (NoId(level="school", reason=reason), 1) for reason in reasons
    }


IGNORED = {
    "zeros": ["007", "7", "07", "7.000"],
    "case": ["Ab", "aB", "AB", "ab"],
    "accents": ["é", "e", "è", "ê"],
    "characters": ["１２", "12", "１2", "1２"],
    "marks": ["a–b", "a-b", "a—b", "'a-b"],
    "blanks": ["a b", "ab", "a  b", "a\u00adb"],
}


@pytest.mark.parametrize("kind", IGNORED)
def test_spellings_that_the_configuration_ignores_are_one_unit(tmp_path, kind):
    frame = ROWS.assign(school=IGNORED[kind] * 3, kind="x")
    frame.to_csv(tmp_path / "w.csv", index=False)
    assert len(set(ids(cleaned(tmp_path, with_file("w.csv")))["school"])) == len(
        {" ".join(text.split()) for text in IGNORED[kind]}
    )
    wave = cleaned(tmp_path, with_file("w.csv", f", ignore: [{kind}]"))
    assert len(set(ids(wave)["school"])) == 1


@pytest.mark.parametrize("kind", list(map(slow_but(), ["csv", "parquet", "xlsx", "sav", "dta"])))
@pytest.mark.parametrize("forms", [("NFD", "NFC"), ("NFC", "NFD")])
def test_names_and_codes_may_be_in_any_unicode_form(tmp_path, kind, forms):
    of_file, of_configuration = (lambda t, f=f: unicodedata.normalize(f, t) for f in forms)
    frame = ROWS.assign(kind=["Höhe"] * 4 + ["Tal"] * 8, school=["É1"] * 4 + ["É2"] * 8)
    frame = frame.map(lambda v: of_file(v) if isinstance(v, str) else v)
    frame = frame.rename(columns={"school": of_file("écôle"), "kind": of_file("naïf")})
    write(tmp_path / f"w.{kind}", frame)
    text = with_file(f"w.{kind}").replace("id: school", "id: écôle")
    text = text.replace(
        "categories: {x: X, y: Y},\n         recode: {z: y}",
        "column: naïf,\n         categories: {Höhe: Hill, Tal: Dale}",
    )
    wave = cleaned(tmp_path, of_configuration(text))
    assert set(ids(wave)["school"]) == {"É1", "É2"}
    assert pa.concat_tables(wave.blocks()).column("kind").to_pylist().count("Höhe") == 4


def test_two_columns_whose_names_differ_in_unicode_form_alone_are_refused(tmp_path):
    text = WAVE_A.replace("ses,", "e\u0301,").replace("kind", "\u00e9")
    with pytest.raises(SurveyError, match="column names occur more than once: é"):
        clean_in_chunks(write_survey(tmp_path, a=text), "a")


@pytest.mark.parametrize("ids", [["30", "10", "20", "10"], ["3", "10", "b", "10"], ["10"] * 40])
def test_ids_are_the_same_whether_they_are_held_as_integers_or_as_texts(ids):
    collector = IdCollector()
    for start in (0, 2):
        collector.add(Distinct.of_clean(pa.array(ids[start : start + 2])))
    collector.add(Distinct.of_clean(pa.array(ids[4:], pa.string())))
    found = collector.collected()
    rows = np.arange(len(ids))[::-1]
    assert found.cells(rows).to_pylist() == ids[::-1]
    assert found.texts.to_pylist() == sorted(set(ids), key=str.encode)
    assert found.n_texts == len(set(ids))
    again = found.with_codes(found.codes[rows])
    assert again.cells(rows).to_pylist() == ids


@pytest.mark.parametrize(
    "chunks",
    [
        [["30", "10", None], [None, None], ["10", "20"]],
        [["10", "11"], ["100", "9"]],
        [["10", "11"], ["011", "10"]],
        [["b", "10"], ["10", "12"]],
        [[None]],
        [],
    ],
)
def test_ids_of_several_chunks_are_sorted_texts_however_they_are_written(chunks):
    """Some chunks are of digits that an integer holds, others not; rows without an id are left."""
    collector = IdCollector()
    for own in chunks:
        distinct = Distinct.of_clean(pa.array([text or "" for text in own]).dictionary_encode())
        collector.add(distinct, np.array([text is not None for text in own]))
    expected = [text for own in chunks for text in own if text is not None]
    found = collector.collected()
    assert found.codes.dtype == np.int32
    assert found.texts.to_pylist() == sorted(set(expected))
    assert found.cells(np.arange(len(expected))).to_pylist() == expected
