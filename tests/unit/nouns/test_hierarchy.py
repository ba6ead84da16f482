"""Labels of groups tell units apart, and levels with one child each count as one."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.hierarchy import are_one, group_labels


def labels(*units: tuple[str, ...]) -> list[str]:
    return group_labels([np.array(ids) for ids in zip(*units, strict=True)]).tolist()


def test_ids_are_joined_by_colons():
    assert labels(("a", "1"), ("b", "1")) == ["a:1", "b:1"]
    assert group_labels([np.array([3, 12]), np.array(["x", "y"])]).tolist() == ["3:x", "12:y"]


def test_one_id_is_the_label_as_it_is():
    assert labels(("a:b",), ("\\",)) == ["a:b", "\\"]


@pytest.mark.parametrize(
    "units",
    [
        [("a:b", "c"), ("a", "b:c")],
        [("a\\", "b"), ("a", "\\b"), ("a\\:b", ""), ("a", ":b")],
        [("a", "b", "c:d"), ("a", "b:c", "d"), ("a:b", "c", "d")],
    ],
)
def test_other_units_have_other_labels(units):
    assert len(set(labels(*units))) == len(units)


@pytest.mark.parametrize(("children", "expected"), [(100, True), (102, True), (103, False)])
def test_levels_are_one_where_almost_all_groups_have_one_child(children, expected):
    assert are_one(100, children) is expected
