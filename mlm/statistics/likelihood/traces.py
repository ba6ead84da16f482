"""How much the covariances that two places of a structure give to rows have in common.

``Z_a Z_b'`` is what the effects of columns a and b of a place add to the covariance of the rows.
Of those of two places, with Q a basis of the fixed columns and ``U = Z' Q``,

    tr(P Z_a Z_b' P Z_c Z_d'),   P = I - Q Q',

needs the tables ``T_ac = Z_a' Z_c`` over the groups that meet and U alone. Letters: q, r random
columns of the two places, J and K their groups, p fixed columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

CELLS_AT_ONCE = 4096  # that are worked on together

Tables = Sequence[Sequence[csr_array | np.ndarray]]


@dataclass(frozen=True)
class Traces:
    """Traces of products, by columns a, b of the first place and c, d of the second.

    Attributes
    ----------
    whole : ndarray (q, q, r, r)
        ``tr(Z_a Z_b' Z_c Z_d')``.
    along : ndarray (q, q, r, r)
        ``tr(Q Q' Z_a Z_b' Z_c Z_d')``.
    """

    whole: np.ndarray
    along: np.ndarray

    def projected(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """``tr(P Z_a Z_b' P Z_c Z_d')`` (q, q, r, r).

        Parameters
        ----------
        first, second : ndarray (q, q, p, p), (r, r, p, p)
            ``Q' Z_a Z_b' Q`` of both places.
        """
        twice = np.einsum("abfg,cdgf->abcd", first, second)
        return self.whole - self.along - self.along.transpose(1, 0, 3, 2) + twice


def traces_of(tables: Tables, first: np.ndarray, second: np.ndarray) -> Traces:
    """The traces of two places from the tables of their groups.

    Parameters
    ----------
    tables : sequence of sequence of (J, K)
        ``Z_a' Z_c``, all sparse or all full.
    first, second : ndarray (q, J, p), (r, K, p)
        ``Z' Q`` of both places.
    """
    if isinstance(tables[0][0], np.ndarray):
        return _of_full(tables, first, second)
    return of_cells(*_filled([table for row in tables for table in row]), first, second)


def _filled(tables: Sequence[csr_array]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells (n,) that are used in some of t tables: their rows and columns, and values (t, n)."""
    one = tables[0]
    rows = [np.repeat(np.arange(one.shape[0]), np.diff(table.indptr)) for table in tables]
    if all(_is_filled_alike(one, table) for table in tables):
        return rows[0], one.indices, np.stack([table.data for table in tables])
    keys = [row * one.shape[1] + table.indices for row, table in zip(rows, tables, strict=True)]
    cells = np.unique(np.concatenate(keys))
    values = np.zeros((len(tables), cells.size))
    for own, key, table in zip(values, keys, tables, strict=True):
        own[np.searchsorted(cells, key)] = table.data
    return *np.divmod(cells, one.shape[1]), values


def _is_filled_alike(one: csr_array, other: csr_array) -> bool:
    return np.array_equal(one.indptr, other.indptr) and np.array_equal(one.indices, other.indices)


def of_cells(rows, columns, values: np.ndarray, first: np.ndarray, second: np.ndarray) -> Traces:
    """The same from the cells where groups meet, some of them at a time.

    Parameters
    ----------
    rows, columns : ndarray of int (n,)
        Groups of both places that meet.
    values : ndarray (q * r, n)
        ``Z_a' Z_c`` there, by a and c.
    first, second : ndarray (q, J, p), (r, K, p)
        ``Z' Q`` of both places.
    """
    q, r = len(first), len(second)
    along = np.zeros((q * r, q * r))
    for start in range(0, rows.size, CELLS_AT_ONCE):
        cells = slice(start, start + CELLS_AT_ONCE)
        mine, its = first[:, rows[cells]], second[:, columns[cells]]
        met = np.stack([np.einsum("np,np->n", a, d) for a in mine for d in its])
        along += values[:, cells] @ met.T
    parts = (values @ values.T, along)
    return Traces(*(part.reshape(q, r, q, r).transpose(2, 0, 1, 3) for part in parts))


def _of_full(tables: Sequence[Sequence[np.ndarray]], first, second) -> Traces:
    q, r = len(first), len(second)
    whole, along = np.empty((q, q, r, r)), np.empty((q, q, r, r))
    for b in range(q):
        for c in range(r):
            table = tables[b][c]
            reach = [table @ own for own in second]
            for a in range(q):
                for d in range(r):
                    whole[a, b, c, d] = np.vdot(table, tables[a][d])
                    along[a, b, c, d] = np.vdot(reach[d], first[a])
    return Traces(whole, along)


def inside_fixed(along: np.ndarray) -> np.ndarray:
    """``Q' Z_a Z_b' Q`` (q, q, p, p) from ``Z' Q`` (q, J, p)."""
    return np.stack([[a.T @ b for b in along] for a in along])
