"""Random damage to files ends in a message or in an account that adds up, never in a crash."""

from __future__ import annotations

import os
import random

import pandas as pd
import pyreadstat
import pytest

from mlm.configuration import load_configuration
from mlm.errors import MLMError, SurveyError
from mlm.rows.files import open_file, typed
from tests.cleaned_waves import clean_wave
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

N_MUTANTS = 150
N_TYPED = 12
MARKS = b',"\n\r\x00\xff;: -[]{}#&*!|9aX\t'


def mutants(text: str, seed: int):
    """Copies of a text with one to three bytes changed, added or removed."""
    draw = random.Random(seed)
    for _ in range(N_MUTANTS):
        content = bytearray(text, "utf-8")
        for _ in range(draw.randint(1, 3)):
            place = draw.randrange(len(content))
            new = bytes([draw.choice(MARKS)]) if draw.random() < 0.7 else b""
            content[place : place + draw.randint(0, 1)] = new
        yield bytes(content)


def test_damaged_waves(tmp_path):
    configuration = write_survey(tmp_path)
    refused = 0
    for content in mutants(WAVE_A, seed=1):
        (tmp_path / "a.csv").write_bytes(content)
        try:
            table, ledger = clean_wave(configuration, "a")
        except MLMError as error:
            assert "a.csv" in str(error) or "wave a" in str(error)
            refused += 1
            continue
        excluded = sum(entry.rows for entry in ledger.excluded)
        assert ledger.rows_read == table.num_rows + excluded
        assert not any(table[level].null_count for level in ("school", "pupil"))
    assert refused > N_MUTANTS / 3


def test_damaged_files_of_spss_never_crash_the_process(tmp_path):
    text = CONFIGURATION.replace("[a.csv]", "[a.sav]")
    configuration = write_survey(tmp_path, text)
    rows = pd.read_csv(tmp_path / "a.csv", dtype={"school": str, "pupil": str})
    pyreadstat.write_sav(rows, str(tmp_path / "a.sav"))
    whole = (tmp_path / "a.sav").read_bytes()
    draw = random.Random(3)
    for _ in range(N_TYPED):
        content = bytearray(whole)
        for _ in range(3):
            content[draw.randrange(len(content))] = draw.randrange(256)
        (tmp_path / "a.sav").write_bytes(bytes(content))
        try:
            _, ledger = clean_wave(configuration, "a")
        except MLMError as error:
            assert "a.sav" in str(error) or "wave a" in str(error)
            continue
        excluded = sum(entry.rows for entry in ledger.excluded)
        assert ledger.rows_read == ledger.rows_kept + excluded


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGSEGV)", "bytearray(1 << 45)"])
def test_a_reader_that_crashes_or_asks_for_all_memory_ends_with_a_message(
    tmp_path, monkeypatch, end
):
    rows = pd.DataFrame({"x": [1.0, 2.0]})
    pyreadstat.write_dta(rows, str(tmp_path / "x.dta"))
    (tmp_path / "broken" / "pyreadstat").mkdir(parents=True)
    module = tmp_path / "broken" / "pyreadstat" / "__init__.py"
    names = ("read_sav", "read_por", "read_dta", "read_sas7bdat", "read_xport")
    functions = "".join(f"def {name}(*a, **k):\n    {end}\n" for name in names)
    errors = "class ReadstatError(Exception): pass\nclass PyreadstatError(Exception): pass\n"
    module.write_text(f"import os, signal\n{errors}{functions}")
    child = typed._environment()
    child["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "broken"), child["PYTHONPATH"]])
    monkeypatch.setattr(typed, "_environment", lambda: child)
    with pytest.raises(SurveyError, match=r"x\.dta: (the file is damaged|reading it takes more)"):
        open_file(tmp_path / "x.dta", name="x.dta")


def test_damaged_configurations(tmp_path):
    path = tmp_path / "small.yaml"
    refused = 0
    for content in mutants(CONFIGURATION, seed=2):
        path.write_bytes(content)
        try:
            load_configuration(path)
        except MLMError as error:
            assert "small.yaml" in str(error)
            refused += 1
    assert refused > N_MUTANTS / 3
