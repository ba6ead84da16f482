"""Bad input of every kind: its own message with the place, exit code 2, and nothing else happens.

No traceback, no cell and no id of a person in the message, no file written or changed.
"""

from __future__ import annotations

import re
import sys
import warnings

import pytest

from mlm import __main__ as program
from tests.unit.commands.bad_configurations import CONFIGURATIONS
from tests.unit.commands.bad_files import ENCODINGS, FILES, SHAPES
from tests.unit.commands.bad_survey import HEADER, BadSurvey
from tests.unit.commands.bad_values import IDS, VALUES, WAVES

PRIVATE = re.compile(r"canary|0\.(511|622|733|544|655|766)|secret", re.I)
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
