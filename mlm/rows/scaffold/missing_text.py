"""What a first configuration says of rows that lack a covariate: imputed where they are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlm.nouns.fewest import MANY_LEFT_OUT
from mlm.rows.scaffold.profiles import FileProfile


def missing_lines(
    files: Sequence[FileProfile], outcome: str | None, terms: Sequence[str]
) -> Iterator[str]:
    """The key ``missing`` where more than a few rows with the outcome lack a term; else nothing.

    Parameters
    ----------
    files : sequence of FileProfile
        The files of the waves, which all have these columns.
    outcome : str or None
        Column of the outcome; None: none was found.
    terms : sequence of str
        Columns of the terms.
    """
    if outcome is None or not terms:
        return
    lost, rows = _lacking(files, outcome, terms)
    if rows and lost > MANY_LEFT_OUT * rows:
        yield f"# ? {lost / rows:.0%} of the rows with {outcome} lack one of the first terms below:"
        yield "# values are drawn; complete leaves such rows out, files takes your imputations."
        yield "missing: {method: joint}"
        yield ""


def _lacking(files: Sequence[FileProfile], outcome: str, terms: Sequence[str]) -> tuple[int, int]:
    """Rows with the outcome that lack a term, and all that have the outcome."""
    lost = rows = 0
    for file in files:
        there = file.columns[outcome].codes >= 0
        lacks = np.zeros(there.size, dtype=bool)
        for term in terms:
            lacks |= file.columns[term].codes < 0
        rows += int(there.sum())
        lost += int((there & lacks).sum())
    return lost, rows
