"""Whether a factor is one for a cluster, for classes of its rows, or for single rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.statistics.replication.arrangement import ROUNDING_OF_FILES, arranged

EXAMPLES = settings(max_examples=25, deadline=None, derandomize=True)


def sample(seed: int, clusters: int = 10, cells: int = 3, replicates: int = 12):
    """Clusters, cells inside them, weights, and factors by cluster and cell."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), 12)
    cell = rng.integers(0, cells, cluster.size)
    weights = rng.gamma(5.0, size=cluster.size)
    factors = rng.choice([0.5, 1.5], (clusters, replicates))[cluster]
    return rng, cluster, cell, weights, factors


@EXAMPLES
@given(seed=st.integers(0, 10_000))
def test_rounding_of_files_is_no_spread(seed):
    _, cluster, _, weights, factors = sample(seed)
    replicates = np.round(weights[:, None] * factors, 4)
    found = arranged(cluster, weights, replicates)
    assert found.kind == "clusters"
    assert found.spread <= ROUNDING_OF_FILES
    np.testing.assert_allclose(found.factors[cluster], factors, atol=1e-3)


@EXAMPLES
@given(seed=st.integers(0, 10_000))
def test_cells_of_adjustment_are_classes(seed):
    rng, cluster, cell, weights, factors = sample(seed)
    adjusted = factors * (1.0 + 0.1 * rng.normal(size=(3, 12)))[cell]
    found = arranged(cluster, weights, weights[:, None] * adjusted)
    assert found.kind == "classes"
    assert found.factors.shape[0] == np.unique(cluster * 3 + cell).size
    np.testing.assert_allclose(found.factors[found.places], adjusted, atol=1e-8)
    assert (found.clusters[found.places] == cluster).all()


@EXAMPLES
@given(seed=st.integers(0, 10_000))
def test_totals_of_groups_give_the_totals_of_rows_in_every_replicate(seed):
    rng, cluster, cell, weights, factors = sample(seed)
    replicates = weights[:, None] * factors * (1.0 + 0.1 * rng.normal(size=(3, 12)))[cell]
    y = rng.normal(size=cluster.size)
    found = arranged(cluster, weights, replicates)
    by_group = np.bincount(found.places, weights * y)
    np.testing.assert_allclose(found.factors.T @ by_group, replicates.T @ y, rtol=1e-8, atol=1e-8)


def test_factors_of_their_own_for_each_row_are_told():
    rng, cluster, _, weights, factors = sample(3)
    found = arranged(
        cluster, weights, weights[:, None] * factors * rng.gamma(9.0, size=factors.shape)
    )
    assert found.kind == "rows"


@pytest.mark.parametrize("shift", [0.9, 1.1])
def test_the_spread_is_the_largest_difference_in_a_cluster(shift):
    _, cluster, _, weights, factors = sample(4)
    replicates = weights[:, None] * factors
    replicates[5, 2] *= shift
    found = arranged(cluster, weights, replicates)
    assert found.spread == pytest.approx(abs(shift - 1.0) * factors[5, 2])
