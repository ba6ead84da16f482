"""Levels that are crossed with followed units: what is refused, and where."""

from __future__ import annotations

import pytest

from mlm.errors import ConfigurationError
from tests.classes_in_schools import configuration

CLASS = "  - {name: class, id: class, plural: classes, crossed: pupil}\n"
SCHOOL = "  - {name: school, id: school}\n"
FAULTS = {
    "another level": ({"crossed: pupil": "crossed: school"}, "each pupil is followed"),
    "no level": ({"crossed: pupil": "crossed: pupils"}, "expected pupil"),
    "the top": ({SCHOOL + CLASS: CLASS + SCHOOL}, "must lie in a unit of a level above"),
    "pupils": ({"id: pupil}": "id: pupil, crossed: pupil}"}, "is followed itself"),
    "moves": ({"crossed: pupil": "crossed: pupil, moves: drop, ids: global"}, "does not move"),
    "a design": ({"same_pupils": "same_schools"}, "each pupil has one class"),
    "levels inside": (
        {CLASS: CLASS + "  - {name: room, id: room}\n"},
        "room cannot lie in a class, which is crossed with pupil",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_level_that_cannot_be_crossed_is_refused(fault, tmp_path):
    changes, message = FAULTS[fault]
    with pytest.raises(ConfigurationError, match=message):
        configuration(tmp_path, changes)


def test_two_levels_may_be_crossed_with_pupils(tmp_path):
    teacher = "  - {name: teacher, id: teacher, crossed: pupil}\n"
    config = configuration(tmp_path, {CLASS: teacher + CLASS})
    assert [level.key for level in config.model_levels] == [
        "school",
        "school:wave:teacher",
        "school:wave:teacher:class",
        "school:pupil",
        "residual",
    ]


def test_pupils_who_move_may_be_crossed_with_schools_and_classes(tmp_path):
    config = configuration(tmp_path, {"id: pupil}": "id: pupil, ids: global, moves: crossed}"})
    keys = [level.key for level in config.model_levels]
    assert keys == ["school", "school:wave:class", "pupil", "residual"]
