"""All sums of one sample while its rows go by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.bundle_sums import BundledUnits, BundleSums
from mlm.rows.accumulating.column_blocks import BlockBuilder
from mlm.rows.accumulating.crossed_factors import CrossedFactors
from mlm.rows.accumulating.nested_levels import NestedLevels
from mlm.rows.accumulating.nesting import Nesting
from mlm.statistics.evidence.crossing import Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts


@dataclass(frozen=True)
class Wanted:
    """What is wanted of the rows.

    Attributes
    ----------
    columns : Columns
        The recipe; its origins and units are used as they are.
    hierarchy : Hierarchy
        Levels and what may vary over their groups.
    precision : str, optional
        Column of known precisions.
    bundled : BundledUnits, optional
        Units whose cross-products are kept one by one.
    """

    columns: Columns
    hierarchy: Hierarchy
    precision: str | None = None
    bundled: BundledUnits | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """Id columns, in order of first use."""
        bundled = (*self.bundled.outer, *self.bundled.inner) if self.bundled else ()
        return tuple(dict.fromkeys([*self.hierarchy.id_columns, *bundled]))


class RowSums:
    """All sums of one sample, made batch by batch.

    Parameters
    ----------
    wanted : Wanted
        What is summed.
    nesting : Nesting
        Which levels are nested and which crossed.
    """

    def __init__(self, wanted: Wanted, nesting: Nesting):
        columns, k = wanted.columns, len(wanted.columns)
        self._precision, self._columns = wanted.precision, columns
        self._builder = BlockBuilder(columns)
        self._products = np.zeros((k - 1, k))
        self._rows, self._weight, self._log_weights = 0, 0.0, 0.0
        self._nesting = nesting
        self._nested = NestedLevels(nesting.nested, nesting.nested_groups, columns)
        self._crossed = CrossedFactors(nesting, columns) if nesting.crossed else None
        self._bundles = None
        if wanted.bundled:
            self._bundles = BundleSums(wanted.bundled, columns, nesting.grouping)

    def add(self, rows: Batch, values: dict[str, np.ndarray], share: float) -> bool:
        """Add complete rows; False when levels that were taken to be nested prove crossed.

        ``share`` is the part of all rows that has been read when these are done.
        """
        codes = self._nested.codes(rows, share)
        if codes is None:
            return False
        crossed = self._crossed.codes(rows, codes[-1]) if self._crossed else ()
        # values that are not finite are found, and named, in the sums
        with np.errstate(invalid="ignore", over="ignore"):
            for start in range(0, rows.rows, self._builder.rows):
                part = slice(start, min(start + self._builder.rows, rows.rows))
                self._add_block(values, codes, crossed, part)
            if self._bundles:
                self._bundles.add(rows, values)
        self._rows += rows.rows
        return True

    def _add_block(self, values, codes, crossed, rows: slice) -> None:
        block = weighted = self._builder.block(values, rows)
        if self._precision:
            weights = values[self._precision][rows]
            self._log_weights += float(np.log(weights).sum())
            self._weight += float(weights.sum())
            weighted = block * weights
        # two operands of unlike shape: faster than the symmetric product of a thin block
        self._products += weighted[1:] @ block.T
        self._nested.add(block, weighted, [code.part(rows) for code in codes])
        if self._crossed:
            self._crossed.add(block, weighted, [code.part(rows) for code in crossed])

    @property
    def total(self) -> np.ndarray:
        """Weighted cross-products of all rows, shape (k, k)."""
        lower = self._products[:, 1:]
        total = np.empty((len(lower) + 1, len(lower) + 1))
        total[0, 0] = self._weight if self._precision else self._rows
        total[0, 1:] = total[1:, 0] = self._products[:, 0]
        total[1:, 1:] = (lower + lower.T) / 2
        return total

    def cross_products(self, dropped: dict[str, int]) -> CrossProducts:
        """What was summed, given the number of rows left out by variable."""
        levels, order = self._nested.levels()
        return CrossProducts(
            self._columns,
            self.total,
            levels,
            dropped,
            self._crossed.crossing(order) if self._crossed else Crossing(),
            self._rows if self._precision else None,
            self._log_weights,
            precision=self._precision,
            bundles=(self._bundles.bundles(),) if self._bundles else (),
        )
