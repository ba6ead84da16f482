"""Which levels lie around crossed units, and sums over their groups."""

from __future__ import annotations

import numpy as np

from mlm.statistics.imputation.crossed.crossed_sums import Members, groups_around


def test_levels_around_crossed_units_are_those_that_hold_them_whole():
    parents = [np.zeros(2, dtype=int), np.array([0, 0, 1]), np.array([0, 0, 1, 1, 2, 2])]
    groups = np.array([0, 1, 2, 3, 4, 5, 4])
    inside = np.array([0, 0, 1, 1, 2, 2, 2])  # of the middle level
    found = groups_around(inside, groups, 3, parents)
    assert [own.tolist() for own in found] == [[0, 0, 1], [0, 1, 2]]
    across = np.array([0, 0, 0, 1, 2, 2, 2])  # the first unit lies in two groups of the middle one
    (outer,) = groups_around(across, groups, 3, parents)
    assert outer.tolist() == [0, 0, 1]
    assert groups_around(np.array([0, 0, 0, 0, 0, 1, 1]), groups, 2, parents) == ()


def test_units_add_up_in_any_order():
    values = np.arange(8.0).reshape(2, 4)
    found = Members(np.array([1, 0, 1, 2]), 3).sums(values)
    assert np.array_equal(found, [[1.0, 2.0, 3.0], [5.0, 10.0, 7.0]])
