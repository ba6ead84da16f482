"""What is hidden leaves every small count a table in which it is as large as the threshold."""

from __future__ import annotations

import itertools

import pytest

from mlm.pages.disclosure.facts import exactly, quotient
from mlm.pages.disclosure.suppression.suppress import Knowledge, suppress

THRESHOLD = 4


def knowledge(values, relations, quotients=(), threshold=THRESHOLD, **more):
    """All counts printed, and shares or means of two of them to so many decimals."""
    facts = {key: exactly(key, value) for key, value in values.items()}
    for top, bottom, decimals in quotients:
        value = round(values[top] / values[bottom], decimals)
        facts[f"{top}/{bottom}"] = quotient(top, bottom, value, 0.5 * 10.0**-decimals)
    small = {key: threshold for key, value in values.items() if 0 < value < threshold}
    return Knowledge(values, relations, facts, small, **more)


def tables(known, hidden, highest=40):
    """All tables of whole counts that keep the relations and all that is still printed."""
    printed = [
        bound for fact, bounds in known.facts.items() if fact not in hidden for bound in bounds
    ]
    ends = [(0, 0) if known.values[key] == 0 else (1, highest) for key in "abc"]
    for a, b, c in itertools.product(*(range(low, high + 1) for low, high in ends)):
        made = {"a": a, "b": b, "c": c, "total": a + b + c, "ab": a + b}
        if all(bound.holds(made) for bound in printed):
            yield made


TABLES = [
    {"a": 3, "b": 4, "c": 9},
    {"a": 1, "b": 12, "c": 5},
    {"a": 1, "b": 1, "c": 12},
    {"a": 2, "b": 0, "c": 11},
]


@pytest.mark.battery
@pytest.mark.parametrize("shares", [(), (("a", "total", 2), ("b", "total", 2), ("ab", "total", 1))])
@pytest.mark.parametrize("parts", TABLES)
def test_every_small_count_may_be_as_large_as_the_threshold(parts, shares):
    values = {**parts, "total": sum(parts.values()), "ab": parts["a"] + parts["b"]}
    relations = [{"total": 1, "a": -1, "b": -1, "c": -1}, {"ab": 1, "a": -1, "b": -1}]
    known = knowledge(values, relations, shares)
    hidden = suppress(known)
    found = list(tables(known, hidden))
    assert values in found
    for key in known.needs:
        assert max(made[key] for made in found) >= THRESHOLD, (key, hidden)


def test_nothing_more_is_hidden_than_needed():
    values = {"read": 100, "kept": 97, "out": 3, "read2": 200, "kept2": 180, "out2": 20}
    values |= {"all_read": 300, "all_kept": 277, "all_out": 23}
    relations = [
        {"read": 1, "kept": -1, "out": -1},
        {"read2": 1, "kept2": -1, "out2": -1},
        {"all_read": 1, "read": -1, "read2": -1},
        {"all_kept": 1, "kept": -1, "kept2": -1},
        {"all_out": 1, "out": -1, "out2": -1},
    ]
    hidden = suppress(knowledge(values, relations))
    assert len(hidden) == 4 and hidden["out"] == "small"


def test_what_is_further_away_is_hidden_rather_than_a_dear_fact():
    """Few units of a wave are not used; all of the wave are told twice, and add up with others."""
    values = {"whole": 36, "used": 33, "rest": 3, "again": 36, "others": 50, "all": 86}
    relations = [
        {"whole": 1, "used": -1, "rest": -1},
        {"again": 1, "whole": -1},
        {"all": 1, "again": -1, "others": -1},
    ]
    assert suppress(knowledge(values, relations)).keys() == {"rest", "used"}
    hidden = suppress(knowledge(values, relations, dear={"used"})).keys()
    assert "used" not in hidden and {"rest", "whole", "again"} < hidden and len(hidden) == 4


def test_a_mean_that_tells_a_hidden_count_is_hidden():
    values = {"before": 80, "after": 79, "gone": 1, "people": 6325}
    relations = [{"before": 1, "after": -1, "gone": -1}]
    hidden = suppress(knowledge(values, relations, [("people", "after", 1)], threshold=10))
    assert {"gone"} < set(hidden)
    assert {"after", "people/after"} <= set(hidden) or "before" in hidden


def test_a_share_whose_last_digit_leaves_enough_open_is_shown():
    values = {"few": 3, "rest": 9_997, "all": 10_000}
    relations = [{"all": 1, "few": -1, "rest": -1}]
    hidden = suppress(knowledge(values, relations, [("few", "all", 2), ("rest", "all", 2)]))
    assert hidden == {"few": "small", "rest": "complementary"}


def test_a_count_that_was_shown_is_not_hidden_for_another():
    """What the version before showed cannot protect: another count is hidden instead."""
    values = {"all": 100, "few": 3, "a": 40, "b": 57}
    relations = [{"all": 1, "few": -1, "a": -1, "b": -1}]
    assert suppress(knowledge(values, relations)) == {"few": "small", "a": "complementary"}
    bound = suppress(knowledge(values, relations, known=["a"]))
    assert bound == {"few": "small", "b": "complementary"}
