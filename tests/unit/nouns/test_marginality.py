"""Which terms may leave, and which leaves next."""

from __future__ import annotations

import pytest

from mlm.nouns.formula import parse_formula, parse_term
from mlm.nouns.marginality import Marginality

MODEL = parse_formula("y ~ x * a + I(x ** 2) + z + w + (1 + z | g)")


def rule(*protected: str) -> Marginality:
    return Marginality(MODEL.terms, [*map(parse_term, protected), *MODEL.slopes])


def names(found: Marginality, places) -> list[str]:
    return [str(found.terms[i]) for i in places]


def test_what_may_leave_a_model():
    found = rule("w")
    assert sorted(names(found, found.droppable(found.all))) == ["I(x ** 2)", "x:a"], (
        "z has a random slope, w is protected, x and a are margins"
    )


def test_a_margin_may_leave_when_nothing_above_it_stays():
    found = rule("w")
    kept = sum(1 << i for i, term in enumerate(found.terms) if str(term) in {"x", "a", "z"})
    assert sorted(names(found, found.droppable(kept))) == ["a", "x"]


def test_what_is_held_holds_its_margins():
    found = rule("x:a")
    assert sorted(map(str, found.members(found.free))) == ["I(x ** 2)", "w"]


@pytest.mark.parametrize(
    "p_values,alpha,expected",
    [
        ({"x:a": 0.5, "I(x ** 2)": 0.2, "w": 0.9}, 0.05, "x:a"),
        ({"x:a": 0.01, "I(x ** 2)": 0.2, "w": 0.9}, 0.05, "I(x ** 2)"),
        ({"x:a": 0.01, "I(x ** 2)": 0.02, "w": 0.9}, 0.05, "w"),
        ({"x:a": 0.01, "I(x ** 2)": 0.02, "w": 0.03}, 0.05, None),
        ({"x:a": 0.3, "I(x ** 2)": 0.3, "w": 0.3}, 0.05, "I(x ** 2)"),
    ],
)
def test_the_least_needed_of_the_highest_order_leaves_next(p_values, alpha, expected):
    found = rule()
    chosen = found.next_to_leave(
        found.all, lambda i: p_values[str(found.terms[i])], lambda i, p: p > alpha
    )
    assert (None if chosen is None else str(found.terms[chosen])) == expected


def test_lower_orders_are_not_asked_for_before_they_are_needed():
    found, asked = rule(), []

    def p_value(i: int) -> float:
        asked.append(str(found.terms[i]))
        return 0.5

    found.next_to_leave(found.all, p_value, lambda i, p: True)
    assert sorted(asked) == ["I(x ** 2)", "x:a"]
