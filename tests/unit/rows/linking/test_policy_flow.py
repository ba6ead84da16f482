"""Units of the groups of a policy followed over the waves."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.rows.linking.linking import link_waves
from tests.drawn_cases import cases
from tests.unit.rows.linking.test_linking import frame as whole_frame
from tests.unit.rows.linking.test_policy_changes import linked
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

PUPIL = st.tuples(*[st.sampled_from(["", "5 x", "5 y", "nan x", "nan y", "5 .", "nan ."])] * 2)


def frame(*rows: str) -> pd.DataFrame:
    """Cleaned rows from 'school pupil score sex kind'; a point for a group that is not known."""
    table = whole_frame(*rows)
    return table.assign(kind=table["kind"].where(table["kind"] != ".", None))


A = frame("1 p1 5 g x", "1 p2 6 b x", "1 p3 nan g y", "2 p4 8 b y", "2 p5 9 b y", "2 p9 9 b .")
B = frame("1 p1 5 g x", "1 p2 nan b y", "1 p3 7 g .", "2 p4 nan b y", "2 p6 9 b x")


def followed(survey) -> dict:
    """What is counted, by both waves, the category and whether the units were there."""
    return {
        (item.wave, item.other, item.category, item.there): (
            item.seen,
            item.gone,
            item.ungrouped,
            *((each.known, each.missing) for each in item.outcomes),
        )
        for item in survey.groups_followed
    }


def test_pupils_of_a_group_are_seen_or_gone_with_an_outcome_or_without(tmp_path):
    found = followed(linked(tmp_path, "randomised", A, B))
    assert found["a", "a", "x", True] == (2, 0, 0, (2, 0))
    assert found["a", "a", "y", True] == (3, 0, 0, (2, 1))  # p3 has no score
    assert found["a", "a", None, True] == (1, 0, 1, (1, 0))  # p9 has no known group
    assert found["a", "b", "x", True] == (2, 0, 0, (1, 1))  # p2 has no score
    assert found["a", "b", "y", True] == (2, 1, 1, (1, 1))  # p5 left; p3 has no group now
    assert found["a", "b", None, True] == (0, 1, 0, (0, 0))
    assert found["a", "b", None, False] == (1, 0, 0, (1, 0))  # p6 came later


def test_schools_have_an_outcome_where_one_of_their_rows_has(tmp_path):
    text = CONFIGURATION.replace("design: same_pupils", "design: same_schools")
    text = text.replace("level: pupil", "level: row")
    start = text.index("time_interactions: [sex]")
    text = text[:start] + "policy: {kind: adjusted}, " + text[start:]
    a = frame("1 p1 nan g x", "1 p2 6 b x", "2 p4 8 b y")
    b = frame("1 q1 5 g y", "1 q2 nan b y", "2 q4 nan b y")
    found = followed(link_waves(write_survey(tmp_path, text), {"a": a, "b": b}))
    assert found["a", "a", "x", True] == (1, 0, 0, (1, 0))
    assert found["a", "b", "x", True] == (1, 0, 0, (1, 0))
    assert found["a", "b", "y", True] == (1, 0, 0, (0, 1))


@settings(max_examples=cases(20))
@given(st.lists(PUPIL, min_size=3, max_size=12))
def test_who_is_followed_adds_up_to_all_other_counts(drawn):
    pupils = [("5 x", "5 y"), ("5 y", "nan x"), *drawn]
    waves = [
        frame(
            *(
                f"1 p{i} {cells[wave].split()[0]} g {cells[wave].split()[1]}"
                for i, cells in enumerate(pupils)
                if cells[wave]
            )
        )
        for wave in (0, 1)
    ]
    with TemporaryDirectory() as folder:
        survey = linked(Path(folder), "randomised", *waves)
    (flow,) = (each for each in survey.attrition if each.level == "pupil")
    own = [i for i in survey.groups_followed if (i.wave, i.other) == ("a", "b")]
    assert sum(item.seen for item in own if item.there) == flow.stay
    assert sum(item.gone for item in own) == flow.leave
    assert sum(item.seen for item in own if not item.there) == flow.new
    both = defaultdict(int)
    for item in survey.groups_in_waves:
        if item.category is not None:
            both[item.category, item.other_category is None] += item.units
    for item in own:
        if item.category is not None:
            assert item.seen - item.ungrouped == both[item.category, False]
            assert item.gone + item.ungrouped == both[item.category, True]
    for wave, rows in zip("ab", waves, strict=True):
        outcomes = [i.outcomes[0] for i in survey.groups_followed if i.other == wave]
        starts = "ab"[: "ab".index(wave) + 1]
        assert sum(each.known for each in outcomes) == rows["score"].notna().sum() * len(starts)
        assert sum(each.missing for each in outcomes) == rows["score"].isna().sum() * len(starts)
