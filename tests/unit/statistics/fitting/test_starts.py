"""Searches that begin at another fit end where those from afar do, after fewer evaluations."""

from __future__ import annotations

import pytest

from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.statistics.fitting.solution import solve
from mlm.statistics.selection.random_part.catalogue import recurring_levels
from tests.effects_over_waves import followed

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


@pytest.fixture(scope="module")
def survey():
    plan, model, stats, _ = followed(2, schools=40, pupils=4)
    return model, stats, recurring_levels(plan, stats)


def anew(model, stats):
    """The fit of a model from afar."""
    stats.fits.clear()
    return solve(model, stats, "ML").fit


@pytest.mark.parametrize("form", ["unstructured", "autoregressive_variances", "autoregressive"])
def test_dropping_a_term_begins_with_the_curvature_of_the_fit_before(survey, form):
    model, stats, (_, pupil) = survey
    larger = pupil.with_form(model, form)
    smaller = larger.without(Term((Factor("kind"),)))
    cold = anew(smaller, stats)
    stats.fits.clear()
    before = solve(larger, stats, "ML").fit
    warm = solve(smaller, stats, "ML", before).fit
    assert warm.deviance == pytest.approx(cold.deviance, rel=1e-11)
    assert warm.converged
    assert warm.certificate.evaluations < cold.certificate.evaluations


def test_effects_beside_a_residual_begin_a_covariance_in_its_place(survey):
    model, stats, (_, pupil) = survey
    plain = solve(pupil.with_form(model, "constant"), stats, "ML").fit
    whole = pupil.with_form(model, "unstructured")
    warm = solve(whole, stats, "ML", plain).fit
    assert warm.deviance == pytest.approx(anew(whole, stats).deviance, rel=1e-10)


@pytest.mark.study
def test_a_slope_begins_beside_a_form(survey):
    model, stats, (school, pupil) = survey
    formed = pupil.with_form(school.with_form(model, "variances_by_wave"), "unstructured")
    before = solve(formed, stats).fit
    sloped = formed.with_random([*formed.random, RandomTerm(school.group, (Term((Factor("x"),)),))])
    warm = solve(sloped, stats, start=before).fit
    stats.fits.clear()
    assert warm.deviance == pytest.approx(solve(sloped, stats).fit.deviance, rel=1e-9)


@pytest.mark.parametrize("size", [0.0, 0.3])
def test_a_slope_is_tried_from_the_optimum_without_it(size):
    """A slope of no variance stays there; one with a variance is found from there."""
    plan, model, stats, _ = followed(7, schools=40, pupils=6, slope=size)
    school, _ = recurring_levels(plan, stats)
    small = school.with_form(model, "autoregressive")
    term = RandomTerm(school.group, (Term((Factor("x"),)),))
    large = small.with_random([*small.random, term])
    cold = solve(large, stats, "REML").fit
    stats.fits.clear()
    before = solve(small, stats, "REML").fit
    warm = solve(large, stats, "REML", before).fit
    assert warm.converged
    assert warm.deviance == pytest.approx(cold.deviance, abs=1e-6)
    assert warm.deviance <= before.deviance + 1e-9
    assert warm.certificate.evaluations < cold.certificate.evaluations
    found = warm.omegas[warm.model.random.index(term)][0, 0]
    assert found > 0.1 if size else found == 0.0
