"""Levels that cannot be told apart are found and named before any fit."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.evidence.separable import separable_levels
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged


def separated(design: str, sizes: dict, waves=("w0", "w1")):
    frame = nested_rows(np.random.default_rng(1), sizes, {})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan(design, waves=waves)
    stats, gone = separable_levels(plan, merged(plan, frame))
    return [level.name for level in stats.levels], gone


def test_a_full_hierarchy_keeps_all_its_levels():
    names, gone = separated("same_schools", {"county": 4, "school": 3, WAVE: 2, "row": 5})
    assert names == ["county", "county:school", "county:school:wave"]
    assert gone == []


def test_one_school_a_county_is_fitted_as_one_level():
    names, gone = separated("same_schools", {"county": 9, "school": 1, WAVE: 2, "row": 5})
    assert names == ["county", "county:school:wave"]
    assert [(m.outer, m.inner, m.groups, m.children) for m in gone] == [
        ("county", "county:school", 9, 9)
    ]


@pytest.mark.parametrize("children,kept", [(100, False), (110, True)])
def test_almost_all_with_one_child_counts_as_one_child(children, kept):
    frame = nested_rows(np.random.default_rng(1), {"county": 100, "school": 1, "row": 4}, {})
    frame.loc[frame.index[: 4 * (children - 100)][::4], "school"] = "2"
    plan = make_plan("cross_section", waves=("w0",))
    stats, gone = separable_levels(plan, merged(plan, frame.assign(**{WAVE: "w0"})))
    assert ("county:school" in [level.name for level in stats.levels]) is kept
    assert bool(gone) is not kept


def test_one_row_a_group_leaves_the_level_to_the_residual():
    names, gone = separated("same_schools", {"county": 6, "school": 4, WAVE: 2, "row": 1})
    assert names == ["county", "county:school"]
    assert [(m.outer, m.inner) for m in gone] == [("county:school:wave", "residual")]
