"""The simulated assessment gives back its population: means, shares, gaps, coefficients.

Looked at where a run has made the results.
"""

from __future__ import annotations

import json

import pytest

from mlm.results.sampled.results import SampledResults
from tests.bands import largest_ratio
from tests.examples import ROOT

RESULTS = ROOT / "results/assessment/math/results.json"
TRUTH = ROOT / "results/assessment/simulated/truth.json"
pytestmark = pytest.mark.skipif(
    not (RESULTS.exists() and TRUTH.exists()), reason="no results of assessment: make demo"
)


@pytest.fixture(scope="module")
def found() -> SampledResults:
    return SampledResults.load(RESULTS)


@pytest.fixture(scope="module")
def population() -> dict:
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    return {w: own["outcomes"]["math"] for w, own in truth["population"].items()}


def inside(estimate, true: float, looks: int) -> bool:
    """Whether a true value is as near as one of so many must be."""
    return abs(estimate.estimate - true) < largest_ratio(looks) * estimate.std_error


def test_means_and_shares_are_those_of_the_population(found, population):
    for wave in found.means.waves:
        assert inside(wave, population[wave.wave]["mean"], 4), wave
    (cut,) = found.shares_at
    for wave in cut.waves:
        assert inside(wave, population[wave.wave]["at_or_above"]["420.07"], 4), wave


def test_gaps_are_those_of_the_population(found, population):
    for variable in found.means.by:
        first, *others = variable.categories
        for category in others:
            for each in category.waves:
                own = population[each.wave]["by"][variable.variable]
                true = own[category.category]["mean"] - own[first.category]["mean"]
                assert inside(each.gap, true, 8), (variable.variable, each.wave)


def test_coefficients_and_the_share_of_schools_are_the_true_ones(found):
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    named = {"escs": truth["fixed"]["escs"], "school_escs": truth["fixed"]["school_escs"]}
    seen = {c.term[0].variable: c for c in found.settled.fixed if len(c.term) == 1}
    for name, true in named.items():
        assert inside(seen[name], true, 3), name
    schools, rows = truth["variances"]["wave:school"], truth["variances"]["residual"]
    assert inside(found.settled.shares[0], schools / (schools + rows), 3)
    assert "books" not in seen
