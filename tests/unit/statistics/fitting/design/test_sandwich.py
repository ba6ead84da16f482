"""The variance of summed scores, and strata of one cluster."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.fitting.design.cluster_scores import ClusterScores
from mlm.statistics.fitting.design.sandwich import Strata, meat, sandwich

RNG = np.random.default_rng(4)
SCORES = RNG.normal(size=(9, 4))


def test_clusters_vary_within_their_strata_alone():
    strata = Strata.of(["a"] * 4 + ["b"] * 5, 9)
    moved = SCORES + np.repeat([[0.0], [7.0]], [4, 5], axis=0)
    expected = 4 * np.cov(SCORES[:4].T) + 5 * np.cov(SCORES[4:].T)
    assert meat(moved, strata) == pytest.approx(expected)
    assert strata.df == 7
    assert meat(SCORES, Strata.of(None, 9)) == pytest.approx(9 * np.cov(SCORES.T))
    without = meat(SCORES, Strata.of(None, 9), factor=False)
    assert without == pytest.approx(8 * np.cov(SCORES.T))


@pytest.mark.parametrize(
    "strata,joined,df",
    [
        ("abbcc", (("a", "b"),), 3),
        ("aabbc", (("c", "b"),), 3),
        ("abcdd", (("a", "b"), ("c", "d")), 3),
        ("abc", (("a", "b"), ("c", "b")), 2),
        ("a", (), 0),
    ],
)
def test_strata_of_one_cluster_are_joined_with_a_neighbour(strata, joined, df):
    found = Strata.of(np.array(list(strata)), len(strata))
    assert (found.joined, found.df) == (joined, df)
    assert (found.sizes > 1).all() or len(strata) == 1


def test_formulas_differ_where_fixed_effects_and_variances_inform_each_other():
    root = RNG.normal(size=(4, 4))
    bread = root @ root.T + np.eye(4)
    found, strata = ClusterScores(SCORES, bread, 2, np.array([0])), Strata.of(None, 9)
    inverse, middle = np.linalg.inv(bread), meat(SCORES, strata)
    assert sandwich(found, strata) == pytest.approx(inverse @ middle @ inverse)
    block = sandwich(found, strata, "block")
    own = np.linalg.inv(bread[:2, :2])
    assert block[:2, :2] == pytest.approx(own @ middle[:2, :2] @ own)
    assert not block[:2, 2:].any()
    stata = sandwich(found, strata, "stata")
    assert stata[:2, :2] == pytest.approx(block[:2, :2])
    assert stata[2:, 2:] == pytest.approx(inverse[2:, 2:] @ middle[2:, 2:] @ inverse[2:, 2:])


def test_formulas_agree_where_they_do_not():
    bread = np.diag([2.0, 3.0, 4.0, 5.0])
    found, strata = ClusterScores(SCORES, bread, 2, np.array([0])), Strata.of(None, 9)
    joint = sandwich(found, strata)
    for kind in ("block", "stata"):
        assert np.diagonal(sandwich(found, strata, kind)) == pytest.approx(np.diagonal(joint))
