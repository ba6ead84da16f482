"""Pupils in two classes of one wave, teachers in two schools: what the policies make of them."""

from __future__ import annotations

import pytest

from mlm.errors import SurveyError
from mlm.rows.cleaning.cleaning import clean_in_chunks
from tests.classes_in_schools import configuration

HEAD = "school,class,pupil,score,size,sex\n"
ROWS = "1,a,1,50,r,g\n1,a,2,52,r,b\n1,b,3,51,s,g\n2,c,4,55,r,b\n2,c,5,54,r,g\n"


def cleaned(folder, more: str, changes=None):
    """The first wave with some more rows."""
    (folder / "a.csv").write_text(HEAD + ROWS + more, encoding="utf-8")
    return clean_in_chunks(configuration(folder, changes), "a")


def test_a_pupil_in_two_classes_of_a_wave_has_two_rows(tmp_path):
    with pytest.raises(SurveyError, match="1 row for a pupil that the wave already has"):
        cleaned(tmp_path, "1,b,1,60,s,g\n")
    first = cleaned(tmp_path, "1,b,1,60,s,g\n", {"id: pupil}": "id: pupil, twice: first}"})
    assert first.ledger.rows_kept == 5
    assert {entry.level: entry.n for entry in first.ledger.groups} == {
        "school": 2,
        "class": 3,
        "pupil": 5,
    }


def test_a_pupil_may_be_in_another_school_of_another_class(tmp_path):
    assert cleaned(tmp_path, "2,c,1,60,r,g\n").ledger.rows_kept == 6


def test_a_global_teacher_of_two_schools_in_a_wave_is_refused(tmp_path):
    changes = {"crossed: pupil": "crossed: pupil, ids: global"}
    with pytest.raises(SurveyError, match="1 row of 1 class in a second school"):
        cleaned(tmp_path, "2,a,6,60,r,g\n", changes)


def test_a_variable_of_the_class_has_one_value_in_it(tmp_path):
    with pytest.raises(SurveyError, match="size: differs within 1 class although"):
        cleaned(tmp_path, "1,a,6,60,s,g\n")
