"""Units compared: the factor for pairs, ranks, and the licence to rank."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.fewest import FEWEST_RANKED
from mlm.nouns.formula import parse_formula
from mlm.statistics.answers.units.licence import ranking_licence
from mlm.statistics.answers.units.pairs import (
    goldstein_healy_factor,
    separable_share,
)
from mlm.statistics.answers.units.sides import FAMILY_ERROR, sides
from mlm.statistics.answers.units.unit_comparison import MAX_UNITS, compare_units
from mlm.statistics.answers.variation.shares import level_tests
from mlm.statistics.fitting.solution import solve
from tests.bands import mean_band
from tests.dense_rows import dense
from tests.nested_rows import nested_rows
from tests.plans import RANKING, make_plan

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
MODEL = parse_formula("y ~ x + (1 | school)")
PLAN = make_plan("cross_section", waves=("w0",))
SCHOOL = ("school",)


def comparison(seed: int, variance: float, schools: int = 30, rows=20):
    sizes = {"school": schools, "row": rows}
    frame = nested_rows(np.random.default_rng(seed), sizes, {"school": variance})
    frame["y"] -= 0.3 * frame["z"]
    stats = statistics_of(MODEL, frame)
    solution = solve(MODEL, stats)
    return frame, solution, compare_units(PLAN, solution, SCHOOL)


def labels(solution) -> np.ndarray:
    return solution.stats.level(SCHOOL).labels


def licence(solution, found, stability=(0.9, 0.8), **options):
    test = level_tests(solution)["school"]
    return ranking_licence(found, test.p_value, stability, RANKING, 0.05, **options)


@pytest.mark.parametrize("size", [2, 10, 200])
def test_equal_independent_errors_have_the_factor_of_goldstein_and_healy(size):
    assert goldstein_healy_factor(0.3 * np.eye(size)) == pytest.approx(1.386, abs=5e-4)


def test_unequal_errors_need_a_larger_factor():
    assert goldstein_healy_factor(np.diag([0.01, 0.01, 4.0])) > 1.386


def test_positively_correlated_errors_need_a_smaller_factor():
    covariance = 0.3 * (0.6 * np.ones((5, 5)) + 0.4 * np.eye(5))
    assert goldstein_healy_factor(covariance) < 1.386


@pytest.mark.parametrize("seed", range(3))
def test_the_average_pairwise_error_is_five_per_cent(seed):
    from scipy.stats import norm

    rng = np.random.default_rng(seed)
    root = rng.normal(size=(8, 8)) * np.exp(rng.normal(size=(8, 1)))
    covariance = root @ root.T + 0.1 * np.eye(8)
    factor = goldstein_healy_factor(covariance)
    errors = []
    for i in range(8):
        for j in range(i):
            spread = np.sqrt(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j])
            reach = factor * (np.sqrt(covariance[i, i]) + np.sqrt(covariance[j, j]))
            errors.append(2 * norm.sf(reach / spread))
    assert np.mean(errors) == pytest.approx(0.05, abs=1e-9)


def test_ranks_follow_the_effects_and_add_up():
    _, _, found = comparison(1, 1.0)
    n = found.mean.size
    assert found.ranking.intervals[:, 0].sum() == pytest.approx(n * (n + 1) / 2)
    order = np.argsort(-found.mean)
    assert (np.diff(found.ranking.intervals[order, 0]) > 0).mean() > 0.9
    # a mean may lie just outside the quantiles when nearly all draws have the same rank
    assert (found.ranking.intervals[:, 1] <= found.ranking.intervals[:, 0] + 0.5).all()
    assert (found.ranking.intervals[:, 0] <= found.ranking.intervals[:, 2] + 0.5).all()
    assert found.ranking.intervals[:, 1].min() >= 1 and found.ranking.intervals[:, 2].max() <= n


def test_rank_intervals_cover_everything_when_nothing_is_known():
    _, _, found = comparison(2, 0.05, rows=2)
    assert np.median(found.ranking.intervals[:, 2] - found.ranking.intervals[:, 1]) > 20


def test_raw_residuals_are_means_of_what_the_fixed_part_leaves():
    frame, solution, found = comparison(3, 0.5)
    left = frame["y"] - mlm.predict(solution.fit, frame)
    expected = left.groupby(frame["school"]).mean()
    assert found.raw == pytest.approx(expected.loc[labels(solution)].to_numpy())
    shrunken = found.mean
    assert (np.abs(shrunken) <= np.abs(found.raw) + 1e-12).all()


def test_reliability_is_that_of_a_mean_of_the_rows():
    _, solution, found = comparison(4, 0.5)
    between, within = solution.fit.variance("school"), solution.fit.sigma2
    own = between / (between + within / 20)
    assert found.sums.conditional == pytest.approx(np.full(30, between * (1 - own)), rel=1e-6)
    # comparative errors also carry the estimation of the mean
    assert (found.reliability < own).all()
    assert found.reliability == pytest.approx(np.full(30, own), abs=0.05)


def test_a_strong_and_stable_level_gets_the_licence():
    _, solution, found = comparison(5, 1.0)
    checks = licence(solution, found, with_stability=True)
    assert [check.check for check in checks] == [
        "units",
        "variance",
        "reliability",
        "separable",
        "stability",
    ]
    assert all(check.passed for check in checks)


@pytest.mark.parametrize("units", [FEWEST_RANKED - 1, FEWEST_RANKED])
def test_units_that_are_too_few_get_no_licence_however_they_differ(units):
    _, solution, found = comparison(5, 4.0, schools=units)
    first, *others = licence(solution, found, with_stability=True)
    assert (first.check, first.value, first.threshold) == ("units", units, FEWEST_RANKED)
    assert first.passed == (units >= FEWEST_RANKED)
    assert all(check.passed for check in others)


@pytest.mark.battery(4)
@pytest.mark.parametrize("seed", range(8))
def test_no_licence_in_a_world_without_differences(seed):
    _, solution, found = comparison(seed, 0.0)
    checks = {c.check: c for c in licence(solution, found, with_stability=False)}
    assert not all(check.passed for check in checks.values())
    assert not checks["reliability"].passed
    assert found.separable < 0.05


def test_zero_variance_shrinks_all_effects_to_zero():
    for seed in range(20):
        _, solution, found = comparison(seed, 0.0)
        if solution.fit.variance("school") == 0.0:
            assert np.abs(found.mean).max() == 0.0
            assert (found.reliability == 0.0).all()
            assert found.separable == 0.0
            return
    raise AssertionError("half of such samples should be estimated as zero")


@pytest.mark.parametrize("stability", [(None, None), (0.9, None), (0.9, 0.2), (0.2, 0.1)])
def test_unknown_or_low_stability_refuses_the_licence(stability):
    _, solution, found = comparison(5, 1.0)
    checks = licence(solution, found, stability, with_stability=True)
    assert [c.check for c in checks if not c.passed] == ["stability"]


def test_more_units_than_can_be_compared_together_are_represented_by_some():
    _, _, found = comparison(6, 0.5, schools=MAX_UNITS + 50, rows=2)
    assert found.sampled
    assert found.ranking.intervals.shape == (MAX_UNITS + 50, 3)
    assert found.factor == pytest.approx(1.386, abs=0.01)


@pytest.mark.parametrize("p_value,passed", [(0.049, True), (0.051, False), (0.09, False)])
def test_the_licence_tests_the_variance_at_alpha(p_value, passed):
    _, _, found = comparison(5, 1.0)
    checks = ranking_licence(found, p_value, (0.9, 0.8), RANKING, 0.05, with_stability=True)
    assert {check.check: check.passed for check in checks}["variance"] is passed


def test_pairs_are_compared_by_the_joint_covariance_of_their_errors():
    """Of six schools with a variable of schools, errors go together; against dense algebra."""
    text = "y ~ x + z + (1 | school)"
    frame = nested_rows(np.random.default_rng(3), {"school": 6, "row": 5}, {"school": 0.5})
    stats = statistics_of(parse_formula(text), frame)
    solution = solve(parse_formula(text), stats)
    fit, found = solution.fit, compare_units(PLAN, solution, SCHOOL)
    written = dense(text, frame)
    own = fit.variance("school")
    v = written.covariance([np.array([[own]])], fit.sigma2)
    gain = own * written.z[0][0].T @ np.linalg.inv(v)
    fixed = gain @ written.x
    spread = np.linalg.inv(written.x.T @ np.linalg.solve(v, written.x))
    joint = own * np.eye(6) - own * gain @ written.z[0][0] + fixed @ spread @ fixed.T
    everyone = np.arange(6)
    assert found.compared.joint(solution.evaluated, everyone) == pytest.approx(joint, abs=1e-8)
    # the error of the variances, which six schools hardly tell, is added
    assert (found.error**2 > np.diagonal(joint)).all()
    assert found.factor < 0.95 * goldstein_healy_factor(np.diag(found.error**2))


def test_checks_are_passed_by_the_lower_ends_of_their_intervals():
    _, _, found = comparison(5, 1.0, schools=25, rows=8)
    assert found.reliability_lower < found.mean_reliability
    between = 0.5 * (found.reliability_lower + found.mean_reliability)
    needed = RANKING | {"reliability": between}
    checks = ranking_licence(found, 0.0, (0.9, 0.8), needed, 0.05, with_stability=True)
    reliability = next(check for check in checks if check.check == "reliability")
    assert (reliability.value, reliability.lower) == (
        found.mean_reliability,
        found.reliability_lower,
    )
    assert reliability.value > reliability.threshold and not reliability.passed


@pytest.mark.parametrize(("needed", "is_passed"), [(0.0, True), (1.0, False)])
def test_the_share_of_pairs_is_judged_by_itself(needed, is_passed):
    """Its intervals hold the error of the variances, so that it needs no interval of its own."""
    _, _, found = comparison(5, 1.0, schools=25, rows=8)
    thresholds = RANKING | {"separable": needed or found.separable}
    if needed:
        thresholds["separable"] = np.nextafter(found.separable, 1.0)
    checks = ranking_licence(found, 0.0, (0.9, 0.8), thresholds, 0.05, with_stability=True)
    pairs = next(check for check in checks if check.check == "separable")
    assert (pairs.value, pairs.lower, pairs.passed) == (found.separable, None, is_passed)


@pytest.mark.study
@pytest.mark.parametrize("variance", [0.15, 0.5])
def test_no_more_pairs_are_told_apart_than_by_known_variances(variance):
    """On average over surveys: a difference of means has variance 2 (v - e), its error 2 e."""
    from scipy.stats import norm

    worlds, schools, rows = 200, 25, 10
    error = variance / (1.0 + rows * variance)
    truth = 2.0 * norm.sf(1.959964 * np.sqrt(error / (variance - error)))
    seen = [comparison(seed, variance, schools, rows)[2].separable for seed in range(worlds)]
    assert np.mean(seen) <= mean_band(np.array(seen), truth)[1]


def test_reliability_of_one_term_ends_where_its_profile_does():
    """Schools of equal size: reliability is v / (v + e), and both follow from one ratio."""
    from scipy.optimize import brentq

    _, solution, found = comparison(8, 0.4, schools=40, rows=10)
    search, best = solution.search, solution.best

    def rise(theta: float) -> float:
        return search.value(np.array([theta])) - best.at.deviance - 1.959964**2

    low = solution.evaluated_at(np.array([brentq(rise, 1e-6, best.theta[0])]))
    expected = found.compared.sums(low).reliability.mean()
    assert found.reliability_lower == pytest.approx(expected, abs=2e-3)


def test_sides_keep_the_chance_of_a_wrong_one_over_all_units():
    from scipy.stats import norm

    rng = np.random.default_rng(1)
    error = rng.uniform(0.5, 1.5, size=200)
    mean = rng.normal(size=200) * 2.0
    found = sides(mean, error)
    chance = norm.sf(np.abs(mean) / error)
    told = found != 0
    assert told.any() and not told.all()
    assert chance[told].sum() <= FAMILY_ERROR < chance[told].sum() + chance[~told].min()
    assert (np.sign(mean[told]) == found[told]).all()
    assert chance[told].max() <= chance[~told].min()


def test_no_unit_has_a_side_where_nothing_is_known():
    assert (sides(np.zeros(5), np.ones(5)) == 0).all()
    assert (sides(np.ones(5), np.zeros(5)) == 0).all()
    assert separable_share(np.zeros(1), np.eye(1)) == 0.0
