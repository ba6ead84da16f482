"""Sheets that are made to be slow: each byte is looked at once, each cell told once."""

from __future__ import annotations

import time
import zipfile

import pytest

from mlm.rows.files.excel_faults import CellFault, fault_texts, sheet_faults
from mlm.rows.files.refusal import Refused

SLOW = {
    "attributes without an end": "<c " + 'r="A1" ' * 20_000,
    "cells without an end": "<c " * 40_000,
    "attributes of one cell": "<c " + 'r="A1" ' * 20_000 + ">",
    "formulas": "<c><f>" * 20_000,
    "values without an end": "<c><f/><v " * 20_000,
    "blanks": '<c t="e"' + " " * 100_000,
    "prefixes": "<" + "a" * 100_000 + ":c ",
    "markers": '<c t="e" ' + "t=" * 50_000,
}


@pytest.mark.parametrize("case", SLOW)
def test_a_sheet_is_looked_through_in_linear_time(tmp_path, case):
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<row>{SLOW[case]}<f/>")
    began = time.process_time()
    sheet_faults(str(tmp_path / "x.xlsx"), "a", (10, 10), [])
    assert time.process_time() - began < 1


def test_merged_cells_that_overlap_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<row/>")
    whole = ((0, 0), (1 << 20, 1 << 14))
    assert len(sheet_faults(str(tmp_path / "x.xlsx"), "a", (10, 10), [whole])) == 99
    with pytest.raises(Refused, match="its merged cells overlap"):
        sheet_faults(str(tmp_path / "x.xlsx"), "a", (10, 10), [whole] * 100_000)


def test_faults_of_many_columns_are_told_in_linear_time():
    faults = [CellFault("error", row, column) for column in range(2000) for row in range(5)]
    began = time.process_time()
    texts = fault_texts(faults, "a", {column: f"x{column}" for column in range(2000)})
    assert time.process_time() - began < 1
    assert texts[1] == (
        "sheet 'a', column 'x1': 5 cells hold an error of Excel such as #DIV/0! or #N/A; correct "
        "the formulas or empty the cells (B1, B2, B3)"
    )
