"""Sizes of headlines in standard deviations of the outcome in a wave."""

from __future__ import annotations

import pytest

from mlm.pages.sizes import size_words
from mlm.pages.text import plain_text
from mlm.results.reading import At
from tests.unit.pages.sample import context_of, inputs


@pytest.mark.parametrize(("wave", "label"), [("K", "Kindergarten"), (None, "Grade 2")])
def test_a_difference_over_the_standard_deviation_of_the_wave(wave, label):
    context = context_of(inputs())
    sd = context.results.waves.find(wave=wave or "2").sd.value
    words = plain_text(size_words(context, At(1.5 * sd, "results#/n_obs"), wave))
    assert words == f"This is 1.50 standard deviations of Mathematics score in {label}."


def test_a_spread_that_is_not_known_gives_no_size():
    given = inputs()
    for wave in given["results"]["waves"]:
        wave["sd"] = None
    assert not size_words(context_of(given), At(3.0, "results#/n_obs"))


def test_a_spread_that_would_tell_of_one_unit_is_not_used():
    given = inputs()
    for item in given["survey"]["children"]:
        for sizes in item["by_wave"]:
            sizes["max"] = round(sizes["groups"] * sizes["mean"])
    assert not size_words(context_of(given), At(3.0, "results#/n_obs"))
