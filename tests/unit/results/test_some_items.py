"""Some items of a tuple, in columns or as records."""

from __future__ import annotations

import pytest

from mlm.results.reading import At
from mlm.results.some_items import Some
from mlm.results.storing.table_rows import TableRows
from mlm.results.units import UnitEffect
from tests.unit.results.storing.test_table_rows import COLUMNS, records


@pytest.mark.parametrize("units", [TableRows(UnitEffect, COLUMNS), records()])
def test_some_items_are_those_that_have_what_is_asked_for(units):
    some = Some(At(units, "results#/effects/0/units"))
    above = some.only("side", "is", "above").only("n", "least", 1)
    assert [unit.source for unit in above] == ["results#/effects/0/units/2"]
    assert above.where == (("side", "is", "above"), ("n", "least", 1)) and len(some) == 5
    assert [unit.n.value for unit in some[3:]] == [3, 4] and some[-1].n.value == 4
    assert not some.only("side", "is", "unknown") and some.column("n").tolist() == [0, 1, 2, 3, 4]
