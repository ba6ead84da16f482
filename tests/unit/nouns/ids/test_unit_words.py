"""Columns of ids by their names, in the languages of files."""

from __future__ import annotations

import pytest

from mlm.nouns.ids.unit_words import WORDS, seems_id


def kind_and_name(column: str) -> tuple[str, str | None] | None:
    return next(((w.kind, name) for w in WORDS if (name := w.match(column))), None)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("school", ("school", "school")),
        ("SCHOOL_NO", ("school", "school")),
        ("CNTSCHID", ("school", "school")),
        ("students", ("pupil", "student")),
        ("school number", ("school", "school")),
        ("école", ("school", "ecole")),
        ("code_du_lycée", ("school", "lycee")),
        ("num_eleve", ("pupil", "eleve")),
        ("id_classe", ("class", "classe")),
        ("Département", ("county", "departement")),
        ("SchülerID", ("pupil", "schuler")),
        ("Schueler_Nr", ("pupil", "schueler")),
        ("klasse", ("class", "klasse")),
        ("Klassen", ("class", "klasse")),
        ("id_de_escuela", ("school", "escuela")),
        ("alumnos", ("pupil", "alumno")),
        ("ID_TURMA", ("class", "turma")),
        ("cod_comune", ("county", "comune")),
        ("leerlingnummer", ("pupil", "leerling")),
    ],
)
def test_ids_are_known_by_their_names(column, expected):
    assert kind_and_name(column) == expected


@pytest.mark.parametrize(
    "column", ["number_of_students", "num_eleves", "numero_de_alumnos", "class_size", "schooling"]
)
def test_counts_and_other_words_are_no_ids(column):
    assert not seems_id(column)
