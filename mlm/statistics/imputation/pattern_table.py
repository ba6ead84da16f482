"""What the sampler needs of the rows: sums of predictors and responses by pattern and group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.evidence.tree import Family
from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.crossed.cells import UnitCells
from mlm.statistics.imputation.crossed.crossed_sums import CrossedSums
from mlm.statistics.imputation.joint_model import JointModel

MOSTLY_EMPTY = 4  # times that a table is larger than its entries, from which it is kept sparse
DEPENDENT = 1e-9  # share of a predictor's squares that others leave, up to which it is their sum
SMALL_TABLE = 1_000_000  # numbers of a table that is never sparse
LARGEST_TABLE = 50_000_000  # numbers (400 MB)


@dataclass(frozen=True)
class Entries:
    """Some entries of the table of sums.

    Attributes
    ----------
    rows : ndarray of int (j,)
        Rows of the table: columns of a pattern.
    groups : ndarray of int (G,)
        Columns of the table, each once.
    values : ndarray (j, G)
        The sums.
    """

    rows: np.ndarray
    groups: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class PatternTable:
    """Sums of the k predictors and d responses, w = (q, x), by pattern of missing responses.

    A response that is missing in a pattern has no sums there.

    Attributes
    ----------
    observed : ndarray of bool (P, d)
        Responses that each pattern has.
    rows : ndarray of int (P,)
        Rows of each pattern.
    counts : ndarray (P, G)
        Rows by pattern and lowest group.
    sums : ndarray or sparse array (j, G)
        Sums of w by pattern and lowest group: of each pattern the rows that it has, one pattern
        after the other.
    totals : ndarray (P, k + d, k + d)
        Sums of w w' by pattern, zero where a response is missing.
    parents : tuple of ndarray of int
        Of each level, outermost first, place of the group around.
    families : tuple of Family
        The same, for sums over the groups of a level.
    n_predictors : int
        k.
    crossed : tuple of CrossedSums
        The same sums by the units of each crossed level,
    cells : UnitCells or None
        and where these meet the lowest groups.
    """

    observed: np.ndarray
    rows: np.ndarray
    counts: np.ndarray
    sums: Any
    totals: np.ndarray
    parents: tuple[np.ndarray, ...]
    families: tuple[Family, ...]
    n_predictors: int
    crossed: tuple[CrossedSums, ...] = ()
    cells: UnitCells | None = None

    def of_crossed(self, place: int) -> PatternTable:
        """The table by the units of one crossed level, as a single level."""
        own = self.crossed[place]
        parent = np.zeros(own.size, dtype=np.intp)
        return replace(
            self, counts=own.counts, sums=own.sums, parents=(parent,), families=(Family(parent),)
        )

    @property
    def sizes(self) -> list[int]:
        """Groups of each level: nested ones, outermost first, then crossed ones."""
        return [own.size for own in (*self.parents, *self.crossed)]

    @property
    def width(self) -> int:
        """Predictors and responses, k + d."""
        return self.totals.shape[1]

    @property
    def n_responses(self) -> int:
        """Responses d."""
        return self.observed.shape[1]

    @property
    def predictors(self) -> np.ndarray:
        """Cross-products (k, k) of the predictors over all rows."""
        k = self.n_predictors
        return self.totals[:, :k, :k].sum(axis=0)

    @property
    def independent(self) -> list[int]:
        """Predictors, in their order, that those before do not add up to."""
        left, kept = self.predictors.copy(), []
        square = np.diagonal(left).copy()
        for i in range(len(left)):
            if left[i, i] > DEPENDENT * square[i]:
                kept.append(i)
                left -= np.outer(left[i], left[i]) / left[i, i]
        return kept

    @property
    def known(self) -> np.ndarray:
        """Entries of w (P, k + d) of bool that each pattern has."""
        always = np.ones((len(self.observed), self.n_predictors), dtype=bool)
        return np.hstack([always, self.observed])

    @cached_property
    def known_places(self) -> np.ndarray:
        """Places (j,) of the rows of ``sums`` among all columns of all patterns, (P (k + d))."""
        return np.flatnonzero(self.known)

    def by_pattern(self, rows: np.ndarray) -> np.ndarray:
        """What rows of the sums (j, ...) hold, by pattern and column (P, k + d, ...), else zero."""
        out = np.zeros((self.known.size, *rows.shape[1:]))
        out[self.known_places] = rows
        return out.reshape(*self.known.shape, *rows.shape[1:])

    @classmethod
    def of(cls, aligned: Aligned, model: JointModel) -> PatternTable:
        """The table of some columns; patterns that lack the same responses are one.

        Indicators of categories that a pattern lacks are zero.
        """
        wanted = [*model.predictors, *model.shown, *model.responses]
        positions = np.array([aligned.sums.columns.positions[column] for column in wanted])
        names = [column.variables[0] for column in model.responses]
        patterns: dict[tuple[bool, ...], list] = {}
        for each in aligned.patterns:
            key = tuple(name not in each.missing for name in names)
            patterns.setdefault(key, []).append(each)
        size, width = aligned.sizes[-1], len(wanted)
        counts = np.zeros((len(patterns), size))
        totals = np.zeros((len(patterns), width, width))
        entries, observed = [], np.array(list(patterns))
        rows = rows_of_sums(observed, width - len(names))
        for p, members in enumerate(patterns.values()):
            for each in members:
                own, at = _places(each.columns, positions)
                totals[p][np.ix_(at, at)] += each.stats.total[np.ix_(own, own)]
                places, lowest = each.places[-1], each.stats.levels[-1].sums[0]
                counts[p, places] += lowest[:, 0]
                entries.append(Entries(rows[p, at], places, lowest[:, own].T))
        return cls(
            observed,
            np.array([sum(each.stats.n_obs for each in some) for some in patterns.values()]),
            counts,
            table_of(entries, (int(rows.max()) + 1, size)),
            totals,
            aligned.parents,
            tuple(Family(parent) for parent in aligned.parents),
            len(model.predictors) + len(model.shown),
        )


def rows_of_sums(observed: np.ndarray, predictors: int) -> np.ndarray:
    """Row of the table (P, k + d) of each column that a pattern has; -1 where it lacks it.

    Parameters
    ----------
    observed : ndarray of bool (P, d)
        Responses that each pattern has.
    predictors : int
        k.
    """
    always = np.ones((len(observed), predictors), dtype=bool)
    known = np.hstack([always, observed])
    return np.where(known, np.cumsum(known).reshape(known.shape) - 1, -1)


def _places(columns: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the wanted columns are among those of a pattern, and which of them are there."""
    place = {column: i for i, column in enumerate(columns.tolist())}
    at = np.array([i for i, column in enumerate(wanted.tolist()) if column in place])
    return np.array([place[column] for column in wanted[at].tolist()]), at


def table_of(entries: Sequence[Entries], shape: tuple[int, int]) -> np.ndarray | csr_array:
    """Sums by pattern, column and group as one matrix; a large one mostly empty is sparse.

    Parameters
    ----------
    entries : sequence of Entries
        Those of one row and column are added.
    shape : (int, int)
        Rows and columns.
    """
    filled = sum(each.values.size for each in entries)
    size = shape[0] * shape[1]
    if size <= min(max(MOSTLY_EMPTY * filled, SMALL_TABLE), LARGEST_TABLE):
        out = np.zeros(shape)
        for each in entries:
            out[each.rows[:, None], each.groups] += each.values
        return out
    rows = np.concatenate([np.repeat(each.rows, each.groups.size) for each in entries])
    groups = np.concatenate([np.tile(each.groups, each.rows.size) for each in entries])
    values = np.concatenate([each.values.ravel() for each in entries])
    return csr_array((values, (rows, groups)), shape=shape)
