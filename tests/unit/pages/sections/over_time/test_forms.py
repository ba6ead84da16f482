"""Forms of the covariance of effects over waves, in words."""

from __future__ import annotations

from typing import get_args

import pytest

from mlm.pages.sections.over_time import forms
from mlm.pages.text import plain_text
from mlm.results.random_part import WaveForm
from tests.unit.pages.sample import context_of, everything


def test_every_form_has_words():
    assert set(forms.FORMS) == set(get_args(WaveForm))


@pytest.mark.parametrize(
    ("form", "waves", "is_average"),
    [
        ("unstructured", 3, True),
        ("unstructured", 2, False),
        ("autoregressive", 3, True),
        ("line", 3, True),
        ("variances_by_wave", 3, False),
        ("part_by_wave", 3, False),
        ("constant", 3, False),
    ],
)
def test_one_correlation_is_not_called_an_average(form, waves, is_average):
    given = everything()
    level = given["results"]["over_time"]["levels"][0]
    level |= {"form": form, "waves": level["waves"][:waves]}
    context = context_of(given)
    said = plain_text(forms.correlation_words(context, context.results.over_time.levels[0]))
    assert ("on average" in said) is is_average
    assert "(95% interval 0.41 to 0.77)" in said


def test_a_correlation_without_an_interval_is_told_without():
    given = everything()
    given["results"]["over_time"]["levels"][0]["average"] |= {"lower": None}
    context = context_of(given)
    said = plain_text(forms.correlation_words(context, context.results.over_time.levels[0]))
    assert said.endswith("correlate 0.74 on average.")


def test_a_form_that_is_not_ruled_out_is_named_where_intervals_hold_its_correlations():
    given = everything()
    level = given["results"]["over_time"]["levels"][0]
    for other, is_named in ((None, False), ("autoregressive", True)):
        level["other_form"] = other
        context = context_of(given)
        told = forms.intervals_table(context, context.results.over_time.levels[0])
        said = plain_text(told["notes"][0])
        assert ("correlations that fade with time" in said) is is_named
