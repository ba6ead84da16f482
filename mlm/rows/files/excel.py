"""Excel files as text; runs in the child process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
from python_calamine import CalamineWorkbook

from mlm.errors import listed, quoted
from mlm.rows.files.cells import cell_text
from mlm.rows.files.excel_faults import CellFault, fault_texts, sheet_faults
from mlm.rows.files.refusal import Refused


class ExcelReader:
    """One sheet of an Excel file; the first row holds the column names.

    Parameters
    ----------
    path : str
        The file.
    sheet : str or None
        Name of the sheet; needed where there are several.
    """

    def __init__(self, path: str, sheet: str | None):
        book = CalamineWorkbook.from_path(path)
        names = book.sheet_names
        if sheet is None and len(names) > 1:
            raise Refused(
                f"the file has {len(names):,} sheets ({listed(names)}); declare 'sheet' for the "
                "wave"
            )
        if sheet is not None and sheet not in names:
            raise Refused(f"there is no sheet {quoted(sheet)}; sheets: {listed(names)}")
        self._sheet = sheet or names[0]
        found = book.get_sheet_by_name(self._sheet)
        rows = found.to_python(skip_empty_area=False)
        if not rows:
            raise Refused("the sheet is empty; a row of column names and rows of data are expected")
        self._header = [cell_text(cell).strip() for cell in rows[0]]
        if not any(self._header):
            raise Refused("row 1 of the sheet is empty; column names are expected there")
        size = len(rows), len(self._header)
        self._faults = sheet_faults(path, self._sheet, size, found.merged_cell_ranges or ())
        in_header = [f for f in self._faults if f.row == 0 and f.kind != "merged"]
        self._refuse_faults(in_header, self._header)
        filled = [(i, row) for i, row in enumerate(rows[1:], start=2) if any(c != "" for c in row)]
        self._numbers = [number for number, _ in filled]
        self._rows = [row for _, row in filled]

    def describe(self) -> dict:
        """Columns with a name, and the row of the sheet that each data row stands in."""
        first_kinds = {name: {"kind": self._kind(i)} for i, name in enumerate(self._header) if name}
        regular = self._numbers == list(range(2, len(self._numbers) + 2))
        return {
            "columns": [name for name in self._header if name],
            "notes": first_kinds,
            "first": 2,
            "n_rows": len(self._rows),
        } | ({} if regular else {"rows": self._numbers})

    def chunks(self, columns: Sequence[str]) -> Iterator[list[pa.Array]]:
        """Texts of some columns, all rows at once: the sheet is in memory anyway."""
        self._refuse_faults(self._faults, columns)
        known = {name: place for place, name in enumerate(self._header)}
        places = [known[name] for name in columns]
        yield [
            pa.array([cell_text(row[place]) for row in self._rows], pa.string()) for place in places
        ]

    def _refuse_faults(self, faults: Sequence[CellFault], columns: Sequence[str]) -> None:
        """Refuse cells of some columns that are not empty and have no value."""
        wanted = set(columns)
        names = {i: name for i, name in enumerate(self._header) if name in wanted}
        texts = fault_texts(faults, self._sheet, names)
        if texts:
            raise Refused("; ".join(texts))

    def _kind(self, place: int) -> str:
        cells = [row[place] for row in self._rows if row[place] != ""]
        numbers = all(isinstance(c, float | int) and not isinstance(c, bool) for c in cells)
        return "number" if numbers and cells else "text"
