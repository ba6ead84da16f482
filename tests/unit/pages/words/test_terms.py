"""Names of coefficients and terms in words."""

import pytest

from mlm.pages.labels import Labels, uncapitalise
from mlm.pages.words.terms import term_words, whole_term
from mlm.results.coefficient import Factor
from tests.unit.pages.sample import configuration

SMALL = Factor(variable="class_type", category="small")
GRADE = Factor(variable="grade", category="1")
FREE = Factor(variable="ses", category="N")
EXPERIENCE = Factor(variable="experience")


@pytest.fixture
def labels():
    return Labels(configuration(), "math")


@pytest.mark.parametrize(
    ("term", "heading", "label"),
    [
        ((), "Constant", "Constant"),
        ((SMALL,), "Class type (reference: Regular class)", "Small class"),
        ((GRADE,), "School grade (reference: Kindergarten)", "Grade 1"),
        ((GRADE, SMALL), "School grade × Class type", "Grade 1 × Small class"),
        ((EXPERIENCE,), "Teacher experience", "Teacher experience"),
        (
            (Factor(variable="experience", power=2),),
            "Teacher experience squared",
            "Teacher experience squared",
        ),
        (
            (Factor(variable="experience", power=5),),
            "Teacher experience to the power 5",
            "Teacher experience to the power 5",
        ),
        ((FREE, EXPERIENCE), "Free lunch × Teacher experience", None),
        ((Factor(variable="unknown"),), "unknown", "unknown"),
    ],
)
def test_coefficient_in_words(labels, term, heading, label):
    words = term_words(term, labels)
    assert words.heading == heading
    assert label is None or words.label == label


@pytest.mark.parametrize("code", ["b) parent", "1) yes", "low (<5", "a[T.x]:b", "x:y", "]", "[T."])
def test_a_category_is_the_same_whatever_signs_its_code_has(labels, code):
    """A code is no text to be split: the coefficient stays a main effect of one variable."""
    alone = term_words((Factor(variable="role", category=code),), labels)
    assert (alone.variables, alone.categories) == (("role",), (code,))
    assert alone.label == code
    product = (Factor(variable="role", category=code), SMALL)
    both = term_words(product, labels)
    assert both.variables == ("role", "class_type")
    assert both.label == f"{code} × Small class"
    assert whole_term(product, labels) == "role × Class type"


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
