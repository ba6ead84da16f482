"""Plausible values of samples whose selection is informative give back their population.

Pupils are drawn with chances that rise with their scores, in schools that were drawn so too. One
population, many samples of it, each measured anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from mlm.rows.simulating.growth import Grown, Growth
from mlm.rows.simulating.measurement import plausible_columns
from mlm.rows.simulating.sample_cells import sampled
from tests.bands import mean_band
from tests.two_stages import two_stages

CUT, SAMPLES = 420.07, 150
COLUMNS = [f"PV{m}MATH" for m in range(1, 6)]
SELECTION = ("informative: {school: 0.4, pupil: 0.2}", "informative: {school: 0.4, pupil: 0.5}")
POPULATION = ("school: 24, pupil: [15, 40]", "school: 100, pupil: [30, 80]")
SAMPLE = ("school: 25, pupil: 10", "school: 75, pupil: 15")
REPLICATES = ("W_FSTR{1..16}", "W_FSTR{1..40}")
WORLD = (SELECTION, POPULATION, SAMPLE, REPLICATES)


@dataclass(frozen=True)
class Told:
    """Quantities of the population, or as samples tell them, one row a sample."""

    mean: np.ndarray
    share: np.ndarray
    gap: np.ndarray
    coefficients: np.ndarray  # (..., 3): home, school homes, sex


def quantities(grown: Grown, rows: np.ndarray, score: np.ndarray, weights: np.ndarray) -> Told:
    """Weighted means, shares at the cut, gaps and coefficients of some rows."""
    table = grown.rows.take(rows)
    girl = (table["sex"] == "g").to_numpy()
    home, homes = table["escs"].to_numpy(), table["school_escs"].to_numpy()
    columns = np.column_stack([np.ones(rows.size), home, homes, ~girl, table["kind"] == "y"])
    products = columns.T * weights
    gap = np.average(score[~girl], weights=weights[~girl])
    gap -= np.average(score[girl], weights=weights[girl])
    share = np.average(score >= CUT, weights=weights)
    fixed = np.linalg.solve(products @ columns, products @ score)[1:4]
    return Told(np.average(score, weights=weights), share, gap, fixed)


@pytest.fixture(scope="module", params=[True, False], ids=["schools", "no schools"])
def with_schools(request) -> bool:
    return request.param


@pytest.fixture(scope="module")
def samples(with_schools) -> tuple[Told, list[Told], list[Told]]:
    """The population, samples told by plausible values, and the same by their true scores."""
    units = (
        "    reliability:",
        f"    conditioning: {{units: {str(with_schools).lower()}}}\n    reliability:",
    )
    configuration = two_stages(*WORLD, units)
    plan = configuration.simulate
    grown = next(Growth(configuration, plan).waves())
    everyone = np.arange(len(grown.rows))
    truth = quantities(grown, everyone, grown.scores["math"], np.ones(everyone.size))
    drawn, true = [], []
    for seed in range(SAMPLES):
        random = np.random.default_rng([seed, 15])
        rows, weights, _ = sampled(configuration, plan.sample, grown, random)
        values = plausible_columns(configuration, plan, grown, rows, random, weights)
        each = [quantities(grown, rows, values[c], weights.rows) for c in COLUMNS]
        mean = {name: np.mean([getattr(t, name) for t in each], axis=0) for name in vars(truth)}
        drawn.append(Told(**mean))
        true.append(quantities(grown, rows, grown.scores["math"][rows], weights.rows))
    return truth, drawn, true


@pytest.mark.study
@pytest.mark.parametrize("name", ["mean", "share", "gap", "coefficients"])
def test_weighted_estimates_are_those_of_the_population(samples, with_schools, name):
    truth, drawn, true = samples
    if name == "coefficients" and not with_schools:
        pytest.skip("a model without schools has one regression within them and between them")
    for place in range(np.size(getattr(truth, name))):
        told, paired, own = (
            np.array([np.atleast_1d(getattr(t, name))[place] for t in each])
            for each in (drawn, true, [truth])
        )
        low, high = mean_band(told, own[0])
        assert low <= told.mean() <= high, (name, place)
        # the same samples by their true scores: sampling cancels, and small biases are seen
        low, high = mean_band(told - paired, 0.0)
        assert low <= np.mean(told - paired) <= high, (name, place)


@pytest.mark.study
def test_without_its_weights_the_conditioning_model_would_bias_them():
    """The test above can see it: draws of a model of the sample, not of its population."""
    configuration = two_stages(*WORLD)
    plan = configuration.simulate
    grown = next(Growth(configuration, plan).waves())
    apart = []
    for seed in range(20):
        random = np.random.default_rng([seed, 15])
        rows, weights, _ = sampled(configuration, plan.sample, grown, random)
        values = plausible_columns(configuration, plan, grown, rows, random)
        score = np.mean([values[c] for c in COLUMNS], axis=0)
        apart.append(np.average(score - grown.scores["math"][rows], weights=weights.rows))
    assert np.mean(apart) > mean_band(np.array(apart), 0.0)[1]
