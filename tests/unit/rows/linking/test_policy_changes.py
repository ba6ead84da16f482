"""Units that are in another group of a policy in a later wave."""

from __future__ import annotations

import pandas as pd
import pytest

from mlm.configuration import load_configuration
from mlm.errors import ConfigurationError, SurveyError
from mlm.results.survey.survey import GroupsInWaves, SurveyAccount
from mlm.rows.linking.linking import link_waves
from tests.unit.rows.linking.test_linking import frame
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

RANDOM = "{evidence: randomised, level: row, wave: a, as: %s}"
A = frame("1 p1 5 g x", "1 p2 6 b x", "1 p3 7 g y", "2 p4 8 b y", "2 p5 9 b y", "2 p9 9 b y")
B = frame("1 p1 5 g x", "1 p2 6 b y", "1 p3 7 g x", "2 p4 8 b y", "2 p6 9 b x")


def linked(tmp_path, claim: str, a: pd.DataFrame = A, b: pd.DataFrame = B) -> SurveyAccount:
    text = CONFIGURATION.replace("    level: school\n", "    level: row\n")
    start = text.index("time_interactions: [sex]")
    text = text[:start] + f"policy: {{kind: {claim}}}, " + text[start:]
    return link_waves(write_survey(tmp_path, text), {"a": a, "b": b})


def test_pupils_are_counted_by_their_group_in_both_waves(tmp_path):
    found = {
        (item.category, item.other_category): item.units
        for item in linked(tmp_path, "randomised").groups_in_waves
    }
    assert found == {
        ("x", "x"): 1,  # p1
        ("x", "y"): 1,  # p2
        ("y", "x"): 1,  # p3
        ("y", "y"): 1,  # p4
        ("y", None): 2,  # p5 and p9 left
        (None, "x"): 1,  # p6 came later
    }


@pytest.mark.parametrize("name", ["score", "sex"])
def test_what_is_no_policy_is_not_counted(tmp_path, name):
    found = linked(tmp_path, "observational").groups_in_waves
    assert name not in {item.variable for item in found}


def test_groups_that_change_are_not_as_assigned(tmp_path):
    with pytest.raises(SurveyError) as caught:
        linked(tmp_path, RANDOM % "assigned")
    assert "2 of 4 pupils in waves a and b have another category in b" in str(caught.value)
    assert "say 'as: attended'" in str(caught.value)


def test_groups_that_stay_may_be_as_assigned(tmp_path):
    survey = linked(tmp_path, RANDOM % "assigned", A, A)
    assert {(i.category, i.other_category) for i in survey.groups_in_waves} == {
        ("x", "x"),
        ("y", "y"),
    }


def test_schools_are_counted_where_they_recur_and_pupils_do_not(tmp_path):
    text = CONFIGURATION.replace("design: same_pupils", "design: same_schools")
    text = text.replace("level: pupil", "level: row")
    start = text.index("time_interactions: [sex]")
    text = text[:start] + "policy: {kind: adjusted}, " + text[start:]
    a = frame("1 p1 5 g x", "1 p2 6 b x", "2 p4 8 b y")
    b = frame("1 q1 5 g y", "1 q2 6 b y", "2 q4 8 b y")
    survey = link_waves(write_survey(tmp_path, text), {"a": a, "b": b})
    assert survey.groups_in_waves == tuple(
        GroupsInWaves(
            variable="kind",
            level="school",
            wave="a",
            other="b",
            category=category,
            other_category="y",
            units=1,
        )
        for category in ("x", "y")
    )


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("{evidence: randomised, level: scool, wave: a}", "'scool' is not a level; did you mean"),
        ("{evidence: randomised, level: school, wave: c}", "'c' is not a wave"),
        ("{evidence: randomised, level: school, as: assigned}", "needs the wave of assignment"),
        ("{evidence: random, level: school}", "expected 'randomised', 'adjusted'"),
        ("{level: school, wave: a}", "the key 'evidence' is required"),
        ("{evidence: randomised, how: attended}", "unknown key 'how'; known: "),
        ("{evidence: randomised, as: treated}", "expected 'assigned' or 'attended'"),
    ],
)
def test_claims_that_the_survey_does_not_have(tmp_path, claim, message):
    text = CONFIGURATION.replace(
        "time_interactions: [sex]", f"time_interactions: [sex], policy: {{kind: {claim}}}"
    )
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(tmp_path / "small.yaml")
    assert message in str(caught.value)
