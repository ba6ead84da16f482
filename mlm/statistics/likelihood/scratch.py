"""Memory that the evaluations of one model share, one after the other.

A search evaluates the same arrays again and again; taking fresh memory for them from the system
each time costs more than the arithmetic.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np


class Scratch:
    """Arrays by what they are for; what one evaluation leaves in them the next one overwrites.

    Attributes
    ----------
    steps : dict of int to EliminationStep
        By level: its last elimination, as long as the arrays hold it.
    """

    def __init__(self):
        self._arrays: dict[Hashable, np.ndarray] = {}
        self._beside: dict[Hashable, Scratch] = {}
        self.steps: dict[int, Any] = {}

    def forget(self, level: int) -> None:
        """Give up the eliminations of a level and of the levels around it, which build on it."""
        for i in [i for i in self.steps if i <= level]:
            del self.steps[i]

    def beside(self, use: Hashable) -> Scratch:
        """Memory of its own for another use, kept with this one."""
        return self._beside.setdefault(use, Scratch())

    def array(self, use: Hashable, shape: tuple[int, ...]) -> np.ndarray:
        """An array of this shape, its values undefined; the same one for the same use."""
        known = self._arrays.get(use)
        if known is None or known.shape != shape:
            known = self._arrays[use] = np.empty(shape)
        return known
