"""What is known of a utility where the largest one of its row is: it is that one, or lies below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlm.statistics.imputation.latent_draws import Sides, log_below, slopes_below


@dataclass(frozen=True)
class BelowTop:
    """One utility of each row: the largest, which is known, or one that lies below it.

    Attributes
    ----------
    is_top : ndarray of bool (n,)
        Where it is the largest.
    top : ndarray (n,)
        The largest.
    spread : float
        Standard deviation of the utility around its expectation.
    """

    is_top: np.ndarray
    top: np.ndarray
    spread: float

    def information(self, groups: np.ndarray | None = None) -> np.ndarray:
        """About what each row (n,) tells of its expectation.

        Parameters
        ----------
        groups : ndarray of int (n,), optional
            Groups, within which rows that lie below tell alike; None: one.
        """
        sides = Sides(np.where(self.is_top, 1.0, -1.0), self.top, self.spread)
        return np.where(self.is_top, self.spread**-2.0, sides.information(groups))

    def logarithms(self, expected: np.ndarray) -> np.ndarray:
        """Logarithms (n,) of the densities and probabilities, given expectations (n,)."""
        at, here = (self.top - expected) / self.spread, self._here
        out = log_below(at)
        out[here] = -0.5 * at[here] ** 2
        return out

    def derivatives(self, expected: np.ndarray) -> np.ndarray:
        """These logarithms and their slopes (2, n)."""
        at, here = (self.top - expected) / self.spread, self._here
        out = slopes_below(at)
        out[1] *= -1.0 / self.spread
        out[0, here], out[1, here] = -0.5 * at[here] ** 2, at[here] / self.spread
        return out

    def curvatures(self, expected: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """The second derivatives (n,), their sign changed, from the slopes (n,)."""
        out = slopes * (slopes - (self.top - expected) / self.spread**2)
        out[self._here] = self.spread**-2.0
        return np.maximum(out, 0.0)

    @cached_property
    def _here(self) -> np.ndarray:
        """Rows in which it is the largest: few of many."""
        return np.flatnonzero(self.is_top)
