"""Weights of chi-bar-squared distributions against closed forms, simulation and the bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2
from scipy.stats import f as fisher

from mlm.errors import StatisticsError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.results.reference import ChiSquared, FDistribution, Mixture, Reference, Simulated
from mlm.statistics.inference import cones
from mlm.statistics.inference import reference as mixtures
from mlm.statistics.inference.cones import (
    WEIGHT_PROJECTIONS,
    Cone,
    Projections,
    _orthant_weights,
    cone_weights,
)
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test
from mlm.statistics.inference.reference import mixture, tail, weighted
from tests.bands import FALSE_ALARM, binomial_band
from tests.dense_rows import dense
from tests.nested_rows import nested_rows
from tests.quiet_fits import quiet
from tests.unit.results.made import instances, kinds


def assert_drawn(weights: dict[int, float], expected: list[float]) -> None:
    """Weights from draws are these probabilities."""
    for df, probability in enumerate(expected):
        low, high = binomial_band(WEIGHT_PROJECTIONS, probability, FALSE_ALARM / len(expected))
        assert low <= weights[df] <= high


def metric(size: int, seed: int) -> np.ndarray:
    root = np.random.default_rng(seed).normal(size=(size, size + 2))
    return root @ root.T


@pytest.mark.parametrize("seed", range(3))
def test_two_variances_have_the_weights_of_the_formula(seed):
    cone = Cone((1, 1), 0, metric(2, seed))
    formula, drawn = cone_weights(cone, None), _orthant_weights(cone, np.random.default_rng(1))
    assert_drawn(drawn, [formula[df] for df in range(3)])


def test_independent_variances_have_binomial_weights():
    weights = cone_weights(Cone((1, 1, 1), 0, np.diag([1.0, 4.0, 9.0])), np.random.default_rng(2))
    assert_drawn(weights, [1 / 8, 3 / 8, 3 / 8, 1 / 8])


@pytest.mark.battery(1)
@pytest.mark.parametrize("sizes,seed", [((1, 1, 1), 0), ((2,), 1)])
def test_weights_give_the_tail_of_simulated_projections(sizes, seed):
    cone = Cone(sizes, 0, metric(3, seed))
    reference = weighted(cone_weights(cone, np.random.default_rng(3)))
    lengths = Projections.drawn(cone, np.random.default_rng(4), 4000).squared_lengths()
    worth = int(1.0 / (1.0 / lengths.size + 1.0 / WEIGHT_PROJECTIONS))  # both sides are drawn
    for statistic in (0.5, 2.0, 4.0, 7.0):
        low, high = binomial_band(worth, tail(reference, statistic), FALSE_ALARM / 4)
        assert low <= np.mean(lengths >= statistic) <= high


@pytest.mark.battery
@pytest.mark.parametrize("extra", [0, 2])
@pytest.mark.parametrize("least", [0.0, 3.0, 1e6])
def test_only_vectors_that_may_reach_a_statistic_are_projected(least, extra, monkeypatch):
    cone = Cone((2, 1), 0, metric(4, 2))
    drawn = Projections.drawn(cone, np.random.default_rng(4), 100, extra)
    whole, asked, projected = drawn.squared_lengths(), [], cones._squared_lengths
    monkeypatch.setattr(
        cones, "_squared_lengths", lambda c, v: asked.append(len(v)) or projected(c, v)
    )
    found = drawn.squared_lengths(least)
    known = found >= least
    assert found[known].tolist() == pytest.approx(whole[known].tolist(), rel=1e-9)
    assert (whole[~known] < least).all() and (found >= whole * (1.0 - 1e-9)).all()
    assert asked == [100] if least == 0.0 else asked[0] < 100


def test_a_matrix_known_alike_in_all_directions_has_the_weights_of_a_circular_cone():
    """Half-angle 45 degrees in three dimensions."""
    weights = cone_weights(Cone((2,), 0, np.diag([1.0, 2.0, 1.0])), np.random.default_rng(5))
    small, large = (1.0 - np.sqrt(0.5)) / 2.0, np.sqrt(0.125)
    assert_drawn(weights, [small, large, large, small])


def test_weights_sum_to_one_with_even_and_odd_halves():
    weights = cone_weights(Cone((2,), 0, metric(3, 5)), np.random.default_rng(5))
    assert weights[0] + weights[2] == pytest.approx(0.5)
    assert weights[1] + weights[3] == pytest.approx(0.5)
    assert min(weights.values()) >= 0.0


def test_a_slope_beside_an_intercept_is_half_and_half():
    rows = nested_rows(np.random.default_rng(6), {"a": 10, "row": 5}, {"a": 0.6}, {"a": 0.2})
    stats = statistics_of(parse_formula("y ~ x + (1 + x | a)"), rows)
    small, large = quiet("y ~ x + (1 | a)", stats), quiet("y ~ x + (1 + x | a)", stats)
    assert mixture(small, large, stats).reference == weighted({1: 0.5, 2: 0.5})


def test_the_information_on_new_variances_is_that_of_the_matrices():
    rows = nested_rows(np.random.default_rng(7), {"a": 8, "row": 5}, {"a": 0.6}, {"a": 0.2})
    text = "y ~ x + (1 + x | a)"
    stats = statistics_of(parse_formula(text), rows)
    small, large = quiet("y ~ x", stats, "ML"), quiet(text, stats, "ML")
    cone = mixtures.tested_cone(small, large, stats)
    slopes = dense(text, rows).derivatives()
    full = np.array([[0.5 * np.sum(a * b) for b in slopes] for a in slopes])
    expected = full[:3, :3] - np.outer(full[:3, 3], full[:3, 3]) / full[3, 3]
    assert cone.sizes == (2,)
    assert cone.information == pytest.approx(expected, rel=1e-9)


def test_two_levels_at_once_have_a_mixture_when_the_sample_is_given():
    rows = nested_rows(np.random.default_rng(8), {"a": 8, "b": 3, "row": 3}, {"a": 0.2, "b": 0.2})
    text = "y ~ x + (1 | a) + (1 | a:b)"
    stats = statistics_of(parse_formula(text), rows)
    small, large = quiet("y ~ x", stats), quiet(text, stats)
    plain = likelihood_ratio_test(small, large)
    exact = likelihood_ratio_test(small, large, stats)
    assert plain.reference.conservative == "several_variances"
    assert [part.df for part in exact.reference.parts] == [0, 1, 2]
    assert isinstance(exact.reference, Mixture)
    assert exact.p_value < plain.p_value


def test_a_variance_of_zero_beneath_leaves_the_conservative_test_with_its_reason():
    rng = np.random.default_rng(9)
    for _ in range(20):
        rows = nested_rows(rng, {"a": 8, "b": 3, "row": 3}, {})
        text = "y ~ x + (1 + x | a) + (1 | a:b)"
        stats = statistics_of(parse_formula(text), rows)
        small = quiet("y ~ x + (1 | a)", stats)
        if small.is_singular:
            break
    test = likelihood_ratio_test(small, quiet(text, stats), stats)
    assert test.reference.conservative == "on_bound"


def test_the_tail_of_draws_counts_the_statistic_itself():
    draws = np.array([0.5, 1.0, 2.0, 4.0])
    simulated = Simulated(draws=4, of="projections")
    assert tail(simulated, 2.0, draws) == pytest.approx(3 / 5)
    assert tail(simulated, 9.0, draws) == pytest.approx(1 / 5)
    assert tail(simulated, 0.0, draws) == 1.0
    with pytest.raises(StatisticsError, match="needs its draws"):
        tail(simulated, 2.0)


def test_a_factor_stretches_chi_squared():
    assert tail(ChiSquared(df=3, factor=2.0), 8.0) == pytest.approx(chi2.sf(4.0, 3))
    assert tail(ChiSquared(df=0), 8.0) == 1.0


def test_an_infinite_denominator_is_a_wald_test():
    assert tail(FDistribution(df=2, denominator=None), 3.0) == pytest.approx(chi2.sf(6.0, 2))
    finite = tail(FDistribution(df=2, denominator=10.0), 3.0)
    assert finite == pytest.approx(fisher.sf(3.0, 2, 10.0))


def test_simulated_draws_are_told_by_their_number(monkeypatch):
    monkeypatch.setattr(mixtures, "PROJECTIONS", 300)
    rows = nested_rows(np.random.default_rng(6), {"a": 12, "row": 9}, {"a": 0.6}, {"a": 0.2})
    stats = statistics_of(parse_formula("y ~ x + (1 + x + z | a)"), rows.assign(z=rows["x"] ** 2))
    small, large = quiet("y ~ x", stats), quiet("y ~ x + (1 + x + z | a)", stats)
    test = likelihood_ratio_test(small, large, stats)
    assert test.reference == Simulated(draws=300, of="projections")
    assert 0.0 < test.p_value < 1.0


@pytest.mark.parametrize("kind", kinds(Reference), ids=lambda kind: kind.__name__)
def test_a_tail_of_every_kind_falls_from_one(kind):
    for reference in instances(kind):
        draws = np.linspace(0.1, 40.0, 7)[: getattr(reference, "draws", 0)]
        tails = [tail(reference, statistic, draws) for statistic in (0.0, 1.0, 30.0)]
        assert tails[0] == 1.0 and tails[2] > 0.0
        assert tails[1] > tails[2] or draws.size == 1
