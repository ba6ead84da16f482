"""The first screen has at most 120 words, however long the titles above the findings are."""

from __future__ import annotations

import copy

import pytest

from mlm.pages.findings.chosen import LAST, chosen_findings, chosen_of
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.first_screen import (
    LEAST_ROOM,
    MOST_WORDS,
    most_words_in,
    room_for_findings,
    words_in,
)
from mlm.pages.text import say
from tests.unit.pages.findings.first_screens import first_screen
from tests.unit.pages.sample import context_of, document_of, everything, inputs

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("words", [0, 15, 30, 45])
@pytest.mark.parametrize("make", [inputs, everything])
def test_longer_titles_leave_fewer_findings(make, words):
    given = copy.deepcopy(make())
    given["configuration"]["title"] = " ".join(["survey"] * (words + 1))
    given["configuration"]["publication"] = {"publisher": "Office of Statistics", "licence": "CC"}
    document = document_of(given)
    assert words_in(first_screen(document)) <= MOST_WORDS
    assert document["findings"]["items"]


@pytest.mark.parametrize("code", ["en", "fr"])
def test_reports_in_each_language_keep_to_it(code):
    given = copy.deepcopy(inputs())
    given["configuration"]["language"] = code
    assert words_in(first_screen(document_of(given))) <= MOST_WORDS


def test_a_title_of_a_hundred_words_leaves_room_for_one_finding_at_least():
    given = copy.deepcopy(inputs())
    given["configuration"]["title"] = " ".join(["survey"] * 100)
    context = context_of(given)
    assert room_for_findings(context) == LEAST_ROOM
    assert chosen_findings(context).told


def test_counts_that_may_be_hidden_have_room_for_the_words_in_their_place():
    runs = [
        {"text": "Schools form groups: "},
        {"text": "12", "style": "tally"},
        {"text": " above."},
    ]
    hidden = [runs[0], {"text": "fewer than 10"}, runs[2]]
    assert most_words_in(runs) == most_words_in(hidden) == words_in(hidden) == 7


def test_signs_that_stand_alone_are_no_words():
    assert words_in("12 pupils \N{MIDDLE DOT} 3 schools \N{EN DASH} 0.5 SD") == 6


def finding(kind: str, words: int) -> Finding:
    text = say(" ".join([kind] * words))
    return Finding(key=f"{kind}{words}", kind=kind, runs=text, short=text, section="data")


def test_what_is_least_takes_no_room_of_what_is_longer():
    """A slope of few words is not told in the place of a gap that has no room."""
    found = [finding("policy", 40), finding("gap", 30), finding("slope", 5), finding("ranking", 9)]
    told = chosen_of(found, [], 60).told
    assert [each.kind for each in told] == ["policy", "ranking"] and "slope" in LAST
    told = chosen_of([found[0], *found[2:]], [], 60).told
    assert [each.kind for each in told] == ["policy", "ranking", "slope"]


def test_the_first_finding_is_told_whatever_room_there_is():
    assert len(chosen_of([finding("policy", 40), finding("gap", 3)], [], 10).told) == 1
