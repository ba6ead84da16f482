"""The way out of a bound that is no optimum: theta on a path on which the criterion falls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mlm.statistics.likelihood.covariance import factors, theta_of
from mlm.statistics.likelihood.working import Block

SIZES = 10.0 ** np.arange(0, -9, -1)  # lengths tried on a path, in units of Omega or of its root
DEPARTURE_GAIN = 1e-10  # deviance by which a point must be better


def off_the_bound(
    theta: np.ndarray,
    derivatives: Sequence[np.ndarray],
    deviance: float,
    blocks: Sequence[Block],
    value: Callable[[np.ndarray], float],
) -> np.ndarray | None:
    """The better end of two paths out of a bound, or None when the criterion falls on neither.

    One path adds a variance in the worst direction of the derivative D by Omega; the other
    follows the steepest descent ``-D F`` of the symmetric root F, along which a variance and its
    covariances leave zero together.

    Parameters
    ----------
    theta : ndarray (t,)
        Where the search stands.
    derivatives : sequence of ndarray (q, q)
        Derivative of the criterion by each random term's Omega.
    deviance : float
        The criterion there.
    blocks : sequence of Block
        Random terms.
    value : callable
        The criterion at a theta.

    Returns
    -------
    ndarray (t,) or None
    """
    omegas = [factor @ factor.T for factor in factors(theta, blocks)]
    worst = int(np.argmin([np.linalg.eigvalsh(d).min() for d in derivatives]))
    lowest, best = deviance - DEPARTURE_GAIN, None
    for path in _paths(omegas[worst], derivatives[worst]):
        for size in SIZES:
            trial = [path(size) if i == worst else omega for i, omega in enumerate(omegas)]
            moved = theta_of(trial)
            found = value(moved)
            if found < lowest:
                lowest, best = found, moved
                break
    return best


def _paths(omega: np.ndarray, derivative: np.ndarray) -> list[Callable[[float], np.ndarray]]:
    """Omega as a function of the length of the path."""
    _, vectors = np.linalg.eigh(derivative)
    ray = np.outer(vectors[:, 0], vectors[:, 0])
    values, vectors = np.linalg.eigh(omega)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    descent = -derivative @ root / max(np.abs(derivative).max(), 1e-300)
    return [
        lambda size: omega + size * ray,
        lambda size: (root + size * descent) @ (root + size * descent).T,
    ]
