"""SPSS, Stata and SAS files as text, with labels and user-missing codes; runs in the child.

User-missing values are kept as codes beside their meaning, never turned into numbers or into plain
missing cells. Value labels never replace codes here: labels of some values only would mix the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyreadstat

from mlm.rows.files.cells import cell_text, code_text, number_texts
from mlm.rows.files.refusal import Refused

READ_ROWS = 200_000
_READERS = {
    ".sav": pyreadstat.read_sav,
    ".zsav": pyreadstat.read_sav,
    ".por": pyreadstat.read_por,
    ".dta": pyreadstat.read_dta,
    ".sas7bdat": pyreadstat.read_sas7bdat,
    ".xpt": pyreadstat.read_xport,
}
_WITH_USER_MISSING = {".sav", ".zsav", ".dta", ".sas7bdat"}
_LETTERS = {".dta": "abcdefghijklmnopqrstuvwxyz", ".sas7bdat": "_ABCDEFGHIJKLMNOPQRSTUVWXYZ"}

_OTHER_ENCODING = (
    "its text is not in the encoding that it names; declare the 'encoding' of the wave"
)


class StatisticalReader:
    """A file of a statistics program.

    Parameters
    ----------
    path : str
        The file.
    encoding : str
        Encoding that the configuration declares; ``utf-8`` leaves it to the file to say.
    """

    def __init__(self, path: str, encoding: str):
        self._path = path
        self._suffix = Path(path).suffix.lower()
        self._read = _READERS[self._suffix]
        self._options = {"output_format": "dict"}
        if self._suffix in _WITH_USER_MISSING:
            self._options["user_missing"] = True
        if encoding != "utf-8" and self._suffix != ".por":
            self._options["encoding"] = encoding
        _, self._meta = self._read_rows(metadataonly=True)

    def describe(self) -> dict:
        """Columns, labels, value labels and missing codes; number of rows where it is stored."""
        meta = self._meta
        return {
            "columns": list(meta.column_names),
            "notes": {name: self._notes(name) for name in meta.column_names},
            "first": 1,
            "n_rows": meta.number_rows,
        }

    def chunks(self, columns: Sequence[str]) -> Iterator[list[pa.Array]]:
        """Texts of some columns, chunk by chunk."""
        offset = 0
        while True:
            cells, _ = self._read_rows(
                usecols=list(columns), row_limit=READ_ROWS, row_offset=offset
            )
            n_rows = len(next(iter(cells.values()))) if cells else 0
            if n_rows:
                yield [self._texts(name, cells[name]) for name in columns]
            offset += n_rows
            if n_rows < READ_ROWS:
                return

    def _read_rows(self, **options):
        try:
            return self._read(self._path, **self._options, **options)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
            raise Refused(_sentence(str(error))) from None
        except (UnicodeDecodeError, LookupError) as error:
            if isinstance(error, KeyError | IndexError):
                raise
            raise Refused(_OTHER_ENCODING) from None

    def _is_text(self, name: str) -> bool:
        return self._meta.readstat_variable_types.get(name) == "string"

    def _notes(self, name: str) -> dict:
        meta = self._meta
        labels = {
            self._code(code): str(text)
            for code, text in (meta.variable_value_labels.get(name) or {}).items()
        }
        missing, ranges = {}, []
        for entry in (meta.missing_ranges or {}).get(name, ()):
            low, high = entry["lo"], entry["hi"]
            if low == high:
                code = self._code(low)
                missing[code] = labels.get(code)
            else:
                ranges.append([float(low), float(high)])
        if not self._is_text(name):
            for letter in _LETTERS.get(self._suffix, ""):
                code = f".{letter}"
                missing[code] = labels.get(code)
        return {
            "label": (meta.column_names_to_labels or {}).get(name) or None,
            "kind": "text" if self._is_text(name) else "number",
            "labels": labels,
            "missing": missing,
            "ranges": ranges,
        }

    def _code(self, code: object) -> str:
        is_letter = isinstance(code, str) and code in _LETTERS.get(self._suffix, "")
        return f".{code}" if is_letter else code_text(code)

    def _texts(self, name: str, cells) -> pa.Array:
        if self._is_text(name):
            return pa.array(["" if c is None else str(c) for c in cells], pa.string())
        if not isinstance(cells, np.ndarray):
            try:
                cells = np.array([np.nan if c is None else c for c in cells], dtype=np.float64)
            except (TypeError, ValueError):
                return pa.array([self._mixed(cell) for cell in cells], pa.string())
        if cells.dtype == object:
            return pa.array([self._mixed(cell) for cell in cells], pa.string())
        return number_texts(pa.array(cells.astype(np.float64), from_pandas=True))

    def _mixed(self, cell: object) -> str:
        """Text of a cell in a column that also holds letters (missing) or dates."""
        return f".{cell}" if isinstance(cell, str) else cell_text(cell)


def _sentence(message: str) -> str:
    if "encod" in message.lower() or "convert" in message.lower():
        return _OTHER_ENCODING
    return "the file is damaged or cut; ask for it again"
