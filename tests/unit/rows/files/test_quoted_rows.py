"""Rows between stray quotation marks are told; comments of several lines are not."""

from __future__ import annotations

import csv
import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.results.survey.cell_doubts import RowsInQuotes
from mlm.results.survey.checks import LinesInQuotes
from mlm.rows.files.opening import open_file
from mlm.rows.files.quoted_rows import QuotedRows
from mlm.rows.files.wave_file import FileFormat
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import clean_wave
from tests.drawn_cases import cases
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_B, write_survey

KINDS = [
    ("x.csv", ",", "\n"),
    ("x.csv", ";", "\r\n"),
    ("x.csv", ",", "\r"),
    ("x.tsv", "\t", "\n"),
    ("x.txt", "|", "\n"),
    ("x.csv.gz", ",", "\n"),
]


def found(path, content: str, delimiter: str = ",", encoding: str = "utf-8"):
    data = content.encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    file = open_file(path, form=FileFormat(delimiter=delimiter, encoding=encoding))
    n_rows = sum(chunk.num_rows for chunk in file.chunks(file.columns[:1]))
    return n_rows, file.quoted_rows()


def lines_of(place: int, n: int = 40) -> list[list[str]]:
    """Rows of four columns, with a note in one of them."""
    rows = []
    for i in range(n):
        row = [f"p{i}", str(i % 3), "5"]
        rows.append([*row[:place], "", *row[place:]])
    return rows


@pytest.mark.parametrize(("name", "delimiter", "end"), KINDS)
@pytest.mark.parametrize("place", [0, 2, 3])
@pytest.mark.parametrize("last", [11, 30])
def test_two_stray_marks_are_told_with_their_lines(tmp_path, name, delimiter, end, place, last):
    rows = lines_of(place)
    rows[10][place], rows[last][place] = '"see', 'end"'
    lines = ["abcd", *rows]
    content = end.join(delimiter.join(row) for row in lines) + end
    n_rows, told = found(tmp_path / name, content, delimiter)
    assert n_rows == 40 - (last - 10)
    assert told == [QuotedRows(12, last + 2)]


COMMENTS = st.lists(st.text("ab, \n", max_size=12), min_size=3, max_size=8)


@given(COMMENTS)
@settings(max_examples=cases(40))
def test_comments_of_several_lines_are_not(tmp_path_factory, comments):
    """Unless their lines have the delimiters of whole rows, which a row of twelve cells has not."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow("abcdefghijklm")
    writer.writerows([[str(i), *"1" * 11, text] for i, text in enumerate(comments)])
    path = tmp_path_factory.mktemp("comments") / "x.csv"
    assert found(path, stream.getvalue()) == (len(comments), [])


def test_a_comment_that_is_longer_than_what_it_could_swallow_is_none(tmp_path):
    content = 'a,b,c\n1,2,"one, two\nthree"\n3,4,"dear all\n\nthank you, really"\n'
    assert found(tmp_path / "x.csv", content) == (2, [])


def test_empty_lines_between_rows_do_not_hide_them(tmp_path):
    content = 'a,b,c\n1,2,"x\n\n3,4,\n\n5,6,y"\n7,8,z\n'
    assert found(tmp_path / "x.csv", content) == (2, [QuotedRows(2, 6)])


def test_other_encodings(tmp_path):
    content = 'a,b\n1,"ä\n2,x\n3,y"\n4,z\n'
    for encoding in ("utf-16", "windows-1252"):
        assert found(tmp_path / "x.csv", content, encoding=encoding) == (2, [QuotedRows(2, 4)])


def test_lost_rows_are_a_doubt_of_the_survey(tmp_path):
    header, *rows = (
        "school,pupil,score,ses,sex,kind,note\n"
        + "".join(f"0{i % 2},{i:03d},{50 + i},0.{i},g,x,\n" for i in range(1, 9))
    ).splitlines(keepends=True)
    rows[2] = rows[2].replace(",\n", ',"see\n')
    rows[5] = rows[5].replace(",\n", ',end"\n')
    configuration = write_survey(tmp_path, CONFIGURATION, a="".join([header, *rows]))
    (tmp_path / "b.csv").write_text(WAVE_B)
    waves, ledgers = {}, {}
    for wave in ("a", "b"):
        waves[wave], ledgers[wave] = clean_wave(configuration, wave)
    assert ledgers["a"].rows_read == 5
    lines = RowsInQuotes(file="a.csv", rows=3, first_line=4, last_line=7)
    assert ledgers["a"].cell_doubts == (lines,)
    checks = link_waves(configuration, waves, ledgers).checks
    told = [check for check in checks if isinstance(check, LinesInQuotes)]
    assert told == [
        LinesInQuotes(result="warning", wave="a", file="a.csv", rows=3, first_line=4, last_line=7)
    ]
