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

from mlm.errors import FIRST_CASES, quoted
from mlm.nouns.ids.identifier import EXACT_INTEGERS, exact_below
from mlm.rows.files.cells import (
    cell_text,
    code_text,
    ibm_spacing,
    ieee_spacing,
    number_texts,
    short_numbers,
)
from mlm.rows.files.refusal import Refused
from mlm.rows.files.transport import LETTERS, layout_of, missing_letters

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
_LETTERS = {".dta": "abcdefghijklmnopqrstuvwxyz", ".sas7bdat": LETTERS, ".xpt": LETTERS}

_SPACINGS = {".sas7bdat": ieee_spacing, ".xpt": ibm_spacing}
_FRACTIONS = {".sas7bdat": 11, ".xpt": 8}  # bits of a number that hold its sign and exponent
_BYTES = 8

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
        self._layout = layout_of(path) if self._suffix == ".xpt" else None
        n_columns = len(self._meta.column_names)
        if self._layout is not None and len(self._layout.places) != n_columns:
            self._layout = None

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
                yield [self._texts(name, cells[name], offset) for name in columns]
            offset += n_rows
            if n_rows < READ_ROWS:
                return

    def _read_rows(self, **options):
        try:
            return self._read(self._path, **self._options, **options)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
            raise Refused(_sentence(str(error))) from None
        except OverflowError:
            raise Refused(self._no_dates(options)) from None
        except (UnicodeDecodeError, LookupError) as error:
            if isinstance(error, KeyError | IndexError):
                raise
            raise Refused(_OTHER_ENCODING) from None

    def _no_dates(self, options: dict) -> str:
        """Where the numbers stand that are no dates though their column is one of dates."""
        numbers, _ = self._read(
            self._path, **self._options, **options, disable_datetime_conversion=True
        )
        texts = []
        for name, cells in numbers.items():
            sizes = [abs(c) if isinstance(c, float | int) else 0.0 for c in cells]
            largest = np.argsort(sizes)[::-1][:FIRST_CASES].tolist()
            first = options.get("row_offset", 0)
            rows = [first + row for row in largest if self._is_no_date(name, first + row)]
            if rows:
                shown = ", ".join(str(row + 1) for row in sorted(rows))
                texts.append(f"column {quoted(name)}: the numbers in rows {shown}")
        return (
            f"{'; '.join(texts)} stand for no date between the years 1 and 9999, and perhaps more "
            "do; correct them, or store the column as a number"
        )

    def _is_no_date(self, name: str, row: int) -> bool:
        try:
            self._read(self._path, **self._options, usecols=[name], row_offset=row, row_limit=1)
        except OverflowError:
            return True
        return False

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
            "exact": self._exact(name),
        }

    def _exact(self, name: str) -> float | None:
        """Size from which the type of a column rounds whole numbers; None where it does not."""
        kind = self._meta.readstat_variable_types.get(name)
        if kind not in ("float", "double"):
            return None
        n_bytes = self._meta.variable_storage_width.get(name, _BYTES)
        if kind == "float":
            return exact_below(np.float32)
        if self._suffix in _FRACTIONS and 1 < n_bytes < _BYTES:
            return min(2.0 ** (8 * n_bytes - _FRACTIONS[self._suffix]), EXACT_INTEGERS)
        return EXACT_INTEGERS

    def _code(self, code: object) -> str:
        is_letter = isinstance(code, str) and code in _LETTERS.get(self._suffix, "")
        return f".{code}" if is_letter else code_text(code)

    def _texts(self, name: str, cells, first: int) -> pa.Array:
        if self._is_text(name):
            return pa.array(["" if c is None else str(c) for c in cells], pa.string())
        if isinstance(cells, np.ndarray) and cells.dtype != object:
            return number_texts(pa.array(self._numbers(name, cells.astype(np.float64))))
        letters = {i: f".{cell}" for i, cell in enumerate(cells) if isinstance(cell, str)}
        if self._layout is not None:
            place = self._meta.column_names.index(name)
            letters |= missing_letters(self._path, self._layout, place, first, len(cells))
        plain = [np.nan if c is None or i in letters else c for i, c in enumerate(cells)]
        try:
            numbers = np.array(plain, dtype=np.float64)
        except (TypeError, ValueError):  # dates
            texts = [letters.get(i) or cell_text(c) for i, c in enumerate(cells)]
            return pa.array(texts, pa.string())
        texts = number_texts(pa.array(self._numbers(name, numbers)))
        if not letters:
            return texts
        return pa.array([letters.get(i, text) for i, text in enumerate(texts.to_pylist())])

    def _numbers(self, name: str, values: np.ndarray) -> np.ndarray:
        """Numbers (n,) in the precision of the file, or the shortest that it may mean."""
        n_bytes = self._meta.variable_storage_width.get(name, _BYTES)
        if self._meta.readstat_variable_types.get(name) == "float":
            return values.astype(np.float32)
        if self._suffix in _SPACINGS and 2 < n_bytes < _BYTES:
            return short_numbers(values, _SPACINGS[self._suffix](n_bytes))
        return values


def _sentence(message: str) -> str:
    if "encod" in message.lower() or "convert" in message.lower():
        return _OTHER_ENCODING
    return "the file is damaged or cut; ask for it again"
