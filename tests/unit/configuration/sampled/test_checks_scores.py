"""Plausible values, cuts and links between waves without sense are told with their place."""

from __future__ import annotations

import pytest

from mlm.errors import ConfigurationError
from tests.unit.configuration.sampled.surveys import loaded

NUMBER = {"label": "A number", "type": "number", "level": "row"}
SCORES = {
    "one value": (
        {"plausible_values": {"math": "PV1MATH"}},
        "plausible_values.math: plausible values of math: 1 column (PV1MATH); expected 2 or more",
    ),
    "a score that is no variable": (
        {"plausible_values": {"math": "A1-A3", "maths": "B1-B3"}},
        "plausible_values.maths: 'maths' is not a variable; did you mean 'math'?",
    ),
    "a score that is read": (
        {"math": {**NUMBER, "unit": "points", "column": "MATH"}},
        "variables.math.column: 'math' is read from its plausible values",
    ),
    "a score of schools": (
        {"math": {**NUMBER, "unit": "points", "level": "school"}},
        "plausible_values.math: 'math' must be a number at level row",
    ),
    "a value that is a term": (
        {"plausible_values": {"math": ["escs", "B", "C"]}},
        "analyses.math: 'escs' is a plausible value; it is neither an outcome nor a term",
    ),
    "a value of two scores": (
        {"plausible_values": {"math": ["A", "B"], "escs": ["B", "C"]}},
        "plausible_values.escs: 'B' is named twice; each plausible value has its own column",
    ),
    "other numbers of values": (
        {"plausible_values": {"math": "A1-A3", "escs": "B1-B2"}},
        "plausible values pair by their number, and those of its scores have math 3, escs 2",
    ),
    "uneven nests": (
        {"plausible_values": {"math": {"columns": "A1-A5", "nests": 2}}},
        "plausible_values.math.nests: 5 columns cannot stand in 2 nests of the same size",
    ),
    "what is computed from a score": (
        {"size": {**NUMBER, "derive": "math / 10"}},
        "variables.size.derive: 'size' is computed from math, which is known by plausible values",
    ),
    "a value that is a weight": (
        {"plausible_values": {"math": ["W_FSTUWT", "B"]}},
        "'W_FSTUWT' is named twice",
    ),
    "strata that are weights": (
        {"strata": "W_FSTUWT"},
        "sampling.strata: 'W_FSTUWT' is a sampling weight; it cannot be a stratum of the sample",
    ),
    "a colon in ids": ({"strata": "A:B"}, "'A:B' holds a colon, which joins ids"),
    "the name of a level": (
        {"plausible_values": {"math": ["school", "B"]}},
        "'school' is the name of ids in the clean tables",
    ),
    "a cut of no variable": (
        {"minimum_proficiency": {"maths": 420}},
        "minimum_proficiency.maths: 'maths' is not a variable; did you mean 'math'?",
    ),
    "a cut of no outcome": (
        {"minimum_proficiency": {"escs": 0}},
        "minimum_proficiency.escs: 'escs' is the outcome of no analysis",
    ),
    "a cut without a unit": (
        {"math": NUMBER},
        "minimum_proficiency.math: 'math' has no unit, and a cut is a number of it",
    ),
    "a cut of a standardised score": (
        {"math": {**NUMBER, "unit": "points", "standardise": "within_wave"}},
        "'math' is no longer on the scale of the cut (standardise)",
    ),
    "two equal cuts": (
        {"minimum_proficiency": {"math": {"low": 400, "high": 400}}},
        "two cuts have the same value",
    ),
    "a link of no pair": (
        {"linking_error": {"math": {"2018-2022": 2}}},
        "linking_error.math.2018-2022: '2018-2022' is no pair of waves; write '2018 to 2022'",
    ),
    "a link to no wave": (
        {"linking_error": {"math": {"2018 to 2023": 2}}},
        "'2023' is not a wave; did you mean '2022'?",
    ),
    "a link backwards": (
        {"linking_error": {"math": {"2022 to 2018": 2}}},
        "2018 does not come after 2022; write the earlier wave first",
    ),
    "a link without error": (
        {"linking_error": {"math": {"2018 to 2022": 0}}},
        "must be greater than 0",
    ),
    "a cut without a sample": (
        {"sampling": None, "plausible_values": None, "linking_error": None},
        "minimum_proficiency.math: this is used where rows have sampling weights or scores",
    ),
}


@pytest.mark.parametrize("case", SCORES)
def test_a_mistake_is_told(tmp_path, case):
    changes, expected = SCORES[case]
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, **changes)
    assert expected in str(caught.value)
