"""The page: identifiers of its parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.html import identifier


@given(st.text(max_size=20), st.text(max_size=20))
def test_names_that_differ_have_different_identifiers_of_safe_letters(one, other):
    assert identifier(one).replace("-", "").replace("_", "").isalnum() or not one.strip("-_")
    if one != other and not {"-"} & {*one, *other}:
        assert identifier(one) != identifier(other)
