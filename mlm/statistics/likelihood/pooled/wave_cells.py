"""Sums by cell of units in the columns of a model, from those of waves that all models share.

Where the random columns of units are multiples of the constant in each wave, what a model sums over
the units of a cell is a combination of their sums in the columns of each wave. These are kept once,
and none for a model: its columns are made where they are handed on, for the groups around.
Letters: T waves, R presences, P patterns, which are presences together, q random columns of the
units, r of the levels around, j columns of a wave, w working columns, H enclosing groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from mlm.statistics.likelihood.pooled.cells import CellSums, Spread, portions


class SumsByCell(Protocol):
    """Sums over the groups of each pattern in each enclosing group."""

    def handed_on(self, weights: np.ndarray) -> np.ndarray:
        """Sums (r, w, H), weighed by column and pattern (r, q, P)."""

    def taken_back(self, values: np.ndarray, shape: tuple[int, int], first: int = 0) -> np.ndarray:
        """Derivatives (r, q, P) by the weights, from those (r, w, h) by the sums."""


@dataclass(frozen=True)
class WaveCells:
    """The sums of a model.

    Attributes
    ----------
    waves : sequence of CellSums
        Sums of the units by presence in the columns of each wave.
    own : ndarray (T, q)
        The random columns of the units in each wave as multiples of the constant.
    working : sequence of ndarray (j, w)
        The working columns as combinations of those of each wave.
    pattern : ndarray of int (R,)
        Pattern of each presence.
    """

    waves: Sequence[CellSums]
    own: np.ndarray
    working: Sequence[np.ndarray]
    pattern: np.ndarray

    def handed_on(self, weights: np.ndarray) -> np.ndarray:
        """Sums (r, w, H) over the units of each enclosing group, weighed by column and pattern.

        Parameters
        ----------
        weights : ndarray (r, q, P)
            For each of r sums.
        """
        by_wave = np.einsum("tq,rqp->trp", self.own, weights[:, :, self.pattern])
        out = np.zeros((len(weights), self.working[0].shape[1], self.waves[0].size))
        for first, some in portions(out):
            for sums, own, spread in zip(self.waves, by_wave, self._spreads, strict=True):
                sums.hand_on(own, some, first, spread)
        return out

    def taken_back(self, values: np.ndarray, shape: tuple[int, int], first: int = 0) -> np.ndarray:
        """Derivatives (r, q, P) by the weights of ``handed_on``, from those (r, w, h) by its sums.

        Parameters
        ----------
        values : ndarray (r, w, h)
            Derivatives by the sums of h enclosing groups that stand together; of all by default.
        shape : (int, int)
            q and P.
        first : int
            The first of these groups.
        """
        found = np.zeros((len(self.waves), len(values), self.pattern.size))
        for sums, own, spread in zip(self.waves, found, self._spreads, strict=True):
            sums.take_back(values, own, first, spread)
        return np.einsum("tq,trp->rqp", self.own, found @ self._members(shape[1]))

    @property
    def numbers(self) -> int:
        """Sums of an enclosing group that has all presences."""
        pairs = zip(self._spreads, self.waves, strict=True)
        return sum(len(spread) * sums.n_slots for spread, sums in pairs)

    @cached_property
    def _spreads(self) -> list[Spread]:
        """By wave: the columns that are used, with the working ones that are a multiple of each."""
        return [
            [
                (k, [(int(c), float(row[c])) for c in np.flatnonzero(row)])
                for k, row in enumerate(working)
                if row.any()
            ]
            for working in self.working
        ]

    def _members(self, n_patterns: int) -> np.ndarray:
        """Which presences are of which pattern, (R, P)."""
        return np.equal.outer(self.pattern, np.arange(n_patterns)).astype(float)
