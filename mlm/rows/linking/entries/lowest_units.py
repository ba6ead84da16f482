"""Units of the lowest level that do not recur, each of them one row: what their ids tell.

Nothing is kept of a row but what is counted, so that a survey of any number of rows is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from mlm.rows.cleaning.texts import ranks, stable_order
from mlm.rows.linking.entries.id_buckets import IdBucket
from mlm.rows.linking.entries.wave_ids import CountedIds
from mlm.rows.linking.folding import all_folded


@dataclass(frozen=True)
class SpelledTwice:
    """Two units of a wave, in one unit above, whose ids are spellings of one.

    Attributes
    ----------
    wave, parent : int
    folded : bytes
        What both ids are if differences of spelling are ignored.
    ids : tuple of str
        Theirs, that of the later row first.
    """

    wave: int
    parent: int
    folded: bytes
    ids: tuple[str, str]


@dataclass
class LowestUnits:
    """Units of the lowest level, each one row of one wave.

    Attributes
    ----------
    level, parent : str
        The level, and the one above.
    waves : tuple of str
        The waves in order of time.
    rows : ndarray of int, shape (T,)
        Units of each wave.
    by_id : bool
        Whether an id means one unit, in whatever unit above it is found.
    ids : list of CountedIds
        Their ids by wave.
    n_units : int
        Different ids over all waves.
    n_shared, n_changed : int
        Ids found in several units above, in one wave and over all waves.
    again : ndarray of int, shape (R,)
        Rows of each entry whose id another row of the wave had before.
    spelled : list of SpelledTwice
    """

    level: str
    parent: str
    waves: tuple[str, ...]
    rows: np.ndarray
    again: np.ndarray
    by_id: bool = False
    ids: list[CountedIds] = field(default_factory=list)
    n_units: int = 0
    n_shared: int = 0
    n_changed: int = 0
    spelled: list[SpelledTwice] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = [CountedIds(units=int(n)) for n in self.rows]

    def take(self, bucket: IdBucket, parent: np.ndarray) -> None:
        """Count the rows of a bucket, given the unit above (R,) that each entry is in."""
        rank, numbers = bucket.placed()
        found = np.zeros((len(self.waves), len(numbers)), dtype=bool)
        if bucket.numbers is None:
            found[bucket.wave, rank] = True
        else:  # waves follow each other
            starts = np.searchsorted(bucket.wave, np.arange(len(found) + 1))
            for is_there, start, stop in zip(found, starts, starts[1:], strict=False):
                is_there[rank[start:stop]] = True
        for place, own in enumerate(self.ids):
            in_next = found[place] & found[place + 1] if place + 1 < len(found) else ()
            own.count(numbers[found[place]], int(np.count_nonzero(in_next)))
        n_ids = int(np.count_nonzero(found.any(axis=0)))
        self.n_units += n_ids
        if int(found.sum()) < len(rank):
            self._count_again(bucket, rank)
        above = parent[bucket.entry]
        expected = np.empty(len(numbers), dtype=above.dtype)
        expected[rank] = above
        self.n_changed += len(np.unique(rank[expected[rank] != above]))
        if bucket.numbers is None:
            self.spelled += _spelled(bucket, n_ids, above)

    def _count_again(self, bucket: IdBucket, rank: np.ndarray) -> None:
        key = rank * np.int64(len(self.waves)) + bucket.wave
        order = stable_order(key)
        later = order[1:][np.diff(key[order]) == 0]
        self.n_shared += len(np.unique(rank[later]))
        np.add.at(self.again, bucket.entry[later], 1)


def _spelled(bucket: IdBucket, n_ids: int, above: np.ndarray) -> Iterator[SpelledTwice]:
    """Rows of one wave and one unit above, given by row (n,), whose ids are spellings of one."""
    folded = all_folded(bucket.texts)
    if folded is bucket.texts:
        return
    fold, places = ranks(folded)
    if len(places) == n_ids:
        return
    order = np.lexsort([fold, above, bucket.wave])
    same = np.ones(len(order) - 1, dtype=bool)
    for key in (fold, above, bucket.wave):
        same &= np.diff(key[order].astype(np.int64)) == 0
    for i in np.flatnonzero(same).tolist():
        row, before = int(order[i + 1]), int(order[i])
        yield SpelledTwice(
            wave=int(bucket.wave[row]),
            parent=int(above[row]),
            folded=folded[row].as_py().encode(),
            ids=(bucket.texts[row].as_py(), bucket.texts[before].as_py()),
        )
