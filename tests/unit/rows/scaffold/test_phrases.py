"""Phrases of a draft: those of a category in the plural, and nothing that is no words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.rows.scaffold.phrases import members_phrase, readable_label, variable_phrase
from mlm.rows.scaffold.yaml_text import mapping, quoted


@pytest.mark.parametrize(
    ("text", "label", "units", "phrase"),
    [
        ("Girl", "Sex", "pupils", "girls"),
        ("Women", "Sex", "pupils", "women"),
        ("Female", "Sex", "pupils", "female pupils"),
        ("Rural", "Location", "schools", "rural schools"),
        ("GCSE", "Exam", "pupils", "GCSE pupils"),
        ("No free lunch", "Lunch", "pupils", "pupils without free lunch"),
        ("Free lunch", "Lunch", "pupils", "pupils with free lunch"),
        ("Not Black", "Black", "pupils", "pupils who are not Black"),
        ("Yes", "Free lunch", "pupils", "pupils with free lunch"),
        ("No", "Free lunch", "pupils", "pupils without free lunch"),
        ("No", None, "pupils", None),
        ("Yes", "q12_3", "pupils", None),
        ("1", "Sex", "pupils", None),
        ("A: 3-5 books", "Books", "pupils", None),
        ("Élevé", "Niveau", "élèves", None),
        ("First-Generation student", "Immigrant background", "pupils", "first-generation students"),
        ("Native student", "Immigrant background", "pupils", "native students"),
        ("No student", "Absent", "pupils", "pupils without student"),
        ("Always", "Speaks the language at home", "pupils", None),
        ("Almost always", "Speaks the language at home", "pupils", None),
        ("Agree a lot", "Likes to read", "pupils", None),
    ],
)
def test_members_in_a_sentence(text, label, units, phrase):
    assert members_phrase(text, label, units) == phrase


@pytest.mark.parametrize(
    ("label", "read"),
    [
        ("*SEX OF STUDENTS*", "Sex of students"),
        ("GEN\\AMOUNT OF BOOKS IN YOUR HOME", "Amount of books in your home"),
        ("*HOME RESOURCES FOR LEARNING/SCL*", "Home resources for learning"),
        ("HOME POSSESS\\COMPUTER", "Home possess: computer"),
        ("ESCS", "ESCS"),
        ("Index of status (WLE)", "Index of status (WLE)"),
        ("***", None),
        (None, None),
    ],
)
def test_labels_of_codebooks_are_read(label, read):
    assert readable_label(label) == read


@given(st.text(max_size=30), st.none() | st.text(max_size=30))
def test_any_label_gives_a_phrase_that_reads_back_or_none(text, label):
    from ruamel.yaml import YAML

    phrase = members_phrase(text, label, "pupils")
    assert phrase is None or phrase == " ".join(phrase.split())
    if phrase is not None:
        line = mapping({"label": quoted(text), "phrase": quoted(phrase)})
        assert YAML(typ="safe").load(line) == {"label": text, "phrase": phrase}
    assert variable_phrase(label) is None or label


def test_a_variable_has_its_article():
    assert variable_phrase("Books at home") == "the books at home"
    assert variable_phrase("The score") == "the score"
    assert variable_phrase("GCSE score") == "the GCSE score"
    assert variable_phrase("Score (0-10)") is None and variable_phrase(None) is None
