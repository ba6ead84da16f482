"""Elimination of crossed effects to second order along a direction of the variances."""

from __future__ import annotations

import numpy as np
from scipy.linalg import block_diag

from mlm.statistics.likelihood.crossed.elimination import WorkingCrossing
from mlm.statistics.likelihood.nested.series import EliminationSeries
from mlm.statistics.likelihood.series import Series, gain_series, minus, times


def series(
    crossing: WorkingCrossing,
    tree: EliminationSeries,
    omegas: list[np.ndarray],
    direction: list[np.ndarray],
) -> tuple[np.ndarray, Series]:
    """Series of ``log|V|`` and of the cross-products, once the dense block is eliminated too.

    Parameters
    ----------
    crossing : WorkingCrossing
        The crossed factors.
    tree : EliminationSeries
        What the tree left.
    omegas, direction : list of ndarray (q, q)
        Relative covariance of each factor, and its change.
    """
    square: Series = [crossing.square, None, None]
    sums: Series = [crossing.sums[:, :-1], None, None]
    for i, left in enumerate(crossing.links):
        sums = minus(sums, [None if part is None else left.T @ part[i] for part in tree.product])
    if crossing.links:
        square = minus(square, [None if p is None else crossing.explained(p) for p in tree.gain])
    spread = (_spread(crossing, part) for part in (omegas, direction))
    middle, logs = gain_series(square, *spread, np.matmul)
    explained = times(sums, times(middle, sums, np.matmul), lambda a, b: a.T @ b)
    added = np.array([0.0 if part is None else float(part) for part in logs])
    return tree.logdet + added, minus(tree.matrix, explained)


def _spread(crossing: WorkingCrossing, omegas) -> np.ndarray:
    """Block-diagonal covariance (W, W) of all crossed effects."""
    parts = zip(omegas, crossing.sizes, strict=True)
    return block_diag(*(np.kron(omega, np.eye(size)) for omega, (_, size) in parts))
