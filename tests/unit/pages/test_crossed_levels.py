"""Words for levels whose units are found under several units of the level above."""

from __future__ import annotations

from mlm.pages.context import make_context
from mlm.pages.sections.units import units_section
from mlm.pages.text import plain_text
from tests.unit.pages.sample import inputs


def context(pupil: str):
    """The context of a report whose pupils are grouped by these ids."""
    given = inputs()
    for level in given["results"]["levels"]:
        if level["name"] == "pupil":
            level["group"] = pupil
    return make_context(**given)


def test_pupils_who_change_school_are_not_within_schools():
    crossed, nested = context("pupil"), context("school:pupil")
    assert crossed.between("pupil") == "between pupils"
    assert nested.between("pupil") == "between pupils within schools"
    assert crossed.between("occasion") == nested.between("occasion")
    assert not crossed.is_crossed("school")


def test_effects_beside_crossed_units_say_whose_effect_is_whose():
    said = {}
    for pupil in ("pupil", "school:pupil"):
        notes = [b for b in units_section(context(pupil)).blocks if b["type"] == "note"]
        said[pupil] = " ".join(plain_text(block["runs"]) for block in notes)
    assert "Pupils who change their group keep an effect of their own" in said["pupil"]
    assert "keep an effect" not in said["school:pupil"]
