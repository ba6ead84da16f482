"""Every kind of record that pages tell has words, in every language."""

from __future__ import annotations

import re

import pytest

from mlm.pages.labels import Labels
from mlm.pages.language import known_languages, using
from mlm.pages.sections.method.fit_notes import ELSEWHERE, NOTES
from mlm.pages.text import plain_text
from mlm.pages.words.reasons import REASONS, reason_words
from mlm.pages.words.references import (
    DISTRIBUTIONS,
    REFERENCES,
    TESTS,
    distribution_words,
    test_words,
)
from mlm.results.notes import Note
from mlm.results.reading import At
from mlm.results.reason import Reason
from mlm.results.reference import ChiSquared, Reference
from mlm.results.test import AnyTest, Test
from tests.unit.pages.sample import configuration
from tests.unit.results.made import NAME, instances, kinds

ENGLISH = re.compile(r"\b(the|of|and|are|was|with|is|not|too|few|only|has|on|degrees?|each)\b")


def _names(union):
    return {kind.model_fields["kind"].default for kind in kinds(union)}


def _text(words, record):
    return plain_text(words(At(record, "results#/x"), Labels(configuration(), "math")))


@pytest.mark.parametrize(
    ("union", "registry"),
    [(Reason, REASONS), (Reference, REFERENCES), (Reference, DISTRIBUTIONS), (AnyTest, TESTS)],
    ids=["Reason", "Reference", "Distribution", "AnyTest"],
)
def test_every_kind_has_words(union, registry):
    assert set(registry) == _names(union)


def test_every_remark_has_words_here_or_in_another_section():
    assert set(NOTES) | ELSEWHERE == _names(Note)


REASON_RECORDS = [record for kind in kinds(Reason) for record in instances(kind)]


@pytest.mark.parametrize("record", REASON_RECORDS, ids=lambda r: r.kind)
def test_a_reason_is_told_in_every_language(record):
    english = _text(reason_words, record)
    assert english and "[x]" not in english.replace(NAME, "") or None in vars(record).values()
    for code in known_languages():
        with using(code):
            words = _text(reason_words, record)
        assert code == "en" or (words != english and not ENGLISH.search(words)), words


TEST_RECORDS = [
    *(
        Test(statistic=9.1, df=df, reference=reference, p_value=0.011)
        for df in (1, 2)
        for kind in kinds(Reference)
        for reference in instances(kind)
    ),
    *(record for kind in kinds(AnyTest)[1:] for record in instances(kind)),
]


@pytest.mark.parametrize("record", TEST_RECORDS, ids=lambda r: r.kind)
def test_a_test_is_told_in_every_language(record):
    for code in known_languages():
        with using(code):
            words = _text(test_words, record)
        assert words and (code == "en" or not ENGLISH.search(words)), words


REFERENCE_RECORDS = [record for kind in kinds(Reference) for record in instances(kind)]


@pytest.mark.parametrize("record", REFERENCE_RECORDS, ids=lambda r: r.kind)
def test_a_distribution_is_told_in_every_language(record):
    for code in known_languages():
        with using(code):
            words = _text(lambda at, labels: distribution_words(at), record)
        assert words and (code == "en" or not ENGLISH.search(words)), words


def test_no_number_of_a_reason_is_lost():
    """Groups are counts, so that a public report can hide few of them; the rest are not."""
    for record in REASON_RECORDS:
        runs = reason_words(At(record, "results#/x"), Labels(configuration(), "math"))
        for run in runs:
            if "source" in run:
                is_count = run["source"].rpartition("/")[2] in ("groups", "units", "small", "large")
                assert (run["style"] == "count") == is_count, run


def test_words_of_a_chi_squared_test_are_those_of_its_size():
    found = Test(statistic=9.1, df=2, reference=ChiSquared(df=2), p_value=0.011)
    assert _text(test_words, found) == "χ²\xa0=\xa09.1 on 2 degrees of freedom, p\xa0=\xa00.011"
