"""How the ids of each file are written, counted while they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.results.survey.spellings import DigitCount, IdForms
from mlm.rows.cleaning.ids import IdCells
from mlm.rows.cleaning.texts import are_digits, begin_with, byte_lengths

_FORMS = ("padded", "capitals", "small")


class FormCounts:
    """Rows of the files of a wave by the form of their ids."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Counter[str]] = {}
        self._digits: dict[tuple[str, str], Counter[int]] = {}

    def note(self, file: str, level: str, cells: IdCells) -> None:
        """Count the rows of a chunk of a file that have an id at a level."""
        texts, codes = cells.distinct.texts, cells.distinct.codes
        has_id = ~np.logical_or.reduce(list(cells.missing.values()))
        if cells.distinct.is_as_it_is:
            n_rows = has_id.view(np.int8)
        else:
            n_rows = np.bincount(codes if has_id.all() else codes[has_id], minlength=len(texts))
        rows = self._rows.setdefault((file, level), Counter())
        rows["rows"] += int(has_id.sum())
        rows["decimals"] += cells.n_decimals
        rows["composed"] += cells.n_composed
        is_number, forms = _forms(texts)
        for form, fits in forms.items():
            if fits.any():
                rows[form] += int(n_rows[fits].sum(dtype=np.int64))
        digits = self._digits.setdefault((file, level), Counter())
        lengths = byte_lengths(texts)  # of digits, each one byte
        if not is_number.all():
            lengths, n_rows = lengths[is_number], n_rows[is_number]
        if len(lengths) and (lengths == lengths[0]).all():
            counted = {int(lengths[0]): int(n_rows.sum(dtype=np.int64))}
        else:
            counted = dict(enumerate(np.bincount(lengths, n_rows).astype(np.int64).tolist()))
        digits.update({length: n for length, n in counted.items() if n})

    def found(self) -> Iterator[IdForms]:
        """The counts, file by file and level by level."""
        for (file, level), rows in self._rows.items():
            digits = sorted(self._digits[file, level].items())
            yield IdForms(
                file=file,
                level=level,
                **{name: rows[name] for name in ("rows", "decimals", "composed", *_FORMS)},
                digits=tuple(DigitCount(length=length, rows=n) for length, n in digits),
            )


def _forms(texts: pa.StringArray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Which ids (bool, U) are numbers, and which are of each form.

    Classes of all letters take milliseconds to compile.
    """
    if are_digits(texts):
        lengths = byte_lengths(texts)
        return lengths > 0, {"padded": begin_with(texts, "0") & (lengths > 1)}
    is_ascii = pc.all(pc.string_is_ascii(texts)).as_py()
    small, capital = (
        _fits(texts, pattern)
        for pattern in (("[a-z]", "[A-Z]") if is_ascii else (r"\p{Ll}", r"\p{Lu}"))
    )
    forms = (_fits(texts, "^0[0-9]+$"), capital & ~small, small & ~capital)
    return _fits(texts, "^[0-9]+$"), dict(zip(_FORMS, forms, strict=True))


def _fits(texts: pa.StringArray, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
