"""Drafted configurations are valid, find what is there, and mark what they guess."""

from __future__ import annotations

import csv

import pandas as pd
import pyreadstat
import pytest

from mlm.configuration import load_configuration
from mlm.nouns.design import CROSS_SECTION
from mlm.rows.simulating.simulation import simulate_survey
from tests.examples import ROOT
from tests.unit.rows.scaffold.made_files import drafted, runs

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.mark.study
def test_star(tmp_path):
    paths = [ROOT / "data" / "star" / f"wave_{wave}.csv" for wave in "K123"]
    text, configuration = drafted(tmp_path, paths)
    known = load_configuration(ROOT / "config" / "star.yaml")
    assert configuration.design == known.design
    assert configuration.level_names == known.level_names
    assert configuration.wave_names == known.wave_names
    shared = configuration.variables.keys() & known.variables.keys()
    assert shared == {name for name, v in known.variables.items() if v.aggregate is None}
    for name in shared:
        assert configuration.variables[name].type == known.variables[name].type, name
        assert configuration.variables[name].level == known.variables[name].level, name
    assert "crossed: pupil" in text
    assert "# years_in_star: one value in each wave" in text
    assert runs(configuration).rows.excluded == 0


@pytest.mark.battery(1)
@pytest.mark.parametrize("survey", ["science", "national"])
def test_simulated_surveys(tmp_path, survey):
    known = load_configuration(ROOT / "config" / f"{survey}.yaml")
    paths = []
    for wave, frame in simulate_survey(known)[0].items():
        paths.append(tmp_path / f"{wave}.csv")
        frame.to_csv(paths[-1], index=False, quoting=csv.QUOTE_MINIMAL)
    _, configuration = drafted(tmp_path, paths)
    assert configuration.level_names == known.level_names
    assert configuration.wave_names == known.wave_names
    assert [w.time for w in configuration.waves] == sorted(map(float, known.wave_names))
    same = {name: configuration.variables[name].level for name in known.variables}
    wrong = {n: level for n, level in same.items() if level != known.variables[n].level}
    assert wrong == {}
    runs(configuration)


def test_labels_and_missing_codes_of_spss(tmp_path):
    frame = pd.DataFrame(
        {
            "schoolid": [1.0, 1, 1, 2, 2, 2],
            "studid": [1.0, 2, 3, 4, 5, 6],
            "mathscore": [10.5, 12, 13, -9, 15, 18],
            "st04q01": [1.0, 2, 1, 2, 9, 1],
            "books": [3.0, 40, 120, 999, 7, 35],
            "grade": [-1.0, 0, 1, 0, 0, 0],
        }
    )
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "x2019.sav"),
        column_labels=[
            "School",
            "Student",
            "Mathematics",
            "*SEX OF STUDENT*",
            "Books at home",
            "Grade compared with most",
        ],
        variable_value_labels={"st04q01": {1: "Female", 2: "Male", 9: "No answer"}},
        missing_ranges={"mathscore": [-9], "st04q01": [9]},
    )
    text, configuration = drafted(tmp_path, [tmp_path / "x2019.sav"])
    assert configuration.design is CROSS_SECTION
    sex = configuration.variables["st04q01"]
    labels = {code: entry.label for code, entry in sex.categories.items()}
    assert (sex.label, labels) == ("Sex of student", {"1": "Female", "2": "Male"})
    assert sex.missing == {"9": "No answer"}
    assert configuration.variables["mathscore"].missing == {"-9": "user-missing code -9"}
    assert configuration.variables["books"].missing == {"999": "not known (guessed)"}
    assert set(configuration.variables["grade"].categories) == {"-1", "0", "1"}
    assert configuration.variables["grade"].missing == {}
    assert configuration.analyses["mathscore_analysis"].outcome == "mathscore"
    assert "label: Books at home" in text
    assert configuration.variables["books"].phrase == "the books at home"
    assert sex.phrase is None
    phrases = {code: entry.phrase for code, entry in sex.categories.items()}
    assert phrases == {"1": "female pupils", "2": "male pupils"}
    runs(configuration)


def test_semicolons_decimal_commas_and_old_encodings_are_found(tmp_path):
    rows = ["Schule;schueler_id;school;pupil;Größe;score"]
    rows += [f"Nürnberg {i};{i};{i % 3};{i};1,{i}5;{i}0,5" for i in range(10, 40)]
    (tmp_path / "x.csv").write_bytes(("\n".join(rows) + "\n").encode("cp1252"))
    _, configuration = drafted(tmp_path, [tmp_path / "x.csv"])
    (wave,) = configuration.waves
    assert (wave.delimiter, wave.decimal, wave.encoding) == (";", ",", "windows-1252")
    assert wave.thousands is None, "no cell has a mark between thousands"
    assert configuration.variables["Gr_e"].column == "Größe"
    runs(configuration)


def test_marks_between_thousands_are_no_decimals(tmp_path):
    rows = ["school;pupil;books;score"]
    rows += [f"{i % 3};{i};{i};4,{i}2" for i in range(10, 40)]
    (tmp_path / "x.csv").write_text("\n".join(rows) + "\n")
    _, configuration = drafted(tmp_path, [tmp_path / "x.csv"])
    (wave,) = configuration.waves
    assert (wave.decimal, wave.thousands) == (".", ",")
    runs(configuration)


def test_names_that_cannot_stand_in_formulas_are_changed(tmp_path):
    header = "school,pupil,wave,1st score,row,I,a b,a-b"
    rows = [f"{i % 4},{i},{i * 3},{i * 7 % 19},{i * 5},{i * 2},{i},{i}" for i in range(30)]
    (tmp_path / "x.csv").write_text("\n".join([header, *rows]) + "\n")
    _, configuration = drafted(tmp_path, [tmp_path / "x.csv"])
    columns = {name: entry.column for name, entry in configuration.variables.items()}
    assert columns["v1st_score"] == "1st score"
    assert columns["a_b_2"] == "a-b"
    runs(configuration)


def test_dates_are_found(tmp_path):
    rows = [f"{i % 4},{i},{i * 7 % 19},2012-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(60)]
    (tmp_path / "x.csv").write_text("\n".join(["school,pupil,score,birth", *rows]) + "\n")
    _, configuration = drafted(tmp_path, [tmp_path / "x.csv"])
    assert configuration.variables["birth"].type == "time"
    assert "birth" in configuration.analysis("score_analysis").terms
    runs(configuration)
