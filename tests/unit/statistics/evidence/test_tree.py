"""Families of groups: sums, weighed or not, of short ones and long ones."""

import numpy as np
import pytest

from mlm.statistics.evidence.tree import LONG_FAMILY, Family


@pytest.mark.parametrize("size", [2, 4 * LONG_FAMILY])
def test_families_are_added_up_weighed_or_not(size):
    rng = np.random.default_rng(size)
    parent = np.sort(np.r_[np.arange(7), rng.integers(7, size=7 * (size - 1))])
    values, weights = rng.standard_normal((3, parent.size)), rng.standard_normal(parent.size)
    family = Family(parent)
    assert (family.mean_size >= LONG_FAMILY) == (size > LONG_FAMILY)
    for own in (None, weights):
        given = values if own is None else values * own
        expected = np.array([np.bincount(parent, each) for each in given])
        np.testing.assert_allclose(family.sums(values, own), expected, atol=1e-12)
    assert [parent[groups].tolist() for groups in family.slices()] == [
        [h] * int((parent == h).sum()) for h in range(7)
    ]
