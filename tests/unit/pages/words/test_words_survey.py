"""Every check, doubt, exclusion and missing cell of a survey has words, in every language."""

from __future__ import annotations

import re

import pytest

from mlm.pages.labels import Labels
from mlm.pages.language import known_languages, using
from mlm.pages.text import plain_text
from mlm.pages.words.checks import CHECKS, TITLES, check_title, check_words
from mlm.pages.words.doubts import ADVICE, DOUBTS, doubt_advice, doubt_words
from mlm.pages.words.exclusions import (
    EXCLUSIONS,
    MISSING,
    WEIGHTS,
    exclusion_words,
    missing_words,
    weight_words,
)
from mlm.pages.words.survey_names import ConfiguredNames
from mlm.results.level import Level
from mlm.results.reading import At
from mlm.results.survey.account import (
    DeclaredMissing,
    ExclusionReason,
    MissingReason,
    NoId,
    WeightReason,
)
from mlm.results.survey.checks import AnyCheck, EmptyInUnits, Recurs, Rescaled
from mlm.results.survey.separability import AnyDoubt, FewGroups
from tests.unit.pages.sample import configuration
from tests.unit.results.made import NAME, instances, kinds

ENGLISH = re.compile(
    r"\b(the|of|and|are|was|with|is|not|too|few|only|has|in|each|cell|recurs|no|scale)\b"
)
PEOPLE = {
    *("stay", "before", "after", "count", "changed", "compared", "read", "kept", "excluded"),
    *("cells", "rows", "groups", "n", "of", "missing", "zero", "all", "some", "children", "units"),
}
NOBODY = {"variables", "values", "codes", "reused", "needed", "rows_needed", "categories", "strata"}


def _names(union):
    return {kind.model_fields["kind"].default for kind in kinds(union)}


def _labels():
    return Labels(configuration(), "math")


def _check(check):
    return [{"text": check_title(check, _labels())}, {"text": ": "}, *check_words(check, _labels())]


def _doubt(doubt):
    return [*doubt_words(doubt, _labels()), {"text": doubt_advice(doubt)}]


UNIONS = {
    AnyCheck: _check,
    AnyDoubt: _doubt,
    ExclusionReason: lambda reason: exclusion_words(reason, _labels()),
    MissingReason: missing_words,
    WeightReason: weight_words,
}
RECORDS = [
    (words, record)
    for union, words in UNIONS.items()
    for kind in kinds(union)
    for record in instances(kind)
]


@pytest.mark.parametrize(
    ("union", "registry"),
    [
        (AnyCheck, TITLES),
        (AnyCheck, CHECKS),
        (AnyDoubt, DOUBTS),
        (AnyDoubt, ADVICE),
        (ExclusionReason, EXCLUSIONS),
        (MissingReason, MISSING),
        (WeightReason, WEIGHTS),
    ],
)
def test_every_kind_has_words(union, registry):
    assert set(registry) == _names(union)


@pytest.mark.parametrize(("words", "record"), RECORDS, ids=lambda value: getattr(value, "kind", ""))
def test_a_finding_is_told_in_every_language(words, record):
    english = plain_text(words(At(record, "survey#/x")))
    assert english
    for code in known_languages():
        with using(code):
            shown = plain_text(words(At(record, "survey#/x")))
        if code == "en" or isinstance(record, DeclaredMissing):
            assert shown == english
        else:
            assert shown != english and not ENGLISH.search(shown), shown


def test_counts_of_people_and_other_numbers_are_known_by_their_fields():
    for words, record in RECORDS:
        for run in words(At(record, "survey#/x")):
            if "source" not in run or not isinstance(run["source"], str):
                continue
            field = run["source"].rpartition("/")[2]
            assert (run["style"] == "count") == (field in PEOPLE), run
            assert (run["style"] == "tally") == (field in NOBODY), run


def test_a_check_is_told_with_its_numbers_and_their_sources():
    recurs = Recurs(
        result="warning",
        level="school",
        wave="K",
        other="1",
        stay=70,
        before=79,
        after=76,
        expected=False,
    )
    check = At(recurs, "survey#/checks/0")
    assert check_title(check, _labels()) == "school is new"
    runs = check_words(check, _labels())
    assert plain_text(runs) == (
        "70 of 79 schools of wave Kindergarten are found in wave Grade 1 (which has 76) although "
        "same_pupils takes them as different; if they are the same, choose another design"
    )
    assert [run["source"] for run in runs if "source" in run] == [
        f"survey#/checks/0/{name}" for name in ("stay", "before", "after")
    ]


@pytest.mark.parametrize(("result", "is_doubted"), [("ok", False), ("warning", True)])
def test_a_wave_that_lacks_most_units_of_the_other_is_doubted(result, is_doubted):
    units = {"level": "school", "stay": 1, "before": 79, "after": 1, "expected": True}
    found = At(Recurs(result=result, wave="K", other="1", **units), "survey#/checks/0")
    words = plain_text(check_words(found, _labels()))
    assert words.startswith("1 of 79 schools of wave Kindergarten are found in wave Grade 1")
    assert ("is a part of it missing?" in words) == is_doubted


def test_a_scale_taken_down_is_told_with_minus():
    scaled = Rescaled(result="ok", variable="math", wave="K", times=0.5, plus=-20.0)
    words = plain_text(check_words(At(scaled, "survey#/checks/0"), _labels()))
    assert words == "wave Kindergarten: as delivered times 0.5 minus 20"


def test_messages_to_who_wrote_the_configuration_use_its_names():
    names = ConfiguredNames(configuration())
    found = EmptyInUnits(
        result="warning", variable="math", level="school", wave="K", groups=2, of=79
    )
    check = At(found, "survey#/checks/0")
    assert check_title(check, names) == "math in each school"
    assert plain_text(check_words(check, names)) == ("schools without any value in wave K: 2 of 79")
    reason = NoId(level="pupil", reason=DeclaredMissing(meaning="refused"))
    assert plain_text(exclusion_words(At(reason, "survey#/x"), names)) == "no pupil id (refused)"


def test_units_in_waves_are_told_as_such():
    level = Level(unit="school", in_wave=True, ids=("school", "wave"))
    doubt = FewGroups(severity="warning", level=level, groups=4, needed=10)
    words = plain_text(doubt_words(At(doubt, "survey#/x"), _labels()))
    assert words.startswith("There are too few schools by wave to determine their variance well: 4")
    assert NAME not in words
