"""Normal vectors that are the same on every processor: no signs or order of a decomposition."""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.symmetric_root import symmetric_root


def correlated(rng: np.random.Generator, covariance: np.ndarray, size: int) -> np.ndarray:
    """Draws (size, n) with mean zero and a covariance (n, n), singular ones included."""
    return rng.standard_normal((size, len(covariance))) @ symmetric_root(covariance)


def exactly_correlated(rng: np.random.Generator, covariance: np.ndarray, size: int) -> np.ndarray:
    """Draws (size, n) whose own mean is zero and whose own covariance is the one given."""
    raw = rng.standard_normal((size, len(covariance)))
    raw -= raw.mean(axis=0)
    own = symmetric_root(np.atleast_2d(np.cov(raw.T)))
    return raw @ np.linalg.inv(own) @ symmetric_root(covariance)
