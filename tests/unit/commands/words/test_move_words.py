"""Units that change the unit above them are told where a survey is checked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mlm.commands.words.move_words import move_words
from mlm.configuration import load_configuration
from mlm.results.survey.survey import UnitMoves
from tests.examples import ROOT


@pytest.fixture(scope="module")
def star():
    return load_configuration(ROOT / "config" / "star.yaml")


def told(configuration, *changes: int, crossed: int = 0) -> list[str]:
    """What is said of numbers of pupils, of 100, who change their school."""

    def moves(count: int) -> UnitMoves:
        return UnitMoves(level="pupil", parent="school", count=count, of=100, same_wave=0)

    account = SimpleNamespace(
        unit_changes=[moves(count) for count in changes], crossed_units=[moves(crossed)]
    )
    return list(move_words(configuration, account))


def test_units_that_move_are_counted_with_what_they_count_as(star):
    (text,) = told(star, 4)
    assert text.startswith("4 of 100 pupils changed their school")
    assert text.endswith("each counts as a new pupil")
    (text,) = told(star, crossed=4)
    assert text.endswith("each stays the same pupil")


def test_ids_that_many_units_share_are_doubted(star):
    (text,) = told(star, 51)
    assert text.startswith("please look: 51 of 100") and "ids: local" in text


def test_nothing_is_said_where_none_moves_or_waves_were_not_linked(star):
    assert told(star, 0) == []
    assert list(move_words(star, None)) == []
