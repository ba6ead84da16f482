"""Bad input of every kind: its own message with the place, exit code 2, and nothing else happens.

No traceback, no cell and no id of a person in the message, no file written or changed.
"""

from __future__ import annotations

import re
import sys
import warnings

import pytest

from mlm.commands import program
from tests.unit.commands.bad_configurations import CONFIGURATIONS
from tests.unit.commands.bad_files import ENCODINGS, FILES, SHAPES
from tests.unit.commands.bad_survey import HEADER, LATER, BadSurvey
from tests.unit.commands.bad_values import IDS, VALUES, WAVES

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("read_in_this_process")]
ASKED = [c for c in program._COMMANDS if c.__name__ in ("clean", "check")]  # made in each test
PRIVATE = re.compile(r"canary|0\.(511|622|733|544|655|766)|secret", re.I)
BY_CLEANING = {**FILES, **ENCODINGS, **SHAPES, **IDS, **VALUES}
BY_CHECKING = {**WAVES, **CONFIGURATIONS}


@pytest.fixture
def survey(tmp_path):
    return BadSurvey(tmp_path)


def ended(capsys, monkeypatch, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and error stream of a command run in this process."""
    monkeypatch.setattr(sys, "argv", ["mlm", *arguments])
    monkeypatch.setattr(program, "_COMMANDS", ASKED)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with pytest.raises(SystemExit) as caught:
        program.main()
    out, err = capsys.readouterr()
    return caught.value.code or 0, out, err


def snapshot(folder) -> dict:
    return {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.rglob("*") if p.is_file()}


def assert_told(code: int, out: str, err: str, words: list[str]) -> None:
    assert code == 2, err
    assert "Traceback" not in err
    assert [word for word in words if word not in err] == [], err
    assert PRIVATE.search(out + err) is None, "a cell or an id of a person is shown"


@pytest.mark.battery(30)
@pytest.mark.parametrize("case", BY_CLEANING)
def test_cleaning_tells_what_is_wrong_and_writes_nothing(survey, case, capsys, monkeypatch):
    spoil, words = BY_CLEANING[case]
    spoil(survey)
    out, ledger = survey.folder / "clean" / "a.parquet", survey.folder / "clean" / "a.json"
    out.parent.mkdir()
    out.write_bytes(b"earlier result")
    ledger.write_text("{}")
    before = snapshot(survey.folder)
    outputs = ("--out", str(out), "--ledger", str(ledger))
    arguments = ("clean", str(survey.config), "a", *survey.declared(), *outputs)
    assert_told(*ended(capsys, monkeypatch, *arguments), words)
    assert snapshot(survey.folder) == before


@pytest.mark.battery(20)
@pytest.mark.parametrize("case", BY_CHECKING)
def test_checking_tells_what_is_wrong_and_writes_nothing(survey, case, capsys, monkeypatch):
    spoil, words = BY_CHECKING[case]
    spoil(survey)
    monkeypatch.chdir(survey.folder)
    before = snapshot(survey.folder)
    assert_told(*ended(capsys, monkeypatch, "check", str(survey.config)), words)
    assert snapshot(survey.folder) == before


def test_by_hand_a_wave_is_cleaned_from_the_files_of_the_configuration(survey, capsys, monkeypatch):
    """A job that is given none is refused: it would read others than its rule names."""
    made = {}
    for kind, files in (("given", survey.declared()), ("left out", [])):
        out, ledger = survey.folder / f"{kind}.parquet", survey.folder / f"{kind}.json"
        outputs = ("--out", str(out), "--ledger", str(ledger))
        code, _, err = ended(
            capsys, monkeypatch, "clean", str(survey.config), "a", *files, *outputs
        )
        assert (code, err) == (0, "")
        made[kind] = out.read_bytes(), ledger.read_bytes()
    assert made["given"] == made["left out"]
    job = ("clean", str(survey.config), "a", *outputs, "--made-by", "a rule")
    code, _, err = ended(capsys, monkeypatch, *job)
    assert code == 2 and "a.csv" in err


def test_each_message_is_its_own(survey):
    """No two kinds of bad input are expected to say the same in the same place."""
    words = [tuple(words) for _, words in (*BY_CLEANING.values(), *BY_CHECKING.values())]
    assert len(BY_CLEANING) + len(BY_CHECKING) >= 100
    assert len(set(words)) > 0.9 * len(words)


def test_the_sound_survey_is_sound(survey, capsys, monkeypatch):
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config))
    assert (code, err) == (0, "")
    assert "wave a: 6 rows read, 6 kept" in out


def test_values_are_shown_on_demand(survey, capsys, monkeypatch):
    survey.change(",g,", ",secret,")
    code, _, err = ended(capsys, monkeypatch, "check", str(survey.config), "--show-values")
    assert code == 2
    assert "'secret' (1)" in err


def test_texts_in_the_place_of_numbers_are_shown_on_demand_alone(survey, capsys, monkeypatch):
    survey.change(",0.511,", ",secret,")
    told = [
        ended(capsys, monkeypatch, "check", str(survey.config), *more)[2]
        for more in ([], ["--show-values"])
    ]
    assert all("not a number" in err for err in told)
    assert ["'secret' (1)" in err for err in told] == [False, True]


def test_a_code_that_many_share_is_shown(survey, capsys, monkeypatch):
    rows = [f"01,canary{i},{i},0.5,{'girl' if i < 12 else 'b'},x,1" for i in range(20)]
    survey.write(HEADER + "\n".join(rows) + "\n")
    _, _, err = ended(capsys, monkeypatch, "check", str(survey.config))
    assert "sex: 12 cells with a code that is not in the codebook" in err
    assert "'girl' (12)" in err


def wave(survey, *changes: tuple[str, str], name: str = "c.csv") -> str:
    """A further wave's file: that of the second one with some texts replaced."""
    text = LATER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (survey.folder / name).write_text(text, encoding="utf-8")
    return str(survey.folder / name)


def test_a_sound_wave_is_told_with_its_line(survey, capsys, monkeypatch):
    file = wave(survey, (",58,", ",59,"))
    before = snapshot(survey.folder)
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config), "--wave", file)
    assert (code, err) == (0, "")
    assert "waves:\n  - {name: c, time: 2, files: [c.csv]} # ?\n" in out
    assert "wave c: 6 rows read, 6 kept" in out
    assert snapshot(survey.folder) == before


NEXT = {
    "a number out of range": ([(",76,", ",760,")], ["wave c: score: 1 cell outside the range"]),
    "a new category": ([(",g,y", ",q,y")], ["wave c: sex: 1 cell with a code that is not in"]),
    "a column that is missing": (
        [(",sex,", ",gender,")],
        ["c.csv: the column 'sex' (sex) is not there"],
    ),
    "two things at once": (
        [(",kind,", ",sort,"), (",76,", ",760,")],
        ["c.csv: the column 'kind' (kind) is not there", "wave c: score: 1 cell outside the range"],
    ),
    "no ids": ([("pupil,", "nobody,")], ["c.csv: the column 'pupil' (pupil) is not there"]),
    "ids twice": (
        [("canary2", "canary1")],
        ["wave c: 1 row for a pupil that the wave already has"],
    ),
    "pupils who do not recur": ([("canary", "canary9")], ["0 of 6 pupils of wave b are found"]),
}


@pytest.mark.parametrize("case", NEXT)
def test_a_wave_is_tried_before_it_is_added(survey, case, capsys, monkeypatch):
    changes, words = NEXT[case]
    file = wave(survey, (",58,", ",59,"), *changes)
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config), "--wave", file)
    assert_told(code, out, err, words)
    assert "- {name: c, time: 2, files: [c.csv]}" in out


def test_ids_are_told_of_beside_cells_that_are_wrong(survey, capsys, monkeypatch):
    file = wave(survey, (",58,", ",59,"), (",76,", ",760,"), ("canary", "canary9"))
    told = ended(capsys, monkeypatch, "check", str(survey.config), "--wave", file)
    assert_told(*told, ["wave c: score: 1 cell outside", "0 of 6 pupils of wave b are found"])


def test_names_of_columns_that_may_be_renamed_are_there_to_be_copied(survey, capsys, monkeypatch):
    survey.configure(("kind: {label", "kindcd: {column: kindcd, label"), (", kind]", ", kindcd]"))
    for name in ("a.csv", "b.csv"):
        survey.change(",kind,", ",kindcd,", name)
    file = wave(survey, (",58,", ",59,"), (",kind,", ",kin,"))
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config), "--wave", file)
    assert code == 2 and "the column 'kindcd' (kindcd) is not there; did you mean 'kin'?" in err
    assert "variables, kindcd:\n    names: {c: kin} # ? if this is the same column" in out


def test_what_follows_from_cells_that_are_no_numbers_is_not_told(survey, capsys, monkeypatch):
    rows = "\n".join(f'01,canary{i},"5{i},5",0.5,g,x,1' for i in range(6))
    survey.write(HEADER + rows + "\n")
    _, _, err = ended(capsys, monkeypatch, "check", str(survey.config))
    assert "score: 6 cells not a number" in err and "decimal comma" in err
    assert "missing in every row" not in err


def test_a_question_of_the_draft_is_asked_once(survey, capsys, monkeypatch):
    survey.configure(("{name: school, id: school}", '{name: school, id: "?"} # ?'))
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config))
    words = ["line 7, levels[0].id: '?' is a question that the draft left to you"]
    assert_told(code, out, err, [*words, "or delete the level if there are no schools"])
    assert err.count("'?'") == 1 and "still marked '# ?': line 7" in out


def test_a_wave_may_have_several_files(survey, capsys, monkeypatch):
    changes = [(f"canary{i}", f"canary{i + 6}") for i in range(6, 0, -1)]
    files = [wave(survey, (",58,", ",59,")), wave(survey, *changes, name="d.csv")]
    arguments = ["--wave", files[0], "--wave", files[1]]
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config), *arguments)
    assert (code, err) == (0, "")
    assert "files: [c.csv, d.csv]} # ?" in out
    assert "wave c: 12 rows read, 12 kept" in out


def test_a_wave_that_is_there_already_is_refused(survey, capsys, monkeypatch):
    arguments = ("check", str(survey.config), "--wave", str(survey.folder / "b.csv"))
    assert_told(
        *ended(capsys, monkeypatch, *arguments), ["b.csv: the file is one of wave b already"]
    )


def test_renamed_columns_and_another_delimiter_go_into_the_lines(survey, capsys, monkeypatch):
    changes = [(",58,", ",59,"), ("ses", "SES"), ("school,", "School_,"), (",", ";")]
    file = wave(survey, *changes, name="bad_2009.csv")
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config), "--wave", file)
    assert (code, err) == (0, "")
    line = '{name: "2009", time: 2009, files: [bad_2009.csv], delimiter: ";"} # ?'
    assert line in out
    assert 'variables, ses:\n    names: {"2009": SES} # ?' in out
    assert 'levels, school:\n    names: {"2009": School_} # ?' in out


def test_values_that_are_missing_are_told_by_variable(survey, capsys, monkeypatch):
    survey.change("0.511", "").change("0.622", "").change(",58,", ",,", "b.csv")
    _, out, _ = ended(capsys, monkeypatch, "check", str(survey.config))
    assert "wave a: values are missing in more than 5% of the rows: ses 33%" in out
    assert "wave b: values are missing in more than 5% of the rows: score 17%" in out


def test_a_file_that_is_not_there_is_told_beside_mistakes_of_the_configuration(
    survey, capsys, monkeypatch
):
    (survey.folder / "b.csv").unlink()
    survey.change("type: number, level: row}", "type: numbr, level: row}", "bad.yaml")
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config))
    words = ["numbr", f"b.csv: the file does not exist in {survey.folder}; put it there"]
    assert_told(code, out, err, words)
    assert "a.csv" not in err


def test_rows_are_looked_at_beside_mistakes_that_do_not_describe_them(survey, capsys, monkeypatch):
    survey.change(",g,", ",secret,")
    survey.configure(("terms: [sex, ses, kind]", "terms: [sex, sess, kind]"))
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config))
    assert_told(code, out, err, ["sess", "a.csv line 2"])
    assert "only the rows are looked at" in out and "wave b: 6 rows read, 6 kept" in out


def test_rows_are_not_looked_at_by_a_wrong_description_of_them(survey, capsys, monkeypatch):
    survey.change(",g,", ",secret,")
    survey.configure(("type: number, level: row}", "type: numbr, level: row}"))
    code, out, err = ended(capsys, monkeypatch, "check", str(survey.config))
    assert_told(code, out, err, ["numbr"])
    assert "rows" not in out and "a.csv" not in err
