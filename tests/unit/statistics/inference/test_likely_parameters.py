"""Parameters as likely as the data make them: spread like the likelihood, the correlation too."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from mlm.statistics.inference import likely_parameters as module
from mlm.statistics.inference.likely_parameters import likely_parameters
from mlm.statistics.inference.profile_of_correlation import profile_of_correlation
from tests.effects_over_waves import SCHOOL, WAVES, common, prepared, rows, with_engine

DRAWS = 400


@pytest.fixture(scope="module")
def model():
    frame, _ = rows(4, common(0.6, 2), schools=40, size=8)
    plan, _, stats = prepared(frame, WAVES[:2])
    fitted = with_engine(plan, stats, "cs")
    term = [r.group for r in fitted.fit.model.random].index(SCHOOL)
    return fitted, profile_of_correlation(fitted, term, 0.0)


def test_correlations_are_drawn_from_their_profile(model):
    """In 95 of 100 draws inside the interval, as a likelihood of one parameter has it."""
    fitted, profile = model
    drawn = likely_parameters(fitted, DRAWS, profile)
    r = np.array([profile.form.correlations(x[profile.place :][:1], 2)[0, 1] for x in drawn])
    assert np.mean((profile.lower <= r) & (r <= profile.upper)) == pytest.approx(0.95, abs=0.02)
    assert np.median(r) == pytest.approx(profile.value, abs=0.05)


def test_standard_deviations_spread_as_the_curvature_says(model):
    fitted, profile = model
    drawn = likely_parameters(fitted, DRAWS, profile)
    others = [i for i in range(drawn.shape[1]) if i != profile.place]
    bend = fitted.best.hessian[np.ix_(others, others)]
    expected = np.sqrt(np.diagonal(2.0 * np.linalg.inv(bend)))
    relative = expected / fitted.best.theta[others]
    assert np.std(np.log(drawn[:, others]), axis=0) == pytest.approx(relative, rel=0.25)
    assert (drawn[:, others] > 0.0).all()


def test_the_same_model_has_the_same_draws(model):
    assert (
        likely_parameters(*model[:1], 8, model[1]) == likely_parameters(*model[:1], 8, model[1])
    ).all()


@pytest.mark.parametrize("share", [1e-2, 1e-4, 1e-8])
def test_draws_stay_where_the_likelihood_is(model, monkeypatch, share):
    """Also where the curvature at the estimates says next to nothing of the parameters."""
    fitted, profile = model
    flat = share * fitted.best.hessian
    monkeypatch.setattr(module, "_curvature", lambda _: flat)
    drawn = likely_parameters(fitted, DRAWS, profile)
    limit = fitted.search.value(fitted.best.theta) + chi2.ppf(0.9999, len(flat))
    assert np.mean([fitted.search.value(theta) <= limit for theta in drawn]) >= 0.98


def test_a_round_surface_is_spread_as_its_curvature_says(model):
    fitted, _ = model
    values, vectors = np.linalg.eigh(fitted.best.hessian)
    ways = (vectors * np.sqrt(2.0 / values)).T
    assert [module._likely_share(module._Rises(fitted), way) for way in ways] == [1.0] * len(values)
