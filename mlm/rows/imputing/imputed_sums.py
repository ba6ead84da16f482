"""All imputations to cross-products, in one pass over the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlm.rows.accumulating.accumulate import Accumulation, accumulate_together
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import Rows
from mlm.rows.imputing.completed_rows import RowImputer


class ImputedRows:
    """Rows as one imputation completes them.

    Parameters
    ----------
    rows : Rows
        The rows.
    imputer : RowImputer
        Fills them in.
    draw : int
        Number of the imputation.
    source : int
        Number of the source, where there are several.
    """

    def __init__(self, rows: Rows, imputer: RowImputer, draw: int, source: int = 0):
        self._rows, self._imputer, self._draw, self._source = rows, imputer, draw, source
        self.names, self.where, self.rows = rows.names, rows.where, rows.rows

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""
        wanted = list(dict.fromkeys([*names, *self._imputer.names]))
        only = self._imputer.of_draw(self._draw)
        for batch in self._rows.batches(wanted):
            for completed in only.completed(batch, self._source):
                yield completed.only(names)


def accumulate_imputed(
    rows: Rows, imputer: RowImputer, wanted: Sequence[Wanted], source: int = 0
) -> list[list[Accumulation]]:
    """Sums of several samples for every imputation, from one pass over the rows.

    Parameters
    ----------
    rows : Rows
        Rows that lack values.
    imputer : RowImputer
        Fills them in.
    wanted : sequence of Wanted
        The samples.
    source : int
        Number of the source, where there are several.

    Returns
    -------
    list of list of Accumulation
        For each imputation those of all samples.
    """
    samples = [[Accumulation(rows, each) for each in wanted] for _ in range(imputer.draws)]
    own = [name for sample in samples[0] for name in sample.names]
    for batch in rows.batches(list(dict.fromkeys([*own, *imputer.names]))):
        for some, completed in zip(samples, imputer.completed(batch, source), strict=True):
            for sample, first in zip(some, samples[0], strict=True):
                if sample.goes_on:
                    sample.number_as(first)
                    sample.add(completed)
    for draw, some in enumerate(samples):
        again = [i for i, sample in enumerate(some) if sample.is_contradicted]
        if again:
            one = ImputedRows(rows, imputer, draw, source)
            made = accumulate_together(one, [some[i].wanted for i in again])
            for i, sample in zip(again, made, strict=True):
                some[i] = sample
    return samples
