"""What is refused for a sample, why, and what stands in its place has words in every language."""

from __future__ import annotations

import re
import typing

import pytest

from mlm.pages.labels import Labels
from mlm.pages.language import known_languages, using
from mlm.pages.sections.sampled.slopes import METHODS as TESTS_OF_SLOPES
from mlm.pages.text import plain_text
from mlm.pages.words.reasons import REASONS
from mlm.pages.words.refusals import INSTEAD, REFUSED, instead_words, refused_words
from mlm.pages.words.sample_design import (
    ERRORS,
    HALVES,
    MADE_FROM,
    REPLICATES,
    SCALED,
    SCALINGS,
    WEIGHTS_ARE,
    method_words,
)
from mlm.pages.words.sampled_reasons import (
    NOT_CONFIGURED,
    SAMPLED_REASONS,
    sampled_reason_words,
)
from mlm.results.reading import At
from mlm.results.reason import Reason
from mlm.results.sampled.reason import NotConfigured, SampledReason
from mlm.results.sampled.refusals import Instead, Refusal, Refused
from mlm.results.sampled.sample_design import ReplicatesUsed, SampleDesign
from mlm.results.sampled.sensitivity import OtherWeights
from mlm.results.sampled.slopes import ZeroVarianceTest
from tests.unit.pages.sample import configuration
from tests.unit.results.made import instances, kinds

ENGLISH = re.compile(r"\b(the|of|and|are|with|is|not|too|few|only|has|each|weights?|errors)\b")
REASON_RECORDS = [record for kind in kinds(SampledReason) for record in instances(kind)]
REFUSALS = [
    Refusal(what=what, reason=REASON_RECORDS[0], instead=instead)
    for what, instead in [
        *((what, None) for what in typing.get_args(Refused)),
        *(("ranking", instead) for instead in typing.get_args(Instead)),
    ]
]


def _choices(record, field: str) -> set[str]:
    kind = record.model_fields[field].annotation
    parts = [kind] if typing.get_origin(kind) is typing.Literal else typing.get_args(kind)
    return {choice for part in parts for choice in typing.get_args(part)}


def _in_every_language(words) -> list[str]:
    found = []
    for code in known_languages():
        with using(code):
            found.append(plain_text(words()))
        assert found[-1] and (code == "en" or not ENGLISH.search(found[-1])), found[-1]
    return found


def _labels() -> Labels:
    return Labels(configuration(), "math")


def test_every_reason_has_words_and_none_has_two():
    names = {kind.model_fields["kind"].default for kind in kinds(SampledReason)}
    assert set(SAMPLED_REASONS) == names
    assert not names & {kind.model_fields["kind"].default for kind in kinds(Reason)}


@pytest.mark.parametrize("record", REASON_RECORDS, ids=lambda r: r.kind)
def test_a_reason_of_a_sample_is_told_in_every_language(record):
    at = At(record, "results#/x")
    english, *others = _in_every_language(lambda: sampled_reason_words(at, _labels()))
    assert all(other != english for other in others)


def test_a_reason_of_other_analyses_is_told_too():
    at = At(next(iter(instances(kinds(Reason)[0]))), "results#/x")
    assert sampled_reason_words(at, _labels()) == REASONS[at.kind.value](at, _labels())


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (set(typing.get_args(Refused)), REFUSED),
        (set(typing.get_args(Instead)), INSTEAD),
        (set(typing.get_args(OtherWeights)), SCALINGS),
        (_choices(SampleDesign, "scaling"), SCALED),
        (_choices(SampleDesign, "are"), WEIGHTS_ARE),
        (_choices(SampleDesign, "errors"), ERRORS),
        (_choices(ReplicatesUsed, "method"), REPLICATES),
        (_choices(ReplicatesUsed, "halves"), HALVES),
        (_choices(ReplicatesUsed, "made_from"), MADE_FROM),
        (_choices(NotConfigured, "what"), NOT_CONFIGURED),
        (_choices(ZeroVarianceTest, "method"), TESTS_OF_SLOPES),
    ],
    ids=lambda given: "" if isinstance(given, dict) else ",".join(sorted(given))[:30],
)
def test_every_choice_has_words(choices, words):
    assert choices == set(words)


@pytest.mark.parametrize("record", REFUSALS, ids=lambda r: f"{r.what}-{r.instead}")
def test_a_refusal_is_told_in_every_language(record):
    at = At(record, "results#/x")
    english, *_others = _in_every_language(lambda: refused_words(at))
    assert english[0].isupper()
    if record.instead is None:
        assert instead_words(at) == ""
    else:
        _in_every_language(lambda: instead_words(at))


def test_each_method_of_replicates_is_told_apart():
    base = next(iter(instances(ReplicatesUsed)))
    told = set()
    for method in _choices(ReplicatesUsed, "method"):
        for halves in _choices(ReplicatesUsed, "halves") if method == "jk2" else (None,):
            record = base.model_copy(update={"method": method, "halves": halves, "factor": 0.3})
            at = At(record, "results#/x")
            told.add(_in_every_language(lambda at=at: method_words(at))[0])
    assert len(told) == 7
    assert "balanced repeated replication with Fay's factor 0.3" in told
