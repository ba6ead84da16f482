"""What is printed does not hang on the last digits of numbers, which differ between machines."""

from __future__ import annotations

import math
import random

import pytest

from mlm.pages.rounding import decimals_for_error, render, rounded
from tests.unit.pages.sample import files_of, inputs

pytestmark = pytest.mark.slow

NOISE = 1e-13  # relative; results of other processors and libraries agree better


def moved(value: object, rng: random.Random) -> object:
    """The same with every number that is not a count a little smaller or larger."""
    if isinstance(value, dict):
        return {key: moved(own, rng) for key, own in value.items()}
    if isinstance(value, list):
        return [moved(own, rng) for own in value]
    if isinstance(value, float):
        return value * (1.0 + rng.choice([-NOISE, NOISE]))
    return value


@pytest.mark.parametrize("seed", [1, 2])
def test_every_file_of_a_report_is_the_same_to_the_byte(sample_files, seed):
    given, rng = inputs(), random.Random(seed)
    for name in ("results", "residuals"):
        given[name] = moved(given[name], rng)
    again = files_of(given)
    assert again.keys() == sample_files.keys()
    assert [name for name in again if again[name] != sample_files[name]] == []


@pytest.mark.parametrize(
    ("value", "decimals", "style", "text"),
    [
        (0.5215, 1, "percent", "52.2%"),
        (0.5225, 1, "percent", "52.2%"),
        (52.15, 1, "number", "52.2"),
        (-2.5, 0, "number", "−2"),
        (15.0, -1, "number", "20"),
        (0.0125, 3, "p", "0.012"),
        (0.001, 3, "p", "0.001"),
        (0.00225, 0, "tiny", "2.2e-03"),
    ],
)
def test_halves_go_to_the_even_digit_from_both_sides(value, decimals, style, text):
    for near in (value, value * (1.0 - NOISE), value * (1.0 + NOISE), math.nextafter(value, 9.0)):
        assert render(near, decimals, style) == text
        assert rounded(near, decimals, style) == rounded(value, decimals, style)


def test_decimals_of_an_error_on_the_edge():
    assert {decimals_for_error(0.0995 * (1.0 + noise)) for noise in (-NOISE, 0.0, NOISE)} == {2}
