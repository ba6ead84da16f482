"""Door 1: rows to cross-products, in one pass, batch by batch and block by block."""

from __future__ import annotations

import numpy as np

from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.blocks import BlockBuilder
from mlm.rows.accumulating.complete import CompleteRows, refuse_infinite
from mlm.rows.accumulating.crossing import CrossedTable
from mlm.rows.accumulating.nesting import Structure, structure_of, suggested
from mlm.rows.accumulating.sources import Source, check_columns, source_of
from mlm.rows.accumulating.tree import Tree
from mlm.statistics.evidence.crossproducts import CrossProducts


def accumulate(
    data, columns: Columns, hierarchy: Hierarchy, precision: str | None = None
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

    Returns
    -------
    CrossProducts
        ``total`` (k, k) and per level ``sums`` (q, G, k); rows with a missing value in a variable
        of the recipe are left out and counted in ``dropped``.

    Raises
    ------
    SurveyError
        When a column or an id is missing, a category is unknown, a value is not finite, a
        precision is not positive, or no complete row is left.
    ModelError
        When crossed factors have too many groups.

    Source
    ------
    Sums per group are all that the likelihood of a nested model needs: Longford (1987),
    Biometrika 74, 817-827, eq. 6-9.
    """
    source = source_of(data)
    known = [precision] if precision else []
    check_columns(source, [*columns.variables, *hierarchy.id_columns, *known])
    return accumulate_rows(source, columns, hierarchy, precision)[0]


def accumulate_rows(
    source: Source, columns: Columns, hierarchy: Hierarchy, precision: str | None = None
) -> tuple[CrossProducts, dict[str, np.ndarray]]:
    """Cross-products of the complete rows of a source, and its complete rows by category.

    The levels are taken to be nested until a row contradicts it; then their structure is found
    from the ids alone and the rows are read again.
    """
    found = None
    if not hierarchy.crossed:
        found = _one_pass(source, columns, hierarchy, None, precision)
    if found is None:
        structure = structure_of(source, columns, hierarchy)
        found = _one_pass(source, columns, hierarchy, structure, precision)
    return found


class _Sums:
    """All sums of one pass."""

    def __init__(self, columns: Columns, structure: Structure, precision: str | None):
        self.builder = BlockBuilder(columns)
        self._precision = precision
        k = len(columns)
        self._products = np.zeros((k - 1, k))
        self.rows, self.log_weights = 0, 0.0
        self._weight = 0.0
        self.tree = Tree(structure.tree, structure.tree_groups, columns)
        self.crossed = CrossedTable(structure, columns) if structure.crossed else None

    def add(self, batch: Batch, values: dict[str, np.ndarray], share: float) -> bool:
        """Add the rows of a batch; False when the levels of the tree prove crossed.

        ``share`` is the part of all rows that has been read when the batch is done.
        """
        codes = self.tree.codes(batch, share)
        if codes is None:
            return False
        crossed = self.crossed.codes(batch, codes[-1]) if self.crossed else ()
        # values that are not finite are found, and named, in the sums
        with np.errstate(invalid="ignore", over="ignore"):
            for start in range(0, batch.rows, self.builder.rows):
                rows = slice(start, min(start + self.builder.rows, batch.rows))
                self._add_block(values, codes, crossed, rows)
        self.rows += batch.rows
        return True

    def _add_block(self, values, codes, crossed, rows: slice) -> None:
        block = weighted = self.builder.block(values, rows)
        if self._precision:
            weights = values[self._precision][rows]
            self.log_weights += float(np.log(weights).sum())
            self._weight += float(weights.sum())
            weighted = block * weights
        # two operands of unlike shape: faster than the symmetric product of a thin block
        self._products += weighted[1:] @ block.T
        self.tree.add(block, weighted, [code.part(rows) for code in codes])
        if self.crossed:
            self.crossed.add(block, weighted, [code.part(rows) for code in crossed])

    @property
    def total(self) -> np.ndarray:
        """Weighted cross-products of all rows, shape (k, k)."""
        lower = self._products[:, 1:]
        total = np.empty((len(lower) + 1, len(lower) + 1))
        total[0, 0] = self._weight if self._precision else self.rows
        total[0, 1:] = total[1:, 0] = self._products[:, 0]
        total[1:, 1:] = (lower + lower.T) / 2
        return total


def _one_pass(
    source: Source,
    columns: Columns,
    hierarchy: Hierarchy,
    structure: Structure | None,
    precision: str | None,
) -> tuple[CrossProducts, dict[str, np.ndarray]] | None:
    """One pass over the rows; None when they contradict the order of the levels."""
    complete = CompleteRows(columns, hierarchy.id_columns, precision)
    sums: _Sums | None = None
    for batch in source.batches([*complete.variables, *hierarchy.id_columns]):
        found = complete.of(batch)
        if found is None:
            continue
        rows, values = found
        if sums is None:
            sums = _Sums(columns, structure or suggested(hierarchy.levels, rows), precision)
        if not sums.add(rows, values, complete.rows / source.rows):
            return None
    complete.check(source)
    if not np.isfinite(sums.total).all():
        refuse_infinite(source, columns)
    levels, order = sums.tree.levels()
    crossing = sums.crossed.crossing(order) if sums.crossed else None
    stats = CrossProducts(
        columns,
        sums.total,
        levels,
        complete.dropped,
        crossing,
        sums.rows if precision else None,
        sums.log_weights,
        precision=precision,
    )
    return stats, complete.counts
