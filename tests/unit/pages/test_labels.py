"""Names inside sentences: the phrase of the codebook, or a fallback that reads as a sentence."""

from __future__ import annotations

import pytest

from mlm.configuration.models import Configuration
from mlm.pages.labels import Labels
from mlm.pages.language import using
from tests.unit.pages.sample import stored_configuration


def labels(**changes) -> Labels:
    stored = stored_configuration()
    for name, change in changes.items():
        stored["variables"][name] |= change
    return Labels(Configuration.model_validate(stored), "math")


@pytest.mark.parametrize(
    ("label", "phrase"),
    [
        ("Mathematics score", "the mathematics score"),
        ("GCSE score", "the GCSE score"),
        ("A-level points", "the A-level points"),
        ("The score", "the score"),
    ],
)
def test_a_number_without_a_phrase_has_an_article(label, phrase):
    assert labels(math={"label": label}).phrase("math") == phrase


def test_a_variable_of_categories_without_a_phrase_stands_in_quotation_marks():
    categories = {"F": "Yes", "N": "No"}
    found = labels(ses={"label": "Black", "categories": categories})
    assert found.phrase("ses") == "“Black”"


def test_the_phrase_of_the_codebook_is_taken_as_it_stands():
    assert labels(math={"phrase": "what pupils know"}).phrase("math") == "what pupils know"


def test_a_category_is_told_by_its_members():
    said = {"F": {"label": "Free lunch", "phrase": "pupils with free lunch"}, "N": "No free lunch"}
    found = labels(ses={"categories": said, "level": "school"})
    assert found.members("ses", "F") == "pupils with free lunch"
    assert found.members("ses", "N") == "schools of the group “No free lunch”"
    assert found.category("ses", "F") == "Free lunch"
    with using("fr"):
        assert "No free lunch" in found.members("ses", "N")


@pytest.mark.parametrize(("yes", "no"), [("Yes", "No"), ("Ja", "Nein"), ("oui", "non"), ("1", "0")])
def test_a_category_that_tells_nothing_alone_has_its_variable(yes, no):
    found = labels(ses={"label": "Poor", "categories": {"F": yes, "N": no}})
    assert found.alone("ses", "F") == f"Poor = {yes}"
    assert found.members("ses", "F") == f"pupils of the group “Poor = {yes}”"
    assert found.phrase("ses") == "“Poor”"


def test_what_categories_of_two_variables_are_called_has_its_variable():
    found = labels(ses={"categories": {"F": "Small class", "N": "Other"}})
    assert found.alone("ses", "F") == "Free lunch = Small class"
    assert found.alone("ses", "N") == "Other"


def test_a_variable_whose_categories_tell_has_an_article():
    found = labels(ses={"label": "Sex", "categories": {"F": "Girl", "N": "Boy"}})
    assert found.phrase("ses") == "the sex"
