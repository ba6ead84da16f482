"""Names that can be no file of a survey are refused where they stand."""

from __future__ import annotations

import pytest

from mlm.errors import ConfigurationError
from tests.unit.rows.small_survey import CONFIGURATION, write_survey


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("https://example.org/a.csv", "an address is not read"),
        ("s3://bucket/a.parquet", "an address is not read"),
        ("file:/data/a.csv", "an address is not read"),
        ("~/a.csv", "~ is not expanded"),
        ("/proc/self/environ", "files of this kind are not read"),
        ("/dev/zero", "files of this kind are not read"),
        ("../../etc/passwd", "files of this kind are not read"),
        ("data", "files of this kind are not read"),
        ("a.docx", "files of this kind are not read"),
        ("a.sav.gz", "files of this kind are not read"),
        ("data/a\\nb.csv", "line breaks and tabs"),
        ("data/a\\0.csv", r"U\+0000"),
        ("data/a\\ud800.csv", r"U\+D800"),
    ],
)
def test_what_is_no_file_is_refused_with_its_line(tmp_path, name, told):
    text = CONFIGURATION.replace("[a.csv]", f'[a.csv, "{name}"]')
    with pytest.raises(ConfigurationError, match=rf"line 11, waves\[0\]\.files\[1\]: .*{told}"):
        write_survey(tmp_path, text)


@pytest.mark.parametrize(
    "name", ["-a.csv", "--help.csv", "data/K [1].CSV", "../b/a.csv", "a.txt.gz"]
)
def test_unusual_names_of_files_are_names(tmp_path, name):
    configuration = write_survey(tmp_path, CONFIGURATION.replace("[a.csv]", f'["{name}"]'))
    assert configuration.wave_files("a") == (tmp_path / name,)


SIMULATED = """
simulate:
  seed: 1
  outcome: score
  sizes: {school: 2, pupil: 3}
  fixed: {Intercept: 50}
  variances: {school: 1, "school:pupil": 1, residual: 1}
  covariates: {ses: {}, sex: {shares: {g: 0.5, b: 0.5}}, kind: {shares: {x: 0.5, y: 0.5}}}
"""


def test_files_that_a_simulated_survey_writes_have_no_patterns(tmp_path):
    text = CONFIGURATION.replace("[a.csv]", "['*.csv']")
    with pytest.raises(ConfigurationError, match="patterns name only the files of waves that were"):
        write_survey(tmp_path, text + SIMULATED)


@pytest.mark.parametrize("name", ["/data/a.csv", "../a.csv", "b/../../a.csv"])
def test_a_simulated_survey_writes_inside_its_folder_only(tmp_path, name):
    text = CONFIGURATION + SIMULATED
    write_survey(tmp_path, text)
    with pytest.raises(
        ConfigurationError, match=r"line 11, .*a\.csv': files of a simulated survey"
    ):
        write_survey(tmp_path, text.replace("[a.csv]", f"[{name}]"))


def test_a_file_announced_by_another_name_is_told_the_nearest(tmp_path):
    text = CONFIGURATION.replace("files: [a.csv]", "rows: {b.csv: 3, c: 4}, files: [a.csv]")
    with pytest.raises(
        ConfigurationError, match=r"rows\.b\.csv: 'b\.csv' is not a file of the wave"
    ):
        write_survey(tmp_path, text)
