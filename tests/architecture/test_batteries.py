"""What of a battery runs each time shows every value of every parameter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import representative

SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=3)


def all_cases(sizes: list[int]) -> list[set[tuple[str, str]]]:
    """The cases of parameters that have so many values each."""
    cases: list[set[tuple[str, str]]] = [set()]
    for name, size in zip("abc", sizes, strict=False):
        cases = [case | {(name, str(value))} for case in cases for value in range(size)]
    return cases


@given(SIZES)
def test_every_value_is_shown_by_as_few_cases_as_can_be(sizes):
    cases = all_cases(sizes)
    kept = representative(cases)
    assert set().union(*(cases[place] for place in kept)) == set().union(*cases)
    assert len(kept) == max(sizes)


@given(SIZES, st.integers(1, 5))
def test_no_more_are_kept_than_asked_for(sizes, most):
    kept = representative(all_cases(sizes), most)
    assert len(kept) == min(most, max(sizes))
