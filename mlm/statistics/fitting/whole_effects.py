"""Effects of a term in the residual's place, whole.

The likelihood splits their covariance S into that of effects, ``O``, and that of residuals,
``S - O``, a share of the identity. The effects have the posterior means ``O Z' V^-1 r`` and the
errors ``O - O Z' V^-1 Z O``; what a user means is ``S Z' V^-1 r`` and ``S - S Z' V^-1 Z S``, which
``M = S O^-1`` makes of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.fitting.fit import Fit


@dataclass(frozen=True)
class WholeEffects:
    """From the effects of a split term to the whole ones, in the columns that a user names.

    Attributes
    ----------
    change : ndarray (q, q)
        M.
    whole, part : ndarray (q, q)
        S and O, in squared units of the response.
    """

    change: np.ndarray
    whole: np.ndarray
    part: np.ndarray

    def errors(self, found: np.ndarray) -> np.ndarray:
        """Covariance (..., q, q) of the errors of the whole effects, from that of the split."""
        return self.whole - self.change @ (self.part - found) @ self.change.T


def whole_effects(fit: Fit, b: int) -> WholeEffects:
    """The whole effects of a random term that has taken the residual's place.

    Parameters
    ----------
    fit : Fit
        The fit.
    b : int
        Position of the term.
    """
    part = fit.sigma2 * fit.omegas[b]
    whole = fit.covariances[b]
    return WholeEffects(np.linalg.solve(part, whole).T, whole, part)
