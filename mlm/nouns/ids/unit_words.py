"""Words by which columns of ids are named, by the kind of their units. Layer: nouns.

Words of several languages, as files of surveys have them; case and accents are ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from mlm.nouns.ids.spelling import folded

_CODE = r"(ids?|identifiant|code|codigo|codice|cod|key)"
_OF = r"(of|de|du|des|da|do|della)?"
_NUMBER = r"(nr|no|num|number|numero|nummer)"


def _letters(text: str) -> str:
    """The letters of a text alone, small and without accents."""
    return re.sub(r"[^a-z]", "", folded(text))


@dataclass(frozen=True)
class Word:
    """Names of a kind of unit.

    Attributes
    ----------
    kind : str
        The kind, named as its first word.
    names : dict
        Words that become the level's name, with their plurals.
    short : str
        Further words, as alternatives of a regular expression.
    """

    kind: str
    names: dict[str, str]
    short: str

    def match(self, column: str) -> str | None:
        """Name of the level whose ids a column seems to hold by its name; None if it does not."""
        plain = _letters(column)
        found = next(filter(None, (form.fullmatch(plain) for form in self._forms)), None)
        if found is None:
            return None
        word = found["word"]
        return word if word in self.names else self._plurals.get(word, self.kind)

    @cached_property
    def _plurals(self) -> dict[str, str]:
        """Level names by the letters of their plurals."""
        return {_letters(plural): name for name, plural in reversed(self.names.items())}

    @cached_property
    def _forms(self) -> tuple[re.Pattern, ...]:
        """What a column is named, its word marked."""
        one = rf"(?P<word>{'|'.join([*self.names, self.short])})"
        some = rf"(?P<word>{'|'.join([*self.names, *self._plurals, self.short])})"
        forms = (
            rf"({_CODE}{_OF})?{some}{_CODE}?",
            rf"{_NUMBER}?{one}({_NUMBER}|{_CODE})?",
            rf"{_CODE}?{one}{_NUMBER}?",
        )
        return tuple(map(re.compile, forms))


def _with_plurals(words: str, **others: str) -> dict[str, str]:
    """English words, with an s but for others."""
    return {word: others.get(word, f"{word}s") for word in words.split()}


WORDS = (
    Word("country", _with_plurals("country nation", country="countries"), "cnt|cntry|pays|pais"),
    Word(
        "county",
        _with_plurals(
            "county region state district province canton municipality commune area lea",
            county="counties",
            municipality="municipalities",
        )
        | {
            "departement": "départements",
            "academie": "académies",
            "prefecture": "préfectures",
            "wilaya": "wilayas",
            "bundesland": "Bundesländer",
            "kreis": "Kreise",
            "bezirk": "Bezirke",
            "kanton": "Kantone",
            "gemeinde": "Gemeinden",
            "departamento": "departamentos",
            "provincia": "provincias",
            "municipio": "municipios",
            "comuna": "comunas",
            "distrito": "distritos",
            "concelho": "concelhos",
            "regione": "regioni",
            "comune": "comuni",
            "provincie": "provincies",
            "gemeente": "gemeenten",
        },
        "reg|distr|prov|dept",
    ),
    Word(
        "school",
        _with_plurals("school institution")
        | {
            "ecole": "écoles",
            "etablissement": "établissements",
            "lycee": "lycées",
            "schule": "Schulen",
            "escuela": "escuelas",
            "colegio": "colegios",
            "escola": "escolas",
            "scuola": "scuole",
            "istituto": "istituti",
        },
        "sch|cntsch|schl|inst|stidsch|etab|uai",
    ),
    Word(
        "class",
        _with_plurals("class classroom teacher section group", **{"class": "classes"})
        | {
            "classe": "classes",
            "enseignant": "enseignants",
            "professeur": "professeurs",
            "klasse": "Klassen",
            "lehrer": "Lehrer",
            "lehrkraft": "Lehrkräfte",
            "clase": "clases",
            "profesor": "profesores",
            "docente": "docentes",
            "turma": "turmas",
            "professor": "professores",
            "klas": "klassen",
        },
        "tch|cls|tchr",
    ),
    Word(
        "pupil",
        _with_plurals(
            "pupil student respondent participant subject case individual member learner "
            "candidate examinee child person",
            child="children",
        )
        | {
            "eleve": "élèves",
            "etudiant": "étudiants",
            "schuler": "Schüler",
            "schueler": "Schüler",
            "alumno": "alumnos",
            "estudiante": "estudiantes",
            "aluno": "alunos",
            "estudante": "estudantes",
            "alunno": "alunni",
            "studente": "studenti",
            "leerling": "leerlingen",
        },
        "stu|cntstu|stud|stid|stidstd|pup|resp|pers|indiv|people|subj|usubj|p",
    ),
)


def seems_id(column: str) -> bool:
    """Whether a column is named as ids of some level are."""
    return any(words.match(column) for words in WORDS)


def names_class(column: str) -> str | None:
    """What units below schools are called whose ids a column seems to hold; None for others."""
    return next(words for words in WORDS if words.kind == "class").match(column)
