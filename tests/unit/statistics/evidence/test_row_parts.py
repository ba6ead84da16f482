"""Parts of rows added up: where groups do not follow each other, or levels are not alike."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from mlm.errors import StatisticsError
from mlm.nouns.columns import Column, Columns, closure
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating.accumulate import accumulate
from mlm.statistics.evidence.arrays.array_files import ChainedSums
from mlm.statistics.evidence.row_parts import add_row_parts
from tests.property.equality import assert_equal

X = Column(powers=(("x", "identity", 1),))
RECIPE = Columns(closure([X]), {("x", "identity"): (0.0, 1.0)}, {})


def rows_of(counties: str, schools: str) -> pd.DataFrame:
    x = np.arange(1.0, len(counties) + 1)
    return pd.DataFrame({"county": list(counties), "school": list(schools), "x": x})


def cut(rows: pd.DataFrame, at: list[int]) -> list[pd.DataFrame]:
    return [rows[start:stop] for start, stop in itertools.pairwise([0, *at, len(rows)])]


def summed(rows: pd.DataFrame, *groups: str):
    levels = [(tuple(group.split(":")), [X]) for group in groups or ("county", "county:school")]
    return accumulate(rows, RECIPE, Hierarchy.of(levels))


@pytest.mark.parametrize(
    ("counties", "schools", "cuts", "is_chained"),
    [
        ("aaabbb", "112122", [2, 4], True),
        ("aaaaaa", "111111", [1, 2, 5], True),
        ("abcdef", "111111", [3], True),
        ("ababab", "121212", [2, 4], False),
        ("bbaaab", "112122", [1, 3], False),
    ],
)
def test_parts_add_up_whatever_the_order_of_the_rows(counties, schools, cuts, is_chained):
    rows = rows_of(counties, schools)
    parts = [summed(own) for own in cut(rows, cuts)]
    found = add_row_parts(parts)
    assert_equal(found, summed(rows))
    assert isinstance(found.levels[-1].sums, ChainedSums) == is_chained


def test_levels_with_the_same_groups_in_every_part_but_not_in_all_rows_have_their_own_sums():
    rows = rows_of("aabb", "1234")
    parts = [summed(rows[i : i + 1]) for i in range(4)]
    assert all(part.levels[0].sums is part.levels[1].sums for part in parts)
    assert_equal(add_row_parts(parts), summed(rows))
    found = add_row_parts([summed(rows[i : i + 1]) for i in (0, 2)])
    assert found.levels[0].sums is found.levels[1].sums


def test_levels_that_are_nested_in_each_part_alone_are_refused():
    rows = rows_of("aabb", "1212")
    parts = [summed(own, "county", "school") for own in cut(rows, [2])]
    with pytest.raises(StatisticsError, match="groups of school lie in different groups"):
        add_row_parts(parts)
