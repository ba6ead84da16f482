"""Linearised replicates: exact where estimates are linear in the weights, near it where not."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.fitting.design.linearised import replicate_steps
from mlm.statistics.fitting.design.replicate_variance import replicate_covariance
from mlm.statistics.replication.made_factors import leaving_one_out, of_pairs


def regression(seed: int = 1, clusters: int = 40, rows: int = 20):
    """Cross-products (C, 3, 3) of [1, x, y] by cluster."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(clusters, rows)) + rng.normal(size=(clusters, 1))
    y = 2.0 + 0.5 * x + rng.normal(size=(clusters, 1)) + rng.normal(size=(clusters, rows))
    m = np.stack([np.ones_like(x), x, y], axis=2)
    return np.einsum("cni,cnj->cij", m, m)


def solved(total: np.ndarray) -> np.ndarray:
    return np.linalg.solve(total[:2, :2], total[:2, 2])


@pytest.mark.parametrize("design", ["jk1", "jk2"])
def test_steps_are_near_refits(design):
    products = regression()
    whole = products.sum(axis=0)
    beta = solved(whole)
    scores = products[:, :2, 2] - products[:, :2, :2] @ beta
    c = len(products)
    pairs = np.repeat(np.arange(c // 2), 2), np.tile([0, 1], c // 2)
    made = leaving_one_out(np.zeros(c, dtype=int)) if design == "jk1" else of_pairs(*pairs, False)
    steps = replicate_steps(scores, whole[:2, :2], made.values)
    linear = replicate_covariance(steps, np.zeros(2), made.scale)
    refits = np.array([solved(np.tensordot(f, products, axes=1)) for f in made.values.T])
    refitted = replicate_covariance(refits, beta, made.scale)
    np.testing.assert_allclose(np.diagonal(linear), np.diagonal(refitted), rtol=0.15)
