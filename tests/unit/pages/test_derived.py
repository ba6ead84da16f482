"""Numbers of items are traced to what is stored, however many the items are."""

from __future__ import annotations

import pytest

from mlm.pages import derived
from mlm.pages.derived import number_of, trace
from mlm.pages.disclosure.names import name_of
from mlm.results.analysis import AnalysisResults
from mlm.results.reading import At
from mlm.results.some_items import Some
from mlm.results.storing.table_rows import in_columns
from mlm.results.storing.tabled import data_of
from mlm.results.units import UnitEffect
from tests.unit.results.storing.test_tabled import results


@pytest.mark.parametrize("most", [0, 10_000])
@pytest.mark.parametrize("are_columns", [True, False])
def test_the_number_of_some_units_is_that_of_those_stored(most, are_columns, monkeypatch):
    monkeypatch.setattr(derived, "ITEMS_NAMED", most)
    found = results("results")
    if are_columns:
        effects = [
            each.model_copy(update={"units": in_columns(UnitEffect, each.units)})
            for each in found.effects
        ]
        found = found.model_copy(update={"effects": tuple(effects)})
    units = Some(At(found, "results#").effects[0].units)
    some = units.only("side", "is", "expected").only("n", "least", 2)
    number = number_of(some)
    assert 0 < number.value == len(some) < len(units)
    assert (number.source["op"] == "matching") == (most == 0)
    for data in (data_of(found), found.model_dump(mode="json", by_alias=True)):
        assert trace(number.source, {"results": data}) == number.value
        assert name_of(number.source, {"results": data})
    assert number_of(units.only("side", "is", "unknown")).value == 0


def test_data_of_results_are_those_of_a_file_that_is_whole():
    found = results("results")
    whole = found.model_dump(mode="json", by_alias=True)
    data = data_of(found)
    rows = data["effects"][0]["units"]
    assert [rows[i] for i in range(len(rows))] == whole["effects"][0]["units"]
    data["effects"][0]["units"] = whole["effects"][0]["units"]
    assert {key: value for key, value in data.items() if key != "over_time"} == {
        key: value for key, value in whole.items() if key != "over_time"
    }
    assert isinstance(found, AnalysisResults)
