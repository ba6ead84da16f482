"""The simultaneous bound with many and with few units; the excerpts that it is drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, norm

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.results.reference import ChiSquared
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.bootstrap import draw_statistics
from mlm.statistics.likelihood.making import collapsed
from mlm.statistics.selection import bound
from mlm.statistics.selection.bound import FEW, simultaneous_bound
from tests.nested_rows import formula, nested_rows

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
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
    bound = simultaneous_bound(full, stats, 0.05, draws=20)
    again = simultaneous_bound(full, stats, 0.05, draws=20)
    assert bound == again and bound.draws == 20
    assert bound.reference == ChiSquared(df=4, factor=bound.factor)
    assert not bound.is_narrow and not again.is_narrow
    assert bound.factor > 1.0 and bound.critical == bound.factor * chi2.ppf(0.95, 4)
    assert bound.p_value(bound.critical) == pytest.approx(0.05)
    lower = PLAIN.with_terms(PLAIN.terms[:2])  # x varies within counties
    assert simultaneous_bound(fit_model(lower, stats, "ML"), stats, 0.05).draws == 0
    usual = simultaneous_bound(full, stats, 0.05, draws=0)
    assert (usual.reference, usual.critical) == (ChiSquared(df=4), chi2.ppf(0.95, 4))


def test_nothing_that_may_leave_needs_no_bound():
    stats = statistics_of(PLAIN, rows(7))
    bound = simultaneous_bound(fit_model(PLAIN, stats, "ML"), stats, 0.05, PLAIN.terms)
    assert (bound.df, bound.critical, bound.p_value(0.0)) == (0, 0.0, 1.0)


def test_the_factor_is_the_upper_limit_of_the_mean_of_its_draws(monkeypatch):
    """So that in 95 of 100 samples of draws the true factor is no larger."""
    sizes = {"county": 6, "school": 3, "row": 4}
    frame = nested_rows(np.random.default_rng(3), sizes, {"county": 1.0, "school": 0.4})
    stats = statistics_of(PLAIN, frame)
    drawn = []

    def noted(*arguments):
        drawn.append(draw_statistics(*arguments))
        return drawn[-1]

    monkeypatch.setattr(bound, "draw_statistics", noted)
    found = simultaneous_bound(fit_model(PLAIN, stats, "ML"), stats, 0.05, draws=12)
    (rises,) = drawn
    limit = rises.mean() + norm.isf(0.05) * rises.std(ddof=1) / np.sqrt(12)
    assert found.factor == pytest.approx(limit / 4)
    assert found.factor > 1.05 * rises.mean() / 4
