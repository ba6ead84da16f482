"""All sums of one sample while its rows go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.bundle_sums import BundledUnits, BundleSums
from mlm.rows.accumulating.column_blocks import BlockBuilder
from mlm.rows.accumulating.crossed_factors import CrossedFactors
from mlm.rows.accumulating.nested_levels import NestedLevels
from mlm.rows.accumulating.nesting import Nesting
from mlm.rows.accumulating.sampling.cluster_sums import ClusterSums
from mlm.rows.accumulating.sampling.row_weights import RowWeights
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
    design : SamplingDesign, optional
        Sampling weights of rows and units.
    read_as : mapping of str to str
        Column of the rows that holds a variable, where it has another name, as in an imputation.
    may_file : bool
        Whether sums of many groups may lie in files, of which they are asked or to which saved.
    """

    columns: Columns
    hierarchy: Hierarchy
    precision: str | None = None
    bundled: BundledUnits | None = None
    design: SamplingDesign | None = None
    read_as: Mapping[str, str] = field(default_factory=dict)
    may_file: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """Id columns, in order of first use."""
        bundled = (*self.bundled.outer, *self.bundled.inner) if self.bundled else ()
        drawn = self.design.ids if self.design else ()
        return tuple(dict.fromkeys([*self.hierarchy.id_columns, *bundled, *drawn]))

    @property
    def weights(self) -> tuple[str, ...]:
        """Columns of sampling weights."""
        return self.design.columns if self.design else ()


class RowSums:
    """All sums of one sample, made batch by batch.

    Parameters
    ----------
    wanted : Wanted
        What is summed.
    nesting : Nesting
        Which levels are nested and which crossed.
    weighing : RowWeights, optional
        Sampling weights of rows and units, from a pass before.

    Attributes
    ----------
    nesting : Nesting
        As it was given; it numbers the groups.
    """

    def __init__(self, wanted: Wanted, nesting: Nesting, weighing: RowWeights | None = None):
        columns, k = wanted.columns, len(wanted.columns)
        self._precision, self._columns = wanted.precision, columns
        self._builder = BlockBuilder(columns)
        self._products = np.zeros((k - 1, k))
        self._rows, self._weight, self._log_weights = 0, 0.0, 0.0
        self.nesting = nesting
        is_weighted = wanted.precision is not None or weighing is not None
        may_file = wanted.may_file and weighing is None
        nested = nesting.nested, nesting.nested_groups
        self._nested = NestedLevels(*nested, columns, may_file, is_weighted)
        self._crossed = CrossedFactors(nesting, columns) if nesting.crossed else None
        self._bundles = None
        if wanted.bundled:
            self._bundles = BundleSums(wanted.bundled, columns, nesting.grouping)
        self._weighing = weighing
        self._clusters = ClusterSums(weighing.seen, len(columns)) if weighing else None

    def add(self, rows: Batch, values: dict[str, np.ndarray], share: float) -> bool:
        """Add complete rows; False when levels that were taken to be nested prove crossed.

        ``share`` is the part of all rows that has been read when these are done.
        """
        codes = self._nested.codes(rows, share)
        if codes is None:
            return False
        crossed = self._crossed.codes(rows, codes[-1]) if self._crossed else ()
        drawn = self._drawn(rows, values, codes) if self._weighing else None
        # values that are not finite are found, and named, in the sums
        with np.errstate(invalid="ignore", over="ignore"):
            for start in range(0, rows.rows, self._builder.rows):
                part = slice(start, min(start + self._builder.rows, rows.rows))
                self._add_block(values, codes, crossed, part, drawn)
            if self._bundles:
                self._bundles.add(rows, values)
        self._rows += rows.rows
        return True

    def _drawn(self, rows: Batch, values, codes) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
        """Weights of rows inside the groups of each level, overall weights, and clusters."""
        inside, overall = self._weighing.of(rows, values, [code.by_row() for code in codes])
        return inside, overall, self._clusters.codes(rows)

    def _add_drawn(self, block: np.ndarray, codes, rows: slice, drawn) -> None:
        """Add a block (k, n) of rows that have sampling weights."""
        inside, overall, clusters = drawn
        weighted = block * overall[rows]
        self._weight += float(overall[rows].sum())
        self._products += weighted[1:] @ block.T
        self._clusters.add(block, weighted, clusters[rows])
        blocks = [block * own[rows] for own in inside]
        self._nested.add(block, blocks, [code.part(rows) for code in codes])

    def _add_block(self, values, codes, crossed, rows: slice, drawn) -> None:
        block = weighted = self._builder.block(values, rows)
        if drawn is not None:
            self._add_drawn(block, codes, rows, drawn)
            return
        if self._precision:
            weights = values[self._precision][rows]
            self._log_weights += float(np.log(weights).sum())
            self._weight += float(weights.sum())
            weighted = block * weights
        # two operands of unlike shape: faster than the symmetric product of a thin block
        self._products += weighted[1:] @ block.T
        self._nested.add(block, [weighted] * len(codes), [code.part(rows) for code in codes])
        if self._crossed:
            self._crossed.add(block, weighted, [code.part(rows) for code in crossed])

    @property
    def total(self) -> np.ndarray:
        """Weighted cross-products of all rows, shape (k, k)."""
        lower = self._products[:, 1:]
        total = np.empty((len(lower) + 1, len(lower) + 1))
        total[0, 0] = self._weight if self._precision else self._rows
        if self._weighing:  # their weights add up to their number
            total[0, 0] = self._rows
        total[0, 1:] = total[1:, 0] = self._products[:, 0]
        total[1:, 1:] = (lower + lower.T) / 2
        return total

    def cross_products(
        self, dropped: dict[str, int], zero: dict[str, int] | None = None
    ) -> CrossProducts:
        """What was summed, given the number of rows left out by variable, and by zero weights."""
        weighing = self._weighing
        levels, order = self._nested.levels(weighing)
        return CrossProducts(
            self._columns,
            self.total,
            levels,
            dropped,
            self._crossed.crossing(order) if self._crossed else Crossing(),
            self._rows if self._precision or weighing else None,
            self._log_weights,
            precision=self._precision,
            bundles=(self._bundles.bundles(),) if self._bundles else (),
            sampled=self._clusters.sampled(weighing, levels, zero or {}) if weighing else None,
        )
