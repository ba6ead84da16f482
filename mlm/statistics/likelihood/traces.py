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
        ``Z_a' Z_c``, sparse or full; those of all columns are filled alike where they are sparse.
    first, second : ndarray (q, J, p), (r, K, p)
        ``Z' Q`` of both places.
    """
    q, r = len(first), len(second)
    whole, along = np.empty((q, q, r, r)), np.empty((q, q, r, r))
    for b in range(q):
        for c in range(r):
            table = tables[b][c]
            reach = [table @ own for own in second]
            for a in range(q):
                for d in range(r):
                    whole[a, b, c, d] = (table * tables[a][d]).sum()
                    along[a, b, c, d] = np.vdot(reach[d], first[a])
    return Traces(whole, along)


def inside_fixed(along: np.ndarray) -> np.ndarray:
    """``Q' Z_a Z_b' Q`` (q, q, p, p) from ``Z' Q`` (q, J, p)."""
    return np.stack([[a.T @ b for b in along] for a in along])
