"""Posterior means of all effects with their covariances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class EffectPosterior:
    """Means and covariances of the effects of each place of a structure.

    Attributes
    ----------
    means : list of ndarray (G, q)
        Posterior means.
    given : list of ndarray (G, q, q)
        Covariances over sigma^2, the fixed effects given,
    compared : list of ndarray (G, q, q)
        and with the errors of the fixed effects.
    """

    means: list[np.ndarray]
    given: list[np.ndarray]
    compared: list[np.ndarray]
