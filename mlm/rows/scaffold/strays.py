"""Single texts among the numbers of a column: the column is one of numbers, and they are named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlm.errors import and_more
from mlm.rows.scaffold.profiles import ColumnProfile, FileProfile

MOST_STRAYS = 0.01
"""Share of the cells with a value up to which texts are strays among numbers."""

LEAST_NUMBERS = 20
"""Different numbers from which a column is one of numbers, a few texts left aside."""

CELLS_NAMED = 3
"""Cells that are named."""


def stray_texts(profiles: Sequence[ColumnProfile]) -> list[str]:
    """Texts of a column that are no numbers, where all but a few of its cells are; else none."""
    if any(profile.notes.labels for profile in profiles):
        return []
    found: dict[str, None] = {}
    cells = strays = numbers = 0
    for profile in profiles:
        is_stray = profile.is_value & ~np.isfinite(profile.numbers)
        texts = profile.distinct.texts.to_pylist()
        found |= {texts[place]: None for place in np.flatnonzero(is_stray)}
        cells += int(profile.is_value[profile.distinct.codes].sum())
        strays += int(is_stray[profile.distinct.codes].sum())
        numbers += int((profile.is_value & ~is_stray).sum())
    few = strays <= max(1, MOST_STRAYS * cells) and numbers >= LEAST_NUMBERS
    return list(found) if few else []


def without(profile: ColumnProfile, texts: Sequence[str]) -> ColumnProfile:
    """A column in which some texts are no values."""
    return replace(profile, missing=profile.missing | dict.fromkeys(texts, "no number"))


def stray_lines(files: Sequence[FileProfile], column: str, texts: Sequence[str]) -> Iterator[str]:
    """Comments that name the cells of a column that hold no numbers."""
    places = [
        f"{text!r} in data row {row + 1} of {file.name}"
        for file in files
        for row, text in _cells(file.columns[column], texts)
    ]
    more = and_more(len(places) - CELLS_NAMED)
    yield f"    # no number: {', '.join(places[:CELLS_NAMED])}{more}; mend the file, or"
    yield "    # name the text below 'missing: {text: what it means}'"


def _cells(profile: ColumnProfile, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    known = profile.distinct.texts.to_pylist()
    codes = [place for place, text in enumerate(known) if text in texts]
    for row in np.flatnonzero(np.isin(profile.distinct.codes, codes)):
        yield int(row), known[profile.distinct.codes[row]]
