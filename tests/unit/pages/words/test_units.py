"""Units by their ids."""

from __future__ import annotations

import pytest

from mlm.pages.words.units import counted_units, unit_name, units_in_order
from tests.unit.pages.sample import context_of, everything


@pytest.mark.parametrize(
    ("ids", "order"),
    [
        ([["10"], ["9"], ["100"]], ["9", "10", "100"]),
        ([["School 10"], ["School 9"]], ["School 9", "School 10"]),
        ([["B", "2"], ["A", "10"], ["A", "9"]], ["A / 9", "A / 10", "B / 2"]),
        ([["b"], ["A"], ["7"]], ["7", "A", "b"]),
    ],
)
def test_numbers_in_ids_stand_by_their_size(ids, order):
    given = everything()
    effect = given["results"]["effects"][0]
    effect["units"] = effect["units"][: len(ids)]
    for unit, each in zip(effect["units"], ids, strict=True):
        unit["unit"] = each
    units = context_of(given).results.effects[0].units
    assert [unit_name(unit.unit.value) for unit in units_in_order(units)] == order


def test_a_hidden_number_of_units_leaves_its_mark():
    context = context_of(everything())
    level, size = context.sizes[0]
    runs = counted_units(context.labels, level, size)
    assert runs[0]["instead"] == f"{context.labels.plural(level)} (number hidden)"
