"""Findings on units: both sides are named or neither, and who is not counted is said."""

from __future__ import annotations

import pytest

from mlm.pages.findings.ranking import NAMED_ON_A_SIDE
from mlm.pages.findings.second_page import MOST_NAMES, units_named
from mlm.pages.text import plain_text, started
from tests.unit.pages.findings.test_chosen import findings_of
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import context_of, document_of, inputs, units


def of_sides(above: int, below: int) -> dict:
    """The sample with so many schools above expectation and below it, and five as expected."""
    given = inputs()
    effect = given["results"]["effects"][0]
    effect["units"] = units(above + below + 5)
    for place, unit in enumerate(effect["units"]):
        unit["side"] = "below" if place < below else "expected" if place < below + 5 else "above"
    return given


def told(given: dict) -> str:
    (found,) = [each for each in findings_of(given)[1] if each.kind == "ranking"]
    return plain_text(started(found.runs))


@pytest.mark.parametrize(("above", "below"), [(MOST_NAMES + 1, 2), (2, MOST_NAMES + 1)])
def test_a_brief_names_the_units_of_both_sides_or_of_neither(above, below):
    assert units_named(context_of(of_sides(above, below))) == []
    both = units_named(context_of(of_sides(2, MOST_NAMES)))
    assert [plain_text(words).split()[1] for words in both] == ["above", "below"]


def test_a_sentence_names_the_units_of_both_sides_or_of_neither():
    assert told(of_sides(2, 3)).count("(") == 2
    for sides in ((2, NAMED_ON_A_SIDE + 1), (NAMED_ON_A_SIDE + 1, 2)):
        assert "(" not in told(of_sides(*sides))
    assert told(of_sides(0, 3)).count("(") == 1


def test_units_that_are_not_counted_are_told_of():
    given = of_sides(2, 3)
    assert "not counted" not in told(given)
    given["results"]["effects"][0]["units"][3]["n"] = 9
    words = "; those that may have fewer than 10 people are not counted."
    assert told(given).endswith(words)
    text = sentences(document_of(given))
    assert "Schools that may have fewer than 10 people are not counted here." in text
