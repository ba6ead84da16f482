"""Weights of sums on effects of units, where the effects of each unit have one proportion.

The mean of a school in a wave to come holds the effects of its pupils, each by its share of the
rows; how the effects of a pupil in other waves reach that wave is the same for all of them. The
shares belong to the sample, the proportion to a covariance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array, kron


@dataclass(frozen=True)
class UnitShares:
    """Shares of units in some sums.

    Attributes
    ----------
    table : csr_array (K, G)
        Share of each unit in each sum.
    weighed : list
        What was made of the shares and of one model's sums before; not part of the value.
    """

    table: csr_array
    weighed: list[tuple[Any, Any]] = field(default_factory=list, repr=False, compare=False)

    @cached_property
    def squares(self) -> csr_array:
        """Sums (K, K) of products of the shares of two sums."""
        return csr_array(self.table @ self.table.T)

    @cached_property
    def _below(self) -> dict[int, UnitShares]:
        return {}

    def below(self, count: int) -> UnitShares:
        """The same with so many sums before them that hold no unit."""
        if count not in self._below:
            cells = self.table.tocoo()
            places = cells.row + count, cells.col
            shape = self.table.shape[0] + count, self.table.shape[1]
            self._below[count] = UnitShares(csr_array(coo_array((cells.data, places), shape)))
        return self._below[count]


@dataclass(frozen=True)
class SharedWeights:
    """Weights (K, q G) of sums on the effects of units, column by column.

    Attributes
    ----------
    shares : UnitShares
        Those of the units.
    onto : ndarray (q,)
        Weights of the effects of each.
    """

    shares: UnitShares
    onto: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Sums and effects."""
        count, size = self.shares.table.shape
        return count, self.onto.size * size

    def whole(self) -> csr_array:
        """The weights one by one."""
        return csr_array(kron(self.onto[None, :], self.shares.table))


EffectWeights = Mapping[int, csr_array | SharedWeights]
"""By place, weights (K, q G) of the effects of its groups, column by column."""


def whole_weights(weights: csr_array | SharedWeights) -> csr_array:
    """Weights one by one, whether they are shared or not."""
    return weights.whole() if isinstance(weights, SharedWeights) else weights
