"""Words for levels whose units are found under several units of the level above."""

from __future__ import annotations

from mlm.pages.context import make_context
from mlm.pages.sections.units import units_answer
from tests.unit.pages.sample import inputs


def context(pupil: str):
    """The context of a report whose pupils are grouped by these ids."""
    given = inputs()
    for level in given["results"]["levels"]:
        if level["name"] == "pupil":
            level["group"] = pupil
    given["results"]["effects"] = []
    return make_context(**given)


def test_pupils_who_change_school_are_not_within_schools():
    crossed, nested = context("pupil"), context("school:pupil")
    assert crossed.between("pupil") == "between pupils"
    assert nested.between("pupil") == "between pupils within schools"
    assert crossed.between("occasion") == nested.between("occasion")
    assert not crossed.is_crossed("school")


def test_a_report_on_crossed_units_says_why_none_are_compared():
    said = {pupil: units_answer(context(pupil))[0]["text"] for pupil in ("pupil", "school:pupil")}
    assert "not compared where some of them change" in said["pupil"]
    assert "No effects" in said["school:pupil"]
