"""Bad input of every kind: its own message with the place, exit code 2, and nothing else happens.

No traceback, no cell and no id of a person in the message, no file written or changed.
"""

from __future__ import annotations

import re
import sys
import warnings

import pytest

from mlm import __main__ as program
from tests.unit.rows.bad_survey import HEADER, LATER, ROWS, WAVE, BadSurvey

LONG = 1 << 23  # rows of a file that is small when it is packed
SCORE_AGAIN = "{label: S, type: number, level: row, column: score}"
PRIVATE = re.compile(r"canary|0\.(511|622|733|544|655|766)|secret", re.I)

# what is done to the survey, what the message must hold: the place, and what is wrong
FILES = {
    "file is not there": (lambda s: s.remove(), ["a.csv: the file does not exist"]),
    "a folder in its place": (
        lambda s: (s.remove().folder / "a.csv").mkdir(),
        ["a.csv: the file cannot be read"],
    ),
    "empty file": (lambda s: s.write(""), ["a.csv: the file is empty"]),
    "blank file": (lambda s: s.write("\n \n\n"), ["a.csv: the file is empty"]),
    "header alone": (lambda s: s.write(HEADER), ["a.csv: there is a header but no data row"]),
    "unknown kind of file": (lambda s: s.write(WAVE, "a.doc"), ["a.doc: files of this kind"]),
    "no line break at the end": (lambda s: s.write(WAVE[:-1]), ["a.csv: the last line has no"]),
    "damaged gzip": (lambda s: s.write(WAVE, "a.csv.gz"), ["a.csv.gz: the compressed file is"]),
    "cut gzip": (lambda s: s.packed(WAVE.encode(), cut=9), ["a.csv.gz: the compressed file is"]),
    "gzip bomb": (
        lambda s: s.packed((HEADER + "1,1,1,1,1,1,1\n" * LONG).encode()),
        ["a.csv.gz: the compressed file expands"],
    ),
    "Excel that is no zip": (lambda s: s.write(WAVE, "a.xlsx"), ["a.xlsx: the file is damaged"]),
    "Excel that is any zip": (lambda s: s.zip(10), ["a.xlsx: the file is damaged or cut"]),
    "Excel bomb": (lambda s: s.zip(1 << 27), ["a.xlsx: the compressed file expands"]),
    "Excel with two sheets": (
        lambda s: s.excel(s.rows(), s.rows()),
        ["a.xlsx: the file has 2 sheets (Sheet1, Sheet2); declare 'sheet'"],
    ),
    "Excel without the sheet": (
        lambda s: s.excel(s.rows()).configure(("name: a,", "name: a, sheet: Data,")),
        ["a.xlsx: there is no sheet 'Data'"],
    ),
    "Excel with an error cell": (
        lambda s: s.excel(s.rows(), error=True),
        ["a.xlsx: 1 cells hold an error of Excel", "(C2)"],
    ),
    "empty Excel sheet": (lambda s: s.excel([]), ["a.xlsx: the sheet is empty"]),
    "cut SPSS file": (lambda s: s.typed("sav", keep=0.9), ["a.sav: the file is damaged or cut"]),
    "spoiled SPSS file": (lambda s: s.typed("sav", spoil=True), ["a.sav: the file is damaged"]),
    "cut Stata file": (lambda s: s.typed("dta", keep=0.5), ["a.dta: the file is damaged or cut"]),
    "cut Parquet file": (lambda s: s.typed("parquet", keep=0.8), ["a.parquet: the file is dam"]),
    "Parquet with lists": (
        lambda s: s.nested(),
        ["a.parquet: the column 'score' has cells of type list"],
    ),
    "no SAS file": (lambda s: s.write(WAVE, "a.sas7bdat"), ["a.sas7bdat: the file is damaged"]),
    "no SAS transport file": (lambda s: s.write(WAVE, "a.xpt"), ["a.xpt: the file is damaged"]),
    "no SPSS portable file": (lambda s: s.write(WAVE, "a.por"), ["a.por: the file is damaged"]),
    "another hash": (
        lambda s: s.configure(("files: [a.csv]", f"files: [a.csv], sha256: {{a.csv: {'0' * 64}}}")),
        ["a.csv: its SHA-256 is", "000000000000... is announced"],
    ),
    "fewer rows than announced": (
        lambda s: s.configure(("files: [a.csv]", "files: [a.csv], rows: 7")),
        ["7 rows are announced ('rows'), 6 were read"],
    ),
    "more rows of a file than announced": (
        lambda s: s.configure(("files: [a.csv]", "files: [a.csv], rows: {a.csv: 5}")),
        ["a.csv: 5 rows are announced ('rows'), 6 were read"],
    ),
    "the same file twice in a wave": (
        lambda s: s.write(WAVE, "a2.csv").configure(("[a2.csv]", "[a.csv, a2.csv]")),
        ["a2.csv: the file is a copy of a.csv"],
    ),
}

ENCODINGS = {
    "bytes that are no UTF-8": (
        lambda s: s.write(WAVE.encode().replace(b"canary2", b"canary\xe9")),
        ["a.csv, line 3: byte 0xE9 is not utf-8"],
    ),
    "UTF-16": (lambda s: s.write(WAVE.encode("utf-16")), ["a.csv: the file is UTF-16"]),
    "not the declared UTF-16": (
        lambda s: s.configure(("name: a,", "name: a, encoding: utf-16,")),
        ["a.csv, line 1: the text does not begin as utf-16 does"],
    ),
    "not the declared code page": (
        lambda s: s.write(WAVE.encode().replace(b"canary5", b"canary\x81")).configure(
            ("name: a,", "name: a, encoding: windows-1252,")
        ),
        ["a.csv, line 6: byte 0x81 is not windows-1252"],
    ),
    "an encoding that is not known": (
        lambda s: s.configure(("name: a,", "name: a, encoding: latin,")),
        ["bad.yaml, line 11, waves[0].encoding: 'latin': expected 'utf-8'"],
    ),
    "NUL bytes": (lambda s: s.change("canary3", "canary\0"), ["a.csv, line 4: the file holds NUL"]),
}

SHAPES = {
    "too few cells": (lambda s: s.change(",0.511", ""), ["a.csv, line 2: 1 line without the 7"]),
    "too many cells": (lambda s: s.change("canary2", "canary,2"), ["a.csv, line 3: 1 line with"]),
    "a last line that is cut": (
        lambda s: s.write(WAVE[:-12]),
        ["a.csv, line 7: the last line has too few or too many cells and no line break"],
    ),
    "an open quotation mark": (
        lambda s: s.change("canary4", '"canary4'),
        ["a.csv, line 5: a quoted cell opens in or before this line"],
    ),
    "another delimiter": (
        lambda s: s.write(WAVE.replace(",", ";")),
        ["a.csv, line 1: one column only, but the line holds the semicolon"],
    ),
    "a column name twice": (
        lambda s: s.change("ses", "score"),
        ["a.csv, line 1: column names occur more than once: score"],
    ),
    "no header": (lambda s: s.write(ROWS), ["a.csv, line 1: 4 column names out of 7 is a number"]),
    "no header, cells of text": (
        lambda s: s.write("A,canary1,B,C,D,E,F\nA,canary2,B,C,D,E,F\n"),
        ["a.csv: 7 of 7 columns are not there", "'school'"],
    ),
    "an empty first line": (
        lambda s: s.write("\n" + WAVE),
        ["a.csv, line 1: the first line is em"],
    ),
    "a column renamed": (
        lambda s: s.change("score", "scores"),
        ["a.csv: the column 'score' (score) is not there", "did you mean 'scores'?"],
    ),
    "an id column renamed": (
        lambda s: s.change("pupil", "person"),
        ["a.csv: the column 'pupil' (pupil) is not there"],
    ),
    "two columns for a variable": (
        lambda s: s.configure(("label: Home,", "label: Home, aliases: [weight],")),
        ["a.csv: ses has 2 columns (ses, weight)"],
    ),
}

IDS = {
    "a pupil twice": (
        lambda s: s.change("canary2", "canary1"),
        ["1 row for a pupil that the wave already has (a.csv line 3)"],
    ),
    "no id in any row": (
        lambda s: s.write(re.sub("canary.", "", WAVE)),
        ["no row has an id at every level"],
    ),
    "ids that were rounded": (
        lambda s: s.change("canary3", "1.2E+10"),
        ["pupil: 1 id are rounded numbers", "(a.csv line 4)", "export the column as text"],
    ),
    "ids that became dates": (
        lambda s: s.change("canary3", "1-Jan"),
        ["pupil: 1 id are dates such as 1-Jan (a.csv line 4)"],
    ),
    "a pupil in two schools": (
        lambda s: s.configure(("id: pupil}", "id: pupil, ids: global}")).change(
            "canary6", "canary1"
        ),
        ["1 row of 1 pupil in a second school (a.csv line 7)", "'twice'"],
    ),
    "a fact that differs within a school": (
        lambda s: s.change("b,x", "b,y"),
        ["kind: differs within 1 school although its level is school (a.csv line 3)"],
    ),
}

VALUES = {
    "text in a number": (
        lambda s: s.change("0.733", "secret"),
        ["ses: 1 cell not a number (a.csv line 4)"],
    ),
    "NA in a number": (lambda s: s.change("0.733", "NA"), ["ses: 1 cell", "declare what that"]),
    "a decimal comma": (
        lambda s: s.change("0.733", '"0,733"'),
        ["ses: 1 cell not a number (a.csv line 4)", "declare \"decimal: ','\""],
    ),
    "a decimal point beside the declared comma": (
        lambda s: s.configure(("name: a,", 'name: a, decimal: ",",')),
        ["ses: 6 cells not a number", "but the wave declares a decimal comma"],
    ),
    "a number out of range": (
        lambda s: s.change(",73,", ",730,"),
        ["score: 1 cell outside the range 0 to 100 (a.csv line 4)"],
    ),
    "infinity": (lambda s: s.change("0.733", "inf"), ["ses: 1 cell not a number (a.csv line 4)"]),
    "a number beyond all": (lambda s: s.change("0.733", "1e999"), ["ses: 1 cell not a number"]),
    "a date in a number": (
        lambda s: s.change("0.733", "2020-01-31"),
        ["ses: 1 cell not a number (a.csv line 4)", "all of them are dates"],
    ),
    "an unknown category": (
        lambda s: s.change(",g,", ",secret,"),
        ["sex: 1 cell with a code that is not in the codebook (a.csv line 2)", "expected g, b"],
    ),
    "an outcome with one value": (
        lambda s: s.write(re.sub(r"(canary\d),\d+,", r"\1,50,", WAVE)),
        ["score: the outcome has the same value in every row"],
    ),
    "an outcome without values": (
        lambda s: s.write(re.sub(r"(canary\d),\d+,", r"\1,,", WAVE)),
        ["score: the outcome is missing in every row"],
    ),
    "a negative weight": (
        lambda s: s.change("x,0.5", "x,-0.5").configure(
            ("analyses:", "weights: [weight]\nanalyses:")
        ),
        ["weight: 1 weight below zero (a.csv line 4)"],
    ),
    "no weight above zero": (
        lambda s: s.write(re.sub(r"[\d.]+\n", "0\n", WAVE)).configure(
            ("analyses:", "weights: [weight]\nanalyses:")
        ),
        ["weight: no weight is above zero"],
    ),
    "copies as plausible values": (
        lambda s: s.configure(
            ("  weight:", f"  score2: {SCORE_AGAIN}\n  weight:"),
            ("analyses:", "plausible_values: {score_pv: [score, score2]}\nanalyses:"),
        ),
        ["score_pv: the plausible values score and score2 are the same in every row"],
    ),
    "a computed value out of range": (
        lambda s: s.configure(
            (
                "analyses:",
                "  half: {label: H, type: number, level: row, derive: score / 2, "
                "range: [0, 30]}\nanalyses:",
            ),
        ),
        ["half: 4 computed values outside the range 0 to 30 (a.csv lines 3, 4, 6)"],
    ),
    "a constant that is to be standardised": (
        lambda s: s.write(re.sub(r"[\d.]+\n", "1\n", WAVE)).configure(
            ("label: Weight,", "label: Weight, standardise: within_wave,")
        ),
        ["weight: it has the same value in every row and cannot be standardised"],
    ),
}

WAVES = {
    "a copy as the next wave": (
        lambda s: (s.folder / "b.csv").write_text(WAVE),
        ["wave b: b.csv: the file is a copy of a.csv of wave a"],
    ),
    "pupils who do not recur": (
        lambda s: (s.folder / "b.csv").write_text(LATER.replace("canary", "canary9")),
        ["design: same_pupils says that each pupil is followed", "0 of 6 pupils of wave a"],
    ),
    "schools who do not recur": (
        lambda s: (
            (s.folder / "b.csv").write_text(LATER.replace("01,c", "03,c").replace("02,c", "04,c"))
            and s.configure(("same_pupils", "same_schools"), ("level: pupil", "level: row"))
        ),
        ["design: same_schools says that each school is followed", "0 of 2 schools of wave a"],
    ),
    "ids given to others": (
        lambda s: (s.folder / "b.csv").write_text(LATER.replace(",g,", ",b,")),
        ["sex changes between waves for 3 of 6 pupils", "the ids seem to be given to others"],
    ),
    "codes with other labels": (
        lambda s: s.labels({1: "girl", 2: "boy"}, {1: "boy", 2: "girl"}),
        ["sex: 2 codes (1, 2) with another label in wave b than in wave a", "'by_wave'"],
    ),
    "a move that is an error": (
        lambda s: s.configure(("id: pupil}", "id: pupil, ids: global, moves: error}")).change(
            "01,canary3,73,0.733,g,x", "02,canary3,73,0.733,g,y", "b.csv"
        ),
        ["1 of 6 pupils have another school in another wave ('moves: error')"],
    ),
    "a wave that is cut": (
        lambda s: (s.folder / "b.csv").write_text(LATER[:-3]),
        ["wave b: b.csv"],
    ),
}

DERIVED = '  made: {label: M, type: number, level: LEVEL, derive: "TEXT"}\nanalyses:'
AGGREGATE = "  made: {label: M, type: number, level: school, aggregate: {TEXT}}\nanalyses:"
ANOTHER = AGGREGATE.replace("made:", "another:")
OVER_WAVES = "within: school, statistic: mean, waves: all"


def derived(text: str, level: str = "row"):
    """A computed variable added to the codebook."""
    return lambda s: s.configure(
        ("analyses:", DERIVED.replace("TEXT", text).replace("LEVEL", level))
    )


def aggregated(text: str):
    """An aggregate added to the codebook."""
    return lambda s: s.configure(("analyses:", AGGREGATE.replace("TEXT", text)))


def configured(old: str, new: str):
    """One text of the configuration replaced."""
    return lambda s: s.configure((old, new))


CONFIGURATIONS = {
    "no configuration": (lambda s: s.config.unlink(), ["bad.yaml"]),
    "an empty configuration": (
        lambda s: s.config.write_text(""),
        ["bad.yaml, line 1: the file is"],
    ),
    "no YAML": (configured("levels:", "levels: ["), ["bad.yaml, line", "not valid YAML"]),
    "an unknown key": (configured("title:", "titel:"), ["line 2", "did you mean 'title'?"]),
    "a key twice": (configured("source:", "title:"), ["line 4, title: the key was given before"]),
    "a tag": (
        configured("title: A", "title: !!python/name:os.system A"),
        ["line 2, title: the tag"],
    ),
    "a path as a name": (configured("survey: bad", "survey: ../bad"), ["line 1, survey: '../bad'"]),
    "a level that is not known": (configured("level: pupil", "level: pupl"), ["line 16", "pupl"]),
    "a wave that is not known": (
        configured("label: Home,", "label: Home, by_wave: {c: {rescaled: true}},"),
        ["line 15, variables.ses.by_wave.c: 'c' is not a wave"],
    ),
    "a range upside down": (configured("[0, 100]", "[100, 0]"), ["line 14", "the lowest value"]),
    "a hash that is none": (
        configured("files: [a.csv]", "files: [a.csv], sha256: {a.csv: 12}"),
        ["line 11", "a SHA-256 has 64"],
    ),
    "rows of an unknown file": (
        configured("files: [a.csv]", "files: [a.csv], rows: {c.csv: 3}"),
        ["line 11, waves[0].rows.c.csv: 'c.csv' is not a file of the wave"],
    ),
    "Python in a derived variable": (
        derived("__import__('os').system('touch owned')"),
        ["line 19, variables.made.derive: ", "is not one of the functions"],
    ),
    "an attribute in a derived variable": (derived("ses.real"), ["ses.real is not allowed"]),
    "no expression": (derived("ses +"), ["'ses +' is not an expression"]),
    "a huge exponent": (derived("ses ** 999"), ["the exponent 999 is not a number up to 9"]),
    "an unknown variable in a derived one": (derived("sess"), ["'sess' is not a variable"]),
    "a category in a derived number": (derived("sex + 1"), ["'sex' is a category; compare it"]),
    "an unknown category in a derived number": (derived("sex == 'q'"), ["'q' is not a category"]),
    "a circle": (derived("made + ses"), ["'made' is computed from itself, in a circle"]),
    "a derived variable too high": (
        derived("ses / 2", "school"),
        ["made.level: it is made of a variable at level row", "'aggregate'"],
    ),
    "an aggregate within nothing": (
        aggregated("of: ses, within: scool, statistic: mean"),
        ["made.aggregate.within: 'scool' is not a level; did you mean 'school'?"],
    ),
    "a mean of a category": (
        aggregated("of: sex, within: school, statistic: mean"),
        ["made.aggregate.of: 'sex' is a category; use the statistic share"],
    ),
    "a share of a number": (
        aggregated("of: ses, within: school, statistic: share, categories: [g]"),
        ["made.aggregate.of: 'ses' is a number; a share needs a category"],
    ),
    "a statistic that is not known": (
        aggregated("of: ses, within: school, statistic: median"),
        ["made.aggregate.statistic: 'median': expected 'mean'"],
    ),
    "a statistic over waves of units that do not recur": (
        lambda s: s.configure(
            ("design: same_pupils", "design: new_schools"),
            ("analyses:", AGGREGATE.replace("TEXT", f"of: ses, {OVER_WAVES}")),
        ),
        ["made.aggregate.waves: in new_schools each school belongs to one wave"],
    ),
    "a statistic over waves of another one": (
        lambda s: s.configure(
            ("analyses:", AGGREGATE.replace("TEXT", f"of: ses, {OVER_WAVES}")),
            ("analyses:", ANOTHER.replace("TEXT", f"of: made, {OVER_WAVES}")),
        ),
        ["another.aggregate.waves: it is made of made, which is a statistic over all waves"],
    ),
    "crossed units with local ids": (
        configured("id: pupil}", "id: pupil, moves: crossed}"),
        ["line 8, levels[1].moves: crossed units are known by their id alone"],
    ),
    "crossed units above the lowest": (
        configured("id: school}", "id: school, ids: global, moves: crossed}"),
        ["line 7, levels[0].moves: only the lowest level of same_pupils", "episode"],
    ),
    "a policy for local ids": (
        configured("id: pupil}", "id: pupil, ids: local, moves: drop}"),
        ["line 8, levels[1].moves: local ids mean nothing in another parent"],
    ),
    "an unknown weight": (
        configured("analyses:", "weights: [weigth]\nanalyses:"),
        ["weights[0]: 'weigth' is not a variable; did you mean 'weight'?"],
    ),
    "a weight as a term": (
        configured("terms: [sex, ses, kind]}\n", "terms: [weight]}\nweights: [weight]\n"),
        ["'weight' is a sampling weight; it is neither an outcome nor a term"],
    ),
    "one plausible value": (
        configured("analyses:", "plausible_values: {pv: [score]}\nanalyses:"),
        ["plausible_values.pv: at least two plausible values are expected"],
    ),
}

BY_CLEANING = {**FILES, **ENCODINGS, **SHAPES, **IDS, **VALUES}
BY_CHECKING = {**WAVES, **CONFIGURATIONS}


@pytest.fixture
def survey(tmp_path):
    return BadSurvey(tmp_path)


def ended(capsys, monkeypatch, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and error stream of a command run in this process."""
    monkeypatch.setattr(sys, "argv", ["mlm", *arguments])
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


@pytest.mark.parametrize("case", BY_CLEANING)
def test_cleaning_tells_what_is_wrong_and_writes_nothing(survey, case, capsys, monkeypatch):
    spoil, words = BY_CLEANING[case]
    spoil(survey)
    out, ledger = survey.folder / "clean" / "a.parquet", survey.folder / "clean" / "a.json"
    out.parent.mkdir()
    out.write_bytes(b"earlier result")
    ledger.write_text("{}")
    before = snapshot(survey.folder)
    arguments = ("clean", str(survey.config), "a", "--out", str(out), "--ledger", str(ledger))
    assert_told(*ended(capsys, monkeypatch, *arguments), words)
    assert snapshot(survey.folder) == before


@pytest.mark.parametrize("case", BY_CHECKING)
def test_checking_tells_what_is_wrong_and_writes_nothing(survey, case, capsys, monkeypatch):
    spoil, words = BY_CHECKING[case]
    spoil(survey)
    monkeypatch.chdir(survey.folder)
    before = snapshot(survey.folder)
    assert_told(*ended(capsys, monkeypatch, "check", str(survey.config)), words)
    assert snapshot(survey.folder) == before


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


def test_a_code_that_many_share_is_shown(survey, capsys, monkeypatch):
    rows = [f"01,canary{i},{i},0.5,{'girl' if i < 12 else 'b'},x,1" for i in range(20)]
    survey.write(HEADER + "\n".join(rows) + "\n")
    _, _, err = ended(capsys, monkeypatch, "check", str(survey.config))
    assert "sex: 12 cells with a code that is not in the codebook" in err
    assert "'girl' (12)" in err
