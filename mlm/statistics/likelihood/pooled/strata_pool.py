"""Pooled units whose rows are weighed by wave: the pool at any weights from that by wave.

With weights ``v_t`` of the rows of a wave, the random column i of a unit, a multiple ``b_ti`` of
the constant, has the sums ``sum_t v_t b_ti x_t``, x_t those of its rows in wave t. All that a pool
holds are sums of such products over units: combinations of those of a pool whose random columns are
the waves, which does not depend on the weights.
Letters: T waves, q random columns, P presences, w working columns, n units, f directions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.pooled.pool import ColumnsAround, Pool, pairs
from mlm.statistics.likelihood.pooled.wave_cells import SumsByCell


@dataclass(frozen=True)
class CombinedCells:
    """Sums by cell of random columns that are combinations of others.

    Attributes
    ----------
    cells : SumsByCell
        Sums of the others.
    ways : ndarray (T, q)
        Each column as their combination.
    """

    cells: SumsByCell
    ways: np.ndarray

    def handed_on(self, weights: np.ndarray) -> np.ndarray:
        """Sums (r, w, H), weighed by column and pattern (r, q, P)."""
        return self.cells.handed_on(np.einsum("tq,rqp->rtp", self.ways, weights))

    def taken_back(self, values: np.ndarray, shape: tuple[int, int], first: int = 0) -> np.ndarray:
        """Derivatives (r, q, P) by the weights, from those (r, w, h) by the sums."""
        found = self.cells.taken_back(values, (len(self.ways), shape[1]), first)
        return np.einsum("tq,rtp->rqp", self.ways, found)


@dataclass(frozen=True)
class PooledStrata:
    """The units of a model, pooled, whose waves are the strata of the residual variance.

    Attributes
    ----------
    by_wave : Pool
        The units with an effect of each wave, by presence; no rows are weighed.
    own : ndarray (T, q)
        The random columns of the model in each wave as multiples of the constant.
    made : sequence of callable
        By wave: makes the sums (q, n, w) of units that stand together, which a slice names.
    """

    by_wave: Pool
    own: np.ndarray
    made: Sequence[Callable[[slice], np.ndarray]]

    def pool(self, weights: np.ndarray) -> Pool:
        """The units by presence with the rows of each wave times its weight (T,)."""
        known, ways = self.by_wave, weights[:, None] * self.own
        first, second = pairs(self.own.shape[1])
        moments = np.einsum("tm,sm,tspvw->mpvw", ways[:, first], ways[:, second], known.all_moments)
        around = ColumnsAround(
            known.around.known,
            np.einsum("ti,ctp->cip", ways, known.around.values),
            known.around.other,
            tuple(CombinedCells(cells, np.kron(ways, ways)) for cells in known.around.crosses),
        )
        inner = np.einsum("ti,sj,tsp->ijp", ways, self.own, known.inner)
        cells = CombinedCells(known.cells, ways)
        return Pool(inner, known.pattern, known.counts, moments, cells, around)

    def weighed(self, weights: np.ndarray) -> Callable[[slice], np.ndarray]:
        """Makes the sums (q, n, w) of units with the rows of each wave times its weight (T,)."""

        def made(groups: slice) -> np.ndarray:
            return sum(v * own(groups) for v, own in zip(weights, self.made, strict=True))

        return made

    def changed(self, gain: np.ndarray, seen: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """What the effects of the units change in the slope (T,) by the weight of each wave's rows.

        With M the square of what the columns have left over all effects around a unit, the rows of
        wave t change by ``trace(M (S' Q C_t Q S - 2 S_t' Q S)) + trace(C_t Q)``.

        Parameters
        ----------
        gain : ndarray (q, q, P)
            ``Q`` at these weights.
        seen : ndarray (T, T, P)
            ``trace(M x_t' x_s)`` summed over the units of each presence.
        weights : ndarray (T,)
            Of the rows.
        """
        rows = np.einsum("ttp->tp", self.by_wave.inner)
        along = np.einsum("ti,ijp->tjp", self.own, gain)
        share = np.einsum("tjp,sj->tsp", along, weights[:, None] * self.own)
        taken = np.einsum("tsp,tsp->t", share, seen)
        square = np.einsum("tp,trp,tsp,rsp->t", rows, share, share, seen, optimize=True)
        spread = np.einsum("p,tp,tjp,tj->t", self.by_wave.counts, rows, along, self.own)
        return square - 2.0 * taken + spread
