"""Names that are bare numbers."""

from __future__ import annotations

import pytest

from mlm.pages.labels import Labels
from mlm.pages.sections.policy.words import category_names
from mlm.pages.text import plain_text
from mlm.pages.words.numbers import wave_words
from mlm.pages.words.survey_names import ConfiguredNames
from tests.unit.pages.sample import configuration, context_of, inputs


@pytest.mark.parametrize("name", ["0", "1", "12", "2.5", "-1"])
def test_a_number_is_called_a_wave(name):
    assert wave_words(name) == f"wave {name}"


@pytest.mark.parametrize("name", ["1984", "2001", "K", "Grade 1", "2001/02", "1a", ""])
def test_what_reads_as_a_wave_stays(name):
    assert wave_words(name) == name


def test_the_word_wave_is_not_said_twice():
    for names in (ConfiguredNames(configuration()), Labels(configuration(), "math")):
        assert not names.wave_name("1").startswith("wave")
    assert ConfiguredNames(configuration()).wave("1") == "wave 1"


def test_a_category_that_is_a_number_is_told_with_its_variable():
    given = inputs()
    given["configuration"]["variables"]["class_type"]["categories"] = {"reg": "0", "small": "1"}
    context = context_of(given)
    found = category_names(context, context.results.policy[0], "small")
    assert (found.category, found.reference) == ("Class type = 1", "Class type = 0")
    assert context.labels.alone("ses", "F") == plain_text("Free lunch")
