"""Roots of the covariance of the effects in fronts: one block for the effects of a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.likelihood.crossed.fronts.layout import Block, Coupled


@dataclass(frozen=True)
class BlockRoots:
    """L of the own effects of each front: symmetric, one (q, q) for the effects of a group.

    Attributes
    ----------
    diagonal : ndarray (B, o) or None
        L where every group has one effect; zero where there is none.
    matrix : csr_array (B o, B o) or None
        L of all fronts, else.
    """

    diagonal: np.ndarray | None
    matrix: csr_array | None

    def times(self, right: np.ndarray) -> np.ndarray:
        """L times matrices (B, o, f)."""
        if self.matrix is None:
            return self.diagonal[:, :, None] * right
        return (self.matrix @ right.reshape(self.matrix.shape[0], -1)).reshape(right.shape)

    def around(self, matrix: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """L M L of symmetric matrices (B, o, o), put into another one if there is one."""
        if self.matrix is None:
            out = np.multiply(self.diagonal[:, :, None], matrix, out=out)
            out *= self.diagonal[:, None, :]
            return out
        found = self.times(self.times(matrix).transpose(0, 2, 1))
        if out is None:
            return found
        out[:] = found
        return out


def block_roots(block: Block, coupled: Coupled, roots: Sequence[np.ndarray]) -> BlockRoots:
    """L of the fronts of a block.

    Parameters
    ----------
    block : Block
        The fronts.
    coupled : Coupled
        Their pairs of effects of the same group.
    roots : sequence of ndarray (q, q)
        Root of the relative covariance of each place.
    """
    count, o, _ = block.shape
    values = np.empty(coupled.front.size)
    for place, own in enumerate(coupled.of_places):
        if own.size:
            values[own] = roots[place][coupled.first[own], coupled.second[own]]
    if coupled.is_single:
        diagonal = np.zeros((count, o))
        diagonal[coupled.front, coupled.i] = values
        return BlockRoots(diagonal, None)
    matrix = csr_array((values, coupled.columns, coupled.ends), shape=(count * o, count * o))
    return BlockRoots(None, matrix)
