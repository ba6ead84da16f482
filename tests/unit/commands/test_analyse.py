"""What an analysis is made of: merged sums, or the rows of a sample, and never the other."""

from __future__ import annotations

import pytest

from mlm.commands.analyse import analyse
from mlm.errors import ResultError
from tests.unit.configuration.sampled.surveys import loaded

KEYS = ("sampling", "plausible_values", "minimum_proficiency", "linking_error")
PLAIN = dict.fromkeys(KEYS)
SAID = {**PLAIN, "survey_keys": {"missing": {"method": "complete"}}}
OF_ROWS = "cycles has sampling weights or plausible values.*--rows 2 times, one a wave"
OF_SUMS = "cycles has neither 'sampling' nor 'plausible_values'.*give --statistics"


@pytest.mark.parametrize(
    ("changes", "given", "refusal"),
    [
        ({}, ("statistics",), OF_ROWS),
        ({}, ("statistics", "rows"), OF_ROWS),
        ({}, (), OF_ROWS),
        (PLAIN, ("rows",), OF_SUMS),
        (PLAIN, (), OF_SUMS),
        (SAID, ("statistics", "rows"), "says what becomes of rows that lack.*give no --rows"),
    ],
)
def test_the_other_is_refused_with_the_reason(tmp_path, changes, given, refusal):
    loaded(tmp_path, **changes)
    file = tmp_path / "x"
    options = {
        "statistics": [file] if "statistics" in given else None,
        "rows": [file] if "rows" in given else None,
    }
    with pytest.raises(ResultError, match=refusal):
        analyse(tmp_path / "cycles.yaml", "math", file, tmp_path, **options)


def test_rows_are_those_of_all_waves(tmp_path):
    loaded(tmp_path)
    with pytest.raises(ResultError, match="1 files were given for the 2 waves 2018, 2022"):
        analyse(tmp_path / "cycles.yaml", "math", tmp_path, tmp_path, rows=[tmp_path / "x"])
