"""Sums of one level in the working basis of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class WorkingLevel:
    """Sums of one level in the working basis, made when they are asked for.

    A level that is pooled is evaluated without them, and that of millions of pupils would take more
    time and memory than all else.

    Attributes
    ----------
    group : tuple of str
        Id columns of the level.
    columns : ndarray of int (q,)
        Working columns that carry the level's random effects.
    parent : ndarray of int (G,)
        Group of the next outer level.
    made : callable
        Makes the sums (q, G, w) of products of the random columns with all working columns.
    """

    group: tuple[str, ...]
    columns: np.ndarray
    parent: np.ndarray
    made: Callable[[], np.ndarray]

    @cached_property
    def wide(self) -> np.ndarray:
        """The sums as (w, q, G): groups run along contiguous memory."""
        return np.ascontiguousarray(self.made().transpose(2, 0, 1))

    @property
    def sums(self) -> np.ndarray:
        """The sums as (q, G, w)."""
        return self.wide.transpose(1, 2, 0)
