"""Configurations of any size are checked in a time that grows as they do, and told briefly."""

from __future__ import annotations

import time

import pytest

from mlm.configuration import checks
from mlm.errors import ConfigurationError
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

N = 600


def several(pattern: str, n: int = N) -> str:
    return ", ".join(pattern.format(number) for number in range(n))


CATEGORIES = f"{{g: Girl, b: Boy, {several('c{0}: L{0}')}}}"
LARGE = {
    "unknown keys": CONFIGURATION + several("unknown{}: 1\n").replace(", ", ""),
    "announced files": CONFIGURATION.replace(
        "files: [a.csv]", f"rows: {{{several('g{}.csv: 3')}}}, files: [{several('f{}.csv')}]"
    ),
    "recodes": CONFIGURATION.replace(
        "categories: {g: Girl, b: Boy}",
        f"categories: {CATEGORIES}, recode: {{{several('r{0}: z{0}')}}}",
    ),
    "terms": CONFIGURATION.replace("terms: [sex,", f"terms: [{several('t{}')},"),
}


@pytest.mark.parametrize("case", LARGE)
def test_thousands_of_problems_are_told_briefly_and_soon(tmp_path, case):
    began = time.process_time()
    with pytest.raises(ConfigurationError) as raised:
        write_survey(tmp_path, LARGE[case])
    assert time.process_time() - began < 3
    assert len(str(raised.value)) < 20_000


def test_more_categories_than_can_be_told_apart_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "MOST_CATEGORIES", N)
    text = CONFIGURATION.replace("categories: {g: Girl, b: Boy}", f"categories: {CATEGORIES}")
    with pytest.raises(ConfigurationError, match=r"line 16, .*602 categories .* an id rather"):
        write_survey(tmp_path, text)


def test_thousands_of_categories_and_of_chained_variables_are_checked_soon(tmp_path):
    entry = '  d{}: {{{{label: D, type: number, level: row, derive: "{{}} + 1"}}}}\n'
    chain = "".join(entry.format(i).format(f"d{i + 1}" if i < N - 1 else "ses") for i in range(N))
    text = CONFIGURATION.replace("variables:\n", f"variables:\n{chain}")
    text = text.replace("categories: {g: Girl, b: Boy}", f"categories: {CATEGORIES}")
    began = time.process_time()
    configuration = write_survey(tmp_path, text)
    assert time.process_time() - began < 3
    assert len(configuration.variables) == N + 4
