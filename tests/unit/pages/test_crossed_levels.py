"""Words for levels whose units are found under several units of the level above."""

from __future__ import annotations

from mlm.pages.contexts.making import make_context
from mlm.pages.sections.method.limitations import limitations_section
from mlm.pages.sections.method.section import methods_section
from mlm.pages.sections.units.section import units_section
from mlm.pages.sections.variables.inclusion import inclusion_blocks
from mlm.pages.text import plain_text
from mlm.results.level import Level
from tests.unit.pages.sample import everything, records

SCHOOL = Level(unit="school", ids=("school",))
NESTED = Level(unit="pupil", ids=("school", "pupil"))
CROSSED = Level(unit="pupil", ids=("pupil",))
OCCASION = Level(unit="occasion", ids=())


def context(pupil: Level, without: bool = False):
    """The context of a report whose pupils are such a level; or without single units."""
    given = everything()
    if without:
        given["results"]["inclusion"]["resampled"] = None
    for item in given["results"]["levels"]:
        if item["level"]["unit"] == "pupil":
            item["level"]["ids"] = pupil.ids
    return make_context(**records(given))


def test_pupils_who_change_school_are_not_within_schools():
    crossed, nested = context(CROSSED), context(NESTED)
    assert crossed.between_units(CROSSED) == "between pupils"
    assert nested.between_units(NESTED) == "between pupils within schools"
    assert crossed.between_units(OCCASION) == nested.between_units(OCCASION)
    assert crossed.is_crossed(CROSSED) and not crossed.is_crossed(SCHOOL)


def test_effects_beside_crossed_units_say_whose_effect_is_whose():
    said = {}
    for pupil in (CROSSED, NESTED):
        notes = [b for b in units_section(context(pupil)).blocks if b["type"] == "note"]
        said[pupil] = " ".join(plain_text(block["runs"]) for block in notes)
    assert "Pupils who change their group keep an effect of their own" in said[CROSSED]
    assert "keep an effect" not in said[NESTED]


def test_what_is_not_made_beside_crossed_units_is_said():
    for pupil, is_said in ((CROSSED, True), (NESTED, False)):
        made = context(pupil, without=True)
        words = " ".join(
            plain_text(block["runs"]) for block in inclusion_blocks(made) if "runs" in block
        )
        assert ("not repeated on sets of whole groups: pupils" in words) is is_said


CLASS = Level(unit="class", ids=("school", "wave", "class"))


def with_classes(pupil: Level, of_class: Level = CLASS):
    """The context of a report with classes that pupils are crossed with."""
    given = everything()
    given["results"]["inclusion"]["resampled"] = None
    levels = given["results"]["levels"]
    for item in levels:
        if item["level"]["unit"] == "pupil":
            item["level"]["ids"] = pupil.ids
    levels.insert(1, {**levels[0], "level": of_class.model_dump(mode="json")})
    entry = {"name": "class", "id": "class", "plural": "classes", "crossed": "pupil"}
    given["configuration"]["levels"].insert(1, entry)
    return make_context(**records(given))


def test_pupils_are_within_schools_and_not_within_classes():
    nested, moving = with_classes(NESTED), with_classes(CROSSED)
    assert nested.between_units(CLASS) == "between classes within schools"
    assert nested.between_units(NESTED) == "between pupils within schools"
    assert moving.between_units(CROSSED) == "between pupils"
    assert nested.between_units(OCCASION) == "between occasions within pupils"
    assert not nested.crossed_units and moving.crossed_units == ["pupils"]
    teachers = with_classes(NESTED, Level(unit="class", ids=("class",)))
    assert not teachers.crossed_units


def test_classes_are_told_to_be_crossed_with_pupils():
    classes, without = with_classes(NESTED), context(NESTED, without=True)
    for made, are_said in ((classes, True), (without, False)):
        blocks = units_section(made).blocks + inclusion_blocks(made) + methods_section(made).blocks
        words = " ".join(plain_text(block["runs"]) for block in blocks if "runs" in block)
        assert ("Classes are a level of the models, crossed with pupils" in words) is are_said
        assert ("as classes are crossed with pupils" in words) is are_said
        assert ("Pupils may have other classes in another wave" in words) is are_said
        assert "who change their group" not in words


def test_limitations_name_the_level_that_is_missing():
    found = {"kind": "missing_level", "severity": "warning", "column": "teacher", "groups": 120}
    for doubts, is_told in (([{**found, "variables": ["class_type"]}], True), ([], False)):
        given = everything()
        given["survey"]["separability"] = doubts
        section = limitations_section(make_context(**records(given)))
        words = str(section.blocks)
        assert ("with the same " in words and "no level of the models" in words) is is_told
