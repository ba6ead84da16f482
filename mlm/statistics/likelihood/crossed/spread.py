"""Sums over units with the errors of effects, where factors are crossed."""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.crossed.root import WorkingCrossing
from mlm.statistics.likelihood.evaluation import Evaluation


def unit_sums(crossing: WorkingCrossing, at: Evaluation) -> tuple[np.ndarray, np.ndarray]:
    """``z' V^-1`` times the working columns (w, G), and times z (G,), z a unit of the first factor.

    ``A - A (A + Omega^-1)^-1 A`` in the rows of the factor.
    """
    root, size = at.remains.root, crossing.sizes[0][1]
    rows = root.square[:size]
    sums = root.sums[:size] - rows @ root.applied(root.sums)
    own = np.diagonal(rows) - np.einsum("gw,wg->g", rows, root.applied(rows.T))
    return sums.T, own
