"""One table of a wave written in every kind of file that can be written."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pyreadstat
import xlsxwriter

from mlm.rows.files.cells import cell_text
from tests.unit.rows.files.sas_file import write_sas

KINDS = ("csv", "csv.gz", "tsv", "parquet", "xlsx", "sav", "zsav", "dta", "xpt", "sas7bdat")


def typed(cells: Mapping[str, Sequence[str]], texts: Sequence[str]) -> pd.DataFrame:
    """Columns of text as numbers, "" as missing, except those that stay text."""
    columns = {}
    for name, column in cells.items():
        if name in texts:
            columns[name] = pd.Series(list(column), dtype=object)
        else:
            columns[name] = pd.Series([float(c) if c else None for c in column], dtype=float)
    return pd.DataFrame(columns)


def write(path: Path, frame: pd.DataFrame) -> None:
    """Write a typed table in the format of the path's suffix."""
    _WRITERS["".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix](path, frame)


def _csv(path: Path, frame: pd.DataFrame, delimiter: str = ",") -> None:
    content = (
        frame.map(cell_text).to_csv(None, index=False, sep=delimiter, lineterminator="\n").encode()
    )
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def _parquet(path: Path, frame: pd.DataFrame) -> None:
    pyarrow.parquet.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)


def _xlsx(path: Path, frame: pd.DataFrame) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("rows")
        sheet.write_row(0, 0, frame.columns)
        for i, name in enumerate(frame.columns):
            for row, cell in enumerate(frame[name].tolist(), start=1):
                if isinstance(cell, str):
                    sheet.write_string(row, i, cell)
                elif cell == cell and cell is not None:
                    sheet.write_number(row, i, cell)


_WRITERS = {
    ".csv": _csv,
    ".csv.gz": _csv,
    ".tsv": lambda path, frame: _csv(path, frame, "\t"),
    ".parquet": _parquet,
    ".xlsx": _xlsx,
    ".sav": lambda path, frame: pyreadstat.write_sav(frame, str(path)),
    ".zsav": lambda path, frame: pyreadstat.write_sav(frame, str(path), compress=True),
    ".dta": lambda path, frame: pyreadstat.write_dta(frame, str(path)),
    ".sas7bdat": write_sas,
    ".xpt": lambda path, frame: pyreadstat.write_xport(frame, str(path), file_format_version=8),
}
