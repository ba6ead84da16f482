"""Levels are found by the names of their ids, and a lowest one without ids is the rows."""

from __future__ import annotations

import pytest

from tests.unit.rows.scaffold.made_files import IDS, drafted, later, runs, school, score, sex, table

LOWEST = [None, "respondent", "person", "case_id", "STUDENTS", "childid"]


@pytest.mark.battery(6)
@pytest.mark.parametrize("lowest", LOWEST)
@pytest.mark.parametrize("top", ["school", "IDREGION", "district_no"])
def test_levels_bear_the_names_of_their_columns(tmp_path, top, lowest):
    ids = {top: school, **({lowest: lambda i: i + 1} if lowest else {})}
    text, configuration = drafted(tmp_path, [table(tmp_path, "x.csv", **ids, happy=score, sex=sex)])
    plain = (lowest or "").lower().removesuffix("_id").removesuffix("id").removesuffix("s")
    upper = top.lower().removeprefix("id").removesuffix("_no")
    expected = plain or ("pupil" if top == "school" else "respondent")
    assert configuration.level_names == (upper, expected)
    assert configuration.levels[1].id == lowest
    assert configuration.levels[1].plural == {"child": "children"}.get(expected, f"{expected}s")
    assert ("each row is one" in text) == (lowest is None)
    runs(configuration)


@pytest.mark.parametrize("classes", [1, 2])
@pytest.mark.parametrize("word", ["class", "CLASS_NO", "classroom"])
def test_classes_are_a_level_also_where_each_school_has_one(tmp_path, word, classes):
    own = {word: school if classes == 1 else lambda i: i // 6 % 2 + 1}
    paths = [
        table(tmp_path, f"s_{wave}.csv", **IDS, **own, score=outcome, sex=sex)
        for wave, outcome in ((1, score), (2, later))
    ]
    text, configuration = drafted(tmp_path, paths)
    name = "classroom" if word == "classroom" else "class"
    assert configuration.design.follows_lowest
    assert configuration.level_names == ("school", name, "pupil")
    assert ("one in each school" in text) == (classes == 1)
    assert configuration.levels[1].ids == ("local" if classes == 2 else None)


def test_several_rows_of_a_person_are_a_level_of_their_own(tmp_path):
    rows = {"subject": lambda i: i // 6, "days": lambda i: i % 6, "reaction": score}
    text, configuration = drafted(tmp_path, [table(tmp_path, "x.csv", **rows)])
    assert configuration.level_names == ("subject", "record")
    assert "6.0 rows for each subject" in text
    runs(configuration)


def test_groups_are_guessed_by_their_values_where_no_name_tells(tmp_path):
    rows = {"batch": lambda i: f"b{i % 6}", "dose": lambda i: i * 7 % 13 / 4, "gain": score}
    text, configuration = drafted(tmp_path, [table(tmp_path, "x.csv", **rows)])
    assert configuration.level_names == ("batch", "pupil")
    assert "no column is named as ids of groups are" in text
    runs(configuration)


FRENCH = {"département": lambda i: i % 6 // 2, "école": school}


def test_levels_are_found_in_other_languages(tmp_path):
    own = FRENCH | {"num_élève": lambda i: 1000 + i, "note": score, "sexe": sex}
    text, configuration = drafted(tmp_path, [table(tmp_path, "x.csv", **own)])
    assert configuration.level_names == ("departement", "ecole", "eleve")
    assert [level.plural for level in configuration.levels] == ["départements", "écoles", "élèves"]
    runs(configuration)


@pytest.mark.parametrize("key", [lambda i: 70_000 + 13 * i, lambda i: f"F{i:04d}"])
def test_what_differs_in_every_row_is_an_id_and_no_term(tmp_path, key):
    own = {"school": school, "dossier": key, "score": score, "sex": sex}
    text, configuration = drafted(tmp_path, [table(tmp_path, "x.csv", **own)])
    assert configuration.level_names == ("school", "pupil")
    assert configuration.levels[1].id == "dossier"
    assert "differs in every row" in text and "- dossier" not in text
    runs(configuration)


@pytest.mark.parametrize(
    "own",
    [
        {"income": lambda i: 70_000 + 13 * i},  # an amount
        {"prior": lambda i: 300 + 7 * i},  # an earlier measure
        {"line": lambda i: i + 1},  # numbers of the rows
        {"remark": lambda i: f"note {i}"},  # sentences
    ],
)
def test_other_columns_that_differ_in_every_row_are_no_ids(tmp_path, own):
    _, configuration = drafted(
        tmp_path, [table(tmp_path, "x.csv", school=school, score=score, sex=sex, **own)]
    )
    assert configuration.levels[1].id is None
