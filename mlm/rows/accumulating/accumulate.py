"""Door 1: rows to cross-products, in one pass, batch by batch and block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.errors import SurveyError
from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.complete_rows import CompleteRows, refuse_infinite
from mlm.rows.accumulating.nesting import Nesting, nesting_of
from mlm.rows.accumulating.row_sums import RowSums, Wanted
from mlm.rows.accumulating.sampling.first_pass import weighed
from mlm.rows.accumulating.sampling.row_weights import RowWeights
from mlm.rows.accumulating.sources import RenamedRows, Rows, check_columns, source_of
from mlm.statistics.evidence.crossproducts import CrossProducts


def accumulate(
    data,
    columns: Columns,
    hierarchy: Hierarchy,
    precision: str | None = None,
    design: SamplingDesign | None = None,
) -> CrossProducts:
    """Cross-products of the complete rows of a frame or of Parquet files.

    Memory is taken by one batch of rows and by the sums, not by the file.

    Parameters
    ----------
    data : DataFrame, path, or list of paths
        Rows in any order; a path is a Parquet file or a folder of them. They hold the variables
        of the recipe and the id columns of the hierarchy.
    columns : Columns
        The recipe; its origins and units are used as they are.
    hierarchy : Hierarchy
        Levels and what may vary over their groups; which lies inside which, and which are
        crossed, is found from the rows.
    precision : str, optional
        Column of known precisions: the residual variance of a row is sigma^2 over its precision.
    design : SamplingDesign, optional
        Sampling weights of rows and units; the rows are then read twice, first for the weights and
        ids alone.

    Returns
    -------
    CrossProducts
        ``total`` (k, k) and per level ``sums`` (q, G, k); rows with a missing value in a variable
        of the recipe are left out and counted in ``dropped``.

    Raises
    ------
    SurveyError
        When a column or an id is missing, a category is unknown, a value is not finite, a
        precision is not positive, or no complete row is left; ``SamplingError`` when weights,
        clusters or strata are not those of the design.
    ModelError
        When crossed factors have too many groups.

    Source
    ------
    Sums per group are all that the likelihood of a nested model needs: Longford (1987),
    Biometrika 74, 817-827, eq. 6-9.
    """
    wanted = Wanted(columns, hierarchy, precision, design=design)
    (found,) = accumulate_together(source_of(data), [wanted])
    return found.cross_products()


def accumulate_together(
    rows: Rows, wanted: Sequence[Wanted], alike: int | None = None
) -> list[Accumulation]:
    """Sums of several samples from one pass over the rows.

    Levels are taken to be nested until a row contradicts it; then, for that sample alone, their
    nesting is found from the ids and the rows are read again.

    Parameters
    ----------
    rows : Rows
        The rows.
    wanted : sequence of Wanted
        The samples.
    alike : int, optional
        Every so many samples are of the same rows, as those of imputations, so that their groups
        are numbered once; None: each is of its own.

    Raises
    ------
    ModelError
        When crossed factors have too many groups.
    """
    samples = [_begun(rows, each) for each in wanted]
    _read(rows, samples, alike)
    for i, sample in enumerate(samples):
        if sample.is_contradicted:
            named = RenamedRows(rows, sample.wanted.read_as)
            nesting = nesting_of(named, sample.wanted.columns, sample.wanted.hierarchy)
            samples[i] = Accumulation(rows, sample.wanted, nesting)
            _read(rows, samples[i : i + 1])
    return samples


def _begun(rows: Rows, wanted: Wanted) -> Accumulation:
    """One sample before the rows are summed; where they weigh, they have been looked at once."""
    if wanted.design is None:
        return Accumulation(rows, wanted)
    try:
        weighing = weighed(rows, wanted)
    except SurveyError as error:
        return Accumulation.failed(rows, wanted, error)
    return Accumulation(rows, wanted, weighing.seen.nesting, weighing)


def _read(rows: Rows, samples: Sequence[Accumulation], alike: int | None = None) -> None:
    """Show the rows to some samples, as long as one of them takes them."""
    size = alike or len(samples)
    first = {sample: samples[i % size] for i, sample in enumerate(samples)}
    names = dict.fromkeys(name for sample in samples for name in sample.names)
    for batch in rows.batches(list(names)):
        going = [sample for sample in samples if sample.goes_on]
        if not going:
            return
        for sample in going:
            sample.number_as(first[sample])
            sample.add(batch)


class Accumulation:
    """One sample while the rows go by.

    Parameters
    ----------
    rows : Rows
        The rows.
    wanted : Wanted
        What is summed.
    nesting : Nesting, optional
        Which levels are nested and which crossed; default: found from the rows.
    weighing : RowWeights, optional
        Sampling weights, from a pass before.

    Attributes
    ----------
    names : list of str
        Columns that are read.
    is_contradicted : bool
        Whether a row has shown that levels are not nested as they were taken to be.
    """

    def __init__(
        self,
        rows: Rows,
        wanted: Wanted,
        nesting: Nesting | None = None,
        weighing: RowWeights | None = None,
    ):
        self._weighing = weighing
        self.wanted, self._rows, self._nesting = wanted, rows, nesting
        if nesting is None and wanted.hierarchy.crossed:
            self._nesting = Nesting.crossed_with_last(wanted.hierarchy.levels)
        known = wanted.precision, wanted.weights
        self._complete = CompleteRows(wanted.columns, wanted.ids, *known)
        self._sums: RowSums | None = None
        self._error: SurveyError | None = None
        self.is_contradicted = False
        self._wanted_names = [*self._complete.variables, *wanted.ids]
        self.names = [wanted.read_as.get(name, name) for name in self._wanted_names]
        try:
            check_columns(rows, self.names)
        except SurveyError as error:
            self._error, self.names = error, []

    @classmethod
    def failed(cls, rows: Rows, wanted: Wanted, error: SurveyError) -> Accumulation:
        """A sample whose rows are unfit; the error is kept until the sums are asked for."""
        made = cls(rows, wanted)
        made._error, made.names = error, []
        return made

    @property
    def goes_on(self) -> bool:
        """Whether the sample takes more rows."""
        return self._error is None and not self.is_contradicted

    def number_as(self, other: Accumulation) -> None:
        """Let groups have the numbers that another sample of the same rows gives them.

        It is shown each batch before this one; numbering takes most of the memory of a pass.
        """
        if self._sums is None and other._sums is not None and self._weighing is None:
            self._nesting = other._sums.nesting

    def add(self, batch: Batch) -> None:
        """Add the complete rows of a batch; an error is kept until the sums are asked for."""
        try:
            found = self._complete.of(self._named(batch))
        except SurveyError as error:
            self._error = error
            return
        if found is None:
            return
        rows, values = found
        if self._sums is None:
            nesting = self._nesting or Nesting.suggested(self.wanted.hierarchy.levels, rows)
            self._sums = RowSums(self.wanted, nesting, self._weighing)
        share = self._complete.rows / self._rows.rows
        if not self._sums.add(rows, values, share):
            self.is_contradicted, self._sums = True, None

    @property
    def kept(self) -> int:
        """Complete rows that have gone by."""
        return self._complete.kept

    @property
    def dropped(self) -> dict[str, int]:
        """Rows with a missing value that have gone by, by variable."""
        return self._complete.dropped

    def _named(self, batch: Batch) -> Batch:
        """The columns that are read, by the names that the recipe has for them."""
        pairs = zip(self._wanted_names, self.names, strict=True)
        return replace(batch, columns={name: batch.columns[read] for name, read in pairs})

    @property
    def counts(self) -> dict[str, np.ndarray]:
        """Complete rows in each category, by variable."""
        return self._complete.counts

    def cross_products(self) -> CrossProducts:
        """What was summed.

        Raises
        ------
        SurveyError
            When the rows are unfit, as ``accumulate`` says.
        ModelError
            When crossed factors have too many groups.
        """
        if self._error:
            raise self._error
        self._complete.check(self._rows)
        if not np.isfinite(self._sums.total).all():
            refuse_infinite(self._rows, self.wanted.columns)
        return self._sums.cross_products(self._complete.dropped, self._complete.zero)
