"""Names of coefficients and levels in words."""

import pytest

from mlm.pages.labels import Labels, pluralise, uncapitalise
from mlm.pages.terms import read_term, split_factors
from tests.unit.pages.sample import configuration


@pytest.fixture
def labels():
    return Labels(configuration(), "math")


@pytest.mark.parametrize(
    ("name", "heading", "label"),
    [
        ("Intercept", "Constant", "Constant"),
        ("class_type[T.small]", "Class type (reference: Regular class)", "Small class"),
        ("grade[T.1]", "School grade (reference: Kindergarten)", "Grade 1"),
        ("grade[T.1]:class_type[T.small]", "School grade × Class type", "Grade 1 × Small class"),
        ("experience", "Teacher experience", "Teacher experience"),
        ("I(experience ** 2)", "Teacher experience squared", "Teacher experience squared"),
        ("ses[T.N]:experience", "Free lunch × Teacher experience", None),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_coefficient_in_words(labels, name, heading, label):
    term = read_term(name, labels)
    assert term.heading == heading
    assert label is None or term.label == label


def test_a_colon_inside_a_category_does_not_separate():
    assert split_factors("a[T.x:y]:b") == ["a[T.x:y]", "b"]


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        ("school", "schools"),
        ("class", "classes"),
        ("county", "counties"),
        ("class + school", "classes and schools"),
        ("school in wave", "schools by wave"),
    ],
)
def test_levels_in_the_plural(labels, name, plural):
    assert labels.plural(name) == plural


def test_plural_of_day_is_days():
    assert pluralise("day") == "days"


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("Class type", "class type"),
        ("GCSE score", "GCSE score"),
        ("A-level points", "A-level points"),
        ("A pupil's age", "a pupil's age"),
        ("Élèves", "élèves"),
        ("", ""),
    ],
)
def test_labels_inside_sentences_keep_their_capitals(label, inside):
    assert uncapitalise(label) == inside
