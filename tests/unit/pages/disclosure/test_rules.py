"""Rules: how open a hidden count must stay."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.disclosure.rules import OPEN_WIDTH, Rules


@given(st.integers(1, 30), st.integers(1, 12), st.integers(2, 30))
def test_a_hidden_total_stays_open_to_the_threshold_and_by_a_share_of_itself(value, persons, least):
    need = Rules(threshold=least).open_to(value, persons)
    assert need * persons >= least
    assert (need - value) * persons >= OPEN_WIDTH * value * persons
    fewer = (need - 1) * persons
    assert fewer < max(least, (1 + OPEN_WIDTH) * value * persons)


def test_nine_persons_are_not_known_to_be_nine_or_ten():
    assert [Rules().open_to(value) for value in (1, 6, 7, 8, 9)] == [10, 10, 11, 12, 14]
