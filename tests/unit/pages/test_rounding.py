"""The rounding rule and the printed forms of numbers."""

import pytest

from mlm.pages.derived import derive, trace
from mlm.pages.rounding import (
    count,
    decimals_for_error,
    half_even,
    number,
    p_equals,
    render,
    signed,
)
from mlm.results.reading import At
from mlm.results.survey.survey import UnitsInWaves


@pytest.mark.parametrize(
    ("error", "decimals"),
    [
        (0.96, 2),
        (0.994, 2),
        (0.996, 1),
        (0.12, 2),
        (1.2, 1),
        (9.94, 1),
        (9.96, 0),
        (12.0, 0),
        (99.6, -1),
        (123.0, -1),
        (12345.0, -3),
        (0.0035, 4),
        (0.00096, 5),
        (1e-12, 9),
    ],
)
def test_decimals_follow_the_standard_error(error, decimals):
    assert decimals_for_error(error) == decimals


@pytest.mark.parametrize("error", [None, 0.0, float("nan"), float("inf")])
def test_an_unknown_error_falls_back(error):
    assert decimals_for_error(error, default=3) == 3


@pytest.mark.parametrize(
    ("value", "decimals", "style", "text"),
    [
        (8.44, 1, "number", "8.4"),
        (-8.44, 1, "signed", "−8.4"),
        (8.44, 1, "signed", "+8.4"),
        (-0.04, 1, "signed", "0.0"),
        (0.04, 1, "signed", "0.0"),
        (1234567, 0, "count", "1,234,567"),
        (0.2345, 1, "percent", "23.4%"),
        (-0.0237, 1, "points", "−2.4"),
        (0.0004, 3, "p", "<0.001"),
        (0.0123, 3, "p_equals", "=\N{NO-BREAK SPACE}0.012"),
        (0.0, 3, "p_equals", "<\N{NO-BREAK SPACE}0.001"),
        (None, 1, "number", "[x]"),
        (float("nan"), 1, "number", "[x]"),
        (0.05, 0, "plain", "0.05"),
    ],
)
def test_printed_form(value, decimals, style, text):
    assert render(value, decimals, style) == text


def test_estimate_and_error_share_decimals():
    estimate, error = At(17.634, "results#/a/estimate"), At(0.61, "results#/a/std_error")
    assert (number(estimate, error).text, number(error, error).text) == ("17.63", "0.61")


def test_a_missing_value_is_marked_and_stays_missing():
    shown = signed(At(None, "results#/a/estimate"))
    assert (shown.text, shown.value) == ("[x]", None)


def test_sources_lead_back_through_operations():
    path = tuple(UnitsInWaves(waves=2, units=3 + i, persons=40) for i in range(2))
    results = At(path, "results#/a", tuple[UnitsInWaves, ...])
    inputs = {"results": {"a": [item.model_dump() for item in path]}}
    total = derive("sum", *(item.units for item in results))
    share = derive("ratio", total, results[0].waves)
    assert trace(share.source, inputs) == share.value == 3.5
    assert trace(count(derive("count", results)).source, inputs) == 2
    assert trace(derive("items", *results).source, inputs) == 2


def test_an_operation_on_a_missing_value_is_missing():
    assert derive("ratio", At(1, "results#/a"), At(None, "results#/b")).missing


def test_p_values_in_sentences_name_their_relation():
    assert p_equals(At(0.2, "results#/p")).text == "=\N{NO-BREAK SPACE}0.200"


def test_ends_far_beyond_their_error_are_rounded():
    assert half_even(-1.23456e30, 2) == -1.23456e30
    assert half_even(1e308, 300) == 1e308 and half_even(5e-324, 2) == 0.0
    assert render(-1e30, 2, "signed").startswith("−1,000,000,000,000,000,0")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.999, ">99%"), (1.0, ">99%"), (0.001, "<1%"), (0.994, "99%"), (0.5, "50%")],
)
def test_a_chance_is_neither_none_nor_all(value, text):
    assert render(value, 0, "chance") == text
