"""Errors of one effect of all groups of a level, together."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, eye_array, kron

from mlm.statistics.fitting.effect_sums import joint_errors
from mlm.statistics.fitting.evaluated import Evaluated


def joint_covariance(
    evaluated: Evaluated, group: str, contrast: np.ndarray | None = None
) -> np.ndarray:
    """Comparative covariance (G, G) of a combination of effects; by default of the first one."""
    random = evaluated.fit.model.random
    place = [term.name for term in random].index(group)
    chosen = np.eye(len(evaluated.fit.covariances[place]))[0] if contrast is None else contrast
    weights: list = [None] * len(random)
    weights[place] = csr_array(kron(chosen[None, :], eye_array(evaluated.fit.n_groups[group])))
    return joint_errors(evaluated, weights)
