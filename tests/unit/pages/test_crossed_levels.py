"""Words for levels whose units are found under several units of the level above."""

from __future__ import annotations

from mlm.pages.context import make_context
from mlm.pages.sections.diagnostics.deletion import deletion_blocks
from mlm.pages.sections.units.section import units_section
from mlm.pages.sections.variables.inclusion import inclusion_blocks
from mlm.pages.text import plain_text
from tests.unit.pages.sample_further import everything


def context(pupil: str, without: bool = False):
    """The context of a report whose pupils are grouped by these ids; or without single units."""
    given = everything()
    if without:
        given["results"]["inclusion"]["resampled"] = None
        given["results"]["diagnostics"]["deletion"] = None
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


def test_what_is_not_made_beside_crossed_units_is_said():
    for pupil, is_said in (("pupil", True), ("school:pupil", False)):
        made = context(pupil, without=True)
        words = " ".join(
            plain_text(block["runs"])
            for block in (*inclusion_blocks(made), *deletion_blocks(made))
            if "runs" in block
        )
        for text in ("not repeated on sets of whole groups: pupils", "not estimated without each"):
            assert (text in words) is is_said
