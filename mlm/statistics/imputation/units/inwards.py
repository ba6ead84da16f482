"""What lies inside units, rows and units further in, tells of what the units show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Inwards:
    """What lies inside the units of a level tells of what they show, w: exp(l'w - w'Pw / 2).

    Attributes
    ----------
    precision : ndarray (m, m, G)
        P.
    linear : ndarray (m, G)
        l.
    """

    precision: np.ndarray
    linear: np.ndarray

    def pull(self, shown: np.ndarray, place: int, at: np.ndarray) -> np.ndarray:
        """What pulls on one variable of some units (n,), given their others.

        Parameters
        ----------
        shown : ndarray (m, G)
            What units show.
        place : int
            Of the variable.
        at : ndarray of int (n,)
            The units.
        """
        own = self.precision[place][:, at]
        others = np.sum(own * shown[:, at], axis=0) - own[place] * shown[place, at]
        return self.linear[place, at] - others

    def logarithms(self, shown: np.ndarray, places: Sequence[int], at: np.ndarray) -> np.ndarray:
        """What each class of one variable of some units gains (c + 1, n) over the reference.

        Parameters
        ----------
        shown : ndarray (m, G)
            What units show.
        places : sequence of int
            Of the indicators of the variable.
        at : ndarray of int (n,)
            The units.
        """
        own = list(places)
        without = shown[:, at]
        without[own] = 0.0
        rows = self.precision[own][:, :, at]
        gain = self.linear[own][:, at] - np.einsum("cmn,mn->cn", rows, without)
        gain -= 0.5 * rows[np.arange(len(own)), own]
        return np.vstack([np.zeros(at.size), gain])
