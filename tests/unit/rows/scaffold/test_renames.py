"""Columns that are renamed from wave to wave are found, and others are not taken for them."""

from __future__ import annotations

import pytest

from mlm.rows.scaffold import draft_configuration
from tests.unit.rows.scaffold.made_files import IDS, drafted, later, runs, school, score, sex, table

RENAMED = [
    ("raven", "Raven"),
    ("math_score", "MathScore"),
    ("math", "MATHS"),
    ("ses_0", "ses_1"),
    ("w0_attitude", "w1_attitude"),
    ("number_of_books", "nr_of_books"),
    ("nse", "indice_nse"),
    ("BOOKS_CODE", "books"),
]


@pytest.mark.battery(3)
@pytest.mark.parametrize(("first", "second"), RENAMED)
def test_columns_that_are_renamed_are_found(tmp_path, first, second):
    paths = [
        table(tmp_path, "s_0.csv", **IDS, sex=sex, english=score, **{first: score}),
        table(tmp_path, "s_1.csv", **IDS, sex=sex, english=later, **{second: later}),
    ]
    text, configuration = drafted(tmp_path, paths)
    (entry,) = [v for v in configuration.variables.values() if v.names]
    assert entry.names == {"1": second}
    assert "# ? seems to be the same column" in text
    runs(configuration)


NOT_RENAMED = [("q1", "q2"), ("sex2", "age"), ("read", "ready_made_x"), ("pv1math", "pv2math")]


@pytest.mark.parametrize(("first", "second"), NOT_RENAMED)
def test_other_columns_are_not_taken_for_renamed_ones(tmp_path, first, second):
    paths = [
        table(tmp_path, f"s_{wave}.csv", **IDS, sex=sex, english=english, **{column: english})
        for wave, column, english in ((8, first, score), (9, second, later))
    ]
    text, configuration = drafted(tmp_path, paths)
    assert not any(v.names for v in configuration.variables.values())
    assert f"# {first}: only in s_8.csv" in text


def test_ids_that_are_renamed_are_found(tmp_path):
    def pupil(i):
        return f"p{i}"

    paths = [
        table(tmp_path, "s_2000.csv", schoolid=school, pupil=pupil, score=score, sex=sex),
        table(tmp_path, "s_2004.csv", SCHOOL_ID=school, PUPIL=pupil, sex=sex, score=later),
    ]
    _, configuration = drafted(tmp_path, paths)
    names = [level.names for level in configuration.levels]
    assert names == [{"2004": "SCHOOL_ID"}, {"2004": "PUPIL"}]
    assert configuration.design.follows_lowest
    runs(configuration)


def test_three_waves_take_the_name_that_most_have(tmp_path):
    paths = [
        table(tmp_path, f"s_{wave}.csv", **IDS, sex=sex, english=english, **{column: english})
        for wave, column, english in ((0, "Math", score), (1, "math", later), (2, "math", score))
    ]
    _, configuration = drafted(tmp_path, paths)
    assert configuration.variables["math"].names == {"0": "Math"}


def test_what_has_the_place_of_a_column_is_told_and_not_joined(tmp_path):
    paths = [
        table(tmp_path, f"s_{wave}.csv", **IDS, **{kind: sex, outcome: score})
        for wave, kind, outcome in (
            (0, "sex", "points"),
            (1, "gender", "mark"),
            (2, "sex", "points"),
        )
    ]
    text = draft_configuration(paths, survey="mine", root=tmp_path)
    assert 'names: {"1": gender}' in text and 'names: {"1": mark}' in text
    assert text.count("in its place") == 2, "and not the other way round"
    assert "  gender:" not in text and "  sex:" not in text


def test_what_differs_in_kind_has_no_place_of_another(tmp_path):
    paths = [
        table(tmp_path, "s_0.csv", **IDS, english=score, sex=sex),
        table(tmp_path, "s_1.csv", **IDS, english=score, mark=score),
    ]
    assert "in its place" not in draft_configuration(paths, survey="mine", root=tmp_path)
