"""Early units in patterns: those with the same cross-products of their random columns together.

Pupils who were seen on the same occasions share the gain Q of their elimination, and all that they
take from cross-products, sums and pairs of other effects is linear in it. So what multiplies each
entry of the gain of each pattern is summed over the units once for a model; an evaluation then
costs entries, not units. Letters as in the elimination; P patterns, n entries of their gains (lower
triangles, ``t P + p``; an entry beside the diagonal stands for both), R pairs of entry and effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csr_array

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.elimination import pattern_gains
from mlm.statistics.likelihood.pooled.pool import patterns
from mlm.statistics.likelihood.series import Series

FEW_DIRECTIONS = 4  # those of ML: one
LARGER = 1.5  # times the numbers of the units' sums, which each evaluation passes more often


@dataclass(frozen=True)
class Patterns:
    """The patterns of the early units, and what the pairs of effects owe to them.

    Attributes
    ----------
    inner : ndarray (q, q, P)
        C of each pattern.
    counts : ndarray (P,)
        Units of each.
    pattern : ndarray of int (G,)
        Of each unit.
    added : csr_array (size + 1, n)
        What the pairs of effects lose by each entry of the gains, where they stand.
    read : csr_array (n, size + 1)
        The same for all pairs, where their covariances are read.
    """

    inner: np.ndarray
    counts: np.ndarray
    pattern: np.ndarray
    added: csr_array
    read: csr_array

    @property
    def n_entries(self) -> int:
        """Entries n of the gains."""
        q = len(self.inner)
        return q * (q + 1) // 2 * self.counts.size


def patterns_of(inner: np.ndarray, pairs: Sequence, added: Sequence, size: int) -> Patterns | None:
    """The patterns of some units; None where there are many.

    Parameters
    ----------
    inner : ndarray (q, q, G)
        C of each unit.
    pairs, added : list of list of tuple
        As in ``EarlyUnits``.
    size : int
        Entries of all fronts.
    """
    q, _, units = inner.shape
    entries = [inner[i, j] for i in range(q) for j in range(i + 1)]
    found = patterns(entries, max(units // 2, 1))
    if found is None:
        return None
    pattern, first = found
    parts: tuple[list, list] = ([], [])
    for i in range(q):
        for j in range(q):
            unit, weight, place = pairs[i][j]
            cell = _triangle(i, j) * first.size + pattern[unit]
            chosen, where = added[i][j]
            parts[0].append((where, cell[chosen], weight[chosen]))
            parts[1].append((cell, place, weight))
    n = q * (q + 1) // 2 * first.size
    counts = np.bincount(pattern, minlength=first.size).astype(float)
    taken = _summed(parts[0], (size + 1, n))
    return Patterns(inner[:, :, first], counts, pattern, taken, _summed(parts[1], (n, size + 1)))


def _triangle(i: int, j: int) -> int:
    """Place of an entry in a lower triangle, row by row."""
    return max(i, j) * (max(i, j) + 1) // 2 + min(i, j)


def _summed(parts: Sequence[tuple], shape: tuple[int, int]) -> csr_array:
    rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return csr_array(coo_array((values, (rows, columns)), shape=shape))


@dataclass(frozen=True)
class PooledUnits:
    """The early units of one model, pooled.

    Attributes
    ----------
    patterns : Patterns
        Their patterns.
    moments : ndarray (n, w w)
        Sums over the units of ``S_i' S_j``.
    entry : ndarray of int (R,)
        Entry of the gains of each pair.
    effect : ndarray of int (R,)
        Crossed effect of each, in order.
    links : ndarray (R, w)
        Sums over the units of ``Z_i' Z_w`` times S_j.
    starts : ndarray of int (W + 1,)
        First pair of each effect.
    """

    patterns: Patterns
    moments: np.ndarray
    entry: np.ndarray
    effect: np.ndarray
    links: np.ndarray
    starts: np.ndarray

    def with_columns(self, places: np.ndarray) -> PooledUnits:
        """The same of some working columns (w,)."""
        w = self.links.shape[1]
        moments = np.take(self.moments.reshape(-1, w, w), places, axis=1)
        flat = np.take(moments, places, axis=2).reshape(-1, places.size**2)
        return replace(self, moments=flat, links=np.take(self.links, places, axis=1))

    def eliminated(self, covariance: np.ndarray) -> EliminatedUnits:
        """Eliminate the units at a relative covariance (q, q)."""
        gain, _, logdet = pattern_gains(self.patterns.inner, self.patterns.counts, covariance)
        q, w = len(gain), self.links.shape[1]
        flat = np.concatenate([gain[i, j] for i in range(q) for j in range(i + 1)])
        spread = csr_array(
            (flat[self.entry], np.arange(self.entry.size), self.starts),
            shape=(self.starts.size - 1, self.entry.size),
        )
        return EliminatedUnits(
            [covariance],
            gain,
            (flat @ self.moments).reshape(w, w),
            spread @ self.links,
            self.patterns.added @ flat,
            logdet,
        )

    def slope(
        self, directions: np.ndarray, means: np.ndarray, covariances: np.ndarray
    ) -> np.ndarray:
        """Derivative of ``trace(F F' A) + log|V|`` by the gains, (q, q, P).

        The units' own share of the determinant is left out.

        Parameters
        ----------
        directions : ndarray (w, f)
            F.
        means : ndarray (W, f)
            Of the crossed effects, given F.
        covariances : ndarray (size + 1,)
            Of all effects in fronts over sigma^2, and beside them products of their means.
        """
        q, n = len(self.patterns.inner), self.patterns.n_entries
        met = self._met(directions, means)
        flat = 2.0 * np.bincount(self.entry, met, minlength=n)
        flat -= self.moments @ (directions @ directions.T).ravel()
        flat -= self.patterns.read @ covariances
        flat = flat.reshape(q * (q + 1) // 2, -1)
        out = np.empty(self.patterns.inner.shape)
        for i in range(q):
            for j in range(q):
                out[i, j] = flat[_triangle(i, j)] * (1.0 if i == j else 0.5)
        return out

    def _met(self, directions: np.ndarray, means: np.ndarray) -> np.ndarray:
        """Of each pair of entry and effect (R,) its links times the mean, summed over directions.

        Few directions are applied to all links at once; many, to the means of the effects first.
        """
        met = np.empty(self.entry.size)
        if directions.shape[1] <= FEW_DIRECTIONS:
            left, right = self.links @ directions, means
        else:
            left, right = self.links, means @ directions.T
        for rows in batched.portions(left.shape[1], met.size):
            np.einsum("rw,rw->r", left[rows], right[self.effect[rows]], out=met[rows])
        return met


@dataclass(frozen=True)
class EliminatedUnits:
    """What eliminating all early units takes from everything else.

    Attributes
    ----------
    covariance : list of ndarray (q, q)
        At which relative covariance.
    gain : ndarray (q, q, P)
        Q of each pattern.
    gone : ndarray (w, w)
        From the cross-products of the working columns.
    sums : ndarray (W, w)
        From the sums of the crossed effects.
    pairs : ndarray (size + 1,)
        From the cross-products of effects in fronts.
    logdet : float
        ``log|I + C Omega|``, summed over the units.
    """

    covariance: Series
    gain: np.ndarray
    gone: np.ndarray
    sums: np.ndarray
    pairs: np.ndarray
    logdet: float


def pooled_units(
    sums: np.ndarray, links: Sequence[csr_array], known: Patterns | None
) -> PooledUnits | None:
    """The early units of a model pooled; None where this would not pay.

    Parameters
    ----------
    sums : ndarray (q, G, w)
        S of each unit.
    links : sequence of csr_array (G, W)
        As in ``EarlyUnits``.
    known : Patterns or None
        Their patterns.
    """
    w = sums.shape[2]
    if known is None or known.n_entries * w * w > LARGER * sums.size:
        return None
    alive = np.abs(sums).max(axis=2, initial=0.0) > 0.0
    keys, entries = _reached(links, known, alive)
    different, row = np.unique(keys, return_inverse=True)
    if different.size * w + known.n_entries * w * w > LARGER * sums.size:
        return None
    unit, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    shape = (different.size, sums.shape[0] * sums.shape[1])
    links_of = csr_array(coo_array((value, (row, unit)), shape=shape)) @ sums.reshape(-1, w)
    effect, entry = np.divmod(different, known.n_entries)
    starts = np.searchsorted(effect, np.arange(links[0].shape[1] + 1))
    return PooledUnits(known, _moments(sums, known, alive), entry, effect, links_of, starts)


def _reached(links: Sequence[csr_array], known: Patterns, alive: np.ndarray):
    """Effect times n plus entry, of each link with a sum; place of the sum, and the link."""
    keys, entries = [], []
    size = alive.shape[1]
    for i, link in enumerate(links):
        unit = np.repeat(np.arange(size), np.diff(link.indptr))
        for j in range(len(links)):
            seen = alive[j, unit]
            own = unit[seen]
            cell = _triangle(i, j) * known.counts.size + known.pattern[own]
            keys.append(link.indices[seen].astype(np.intp) * known.n_entries + cell)
            entries.append((j * size + own, link.data[seen]))
    return np.concatenate(keys), entries


def _moments(sums: np.ndarray, known: Patterns, alive: np.ndarray) -> np.ndarray:
    q, _, w = sums.shape
    out = np.zeros((q * (q + 1) // 2, known.counts.size, w, w))
    order = np.argsort(known.pattern, kind="stable")
    parts = np.split(order, np.cumsum(known.counts.astype(np.intp))[:-1])
    for p, units in enumerate(parts):
        own = np.flatnonzero(alive[:, units].any(axis=1))
        members = np.concatenate([sums[i, units] for i in own], axis=1) if own.size else None
        if members is None:
            continue
        products = (members.T @ members).reshape(own.size, w, own.size, w)
        for a, i in enumerate(own):
            for b, j in enumerate(own):
                out[_triangle(i, j), p] += products[a, :, b]
    return out.reshape(-1, w * w)
