"""Sums by pattern and group of rows that are held, of which some columns are drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.imputation.pattern_table import Entries, table_of


@dataclass(frozen=True)
class GroupedRows:
    """The rows of one pattern in the groups of one level.

    Attributes
    ----------
    order : ndarray of int (n,) or None
        Rows in the order of their groups; None: as they are.
    groups : ndarray of int (G,)
        Groups that are there,
    starts : ndarray of int (G,)
        and the first row of each, in order.
    """

    order: np.ndarray | None
    groups: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, groups: np.ndarray) -> GroupedRows:
        """Rows (n,) by their group."""
        order = None
        if (np.diff(groups) < 0).any():
            order = np.argsort(groups, kind="stable")
            groups = groups[order]
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        return cls(order, groups[starts], starts)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums (w, G) of values of the rows (w, n)."""
        if not self.starts.size:
            return np.zeros((len(values), 0))
        if self.order is not None:
            values = values[:, self.order]
        return np.add.reduceat(values, self.starts, axis=1)


class HeldSums:
    """Sums of the rows of all patterns by the groups of one level.

    Parameters
    ----------
    grouped : sequence of GroupedRows
        The rows of each pattern.
    known : sequence of ndarray (w, n)
        What they have, as it is now.
    rows : sequence of ndarray of int (w,)
        Rows of the table in which each of it stands.
    shape : (int, int)
        Rows and columns of the table.
    """

    def __init__(
        self,
        grouped: Sequence[GroupedRows],
        known: Sequence[np.ndarray],
        rows: Sequence[np.ndarray],
        shape: tuple[int, int],
    ):
        self._grouped, entries, numbers, done = list(grouped), [], [], 0
        for own, values, at in zip(grouped, known, rows, strict=True):
            sums = own.sums(values)
            own_numbers = done + 1.0 + np.arange(sums.size, dtype=float).reshape(sums.shape)
            done += sums.size
            entries.append(Entries(at, own.groups, sums))
            numbers.append(Entries(at, own.groups, own_numbers))
        self._sums = table_of(entries, shape)
        found = _entries(table_of(numbers, shape))
        there = np.flatnonzero(found)
        place = np.empty(done, dtype=np.intp)
        place[found[there].astype(np.intp) - 1] = there
        self._places = [place[each.values.astype(np.intp) - 1] for each in numbers]

    def start(self) -> np.ndarray | csr_array:
        """A table of its own, to be written to."""
        return self._sums.copy()

    def write(
        self, sums: np.ndarray | csr_array, pattern: int, moved: np.ndarray, values: np.ndarray
    ) -> None:
        """Write the sums of what was drawn to a table.

        Parameters
        ----------
        sums : ndarray or sparse array
            The table.
        pattern : int
            Whose rows.
        moved : ndarray of int (m,)
            Which of what they have was drawn,
        values : ndarray (m, n)
            and its values.
        """
        own = self._grouped[pattern]
        if own.starts.size:
            _entries(sums)[self._places[pattern][moved]] = own.sums(values)


def _entries(sums: np.ndarray | csr_array) -> np.ndarray:
    """The numbers of a table, as a view."""
    return sums.reshape(-1) if isinstance(sums, np.ndarray) else sums.data
