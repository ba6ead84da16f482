"""The simultaneous bound with many and with few units; the excerpts that it is drawn from."""

from __future__ import annotations

from copy import copy
from functools import cache

import numpy as np
import pytest
from scipy.stats import binom, chi2, kstest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.results.reference import ChiSquared
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.making import collapsed
from mlm.statistics.selection import rises
from mlm.statistics.selection.backward import reduce
from mlm.statistics.selection.bound import DOUBLINGS, simultaneous_bound
from mlm.statistics.selection.few_units import FEW
from mlm.statistics.selection.rises import DrawnRises
from tests.nested_rows import formula, nested_rows

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]
ROUNDING = 1e-9  # of an elimination in another order
LEVELS = ["county", "school", "pupil"]
SLOPES = parse_formula(formula(LEVELS, slopes=("school",)))
PLAIN = parse_formula("y ~ x + z + group_kind + (1 | county/school)")


def rows(counties: int, seed: int = 1):
    sizes = {"county": counties, "school": 5, "pupil": 3, "row": (1, 4)}
    variances = {"county": 0.5, "school": 0.4, "pupil": 1.0}
    return nested_rows(np.random.default_rng(seed), sizes, variances, {"school": 0.2})


def test_an_excerpt_gives_the_same_fits_of_the_model_and_its_submodels():
    frame = rows(8)
    wide = parse_formula("y ~ x * kind + z * group_kind + (1 + x | county/school/pupil)")
    stats = statistics_of(wide, frame)
    part = excerpt(SLOPES, stats)
    assert len(part.columns) < len(stats.columns)
    for model in (SLOPES, SLOPES.with_terms(SLOPES.terms[:2])):
        whole = fit_model(model, stats, "REML")
        assert fit_model(model, part, "REML").deviance == pytest.approx(whole.deviance, abs=1e-6)


@pytest.mark.parametrize("levels", [1, 2])
def test_collapsed_levels_leave_the_optimum_of_the_others_where_it_is(levels):
    stats = excerpt(SLOPES, statistics_of(SLOPES, rows(8)))
    whole = fit_model(SLOPES, stats, "ML")
    model, left = collapsed(whole.model, whole.omegas, stats, levels)
    fit = fit_model(model, left, "ML")
    assert len(left.levels) == 3 - levels
    assert fit.beta == pytest.approx(whole.beta, abs=1e-6)
    assert fit.sigma2 == pytest.approx(whole.sigma2, rel=1e-6)
    assert fit.variance("county") == pytest.approx(whole.variance("county"), rel=1e-4)


def test_with_many_units_the_bound_is_chi_squared():
    stats = statistics_of(PLAIN, rows(FEW))
    bound = simultaneous_bound(fit_model(PLAIN, stats, "ML"), stats, 0.05)
    assert (bound.reference, bound.critical) == (ChiSquared(df=4), pytest.approx(chi2.ppf(0.95, 4)))
    assert bound.p_value(bound.critical) == pytest.approx(0.05)


def test_with_few_units_the_bound_is_wider_by_a_factor_that_is_drawn():
    sizes = {"county": 6, "school": 3, "row": 4}
    frame = nested_rows(np.random.default_rng(3), sizes, {"county": 1.0, "school": 0.4})
    stats = statistics_of(PLAIN, frame)
    full = fit_model(PLAIN, stats, "ML")
    bound = simultaneous_bound(full, stats, 0.05, draws=8)
    again = simultaneous_bound(full, stats, 0.05, draws=8)
    assert bound == again and bound.draws == 8
    assert bound.reference == ChiSquared(df=4, factor=bound.factor)
    assert not bound.is_narrow and not again.is_narrow
    assert bound.factor > 1.0
    assert bound.critical == pytest.approx(bound.factor * chi2.ppf(0.95, 4), rel=1e-12)
    assert bound.p_value(bound.critical) == pytest.approx(0.05)
    lower = PLAIN.with_terms(PLAIN.terms[:2])  # x varies within counties
    assert simultaneous_bound(fit_model(lower, stats, "ML"), stats, 0.05).draws == 0
    usual = simultaneous_bound(full, stats, 0.05, draws=0)
    assert (usual.reference, usual.critical) == (ChiSquared(df=4), chi2.ppf(0.95, 4))


def test_nothing_that_may_leave_needs_no_bound():
    stats = statistics_of(PLAIN, rows(7))
    bound = simultaneous_bound(fit_model(PLAIN, stats, "ML"), stats, 0.05, PLAIN.terms)
    assert (bound.df, bound.critical, bound.p_value(0.0)) == (0, 0.0, 1.0)


@cache
def drawn_rises(draws: int) -> DrawnRises:
    """Rises of PLAIN with six counties."""
    sizes = {"county": 6, "school": 3, "row": 4}
    frame = nested_rows(np.random.default_rng(3), sizes, {"county": 1.0, "school": 0.4})
    stats = statistics_of(PLAIN, frame)
    found = DrawnRises(fit_model(PLAIN, stats, "ML"), PLAIN.with_terms(PLAIN.terms[:1]), stats)
    found.more(draws)
    return found


def test_the_tail_at_held_variances_is_that_of_the_logarithm_of_a_beta_variable():
    n = 6 * 3 * 4
    ratio = np.random.default_rng(1).beta((n - 5) / 2, 4 / 2, 200_000)
    for level in (0.5, 0.05):
        rise = float(np.quantile(-n * np.log(ratio), 1.0 - level))
        assert float(drawn_rises(3).held_tail(rise)) == pytest.approx(level, rel=0.02)


@pytest.mark.study
def test_drawn_rises_at_held_variances_are_from_that_distribution():
    held = drawn_rises(200).rises[:, 1]
    assert kstest(drawn_rises(200).held_tail(held), "uniform").pvalue > 1e-4


@pytest.mark.study
def test_the_bound_is_passed_no_more_often_than_promised():
    """That of 2,000 draws by no more than 5 % of the draws; that of 99 is near it."""
    rises = drawn_rises(2000)
    own, error = rises.critical(0.05)
    first, drawn = copy(rises), rises.rises[:, 0]
    first._found = rises._found[:99]
    value, wide = first.critical(0.05)
    assert abs(value - own) < 3.5 * wide and error < 0.3 * wide
    assert (drawn > own).sum() <= binom.ppf(1 - 5e-5, drawn.size, 0.05)
    assert own < 1.4 * np.quantile(drawn, 0.95)  # six counties: the ratio falls with the rise


def test_draws_are_doubled_while_the_bound_does_not_settle_what_it_is_for():
    sizes = {"county": 6, "school": 3, "row": 4}
    frame = nested_rows(np.random.default_rng(3), sizes, {"county": 1.0, "school": 0.4})
    stats = statistics_of(PLAIN, frame)
    full, seen = fit_model(PLAIN, stats, "ML"), []
    wanted = [4, 8, 16]

    def near(bound):
        seen.append(bound.draws)
        return np.inf if bound.draws >= 16 else 0.9 * bound.margin

    found = simultaneous_bound(full, stats, 0.05, draws=4, distance=near)
    assert seen == wanted and found.draws == 16
    assert found.margin > 2.5 * found.error > 0.0
    never = simultaneous_bound(full, stats, 0.05, draws=3, distance=lambda b: 0.99 * b.margin)
    assert never.draws == 3 * 2**DOUBLINGS


def test_draws_that_could_not_settle_it_are_not_made():
    sizes = {"county": 6, "school": 3, "row": 4}
    frame = nested_rows(np.random.default_rng(3), sizes, {"county": 1.0, "school": 0.4})
    stats = statistics_of(PLAIN, frame)
    full = fit_model(PLAIN, stats, "ML")
    assert simultaneous_bound(full, stats, 0.05, draws=8, distance=lambda _: 0.0).draws == 8


@pytest.mark.study
@pytest.mark.parametrize("counties", [8, 20])
def test_the_verdict_does_not_depend_on_the_seed(counties, monkeypatch):
    """Where it is called settled it is that of other draws; bounds differ by their error alone."""
    apart, settled = [], 0
    model = parse_formula("y ~ x * group_kind + z * kind + (1 | county/school)")
    for survey in range(12):
        frame = rows(counties, seed=survey)
        stats = statistics_of(model, frame)
        found = []
        for seed in (1, 2, 3):
            monkeypatch.setattr(rises, "SEED", seed)
            found.append(reduce(model, stats))
        bounds = np.array([each.bound.critical for each in found])
        errors = np.array([each.bound.error for each in found])
        apart.append((bounds[0] - bounds[1]) / np.hypot(errors[0], errors[1]))
        models = [
            {frozenset(t.key for t in gone) for gone in each.minimal.dropped} for each in found
        ]
        if all(each.is_settled for each in found):
            settled += 1
            assert models[0] == models[1] == models[2]
    assert settled >= 6
    assert 0.4 < np.sqrt(np.mean(np.square(apart))) < 1.7


def as_estimated(solution, draws: int, seed) -> np.ndarray:
    return np.tile(solution.best.theta, (draws, 1))


def held_and_drawn(sizes: dict, variances: dict, draws: int) -> list[tuple[float, float]]:
    """Bounds with their errors: at the variances that are estimated, and at likely ones."""
    stats = statistics_of(PLAIN, nested_rows(np.random.default_rng(8), sizes, variances))
    full = fit_model(PLAIN, stats, "ML")
    found = []
    for way in (as_estimated, rises.likely_parameters):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rises, "likely_parameters", way)
            drawn = DrawnRises(full, PLAIN.with_terms(PLAIN.terms[:1]), stats)
            drawn.more(draws)
        found.append(drawn.critical(0.05))
    return found


def test_a_variance_that_is_estimated_as_zero_need_not_be_zero_in_draws():
    """Six counties judge a term of counties then, not the schools inside them."""
    sizes = {"county": 6, "school": 4, "row": 4}
    (held, error), (wider, other) = held_and_drawn(sizes, {"school": 0.6}, 60)
    assert wider - held > error + other


def test_where_variances_are_well_known_draws_are_as_at_the_estimates():
    sizes = {"county": 80, "school": 4, "row": 4}
    (held, error), (likely, other) = held_and_drawn(sizes, {"county": 0.5, "school": 0.6}, 40)
    assert abs(likely - held) < 3.0 * np.hypot(error, other)
