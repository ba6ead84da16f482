"""Products of a matrix of each family with its groups: families of few groups, and of many."""

import numpy as np
import pytest

from mlm.statistics.evidence.tree import Family
from mlm.statistics.likelihood.nested.families import LOOPED, products


@pytest.mark.parametrize("size", [3, 3 * LOOPED])
def test_products_are_those_of_each_group(size):
    rng = np.random.default_rng(size)
    parent = np.sort(np.r_[np.arange(5), rng.integers(5, size=5 * (size - 1))])
    matrices, columns = rng.standard_normal((4, 2, 5)), rng.standard_normal((2, 3, parent.size))
    family = Family(parent)
    assert (family.mean_size >= LOOPED) == (size >= LOOPED)
    found = np.full((4, 3, parent.size), np.nan)
    for groups, values in products(family, matrices, columns):
        found[:, :, groups] = values
    expected = np.einsum("arg,rqg->aqg", matrices[:, :, parent], columns)
    np.testing.assert_allclose(found, expected, atol=1e-13)
