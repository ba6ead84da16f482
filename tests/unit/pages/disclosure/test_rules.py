"""Rules: how open a hidden count must stay."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.disclosure.rules import OPEN_WIDTH, Rules
from mlm.results.reading import At
from mlm.results.storing.table_rows import TableRows
from mlm.results.units import UnitEffect
from tests.unit.results.storing.test_table_rows import COLUMNS, N


@given(st.integers(1, 30), st.integers(1, 12), st.integers(2, 30))
def test_a_hidden_total_stays_open_to_the_threshold_and_by_a_share_of_itself(value, persons, least):
    need = Rules(threshold=least).open_to(value, persons)
    assert need * persons >= least
    assert (need - value) * persons >= OPEN_WIDTH * value * persons
    fewer = (need - 1) * persons
    assert fewer < max(least, (1 + OPEN_WIDTH) * value * persons)


def test_nine_persons_are_not_known_to_be_nine_or_ten():
    assert [Rules().open_to(value) for value in (1, 6, 7, 8, 9)] == [10, 10, 11, 12, 14]


@pytest.mark.parametrize("waves", [1, 2, 4])
@pytest.mark.parametrize("are_columns", [True, False])
def test_units_that_may_be_named_are_those_of_which_each_may(waves, are_columns):
    rules, sizes = Rules(threshold=3, waves=waves), np.array([2, 3, 6, 9, 10])
    units = TableRows(UnitEffect, {**COLUMNS, "n": sizes})
    items = At(units if are_columns else tuple(units), "results#/effects/0/units")
    found = [unit.n.value for unit in rules.named(items)]
    assert found == [int(n) for n in sizes if math.ceil(n / waves) >= 3]
    assert [rules.may_name(unit) for unit in items] == [n in found for n in sizes.tolist()]
    assert len(Rules("controlled").named(items)) == N
    assert not Rules(nameless=("results#/effects/0/",)).named(items)
