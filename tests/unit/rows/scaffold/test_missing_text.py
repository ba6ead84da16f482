"""Values that many rows lack are drawn in a first configuration, and in no other."""

from __future__ import annotations

import pytest

from tests.unit.rows.scaffold.made_files import IDS, drafted, later, score, table

KEY = "missing: {method: joint}"


def _ses(each: int):
    """A number that one row of so many lacks."""
    return lambda i: None if i % each == 0 else i * 13 % 17 / 4


def test_a_term_that_many_rows_lack_is_drafted_as_imputed(tmp_path):
    cells = {"ses": _ses(5), **IDS}
    files = [
        table(tmp_path, "2019.csv", **cells, math=score),
        table(tmp_path, "2023.csv", **cells, math=later),
    ]
    text, configuration = drafted(tmp_path, files)
    assert configuration.missing.method == "joint"
    assert "# ? 20% of the rows with math lack one of the first terms below" in text


@pytest.mark.parametrize("each", [30, 1000])
def test_few_rows_are_left_out_without_a_word(tmp_path, each):
    text, configuration = drafted(
        tmp_path, [table(tmp_path, "x.csv", **IDS, ses=_ses(each), math=score)]
    )
    assert configuration.missing.method is None and KEY not in text


def test_rows_without_the_outcome_do_not_count(tmp_path):
    lacks = lambda i: None if i % 4 == 0 else score(i)  # noqa: E731
    text, _ = drafted(tmp_path, [table(tmp_path, "x.csv", **IDS, ses=_ses(4), math=lacks)])
    assert KEY not in text
