"""Files of a wave that a pattern names."""

from __future__ import annotations

import pytest

from mlm.configuration import load_configuration
from mlm.errors import SurveyError
from mlm.rows.cleaning.cleaning import clean_in_chunks
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey


def test_files_that_fit_a_pattern_are_those_of_the_wave_in_the_order_of_their_names(tmp_path):
    write_survey(tmp_path)
    (tmp_path / "data").mkdir()
    head, *rows = WAVE_A.splitlines(keepends=True)
    for name, row in zip(("a10.csv", "a2.csv", "a1.csv"), rows, strict=True):
        (tmp_path / "data" / name).write_text(head + row, encoding="utf-8")
    (tmp_path / "data" / "a_folder.csv").mkdir()
    for pattern in ("data/a*.csv", f"{tmp_path}/data/a*.csv", "data/a[0-9]*.csv"):
        text = CONFIGURATION.replace("[a.csv]", f"['{pattern}']")
        (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
        configuration = load_configuration(tmp_path / "small.yaml")
        names = [name.rpartition("/")[2] for name in configuration.wave("a").files]
        assert names == ["a1.csv", "a10.csv", "a2.csv"]
        assert clean_in_chunks(configuration, "a").ledger.rows_kept == 3


def test_a_pattern_that_no_file_fits_is_missed_as_a_file(tmp_path):
    write_survey(tmp_path)
    text = CONFIGURATION.replace("[a.csv]", "['none/*.csv']")
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    configuration = load_configuration(tmp_path / "small.yaml")
    with pytest.raises(SurveyError, match=r"none/\*.csv: the file does not exist"):
        clean_in_chunks(configuration, "a")


def test_a_file_whose_name_holds_a_mark_of_patterns_is_that_file(tmp_path):
    write_survey(tmp_path)
    (tmp_path / "a[1].csv").write_text(WAVE_A, encoding="utf-8")
    text = CONFIGURATION.replace("[a.csv]", "['a[1].csv']")
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    assert load_configuration(tmp_path / "small.yaml").wave("a").files == ("a[1].csv",)
