"""Ids of a wave's rows, collected chunk by chunk and numbered in the order of their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.texts import number, ranks

_SCIENTIFIC = r"^[+-]?\d(\.\d+)?[eE]\+?\d+$"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DATE = rf"^(?i:\d{{1,2}}-({_MONTHS})|({_MONTHS})-\d{{2}})$"


@dataclass(frozen=True)
class Ids:
    """Ids of the kept rows at one level.

    Attributes
    ----------
    texts : pyarrow.StringArray, length U
        Distinct ids, sorted.
    codes : ndarray of int32, shape (n,)
        Position of each row's id in ``texts``.
    """

    texts: pa.StringArray
    codes: np.ndarray


class IdCollector:
    """Ids of one level, taken up chunk by chunk."""

    def __init__(self) -> None:
        self._texts: list[pa.StringArray] = []
        self._codes: list[np.ndarray] = []

    def add(self, distinct: Distinct, kept: np.ndarray | None = None) -> None:
        """Take up the ids of the kept rows (bool, N; default: all) of a chunk."""
        codes = distinct.codes if kept is None else distinct.codes[kept]
        used = np.zeros(len(distinct.texts), dtype=bool)
        used[codes] = True
        place = np.cumsum(used, dtype=np.int32) - 1
        self._texts.append(distinct.texts.filter(pa.array(used)))
        self._codes.append(place[codes])

    def collected(self) -> Ids:
        """Ids of all chunks; the numbers sort as the texts do. What was taken up is given back."""
        texts = pa.concat_arrays([pa.array([], pa.string()), *self._texts])
        starts = np.cumsum([0, *map(len, self._texts)])
        self._texts.clear()
        rank, first = ranks(texts)
        texts = texts.take(pa.array(first))
        codes = np.empty(sum(map(len, self._codes)), dtype=np.int32)
        row = 0
        for start, chunk in zip(starts, self._codes, strict=False):
            codes[row : row + len(chunk)] = rank[start + chunk]
            row += len(chunk)
        self._codes.clear()
        return Ids(texts, codes)


def row_ids(rows: np.ndarray) -> Ids:
    """Ids of units that have none in the files, each row being one: its number, from 1.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Numbers of the kept rows among all rows read, from 0, increasing.

    Returns
    -------
    Ids
        Texts of one length, which sort as the rows do.
    """
    texts = pc.cast(pa.array(rows.astype(np.int64) + 1), pa.string())
    width = len(texts[-1].as_py()) if len(texts) else 1
    return Ids(pc.utf8_lpad(texts, width, "0"), np.arange(len(rows), dtype=np.int32))


def numbered_together(waves: Sequence[Ids]) -> tuple[np.ndarray, int]:
    """Ids of the rows of some waves (N,) numbered together; how many distinct ones there are."""
    rank, first = ranks(pa.concat_arrays([ids.texts for ids in waves]))
    starts = np.cumsum([0, *(len(ids.texts) for ids in waves)])
    parts = [rank[start + ids.codes] for start, ids in zip(starts, waves, strict=False)]
    return np.concatenate(parts), len(first)


def path_numbers(waves: Sequence[Mapping[str, Ids]], path: Sequence[str]) -> np.ndarray:
    """Number (N,) of the unit that each row of some waves is in, known by its path from the top."""
    codes, _ = numbered_together([wave[path[0]] for wave in waves])
    for level in path[1:]:
        inner, distinct = numbered_together([wave[level] for wave in waves])
        codes = number(codes * np.int64(distinct) + inner)[0]
    return codes


def spoiled_ids(distinct: Distinct) -> dict[str, np.ndarray]:
    """Rows (bool, N) of a chunk whose id a spreadsheet has changed, by what is wrong."""
    found = {}
    for kind, pattern in (("scientific", _SCIENTIFIC), ("date", _DATE)):
        texts = pc.match_substring_regex(distinct.texts, pattern).to_numpy(zero_copy_only=False)
        if texts.any():
            found[kind] = distinct.cells(texts)
    return found
