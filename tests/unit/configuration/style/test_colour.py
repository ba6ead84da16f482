"""Colours contrast as WCAG says, and are shifted only as far as is needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.configuration.style.colour import contrast, darker, distance, lighter, mixed

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [  # of WCAG's own definition and of WebAIM's contrast checker
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#000000", 5.25),
    ],
)
def test_the_ratio_of_known_pairs(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


def test_distances_of_known_pairs():
    """White and black are 100 apart in L*; red and green as CIE 1976 has them."""
    assert distance("#ffffff", "#000000") == pytest.approx(100, abs=0.05)
    assert distance("#ff0000", "#00ff00") == pytest.approx(170.6, abs=0.3)


@given(COLOURS, COLOURS)
def test_contrast_and_distance_know_no_order(one, other):
    assert contrast(one, other) == contrast(other, one) >= 1
    assert distance(one, other) == pytest.approx(distance(other, one))


@given(COLOURS, st.floats(3, 7))
def test_a_shifted_colour_contrasts_enough_and_is_the_nearest(colour, ratio):
    assert contrast(darker(colour, ["#ffffff"], ratio), "#ffffff") >= ratio
    assert contrast(lighter(colour, "#000000", ratio), "#000000") >= ratio
    if contrast(colour, "#ffffff") >= ratio:
        assert darker(colour, ["#ffffff"], ratio) == colour


@given(COLOURS, COLOURS)
def test_a_mixture_lies_between(one, other):
    assert mixed(one, other, 0.0) == one
    assert mixed(one, other, 1.0) == other
