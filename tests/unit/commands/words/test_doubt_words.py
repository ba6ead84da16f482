"""What should be looked at is told by a check, and warned of by a run."""

from __future__ import annotations

import warnings

import pytest

from mlm.commands.words.doubt_words import doubt_words, warn_of_doubts
from mlm.errors import SurveyDoubt
from mlm.results.level import Level
from mlm.results.survey.checks import EmptyInUnits, FoundElsewhere
from mlm.results.survey.separability import OneGroup
from mlm.results.survey.spellings import SpelledOtherwise, TwoSpellings
from tests.unit.pages.sample import inputs, records

LOST = SpelledOtherwise(
    result="warning",
    level="pupil",
    wave="1",
    other="K",
    units=99,
    of=200,
    spellings=("zeros",),
    shapes=(TwoSpellings(here="99", there="099"),),
    ids=(),
)
MOVED = FoundElsewhere(
    result="ok", level="pupil", parent="school", wave="K", other="1", count=20, of=200
)


@pytest.fixture
def survey():
    """The sample with pupils who lost the zeros of their ids, and what cannot be told apart."""
    found = records(inputs())
    school = Level(unit="school", ids=("school",))
    one = [OneGroup(severity=severity, level=school) for severity in ("warning", "note")]
    empty = EmptyInUnits(
        result="warning", variable="math", level="school", wave="K", groups=2, of=79
    )
    changes = {"checks": (*found["survey"].checks, empty, LOST, MOVED), "separability": tuple(one)}
    return found["configuration"], found["survey"].model_copy(update=changes)


def test_a_run_warns_of_all_that_touches_numbers_with_its_remedy(survey):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_doubts(*survey)
    assert {warning.category for warning in caught} == {SurveyDoubt}
    ids, __ = (str(warning.message) for warning in caught)
    assert ids.startswith("sample: ids of pupil: 99 of 200 pupils of wave 1")
    assert "count as new pupils" in ids
    assert "written 099 in wave K and 99 in wave 1" in ids
    assert ids.endswith("write 'ignore: [zeros]' at the level pupil of the configuration")


def test_a_check_tells_of_notes_too(survey):
    texts = doubt_words(*survey)
    assert [text.split(": ")[0] for text in texts] == [
        "please look",
        "please look",
        "pupil stays in its school",
        "warning",
        "note",
    ]
