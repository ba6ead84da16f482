"""The view of a record: attributes are its fields, and every value knows its place."""

from __future__ import annotations

import pytest

from mlm.results.level import Level
from mlm.results.reading import At
from mlm.results.reason import NoVariationWithin
from mlm.results.reference import ChiSquaredPart, Mixture
from mlm.results.slopes import RefusedSlope
from mlm.results.test import Test


@pytest.fixture
def at():
    parts = (ChiSquaredPart(df=0, weight=0.25), ChiSquaredPart(df=1, weight=0.75))
    test = Test(statistic=9.3, df=1, reference=Mixture(parts=parts), p_value=0.041)
    return At(test, "results#/slopes/0/test")


def test_every_value_knows_the_place_it_was_read_from(at):
    weight = at.reference.parts[1].weight
    assert (weight.value, weight.source) == (
        0.75,
        "results#/slopes/0/test/reference/parts/1/weight",
    )
    assert [part.df.value for part in at.reference.parts] == [0, 1]


def test_an_unknown_field_is_an_error_that_names_the_known_ones(at):
    with pytest.raises(AttributeError, match="has no pvalue; it has .*p_value"):
        at.pvalue  # noqa: B018


def test_a_missing_value_keeps_the_fields_of_its_kind(at):
    assert at.p_adjusted.missing
    slope = RefusedSlope(
        variable="ses", level=Level(unit="school", ids=("school",)), reason=NoVariationWithin()
    )
    node = At(slope, "results#/slopes/0")
    assert node.reason.kind.value == "no_variation_within"
    with pytest.raises(AttributeError):
        node.test  # noqa: B018


def test_an_item_is_found_by_its_fields(at):
    assert at.reference.parts.find(df=1).source.endswith("parts/1")
    assert at.reference.parts.find(df=7) is None


def test_a_view_is_neither_true_nor_false(at):
    with pytest.raises(TypeError, match="missing"):
        bool(at.p_value)


def test_a_field_named_as_an_attribute_of_the_view_is_read_with_an_underscore():
    from mlm.results.variation import RowCorrelation

    level = Level(unit="school", ids=("school",))
    at = At(RowCorrelation(level=level, value=0.2, lower=None, upper=None), "results#/x")
    assert (at.value_.value, at.value_.source) == (0.2, "results#/x/value")
    with pytest.raises(AttributeError):
        at.level_  # noqa: B018
