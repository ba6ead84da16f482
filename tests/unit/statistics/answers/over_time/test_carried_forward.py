"""Effects carried one wave forward, form by form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlm.statistics.answers.over_time import carried_forward
from mlm.statistics.answers.over_time.carried_forward import (
    LARGEST_CHANGE,
    carried_model,
    carry,
    next_effects,
)
from mlm.statistics.answers.over_time.prediction import MixedNormals, predict_wave
from mlm.statistics.fitting.effect_sums import joint_errors, posterior_sums
from tests.effects_over_waves import (
    SCHOOL,
    WAVES,
    common,
    decaying,
    level_of,
    prepared,
    rows,
    with_engine,
    with_form,
)
from tests.plans import merged

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)

DRAWN = 0.01  # relative, of a standard deviation over 800,000 draws


def sample(correlation, coding: str = "categories"):
    frame, _ = rows(5, correlation, schools=40, size=6)
    return prepared(frame, WAVES[: len(correlation)], coding)


def test_effects_that_fade_are_carried_from_the_last_wave_alone():
    plan, _, stats = sample(decaying(0.7, 3))
    fitted = with_engine(plan, stats, "ar1")
    place = [r.group for r in fitted.fit.model.random].index(SCHOOL)
    found, omega = carry(plan, fitted.evaluated, place), fitted.fit.covariances[place]
    r = omega[0, 1] / omega[0, 0]
    assert found.onto == pytest.approx([0.0, 0.0, r], abs=1e-8)
    assert found.left == pytest.approx(omega[0, 0] * (1.0 - r**2))
    assert found.variance == pytest.approx(omega[2, 2])


def test_one_correlation_carries_the_mean_of_the_waves():
    """For T waves ``r / (1 + (T - 1) r)`` of each; what is left is new."""
    plan, _, stats = sample(common(0.6, 3))
    fitted = with_engine(plan, stats, "cs")
    place = [r.group for r in fitted.fit.model.random].index(SCHOOL)
    found, omega = carry(plan, fitted.evaluated, place), fitted.fit.covariances[place]
    r = omega[0, 1] / omega[0, 0]
    assert found.onto == pytest.approx(np.full(3, r / (1.0 + 2.0 * r)))
    assert found.left == pytest.approx(omega[0, 0] * (1.0 - 3.0 * r**2 / (1.0 + 2.0 * r)))


def test_two_parts_and_one_correlation_foretell_the_same():
    plan, _, stats = sample(common(0.6, 3))
    parts, one = with_form(plan, stats, "part_by_wave"), with_engine(plan, stats, "cs")
    found = []
    for model in (parts, one):
        ahead = next_effects(plan, model.evaluated, SCHOOL)
        error = np.diagonal(joint_errors(model.evaluated, ahead.weights)) + ahead.left
        found.append((ahead.variance, posterior_sums(model.evaluated, ahead.weights), error))
    for a, b in zip(*found, strict=True):
        assert a == pytest.approx(b, rel=1e-3, abs=1e-4)


def test_a_line_goes_on():
    plan, _, stats = sample(common(0.6, 3), "trend")
    fitted = with_form(plan, stats, "line")
    ahead = next_effects(plan, fitted.evaluated, SCHOOL)
    weights = next(w for w in ahead.weights if w is not None).toarray()
    assert weights[0, [0, 40]] == pytest.approx([1.0, 6.0]), "time 6 follows 0, 2 and 4"


@pytest.mark.battery(2)
@pytest.mark.parametrize("form", ["constant", "part_by_wave", "unstructured"])
def test_a_wave_is_predicted_from_any_form(form):
    plan, _, stats = sample(common(0.6, 3))
    settled = with_form(plan, stats, form)
    model = carried_model(plan, settled, level_of(plan, stats))
    assert model.form in ("part_by_wave", "variances_by_wave", "autoregressive_variances")
    found = predict_wave(plan, model)
    low, high = found.interval
    assert (low < found.effects.mean).all() and (found.effects.mean < high).all()
    held = predict_wave(plan, model).effects.error
    assert held == pytest.approx(found.effects.error), "the same draws each time"
    assert 0.0 < found.reliability < 1.0 and found.time == 6.0
    later = replace(plan, time=replace(plan.time, origin=1984.0))
    assert predict_wave(later, model).time == 1990.0, "on the scale of the configuration"
    assert found.ranks.top.sum() == pytest.approx(4.0), "four schools are a tenth of 40"


def test_standard_deviations_that_changed_may_change_again():
    """By a factor whose logarithm is as far from zero as it was between the waves before."""
    plan, _, stats = sample(np.diag([1.0, 2.0, 1.0]) @ common(0.6, 3) @ np.diag([1.0, 2.0, 1.0]))
    fitted = with_engine(plan, stats, "csh")
    place = [r.group for r in fitted.fit.model.random].index(SCHOOL)
    sds = np.sqrt(np.diagonal(fitted.fit.covariances[place]))
    changes = np.minimum(np.abs(np.diff(np.log(sds))), LARGEST_CHANGE)
    found = next_effects(plan, fitted.evaluated, SCHOOL)
    assert changes.max() > 0.2, "two waves differ"
    assert found.change == pytest.approx(np.exp(np.mean(changes**2)) - 1.0, rel=0.2)
    ahead = predict_wave(plan, carried_model(plan, fitted, level_of(plan, stats)))
    assert (ahead.effects.error > ahead.carried.error).all()
    assert ahead.effects.mean == pytest.approx(ahead.carried.mean), "on average the same"
    same = with_engine(plan, stats, "cs")
    alike = predict_wave(plan, carried_model(plan, same, level_of(plan, stats)))
    assert alike.effects.error == pytest.approx(alike.carried.error, rel=1e-9)


def test_a_common_factor_adds_to_errors_by_its_variance():
    rng, change = np.random.default_rng(3), 0.2
    known = MixedNormals(np.array([[0.5], [2.0]]), np.array([[1.0], [0.25]]))
    spread = np.sqrt(np.log1p(change))
    factors = np.exp(spread * rng.standard_normal(400_000) - 0.5 * spread**2)
    drawn = known.means + np.sqrt(known.variances) * rng.standard_normal((2, 400_000))
    found = known.times(np.full(2, change))
    assert found.error[0] == pytest.approx(np.std(drawn * factors), rel=DRAWN)
    assert found.mean == pytest.approx(known.mean)


def test_quantiles_of_a_mixture_have_their_probability():
    mixture = MixedNormals(np.array([[0.0, 1.0], [2.0, 1.0]]), np.array([[1.0, 4.0], [0.25, 4.0]]))
    for tail in (0.025, 0.5, 0.975):
        assert mixture.below(mixture.quantile(tail)) == pytest.approx([tail, tail])
    assert mixture.quantile(0.975)[1] == pytest.approx(1.0 + 2.0 * 1.959964)
    assert mixture.error[0] == pytest.approx(np.sqrt(0.625 + 1.0))


def test_another_imputation_is_carried_by_the_form_that_its_own_searches_find(monkeypatch):
    """The searches begin with the curvature of the first: same criterion, correlation and ends."""
    frame, _ = rows(5, common(0.6, 3), schools=40, size=6)
    moved = frame.assign(x=frame["x"].where(np.arange(len(frame)) % 9 > 0, 0.3))
    plan, model, stats = prepared(frame, WAVES[:3])
    other = merged(plan, moved, frame).without_levels(("county",))
    first, second = (with_form(plan, each, "unstructured") for each in (stats, other))
    level = level_of(plan, stats)
    near = carried_model(plan, first, level)
    alone = carried_model(plan, second, level)
    other.fits.clear()
    monkeypatch.setattr(carried_forward, "known_start", None)
    found = carried_model(plan, second, level, near=near)
    assert found.form == alone.form and not found.solution.curved
    assert found.solution.fit.deviance == pytest.approx(alone.solution.fit.deviance, abs=1e-6)
    ends = [(each.one.profile.lower, each.one.profile.upper) for each in (found, alone)]
    assert ends[0] == pytest.approx(ends[1], abs=1e-4)
    for engine in alone.engines:
        here, there = (each.engines[engine].fit.deviance for each in (found, alone))
        assert here == pytest.approx(there, abs=1e-6)
