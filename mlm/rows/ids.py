"""Ids of a wave's rows, collected chunk by chunk and numbered in the order of their texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.rows.codebook import Distinct

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
        self._chunks: list[pa.DictionaryArray] = []

    def add(self, distinct: Distinct, kept: np.ndarray) -> None:
        """Take up the ids of the kept rows (bool, N) of a chunk."""
        indices = pa.array(distinct.codes[kept].astype(np.int32))
        self._chunks.append(pa.DictionaryArray.from_arrays(indices, distinct.texts))

    def collected(self) -> Ids:
        """Ids of all chunks; the numbers sort as the texts do."""
        if not self._chunks:
            return Ids(pa.array([], pa.string()), np.zeros(0, np.int32))
        joined = pa.chunked_array(self._chunks).unify_dictionaries()
        texts = joined.chunk(joined.num_chunks - 1).dictionary
        codes = np.concatenate([chunk.indices.to_numpy() for chunk in joined.chunks])
        order = pc.sort_indices(texts).to_numpy()
        used = np.zeros(len(texts), dtype=bool)
        used[codes] = True
        order = order[used[order]]
        rank = np.zeros(len(texts), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        return Ids(texts.take(pa.array(order)), rank[codes])


def spoiled_ids(distinct: Distinct) -> dict[str, np.ndarray]:
    """Rows (bool, N) of a chunk whose id a spreadsheet has changed, by what is wrong."""
    found = {}
    for kind, pattern in (("scientific", _SCIENTIFIC), ("date", _DATE)):
        texts = pc.match_substring_regex(distinct.texts, pattern).to_numpy(zero_copy_only=False)
        if texts.any():
            found[kind] = distinct.cells(texts)
    return found


def is_spoiled(text: str) -> bool:
    """Whether an id looks like a rounded number or a date."""
    return bool(re.match(_SCIENTIFIC, text) or re.match(_DATE, text))
