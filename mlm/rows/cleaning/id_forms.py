"""How the ids of each file are written, counted while they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from mlm.results.survey.spellings import DigitCount, IdForms
from mlm.rows.cleaning.ids import IdCells

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
        n_rows = np.bincount(codes[has_id], minlength=len(texts))
        rows = self._rows.setdefault((file, level), Counter())
        rows["rows"] += int(has_id.sum())
        rows["decimals"] += cells.n_decimals
        rows["composed"] += cells.n_composed
        for form, fits in _fits_forms(texts).items():
            rows[form] += int(n_rows[fits].sum())
        digits = self._digits.setdefault((file, level), Counter())
        is_number = _fits(texts, "^[0-9]+$")
        lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
        for length in np.unique(lengths[is_number & (n_rows > 0)]).tolist():
            digits[length] += int(n_rows[is_number & (lengths == length)].sum())

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


def _fits_forms(texts) -> dict[str, np.ndarray]:
    """Which ids are of each form; classes of all letters take milliseconds to compile."""
    is_ascii = pc.all(pc.string_is_ascii(texts)).as_py()
    small, capital = (
        _fits(texts, pattern)
        for pattern in (("[a-z]", "[A-Z]") if is_ascii else (r"\p{Ll}", r"\p{Lu}"))
    )
    padded = _fits(texts, "^0[0-9]+$")
    return dict(zip(_FORMS, (padded, capital & ~small, small & ~capital), strict=True))


def _fits(texts, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
