"""Numbers that no computer can square are refused wherever a configuration gives them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.configuration.magnitude import is_usual
from mlm.errors import ConfigurationError
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

NUMBERS = {
    "rescale": ("ses: {label", "ses: {{rescale: [{}, 0], label"),
    "rescale in a wave": ("ses: {label", "ses: {{by_wave: {{a: {{rescale: [2, {}]}}}}, label"),
    "time": ("time: 1,", "time: {},"),
    "range": ("range: [0, 100]", "range: [0, {}]"),
    "derive": (
        "variables:\n",
        'variables:\n  d: {{label: D, type: number, level: row, derive: "ses * {}"}}\n',
    ),
    "derive in parts": (
        "variables:\n",
        "variables:\n  d: {{label: D, type: number, level: row, "
        'derive: "log(ses) - (1 + {}) ** 2"}}\n',
    ),
}


@pytest.mark.parametrize("number", ["1e308", "1e300", "1e999", "9" * 200, "1e16", "1e-300"])
@pytest.mark.parametrize("place", NUMBERS)
def test_numbers_out_of_proportion_are_refused_with_their_line(tmp_path, place, number):
    before, after = NUMBERS[place]
    text = CONFIGURATION.replace(before, after.format(number), 1)
    with pytest.raises(
        ConfigurationError, match=r"line 1\d, .*(beyond the numbers|a finite number)"
    ):
        write_survey(tmp_path, text)


@given(st.floats(allow_nan=False))
def test_what_is_usual_stays_a_number_in_products(number):
    if is_usual(number):
        power = (number * number) ** 4
        assert power == power and abs(power) != float("inf")
        assert number == 0 or power > 0
