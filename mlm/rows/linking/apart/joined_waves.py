"""Waves that were read one by one, as the rows of one survey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.configuration.models import Configuration
from mlm.rows.cleaning.texts import number_texts
from mlm.rows.linking.apart.wave_part import BUCKETS, ROWS, LinkedPart
from mlm.rows.linking.entries.entries import entries_of_batches
from mlm.rows.linking.entries.id_buckets import HELD_ROWS, IdBucket, IdBuckets
from mlm.rows.linking.survey_rows import SurveyRows


class JoinedWaves(SurveyRows):
    """The rows of a survey by what was written of each wave; its rows are read for what was not.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    waves : mapping of str to path, CleanWave, Arrow table or data frame
        Cleaned rows by wave; a path is a Parquet file.
    parts : sequence of LinkedPart
        One a wave, in their order, in all of which rows are units.
    """

    def __init__(
        self,
        configuration: Configuration,
        waves: Mapping[str, object],
        parts: Sequence[LinkedPart],
    ):
        self._parts = parts
        super().__init__(configuration, waves)

    def stored(self, wave: int, question: str) -> Mapping[str, np.ndarray] | None:
        """What a wave answers to a question; None where it was not asked."""
        return self._parts[wave].stored(question)

    def _take_in(self) -> None:
        self.held = self.configuration.level_names[:-1]
        self._take(entries_of_batches([p.entries() for p in self._parts], self.held, ROWS))
        have_ids = self.configuration.levels[-1].id is not None
        self._compare(self._buckets() if have_ids else ())

    def _buckets(self) -> Iterator[IdBucket]:
        """The ids of all waves, bucket by bucket; as texts where only some are numbers."""
        are_numbers = {part.are_numbers for part in self._parts}
        if len(are_numbers) > 1:
            yield from self._mixed()
            return
        n = 1
        while n < BUCKETS and n * HELD_ROWS < len(self):
            n *= 2
        of_numbers = are_numbers.pop()
        for place in range(n):
            # numbers are in buckets by what is left of them, texts by their hashes in order
            own = range(place, BUCKETS, n)
            if not of_numbers:
                own = range(place * BUCKETS // n, (place + 1) * BUCKETS // n)
            yield self._bucket(own, of_numbers, n)

    def _bucket(self, own: range, of_numbers: bool, n: int) -> IdBucket:
        ids, waves, entries = [], [], []
        for wave, part in enumerate(self._parts):
            for found, entry in part.ids(own):
                ids.append(found)
                waves.append(np.full(len(found), wave, dtype=np.int16))
                entries.append(entry + np.int32(self.starts[wave]))
        found = pa.concat_arrays(ids)
        wave, entry = np.concatenate(waves), np.concatenate(entries)
        if of_numbers:
            return IdBucket(None, found.to_numpy(), wave, entry, n)
        return IdBucket(found, None, wave, entry)

    def _mixed(self) -> Iterator[IdBucket]:
        buckets = IdBuckets(len(self))
        try:
            for wave, part in enumerate(self._parts):
                for found, entry in part.ids(range(BUCKETS)):
                    texts = number_texts(found.to_numpy()) if part.are_numbers else found
                    own = entry + np.int32(self.starts[wave])
                    buckets.add(pc.cast(texts, pa.string()), wave, own)
            yield from buckets.buckets()
        finally:
            buckets.close()
