"""Effects of units by wave."""

from __future__ import annotations

import pytest

from mlm.pages.document import figures_of
from tests.unit.pages.sample import (
    document_of,
    everything,
    units,
)


@pytest.fixture
def given():
    return everything()


def trajectories(n: int) -> list[dict]:
    """Effects by wave of so many units, that of the fifth without rows in the second wave."""
    middle = (n - 1) / 2
    return [
        {
            "unit": [str(i + 1)],
            "estimate": [(i - middle) * 3.0, (i - middle) * 2.0, (middle - i) * 1.0],
            "std_error": [3.0, 3.1, 3.2],
            "present": [True, i != 4, True],
        }
        for i in range(n)
    ]


def chart_of_trajectories(given):
    figures = figures_of(document_of(given))
    return next((f for f in figures if f["id"] == "trajectories-school-chart"), None)


def test_effects_by_wave_are_lines_with_gaps_where_a_unit_is_absent(given):
    data = chart_of_trajectories(given)["data"]
    assert len(data["unit"]) == 36
    gaps = [(data["unit"][i], data["wave"][i]) for i, v in enumerate(data["estimate"]) if v is None]
    assert gaps == [("5", "Grade 1")]


@pytest.mark.parametrize("why", ["refused", "many"])
def test_effects_by_wave_are_bands_where_lines_may_not_or_cannot_be_told(given, why):
    level = given["results"]["over_time"]["levels"][0]
    if why == "refused":
        given["results"]["effects"][0]["licence"]["granted"] = False
    else:
        given["results"]["effects"][0]["units"] = units(400)
        many = {"units": trajectories(400), "present": [400, 399, 400]}
        level["details"]["trajectories"] |= many
    data = chart_of_trajectories(given)["data"]
    outer = {"refused": [], "many": ["2.5%", "97.5%"]}[why]  # of 11 units none lies beyond 2.5%
    shown = ["wave", *outer[:1], "10%", "25%", "50%", "75%", "90%", *outer[1:]]
    assert list(data) == shown
    assert all(len(values) == 3 for values in data.values())


def test_a_small_unit_has_no_line_and_bands_leave_out_its_quantiles(given):
    given["results"]["effects"][0]["units"][3]["n"] = 12
    data = chart_of_trajectories(given)["data"]
    assert "4" not in data["unit"] and "3" in data["unit"]
    given["results"]["effects"][0]["licence"]["granted"] = False
    assert chart_of_trajectories(given) is None
