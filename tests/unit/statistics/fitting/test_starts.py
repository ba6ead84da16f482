"""Searches that begin at another fit end where those from afar do, after fewer evaluations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_formula
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting.deviance_fit import deviance_fit
from mlm.statistics.fitting.form_search import search_of_terms
from mlm.statistics.fitting.solution import solve
from mlm.statistics.fitting.starts import shared_places, start_from_parts
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


CHANGES = [
    ("unstructured", "autoregressive"),
    ("autoregressive", "part_by_wave"),
    ("part_by_wave", "unstructured"),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_another_form_begins_with_the_curvature_of_the_terms_that_are_kept(survey, before, after):
    model, stats, (school, pupil) = survey
    kept = pupil.with_form(model, "unstructured")
    sought = school.with_form(kept, after)
    cold = anew(sought, stats)
    stats.fits.clear()
    other = solve(school.with_form(kept, before), stats, "ML").fit
    unknown = solve(sought, replace(stats), "ML", other).fit  # which remembers no fit
    warm = solve(sought, stats, "ML", other).fit
    for fit in (unknown, warm):
        assert fit.deviance == pytest.approx(cold.deviance, rel=1e-10)
        assert fit.converged
    assert warm.certificate.evaluations < unknown.certificate.evaluations


def test_places_are_those_of_the_same_parameters(survey):
    model, stats, (school, pupil) = survey
    before = school.with_form(pupil.with_form(model, "unstructured"), "autoregressive")
    fit = solve(before, stats, "ML").fit
    after = solve(school.with_form(before, "unstructured"), stats, "ML")
    mine, its = shared_places(fit, after.working)
    own = [len(part) for _, part in search_of_terms(after.working, "ML").parts(after.best.theta)]
    inner = [block.is_residual for block in after.working.blocks].index(True)
    first = sum(own[:inner])
    assert mine.tolist() == list(range(first, first + own[inner]))
    assert its.size == mine.size
    whole, _ = shared_places(after.fit, after.working)
    assert whole.tolist() == list(range(after.best.theta.size))


@pytest.fixture(scope="module")
def ratings():
    """Six ratings by each of 1,200 students of 1,100 lecturers in departments, at random."""
    rng = np.random.default_rng(5)
    student = np.repeat(np.arange(1200), 6)
    lecturer = rng.integers(1100, size=student.size)
    ids = {"student": student, "lecturer": lecturer, "department": lecturer // 55}
    frame = pd.DataFrame(ids).astype(str).assign(x=rng.normal(size=student.size))
    frame["y"] = frame["x"] * (1 + 0.5 * rng.normal(size=20)[lecturer // 55])
    for place in ids.values():
        frame["y"] += rng.normal(size=1200)[place]
    return frame.assign(y=frame["y"] + rng.normal(size=student.size))


PARTS = "y ~ x + (1 | student) + (1 + x | department) + (1 | department:lecturer)"


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_crossed_effects_begin_with_their_nested_parts(ratings, criterion, monkeypatch):
    model = parse_formula(PARTS)
    near = solve(model, statistics_of(model, ratings), criterion).fit
    monkeypatch.setattr("mlm.statistics.fitting.solution.start_from_parts", lambda *_: None)
    afar = solve(model, statistics_of(model, ratings), criterion).fit
    assert near.deviance == pytest.approx(afar.deviance, rel=1e-12)
    np.testing.assert_allclose(near.theta, afar.theta, atol=1e-5)
    assert near.converged
    assert near.certificate.evaluations < afar.certificate.evaluations


def test_a_part_without_some_variance_is_no_start(ratings):
    model = parse_formula(PARTS)
    own = ratings["y"] - ratings.groupby("lecturer")["y"].transform("mean")
    stats = statistics_of(model, ratings.assign(y=own))
    assert start_from_parts(model, stats, "REML") is None


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


@pytest.mark.parametrize("place", ["school", "class"])
@pytest.mark.parametrize("size", [0.0, 0.4])
def test_a_slope_beside_an_intercept_is_tried_from_the_optimum_without_it(place, size):
    model, large, stats = nested(place, size)
    cold = solve(large, stats, "REML").fit
    stats.fits.clear()
    before = solve(model, stats, "REML").fit
    warm = solve(large, stats, "REML", before).fit
    assert warm.converged
    assert warm.deviance == pytest.approx(cold.deviance, abs=1e-7)
    assert warm.covariances[0] == pytest.approx(cold.covariances[0], rel=1e-4, abs=1e-6)
    if size:
        assert warm.certificate.evaluations < cold.certificate.evaluations


def test_what_a_larger_mean_tells_apart_a_smaller_one_does():
    model, _, stats = nested("school", 0.0)
    smaller = model.with_terms(term for term in model.terms if term != Term((Factor("z"),)))
    alone = solve(smaller, stats, "ML").fit.certificate.condition
    stats.fits.clear()
    stats.told.clear()
    before = solve(model, stats, "ML").fit.certificate.condition
    assert solve(smaller, stats, "ML").fit.certificate.condition == before
    assert alone == pytest.approx(before, rel=1e-4) and alone != before
    (told,) = stats.told.values()
    assert len(told) == 1


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_a_smaller_mean_begins_with_the_curvature_of_the_larger_one(criterion):
    model, _, stats = nested("school", 0.0)
    before = solve(model, stats, criterion).fit
    smaller = model.with_terms(term for term in model.terms if term != Term((Factor("z"),)))
    warm = solve(smaller, stats, criterion, before).fit
    stats.fits.clear()
    cold = solve(smaller, stats, criterion).fit
    assert warm.converged and warm.model.terms != before.model.terms
    assert warm.deviance == pytest.approx(cold.deviance, abs=1e-8)
    assert warm.certificate.evaluations < cold.certificate.evaluations


def test_the_deviance_of_a_smaller_mean_takes_no_curvature():
    model, _, stats = nested("school", 0.0)
    before = solve(model, stats, "ML")
    smaller = model.with_terms(term for term in model.terms if term != Term((Factor("z"),)))
    found = deviance_fit(smaller, stats, before.fit, before.best.hessian)
    assert (smaller, "ML") not in stats.fits  # a descent alone
    whole = solve(smaller, stats, "ML").fit
    assert found.deviance == pytest.approx(whole.deviance, abs=1e-9)
    assert found.n_params == whole.n_params
    known = deviance_fit(smaller, stats, before.fit, before.best.hessian)
    assert known.start is whole


def nested(place: str, size: float):
    """Schools of classes; a model of them, and one with a slope at one level, of that deviation."""
    rng = np.random.default_rng(6)
    school, klass = np.repeat(np.arange(40), 40), np.repeat(np.arange(160), 10)
    x, z, noise = rng.normal(size=(3, school.size))
    groups = school if place == "school" else klass
    effects, slopes = rng.normal(size=(2, 160))
    y = 0.5 * x + 0.1 * z + 0.6 * effects[school] + 0.4 * rng.normal(size=160)[klass] + noise
    y += size * slopes[groups] * x
    rows = pd.DataFrame({"y": y, "x": x, "z": z, "school": school.astype(str)})
    rows["class"] = klass.astype(str)
    small = "y ~ x + z + (1 | school) + (1 | school:class)"
    level = "school" if place == "school" else "school:class"
    large = parse_formula(small.replace(f"(1 | {level})", f"(1 + x | {level})"))
    return parse_formula(small), large, statistics_of(large, rows)
