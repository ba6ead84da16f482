"""The page: what does not apply is said once a line, and every cell stays in its column."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.html import identifier, joined

TEXTS = st.lists(st.sampled_from(["[z]", "[c]", "1.5"]), min_size=1, max_size=9)


@given(TEXTS)
def test_cells_that_do_not_apply_are_one_and_no_column_is_lost(texts):
    cells = [{"text": text} for text in texts]
    found = joined(cells)
    assert found[0] == (cells[0], 0, 1)
    covered = [place for _, start, span in found for place in range(start, start + span)]
    assert covered == list(range(len(cells)))
    for cell, start, span in found:
        assert {cells[place]["text"] for place in range(start, start + span)} == {cell["text"]}
    pairs = zip(found[1:], found[2:], strict=False)
    assert not any(a[0]["text"] == b[0]["text"] == "[z]" for a, b in pairs)


@given(st.text(max_size=20), st.text(max_size=20))
def test_names_that_differ_have_different_identifiers_of_safe_letters(one, other):
    assert identifier(one).replace("-", "").replace("_", "").isalnum() or not one.strip("-_")
    if one != other and not {"-"} & {*one, *other}:
        assert identifier(one) != identifier(other)
