"""The cleaned rows of one wave: ids, columns in sorted order, and their tables block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.configuration.sampled.columns import products, sampled_columns
from mlm.results.survey.account import MissingReason, WaveLedger
from mlm.rows.cleaning.ids import Ids
from mlm.rows.cleaning.moments import BLOCK_ROWS
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder


@dataclass(frozen=True)
class CleanWave:
    """Cleaned rows of a wave, held on disk until they are asked for.

    Attributes
    ----------
    configuration : Configuration
        The survey.
    wave : str
        The wave.
    ids : dict of str to Ids
        Ids by level.
    units : UnitOrder
        The kept rows in the order of their ids.
    columns : ColumnFile
        Values of each variable in sorted order, and (name + " origin") where each comes from.
    reasons : dict of str to sequence of MissingReason
        Why cells of a variable are missing: reason k is number k of its origins.
    ledger : WaveLedger
        What was read, kept, excluded and missing.
    texts : mapping of str to pyarrow.StringArray
        Texts of the columns of the sample that hold ids, by the numbers in ``columns``.
    """

    configuration: Configuration
    wave: str
    ids: dict[str, Ids]
    units: UnitOrder
    columns: ColumnFile
    reasons: dict[str, Sequence[MissingReason]]
    ledger: WaveLedger
    texts: Mapping[str, pa.StringArray] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.units.rows)

    @property
    def schema(self) -> pa.Schema:
        """Columns and their types."""
        return clean_schema(self.configuration)

    def blocks(self, n_rows: int = BLOCK_ROWS) -> Iterator[pa.Table]:
        """The rows, sorted by the ids from the top, in tables of so many rows."""
        for start in range(0, len(self.units.rows), n_rows):
            yield self._block(self.schema, start, min(start + n_rows, len(self.units.rows)))

    def record_batches(
        self, names: Sequence[str], plain: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Some columns of the rows, block by block."""
        schema = pa.schema([self.schema.field(name) for name in names])
        for start in range(0, len(self.units.rows), BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, len(self.units.rows))
            yield from self._block(schema, start, stop).to_batches()

    def _block(self, schema: pa.Schema, start: int, stop: int) -> pa.Table:
        rows = self.units.rows[start:stop]
        return pa.table({name: self._cells(name, rows, start) for name in schema.names}, schema)

    def _cells(self, name: str, rows: np.ndarray, start: int) -> pa.Array:
        """Cells of a column in some rows, of which the first is row ``start`` in sorted order."""
        if name in self.ids:
            return self.ids[name].cells(rows)
        values = self.columns.column(name, start, start + len(rows))
        if name in self.texts:
            return self.texts[name].take(pa.array(values, mask=values < 0))
        return self.cells_of(name, values)

    def cells_of(self, name: str, values: np.ndarray) -> pa.Array:
        """Values of a variable as cells: numbers, or the texts of categories."""
        variable = self.configuration.single_variables.get(name)
        if variable is None or not variable.is_category:
            return pa.array(values, mask=np.isnan(values))
        texts = pa.array(list(variable.categories), pa.string())
        return texts.take(pa.array(values, mask=values < 0))


def clean_schema(configuration: Configuration) -> pa.Schema:
    """Ids (string) by level, then variables: double for numbers, string for categories.

    The columns of the sample come last: double for weights and draws, string for ids.
    """
    fields = [(level, pa.string()) for level in configuration.level_names]
    for name, variable in configuration.single_variables.items():
        fields.append((name, pa.string() if variable.is_category else pa.float64()))
    for name, column in sampled_columns(configuration).items():
        fields.append((name, pa.string() if column.is_text else pa.float64()))
    fields += [(name, pa.float64()) for name in products(configuration)]
    return pa.schema(fields)
