"""What a model says of effects over waves, against the covariance of the terms written out."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.statistics.fitting.solution import solve
from mlm.statistics.selection.random_part.catalogue import recurring_levels
from mlm.statistics.selection.random_part.forms import covariance_over_waves, form_of
from tests.effects_over_waves import SCHOOL, decaying, followed, prepared, rows

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


@pytest.fixture(scope="module")
def visited():
    """Schools seen in four waves, each time with other pupils; time a number."""
    return prepared(rows(1, decaying(0.7), schools=60, size=3)[0], coding="trend")


@pytest.fixture(scope="module")
def seen_again():
    """The same pupils in every wave."""
    return followed(1, schools=60, pupils=3)[:3]


@pytest.mark.parametrize("survey", ["visited", "seen_again"])
def test_every_form_is_told_from_the_model_it_makes(survey, request):
    plan, model, stats = request.getfixturevalue(survey)
    for level in recurring_levels(plan, stats):
        for form in level.forms:
            made = level.with_form(model, form)
            assert form_of(plan, made, level.group) == form
            assert (
                level.with_form(made, "constant").random
                == level.with_form(model, "constant").random
            )


def test_slopes_stay_with_every_form(visited):
    plan, model, stats = visited
    (level,) = recurring_levels(plan, stats)
    x = Term((Factor("x"),))
    sloped = level.with_form(model, "constant")
    sloped = sloped.with_random(
        [RandomTerm(r.group, (*r.terms, x)) if r.group == SCHOOL else r for r in sloped.random]
    )
    for form in level.forms:
        made = level.with_form(sloped, form)
        assert form_of(plan, made, SCHOOL) == form
        assert [x in r.terms for r in made.random if r.group == SCHOOL].count(True) == 1
        assert level.with_form(made, "constant") == level.with_form(sloped, "constant")


def test_covariance_is_that_of_the_terms(visited):
    plan, model, stats = visited
    (level,) = recurring_levels(plan, stats)
    time = np.array(plan.time.times)

    solution = solve(level.with_form(model, "line"), stats)
    fit = solution.fit
    line = np.column_stack([np.ones(4), time])
    omegas = {r.group: omega for r, omega in zip(fit.model.random, fit.omegas, strict=True)}
    expected = line @ omegas[SCHOOL] @ line.T + omegas[*SCHOOL, WAVE] * np.eye(4)
    found = covariance_over_waves(plan, solution, SCHOOL)
    np.testing.assert_allclose(found, fit.sigma2 * expected, rtol=1e-10)

    solution = solve(level.with_form(model, "part_by_wave"), stats)
    found = covariance_over_waves(plan, solution, SCHOOL)
    lasting, part = (solution.fit.variance(":".join(g)) for g in (SCHOOL, (*SCHOOL, WAVE)))
    np.testing.assert_allclose(found, lasting + part * np.eye(4), rtol=1e-10)


def test_slope_variables_count_at_their_mean(visited):
    plan, model, stats = visited
    (level,) = recurring_levels(plan, stats)
    x = Term((Factor("x"),))
    random = [RandomTerm(SCHOOL, (level.waves, x)), RandomTerm((*SCHOOL, WAVE), (Term(), x))]
    solution = solve(level.with_form(model, "constant").with_random(random[:1]), stats)
    names = solution.fit.random_names[0]
    mean = stats.total[0, stats.columns.names.index("x")] / stats.n_obs
    origin, unit = stats.columns.scales["x", "identity"]
    design = np.column_stack([np.eye(4), np.full(4, origin + unit * mean)])
    assert names[-1] == "x"
    expected = solution.fit.sigma2 * design @ solution.fit.omegas[0] @ design.T
    np.testing.assert_allclose(covariance_over_waves(plan, solution, SCHOOL), expected, rtol=1e-10)


def test_the_residuals_place_has_its_whole_covariance(seen_again):
    plan, model, stats = seen_again
    level = recurring_levels(plan, stats)[-1]
    assert level.is_lowest
    solution = solve(level.with_form(model, "autoregressive_variances"), stats)
    found = covariance_over_waves(plan, solution, level.group)
    components = solution.fit.variance_components
    own = components[(components.group == ":".join(level.group)) & components.term2.isna()]
    np.testing.assert_allclose(np.diagonal(found), own.variance, rtol=1e-10)
    sd = np.sqrt(np.diagonal(found))
    correlation = found / np.outer(sd, sd)
    np.testing.assert_allclose(correlation[0], correlation[0, 1] ** np.arange(4), rtol=1e-8)
    assert np.all(covariance_over_waves(plan, solution, ("elsewhere",)) == 0.0)
