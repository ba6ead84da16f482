"""The way back through the fronts: covariances and means of effects, and the derivative.

On the way back, with R the covariance of the effects of the border given the data and m their means
given the combinations F of the columns, those of the own effects are

    L (N^-1 + Y R Y') L',   covariances with the border -L Y R,   means L (H F - Y m),

and ``L' Z'V^-1Z L = I - N^-1 - Y R Y'`` and ``L' Z'V^-1[X Z y] F = H F - Y m`` give the derivative
by Omega as for nested levels.
Letters as in the elimination.

Source: selected inverse of a multifrontal elimination, Erisman & Tinney (1975), Communications of
the ACM 18, 177-179.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.crossed.fronts.elimination import (
    EliminatedBlock,
    EliminatedFronts,
    FrontSums,
)
from mlm.statistics.likelihood.crossed.fronts.layout import Coupled
from mlm.statistics.likelihood.crossed.gradient import FLAT_SD
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.nested.gradient import omega_derivative


@dataclass(frozen=True)
class Back:
    """The way back: covariances and means of all effects, given all data.

    Attributes
    ----------
    covariances : ndarray (size + 1,)
        Over sigma^2, where the cross-products stood.
    means : ndarray (E + 1, f)
        Given the combinations of the columns.
    derivatives : list of ndarray (q, q)
        By the relative covariance of each place, early units left out.
    """

    covariances: np.ndarray
    means: np.ndarray
    derivatives: list[np.ndarray]


def back(
    given: FrontSums,
    done: EliminatedFronts,
    omegas: Sequence[np.ndarray],
    directions: np.ndarray,
) -> Back:
    """Covariances and means of all effects in fronts, and what they add to the derivative.

    Parameters
    ----------
    given : FrontSums
        The evidence.
    done : EliminatedFronts
        What elimination left behind.
    omegas : sequence of ndarray (q, q)
        Relative covariance of each place.
    directions : ndarray (w, f)
        Combinations F; the derivative is that of ``trace(F F' A) + log|V|``.
    """
    fronts = given.placed.fronts
    covariances = np.zeros(fronts.layout.size + 1)
    means = np.zeros((len(given.sums), directions.shape[1]))
    slopes = [_Slope(omega) for omega in omegas]
    order = zip(fronts.blocks, fronts.coupled, done.blocks, strict=True)
    for block, coupled, found in reversed(tuple(order)):
        count, o, b = block.shape
        around = covariances[block.read].reshape(count, b, b)
        outer = means[block.border]
        reach = found.onto @ around
        seen = found.held @ directions - found.onto @ outer
        spread = found.inverse + reach @ found.onto.transpose(0, 2, 1) if b else found.inverse
        covariances[block.edge : block.end] = -found.roots.times(reach).ravel()
        found.roots.around(spread, covariances[block.start : block.edge].reshape(count, o, o))
        means[block.own] = found.roots.times(seen)
        means[-1] = 0.0
        covariances[-1] = 0.0
        _add_scaled(slopes, coupled, spread, seen)
        if any(slope.is_flat for slope in slopes):
            _add_plain(slopes, coupled, found, around, outer, directions)
    return Back(covariances, means, [slope.value for slope in slopes])


class _Slope:
    """Derivative by one Omega: of its root, and of itself where a root is too small to divide by.

    ``scaled`` and ``plain`` (q, q) sum the blocks of ``L' D L`` and of D over the groups.
    """

    def __init__(self, omega: np.ndarray):
        values, self._vectors = np.linalg.eigh(omega)
        self._scale = np.sqrt(np.clip(values, 0.0, None))
        self._flat = self._scale <= FLAT_SD
        self.scaled, self.plain = np.zeros(omega.shape), np.zeros(omega.shape)

    @property
    def is_flat(self) -> bool:
        """Whether D itself is needed."""
        return bool(self._flat.any())

    @property
    def value(self) -> np.ndarray:
        """D, shape (q, q)."""
        safe = np.where(self._flat, 1.0, self._scale)
        out = self._vectors.T @ self.scaled @ self._vectors / np.outer(safe, safe)
        plain = self._vectors.T @ self.plain @ self._vectors
        out[self._flat], out[:, self._flat] = plain[self._flat], plain[:, self._flat]
        return self._vectors @ (0.5 * (out + out.T)) @ self._vectors.T


def _add_scaled(slopes, coupled: Coupled, spread: np.ndarray, seen: np.ndarray) -> None:
    front, i, j = coupled.front, coupled.i, coupled.j
    values = (i == j) - spread[front, i, j] - np.einsum("nf,nf->n", seen[front, i], seen[front, j])
    for slope, own in zip(slopes, coupled.of_places, strict=False):
        np.add.at(slope.scaled, (coupled.first[own], coupled.second[own]), values[own])


def _add_plain(slopes, coupled: Coupled, found: EliminatedBlock, around, outer, directions) -> None:
    """D of the own effects from the cross-products themselves, of the places that need it."""
    pairs = zip(slopes, coupled.of_places, strict=False)
    rows = [own if slope.is_flat else own[:0] for slope, own in pairs]
    own = np.concatenate([*rows, np.zeros(0, dtype=int)])
    if not own.size:
        return
    front, i, j = coupled.front[own], coupled.i[own], coupled.j[own]
    needed, places = np.unique(i, return_inverse=True)
    i, j = places, np.searchsorted(needed, j)
    inner = found.inner[:, needed]
    passed = found.roots.times(inner.transpose(0, 2, 1)).transpose(0, 2, 1)
    across = found.across[:, needed] - passed @ found.onto
    seen = (found.sums[:, needed] - passed @ found.held) @ directions - across @ outer
    inverse, reach = passed @ found.inverse, across @ around
    values = inner[front, i, needed[j]] - np.einsum("no,no->n", inverse[front, i], passed[front, j])
    values -= np.einsum("nb,nb->n", reach[front, i], across[front, j])
    values -= np.einsum("nf,nf->n", seen[front, i], seen[front, j])
    ends = np.cumsum([part.size for part in rows])
    for slope, part, end in zip(slopes, rows, ends, strict=False):
        at = (coupled.first[part], coupled.second[part])
        np.add.at(slope.plain, at, values[end - part.size : end])


def gradient(given: FrontSums, at: Evaluation, directions: np.ndarray) -> list[np.ndarray]:
    """Derivatives by the Omega of each place.

    Parameters
    ----------
    given : FrontSums
        The evidence.
    at : Evaluation
        What elimination left behind.
    directions : ndarray (w, f)
        F with ``d criterion = trace(F F' dA)``.
    """
    done = at.remains.done
    way = back(given, done, at.omegas, directions)
    if given.placed.early is None:
        return way.derivatives
    if given.pooled is None:
        before = omega_derivative(done.early, _early_slope(given, way, directions), 1.0)
    else:
        means = way.means[: given.placed.n_crossed]
        slope = given.pooled.slope(directions, means, _with_means(given, way))
        before = omega_derivative(done.early, slope, given.pooled.patterns.counts)
    return [before + way.derivatives[0], *way.derivatives[1:]]


def _with_means(given: FrontSums, way: Back) -> np.ndarray:
    """The covariances of all effects, and beside them the products of their means."""
    out = way.covariances.copy()
    for block in given.placed.fronts.blocks:
        own = way.means[block.own]
        out[block.start : block.edge] += (own @ own.transpose(0, 2, 1)).ravel()
        across = own @ way.means[block.border].transpose(0, 2, 1)
        out[block.edge : block.end] += across.ravel()
    return out


def _early_slope(given: FrontSums, way: Back, directions: np.ndarray) -> np.ndarray:
    """Derivative of ``trace(F F' A) + log|V|`` by the gains Q of the early units, (q, q, G).

    Their own share of the determinant is left out.
    """
    seen = seen_early(given, way, directions)
    return -np.einsum("fig,fjg->ijg", seen, seen, optimize=True) - spread_early(given, way)


def seen_early(given: FrontSums, way: Back, directions: np.ndarray) -> np.ndarray:
    """Sums (f, q, G) of the early units along the directions, all other effects at their means."""
    seen = np.tensordot(directions.T, given.tree.levels[0].wide, axes=1)
    around = way.means[: given.placed.n_crossed]
    return seen - np.stack([(link @ around).T for link in given.placed.early.links], axis=1)


def spread_early(given: FrontSums, way: Back) -> np.ndarray:
    """Covariance (q, q, G) over sigma^2 of what other effects take from the same sums."""
    early = given.placed.early
    q, units = len(early.links), early.units.size
    out = np.empty((q, q, units))
    for i in range(q):
        for j in range(q):
            unit, weight, place = early.pairs[i][j]
            out[i, j] = np.bincount(unit, weight * way.covariances[place], minlength=units)
    return out
