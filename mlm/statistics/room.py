"""Memory that the evaluations of one model share, one after the other.

A search evaluates the same arrays again and again; taking fresh memory for them from the system
each time costs more than the arithmetic.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np


class Room:
    """Arrays by what they are for; what one evaluation leaves in them the next one overwrites."""

    def __init__(self):
        self._arrays: dict[Hashable, np.ndarray] = {}

    def array(self, use: Hashable, shape: tuple[int, ...]) -> np.ndarray:
        """An array of this shape, its values undefined; the same one for the same use."""
        known = self._arrays.get(use)
        if known is None or known.shape != shape:
            known = self._arrays[use] = np.empty(shape)
        return known
