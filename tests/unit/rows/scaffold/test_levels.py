"""The design follows from ids that recur from one file to the next."""

from __future__ import annotations

import pytest

from tests.unit.rows.scaffold.made_files import drafted, later, runs, school, score, sex, table

PLACES = [
    (["region", "school", "class"], True, "region"),
    (["region", "school", "class"], False, "school"),
    (["country", "region", "school"], True, "region"),
    (["country", "region", "school", "class"], False, "school"),
    (["school", "class"], True, None),
    (["school", "class"], False, "school"),
    (["region", "school"], True, "region"),
    (["school"], True, None),
]


@pytest.mark.battery(4)
@pytest.mark.parametrize(("levels", "are_new", "above"), PLACES)
def test_time_comes_below_what_recurs(tmp_path, levels, are_new, above):
    """Schools that are new in each wave stand below time, whatever levels there are."""
    paths = []
    for wave, outcome in ((1, score), (2, later)):
        ids = {
            "country": lambda i: i % 12 // 6 + 1,
            "region": lambda i: i % 12 // 3 + 1,
            "school": lambda i, w=wave: f"{w * are_new}{i % 12 + 10}",
            "class": lambda i: i // 12 % 2 + 1,
        }
        own = {level: ids[level] for level in levels}
        pupil = {"pupil": lambda i, w=wave: f"{w}{i}"}
        rows = {**own, **pupil, "score": outcome, "sex": sex}
        paths.append(table(tmp_path, f"s_{wave}.csv", **rows))
    _, configuration = drafted(tmp_path, paths)
    assert configuration.time_below == above
    assert configuration.design.recurs != are_new
    runs(configuration)


def test_a_third_file_changes_no_pair(tmp_path):
    """Pupils who are just numbered in two waves are others, whatever a third wave holds."""
    paths = [
        table(
            tmp_path,
            f"s_{w}.csv",
            school=lambda i, w=w: f"{w}{school(i)}",
            pupil=lambda i, w=w: i + 1 + (w > 2 and i > 9),
            score=score,
            sex=sex,
        )
        for w in (1, 2, 3)
    ]
    for some in (paths[:2], paths):
        text, configuration = drafted(tmp_path, some)
        assert not configuration.design.recurs
        serial = "each file" if len(some) == 2 else "s_1.csv, s_2.csv"
        assert f"pupil is just the number of the row in {serial}" in text


CLASSES = {
    "ids of one school": ("teacher", lambda i, w: 100 * (i % 12) + 10 * w + i // 12 % 2, True),
    "numbers in each school": ("class", lambda i, w: (i // 12 + w) % 2 + 1, True),
    "letters in each school": ("CLASSROOM", lambda i, w: "AB"[(i // 12 + w) % 2], True),
    "groups in all schools": ("group", lambda i, w: (i // 12 + w) % 5, False),
}


@pytest.mark.parametrize("case", CLASSES)
def test_classes_of_followed_pupils_are_crossed_with_them(tmp_path, case):
    column, unit, is_level = CLASSES[case]
    paths = []
    for wave, outcome in ((1, score), (2, later)):
        ids = {"school": lambda i: i % 12 + 1, column: lambda i, w=wave: unit(i, w)}
        ids["pupil"] = lambda i: f"p{i}"
        kind = {"kind": lambda i, w=wave: "ab"[(i + i // 12 + w) % 2]}
        rows = {**ids, **kind, "score": outcome, "sex": lambda i: "gb"[i // 24 % 2]}
        paths.append(table(tmp_path, f"s_{wave}.csv", 240, **rows))
    text, configuration = drafted(tmp_path, paths)
    names = ("school", column.lower(), "pupil") if is_level else ("school", "pupil")
    assert configuration.level_names == names
    assert ("crossed: pupil" in text) == is_level
    if is_level:
        assert configuration.variables["kind"].level == column.lower()
        assert configuration.variables["sex"].level == "pupil"
    runs(configuration)


def of_schools(tmp_path, first, second):
    """Two waves of 40 schools whose ids are written as two functions of their number say."""
    return [
        table(tmp_path, f"s_{w}.csv", 200, school=written, score=outcome, sex=sex)
        for w, written, outcome in ((1, first, score), (2, second, later))
    ]


def test_schools_numbered_anew_in_each_wave_are_not_the_same(tmp_path):
    paths = of_schools(tmp_path, lambda i: i % 40 + 1, lambda i: f"{i % 40 + 1:05d}")
    text, configuration = drafted(tmp_path, paths)
    assert not configuration.design.recurs
    assert "0% of the values of school recur" in text and "ignore" not in text


def test_schools_whose_ids_lost_their_zeros_in_part_are_the_same(tmp_path):
    paths = of_schools(tmp_path, lambda i: 15 * (i % 40) + 3, lambda i: f"{15 * (i % 40) + 3:03d}")
    text, configuration = drafted(tmp_path, paths)
    assert configuration.design.recurs
    assert "ignore: [zeros]" in text


def test_ids_that_come_again_in_each_country_recur_within_it(tmp_path):
    """That another country has the number in the next wave tells nothing of a school."""
    paths = [
        table(
            tmp_path,
            f"s_{w}.csv",
            240,
            country=lambda i: "abcdef"[i % 6],
            school=lambda i, w=w: 100 + (i // 6 % 10) + 10 * ((i % 6 + 3 * (w == 2)) % 6 // 3),
            score=outcome,
            sex=sex,
        )
        for w, outcome in ((1, score), (2, later))
    ]
    text, configuration = drafted(tmp_path, paths)
    assert not configuration.design.recurs, text
