"""Reports of samples with errors that are not known: each section is made all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mlm.pages.kinds.sampled import SECTIONS
from mlm.pages.rounding import NOT_AVAILABLE
from mlm.pages.sections.sampled.stability import stability_words
from mlm.pages.sections.sampled.variation import variation_answer
from mlm.pages.text import plain_text
from tests.unit.pages.sampled import sampled_context
from tests.unit.pages.sampled.variants import VARIANTS

pytestmark = pytest.mark.slow
ERRORS = ("std_error", "sampling_error", "measurement_error", "df", "p_value", "lower", "upper")
Place = tuple[str | int, ...]


def estimates(value: Any, place: Place = ()) -> Iterator[tuple[Place, dict]]:
    """Every estimate of stored results, with its place."""
    if isinstance(value, dict):
        if {"std_error", "lower", "upper", "sampling_error"} <= value.keys():
            yield place, value
        for key, part in value.items():
            yield from estimates(part, (*place, key))
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from estimates(part, (*place, i))


def kind_of(place: Place) -> Place:
    """The fields that lead to an estimate, whichever of its kind it is."""
    return tuple(part for part in place if isinstance(part, str))


def without_errors(given: dict, kind: Place) -> dict:
    """Inputs with nothing known of the errors of the estimates of a kind."""
    for place, found in estimates(given["results"]):
        if kind_of(place) == kind:
            found |= {name: None for name in (*ERRORS, "t") if name in found}
    return given


KINDS = sorted({kind_of(place) for place, _ in estimates(VARIANTS["everything"]()["results"])})


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_sections_are_made_whatever_error_is_unknown(kind):
    context = sampled_context(without_errors(VARIANTS["everything"](), kind))
    made = [make(context) for make in SECTIONS]
    assert any(section is not None for section in made)


def test_a_correlation_without_an_interval_is_told_by_itself():
    kind = ("over_time", "levels", "average")
    context = sampled_context(without_errors(VARIANTS["everything"](), kind))
    item = context.results.over_time.levels[0]
    assert plain_text(stability_words(context, item)) == (
        "The effects of the same schools in two waves correlate by 0.71: so large a part of their "
        "variance lasts; the rest, between schools by wave, is of single waves."
    )


def test_shares_without_intervals_are_told_by_themselves():
    context = sampled_context(without_errors(VARIANTS["everything"](), ("null", "shares")))
    said = plain_text(variation_answer(context))
    assert "lies between schools and" in said
    assert NOT_AVAILABLE not in said and "interval" not in said
