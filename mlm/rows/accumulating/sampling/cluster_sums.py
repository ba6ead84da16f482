"""Cross-products by cluster of a sampling design while the rows go by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import SamplingError, SamplingFault
from mlm.nouns.hierarchy import group_labels
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.sampling.group_weights import GroupWeights
from mlm.rows.accumulating.sampling.row_weights import RowWeights
from mlm.statistics.evidence.crossproducts import GroupSums
from mlm.statistics.evidence.sampling import Clusters, Sampled, WaveWeights

MOST_IN_CLUSTERS = 1 << 29  # of the sums of all clusters: 4 GB


class ClusterSums:
    """Totals of clusters while their rows go by.

    Parameters
    ----------
    seen : GroupWeights
        What the first pass has learnt; it has numbered all clusters.
    k : int
        Number of stored columns.
    """

    def __init__(self, seen: GroupWeights, k: int):
        self._seen = seen
        size = 0 if seen.psu is None else seen.psu.size
        if size * k * k > MOST_IN_CLUSTERS:
            raise SamplingError(
                SamplingFault(
                    "too_many_clusters",
                    f"{size} clusters of {':'.join(seen.psu_ids)} with {k} columns each are "
                    f"{size * k * k * 8 / 1e9:.0f} GB of sums by cluster; expected "
                    f"{MOST_IN_CLUSTERS * 8 / 1e9:.0f} at most. Leave out terms, or name larger "
                    "clusters (psu), such as the regions that schools lie in.",
                )
            )
        self._totals, self._rows = np.zeros((size, k, k)), np.zeros(size, dtype=int)

    def codes(self, rows: Batch) -> np.ndarray:
        """Number of the cluster of each row, (n,)."""
        if self._seen.psu is None:
            return np.zeros(rows.rows, dtype=np.intp)
        return self._seen.psu.codes(rows).by_row()

    def add(self, block: np.ndarray, weighted: np.ndarray, codes: np.ndarray) -> None:
        """Add a block (k, n), plain and weighted, given the cluster (n,) of each row."""
        if self._seen.psu is None:
            return
        self._rows += np.bincount(codes, minlength=self._rows.size)
        if (codes[1:] < codes[:-1]).any():
            order = np.argsort(codes, kind="stable")
            block, weighted, codes = block[:, order], weighted[:, order], codes[order]
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        stops = [*starts[1:].tolist(), codes.size]
        for place, start, stop in zip(codes[starts].tolist(), starts.tolist(), stops, strict=True):
            self._totals[place] += weighted[:, start:stop] @ block[:, start:stop].T

    def sampled(
        self, weighing: RowWeights, levels: Sequence[GroupSums], zero: dict[str, int]
    ) -> Sampled:
        """What was summed, given the levels in their final order and rows left out."""
        seen = self._seen
        return Sampled(
            seen.design,
            weighing.unit,
            seen.weight,
            seen.weight**2 / seen.square,
            self._clusters(levels),
            dict(zero),
            weighing.are_rows_equal,
            self._waves(),
        )

    def _clusters(self, levels: Sequence[GroupSums]) -> Clusters:
        """The clusters that have rows, in the order of their names."""
        seen, none = self._seen, np.zeros(0, dtype=np.intp)
        if seen.psu is None:
            return Clusters(np.empty(0, dtype=str), None, self._totals, self._rows, none)
        there = np.flatnonzero(self._rows)
        totals = 0.5 * (self._totals[there] + self._totals[there].transpose(0, 2, 1))
        names = group_labels([key[there] for key in seen.psu.names()])
        place = np.zeros(self._rows.size, dtype=np.intp)
        place[there] = np.arange(there.size)
        strata = None
        if seen.strata is not None:
            stratum = seen.psu_in_stratum.parent(self._rows.size)[there]
            strata = group_labels([key[stratum] for key in seen.strata.names()])
        around = none
        if levels:
            parents = seen.outermost_in_psu.parent(seen.groups[0].size)
            around = place[parents[parents >= 0]]
        return Clusters(names, strata, totals, self._rows[there], around)

    def _waves(self) -> tuple[WaveWeights, ...]:
        seen = self._seen
        if seen.waves is None:
            return ()
        (names,), size = seen.waves.names(), seen.waves.size
        pairs = zip(seen.wave_rows.of(size), seen.wave_weights.of(size), strict=True)
        found = [
            WaveWeights(str(name), int(rows), float(weight))
            for name, (rows, weight) in zip(names.tolist(), pairs, strict=True)
            if rows
        ]
        return tuple(sorted(found, key=lambda each: each.wave))
