"""The table of file formats: which reader takes a file, by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlm.nouns.file_formats import FORMATS, format_of
from mlm.rows.files.child import READERS
from mlm.rows.files.statistical import _READERS
from tests.unit.rows.files.formats import KINDS


@pytest.mark.parametrize(
    "name,reader,is_packed",
    [
        ("a.csv", "text", False),
        ("A.CSV", "text", False),
        ("a.csv.gz", "text", True),
        ("a.b.txt.gz", "text", True),
        ("a.parquet", "parquet", True),
        ("a.xlsx", "excel", True),
        ("a.sav", "statistical", False),
        ("a.zsav", "statistical", True),
    ],
)
def test_a_file_is_known_by_its_suffix(name, reader, is_packed):
    found = format_of(Path(name))
    assert (found.reader, found.is_packed) == (reader, is_packed)


@pytest.mark.parametrize("name", ["a.doc", "a", "a.gz", "a.sav.gz", "a.parquet.gz"])
def test_other_kinds_have_no_format(name):
    assert format_of(Path(name)) is None


def test_every_statistical_format_has_a_function_that_reads_it():
    listed = {suffix for suffix, form in FORMATS.items() if form.reader == "statistical"}
    assert listed == _READERS.keys()


def test_every_format_has_a_reader_and_every_reader_a_format():
    assert {form.reader for form in FORMATS.values()} == {"text", *READERS}


def test_every_reader_is_held_by_files_of_its_kind():
    """The round trips of ``test_typed`` write files of these suffixes and read them again."""
    written = {format_of(Path(f"a.{kind}")).reader for kind in KINDS}
    assert written == {"text", *READERS}
