"""Tests in words, by the distribution that they are referred to."""

from __future__ import annotations

import pytest

from mlm.pages.phrases import is_clear, is_conservative, is_made, p_adjusted
from mlm.pages.phrases import test as words
from mlm.pages.text import plain_text
from mlm.pages.words.references import distribution_words
from mlm.results.reading import At
from mlm.results.reason import SameParameters
from mlm.results.reference import ChiSquared, ChiSquaredPart, FDistribution, Mixture, Simulated
from mlm.results.test import RefusedTest, Test


def found(reference, df=2, p_value=0.011):
    test = Test(statistic=9.14, df=df, reference=reference, p_value=p_value)
    return At(test, "results#/slopes/0/test")


def mixture(*weights):
    return Mixture(parts=tuple(ChiSquaredPart(df=i, weight=w) for i, w in enumerate(weights)))


@pytest.mark.parametrize(
    ("reference", "df", "shown"),
    [
        (ChiSquared(df=1), 1, "χ² = 9.1 on 1 degree of freedom, p = 0.011"),
        (ChiSquared(df=5, factor=1.07), 5, "χ² = 9.1, referred to 1.07 times χ² on 5 degrees"),
        (mixture(0.5, 0.5), 1, "χ² = 9.1 against ½χ²₀ + ½χ²₁, p = 0.011"),
        (mixture(0.25, 0.5, 0.25), 2, "χ² = 9.1 against 0.25χ²₀ + ½χ²₁ + 0.25χ²₂, p = 0.011"),
        (Simulated(draws=5000, of="projections"), 6, "χ² = 9.1 against 5,000 simulated projection"),
        (FDistribution(df=2, denominator=77.42), 2, "F = 9.1 on 2 and 77.4 degrees of freedom"),
        (FDistribution(df=2, denominator=None), 2, "F = 9.1 on 2 and infinitely many degrees"),
    ],
)
def test_a_test_names_its_reference(reference, df, shown):
    assert plain_text(words(found(reference, df))).replace("\xa0", " ").startswith(shown)


def test_the_numbers_of_a_mixture_keep_their_places():
    runs = words(found(mixture(0.25, 0.5, 0.25)))
    sources = [run["source"] for run in runs if "source" in run]
    assert "results#/slopes/0/test/reference/parts/2/weight" in sources


def test_a_refused_test_is_neither_made_nor_clear():
    refused = At(RefusedTest(reason=SameParameters()), "results#/x")
    assert not is_made(refused) and not is_clear(refused, 0.05)
    assert is_clear(found(ChiSquared(df=2)), 0.05)
    assert not is_clear(found(ChiSquared(df=2), p_value=0.2), 0.05)
    assert not is_made(At(None, "results#/x"))


def test_a_conservative_distribution_is_known_as_one():
    assert is_conservative(found(ChiSquared(df=5, conservative="several_variances")))
    assert not is_conservative(found(ChiSquared(df=5)))
    assert not is_conservative(found(mixture(0.5, 0.5)))


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        (ChiSquared(df=12), "χ²₁₂"),
        (ChiSquared(df=5, factor=1.074), "1.07χ²₅"),
        (mixture(0.25, 0.5, 0.25), "0.25χ²₀ + ½χ²₁ + 0.25χ²₂"),
        (Simulated(draws=999, of="responses"), "999 simulated sets of responses"),
        (FDistribution(df=2, denominator=77.42), "F(2,\xa077.4)"),
        (FDistribution(df=2, denominator=None), "F(2,\xa0∞)"),
    ],
)
def test_a_distribution_in_a_cell_of_a_table(reference, shown):
    assert plain_text(distribution_words(At(reference, "results#/x"))) == shown


def test_a_family_of_one_needs_no_adjustment():
    alone = found(ChiSquared(df=2), p_value=0.011)
    assert p_adjusted(alone).value == 0.011
    among = alone.value.model_copy(update={"p_adjusted": 0.033})
    adjusted = p_adjusted(At(among, "results#/x"))
    assert (adjusted.value, adjusted.source) == (0.033, "results#/x/p_adjusted")
