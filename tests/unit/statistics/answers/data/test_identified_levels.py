"""Levels that the data of an analysis cannot tell apart are one, or are left out, and named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_term
from mlm.nouns.levels import WAVE
from mlm.statistics.answers.analysis import analyse
from mlm.statistics.answers.claims import check_claims
from mlm.statistics.answers.data.identified_levels import identified_levels
from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel, OneRowEach
from tests.few_draws import few_draws
from tests.nested_rows import nested_rows
from tests.plans import crossed, make_plan, merged
from tests.survey_accounts import EMPTY

VARIANCES = {"county": 0.3, "school": 0.4, "pupil": 0.5, WAVE: 0.2}
TREES = {
    "same_pupils": ("county", "school", "pupil"),
    "same_schools": ("county", "school", WAVE),
    "new_schools": ("county", WAVE, "school"),
    "cross_section": ("county", "school"),
}


def rows_of(design: str, **sizes: int) -> pd.DataFrame:
    """Rows of a design, three of everything unless said otherwise; ``row`` are those of a unit."""
    tree = {name: sizes.get(name, 8 if name == "county" else 3) for name in TREES[design]}
    tree.setdefault(WAVE, sizes.get(WAVE, 1 if design == "cross_section" else 3))
    tree["row"] = sizes.get("row", 1 if design == "same_pupils" else 3)
    frame = nested_rows(np.random.default_rng(2), tree, VARIANCES)
    return frame.assign(**{WAVE: "w" + frame[WAVE]})


def plan_for(design: str, frame: pd.DataFrame, terms=("x",)):
    waves = tuple(sorted(frame[WAVE].unique()))
    return make_plan(design, waves=waves, terms=terms, by_time=(), slopes=("x",))


def found_in(design: str, **sizes: int):
    frame = rows_of(design, **sizes)
    plan = plan_for(design, frame)
    stats, changes = identified_levels(plan, merged(plan, frame))
    return [level.name for level in stats.all_levels], changes


@pytest.mark.parametrize("design", TREES)
def test_one_county_is_left_out(design):
    names, changes = found_in(design, county=1, school=9)
    first, *others = changes
    assert first == LeftOutLevel("county")
    assert names and "county" not in names
    # within one county the waves of it are those of time
    if design == "new_schools":
        assert others == [LeftOutLevel("county:wave", (parse_term("year"),))]
    else:
        assert others == []


def same(outer: str, inner: str) -> list[tuple[str, str]]:
    return [(outer, inner)]


@pytest.mark.parametrize(
    ("design", "sizes", "pairs"),
    [
        ("same_pupils", {"school": 1}, same("county", "county:school")),
        ("same_pupils", {"pupil": 1}, same("county:school", "county:school:pupil")),
        ("same_pupils", {WAVE: 1}, same("county:school:pupil", "residual")),
        ("same_schools", {"school": 1}, same("county", "county:school")),
        ("same_schools", {WAVE: 1}, same("county:school", "county:school:wave")),
        ("same_schools", {"row": 1}, same("county:school:wave", "residual")),
        ("new_schools", {WAVE: 1}, same("county", "county:wave")),
        ("new_schools", {"school": 1}, same("county:wave", "county:wave:school")),
        ("new_schools", {"row": 1}, same("county:wave:school", "residual")),
        ("cross_section", {"school": 1}, same("county", "county:school")),
        ("cross_section", {"row": 1}, same("county:school", "residual")),
    ],
)
def test_each_pair_of_levels_that_is_one_is_merged(design, sizes, pairs):
    names, changes = found_in(design, **sizes)
    assert [(change.outer, change.inner) for change in changes] == pairs
    gone = pairs[0][0] if pairs[0][1] == "residual" else pairs[0][1]
    assert gone not in names


def test_terms_that_name_every_county_leave_the_level_out_with_their_names():
    frame = rows_of("cross_section", county=4, school=6)
    frame["group_kind"] = frame["county"].map(
        dict(zip(frame["county"].unique(), "abca", strict=True))
    )
    frame["z"] = frame["county"].map(
        dict(zip(frame["county"].unique(), [1.0, 2, 3, 5], strict=True))
    )
    plan = plan_for("cross_section", frame, ("x", "z", "group_kind"))
    stats, changes = identified_levels(plan, merged(plan, frame))
    assert changes == [LeftOutLevel("county", (parse_term("z"), parse_term("group_kind")))]
    assert [level.name for level in stats.levels] == ["county:school"]


def test_a_crossed_level_of_one_school_is_left_out_and_one_row_each_refused():
    frame = rows_of("same_pupils", county=1, school=1, pupil=30)
    frame["pupil"] = frame["school"] + "p" + frame["pupil"]
    plan = crossed(plan_for("same_pupils", frame))
    stats, changes = identified_levels(plan, merged(plan, frame))
    assert [change.level for change in changes] == ["county:school", "county"] or [
        change.level for change in changes
    ] == ["county", "county:school"]
    assert [level.name for level in stats.all_levels] == ["pupil"]
    single = rows_of("same_pupils", WAVE=1).assign(**{WAVE: "w0"})
    single = single.assign(pupil=[f"p{i}" for i in range(len(single))])
    plan = crossed(plan_for("same_pupils", single))
    with pytest.raises(OneRowEach):
        identified_levels(plan, merged(plan, single))


def test_schools_that_are_the_counties_beside_pupils_who_move_are_one_level():
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({"pupil": np.repeat(np.arange(60), 3), WAVE: ["w0", "w1", "w2"] * 60})
    rows["school"] = rng.integers(0, 8, len(rows)).astype(str)
    rows = rows.assign(county=rows["school"], pupil=rows["pupil"].astype(str))
    rows = rows.assign(x=rng.normal(size=180), z=0.0, y=rng.normal(size=180), kind="a")
    rows["kind"] = rng.choice(["a", "b", "c"], 180)
    plan = crossed(plan_for("same_pupils", rows))
    stats, changes = identified_levels(plan, merged(plan, rows))
    assert [type(change) for change in changes] == [MergedLevel]
    assert {"county", "pupil"} == {level.name for level in stats.all_levels}


@pytest.mark.study
def test_a_level_that_is_left_out_has_a_share_without_numbers_and_a_note():
    frame = rows_of("same_pupils", county=1, school=7, pupil=5)
    plan = plan_for("same_pupils", frame)
    stats = merged(plan, frame)
    assert check_claims(plan, stats).changes == (LeftOutLevel("county"),)
    with few_draws():
        results, _ = analyse(plan, stats, EMPTY)
    first, *others = results.null.shares
    assert first.level.unit == "county" and first.variance is None and first.share is None
    assert all(share.variance is not None for share in others)
    assert "level_left_out" in [note.kind for note in results.notes]
    assert "county" not in results.null.reml.variance_components[0].level.unit


def test_sound_levels_stay_as_they_are():
    for design in TREES:
        names, changes = found_in(design)
        assert changes == [] and len(names) == len(TREES[design]), design
