"""Moments of pooled groups by the outermost unit that they lie in.

What a unit takes from the cross-products is then told at any variances without its groups: gains of
patterns times moments, of all units at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlm.statistics.evidence.wave_parts import GROUPS_AT_A_TIME
from mlm.statistics.likelihood.pooled.pool import Pool, pairs
from mlm.statistics.likelihood.working_tree import WorkingLevel

MOST_IN_MOMENTS = 1 << 25  # in all moments (256 MB); beyond it groups are looked at one by one


@dataclass(frozen=True)
class UnitMoments:
    """Moments of the groups of each pattern in each of U units.

    Attributes
    ----------
    counts : ndarray (U, P)
        Groups.
    columns : tuple of ndarray of int (c,)
        By pattern: its random columns in which groups are not all zero,
    moments : tuple of ndarray (U, c (c + 1) / 2, w w)
        and the sums over groups of ``S_i' S_j`` of two of them, i <= j.
    """

    counts: np.ndarray
    columns: tuple[np.ndarray, ...]
    moments: tuple[np.ndarray, ...]

    def gone(self, gain: np.ndarray) -> np.ndarray:
        """What the groups of each unit take from the cross-products, (U, w, w).

        Parameters
        ----------
        gain : ndarray (q, q, P)
            Of each pattern.
        """
        half = 0.0
        for p, (columns, moments) in enumerate(zip(self.columns, self.moments, strict=True)):
            first, second = pairs(columns.size)
            own = gain[columns[first], columns[second], p]
            half = half + np.where(first == second, 0.5 * own, own) @ moments
        w = math.isqrt(half.shape[1])
        half = half.reshape(-1, w, w)
        return half + half.transpose(0, 2, 1)


def unit_moments(
    level: WorkingLevel, pool: Pool, unit: np.ndarray, size: int
) -> UnitMoments | None:
    """The moments of a pooled level; None where they would be too many.

    Parameters
    ----------
    level : WorkingLevel
        The level.
    pool : Pool
        Its groups by pattern.
    unit : ndarray of int (G,)
        Outermost unit of each group, non-decreasing.
    size : int
        Units U.
    """
    w, n_patterns = pool.moments.shape[-1], pool.counts.size
    seen = np.einsum("iip->ip", pool.inner) > 0.0
    widths = seen.sum(axis=0) * w
    if size * int((widths**2).sum()) > MOST_IN_MOMENTS:
        return None
    columns = tuple(np.flatnonzero(own) for own in seen.T)
    moments = tuple(np.zeros((size, pairs(own.size)[0].size, w * w)) for own in columns)
    key = unit * n_patterns + pool.pattern
    counts = np.bincount(key, minlength=size * n_patterns).reshape(size, n_patterns)
    for start in range(0, unit.size, GROUPS_AT_A_TIME):
        groups = slice(start, start + GROUPS_AT_A_TIME)
        wide, own = level.some(groups).transpose(2, 1, 0), key[groups]
        order = np.argsort(own, kind="stable")
        starts = np.flatnonzero(np.diff(own[order], prepend=-1))
        for members in np.split(order, starts[1:]):
            of, p = divmod(int(own[members[0]]), n_patterns)
            c = columns[p].size
            first, second = pairs(c)
            values = wide[members][:, columns[p]].reshape(members.size, c * w)
            product = (values.T @ values).reshape(c, w, c, w)
            moments[p][of] += product[first, :, second].reshape(-1, w * w)
    return UnitMoments(counts, columns, moments)
