"""Forms of the covariance over waves, the next wave, and the sample without a wave."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import block_diag

from mlm.errors import StatisticsError
from mlm.nouns.levels import WAVE
from mlm.results.reason import TooFewWaves
from mlm.statistics.answers.over_time.form_choice import (
    best_form,
    compared_forms,
    correlation_intervals,
    correlations,
    frame_over_waves,
)
from mlm.statistics.answers.over_time.intervals import bounded_interval
from mlm.statistics.answers.over_time.next_wave_means import next_wave_means, predict_inner_units
from mlm.statistics.answers.over_time.prediction import carried
from mlm.statistics.answers.over_time.stability import stability
from mlm.statistics.answers.over_time.stability_details import stability_details
from mlm.statistics.evidence.by_wave import has_waves_apart, reweighted, without_wave
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import fit_model, solve
from tests.dense_rows import dense
from tests.effects_over_waves import (
    SCHOOL,
    WAVES,
    decayed,
    decaying,
    followed,
    named,
    prepared,
    rows,
)
from tests.nested_rows import nested_rows
from tests.normal_draws import exactly_correlated
from tests.plans import make_plan, merged, with_time

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


def test_forms_are_nested_in_the_unstructured_one():
    forms = decayed()[4]
    whole = forms[0].fitted
    assert whole.fit.deviance == pytest.approx(decayed()[3].solution.fit.deviance, abs=1e-6)
    for item in forms[1:]:
        assert item.fitted.fit.deviance >= whole.fit.deviance - 1e-4
        assert item.test.df == whole.n_params - item.fitted.n_params


def test_compound_symmetry_is_the_model_with_a_level_for_units_in_waves():
    _, model, stats, _, forms, _ = decayed()
    plain = fit_model(model, stats, "REML")
    fitted = named(forms, "compound_symmetry").fitted
    assert fitted.fit.deviance == pytest.approx(plain.deviance, abs=1e-4)
    shared, own = plain.variance("county:school"), plain.variance("county:school:wave")
    assert fitted.matrix[0, 1] == pytest.approx(shared, rel=1e-2)
    assert fitted.matrix[0, 0] == pytest.approx(shared + own, rel=1e-2)


def test_a_linear_trend_is_the_model_with_a_slope_on_time():
    from mlm.nouns.formula import parse_formula

    frame, _ = rows(3, decaying(0.7))
    plan, _, stats = prepared(frame, coding="trend")
    text = "y ~ year + x + kind + (1 + year | county:school) + (1 | county:school:wave)"
    slope = fit_model(parse_formula(text), stats, "REML")
    model = plan.full_model().with_random(parse_formula(text).random[:1])
    model = model.with_random([replace(model.random[0], terms=model.random[0].terms[:1])])
    forms = compared_forms(frame_over_waves(plan, model, SCHOOL, stats), False)
    assert named(forms, "linear_trend").fitted.fit.deviance == pytest.approx(
        slope.deviance, abs=1e-3
    )


def test_decaying_correlations_are_found_and_recovered():
    """The effects decay exactly; means of 12 pupils add an error of 1/12 to variances of 0.6."""
    forms = decayed(1, exactly_correlated)[4]
    assert best_form(forms).form.name == "autoregressive"
    assert named(forms, "autoregressive").test.p_value > 0.5
    assert named(forms, "compound_symmetry").test.p_value < 1e-3
    fitted = named(forms, "autoregressive").fitted
    assert correlations(fitted.matrix)[0, 1] == pytest.approx(0.7, abs=0.06)


def test_the_interval_of_a_correlation_agrees_with_its_profile():
    from mlm.statistics.inference.profile import Profile

    frame, _ = rows(5, np.array([[1.0, 0.6], [0.6, 1.0]]), schools=40)
    plan, model, stats = prepared(frame, WAVES[:2])
    forms = compared_forms(frame_over_waves(plan, model, SCHOOL, stats), True)
    lower, upper = correlation_intervals(forms[0].fitted)[0][:, 1, 0]
    profile = Profile(forms[0].fitted.fit, stats)
    exact = next(i for i in profile.intervals() if i.quantity == "correlation")
    assert [lower, upper] == pytest.approx([exact.lower, exact.upper], abs=0.05)


def test_a_correlation_at_its_bound_has_the_interval_of_its_profile():
    from mlm.statistics.inference.profile import Profile

    frame, _ = rows(8, np.ones((2, 2)), schools=30, variance=0.2)
    plan, model, stats = prepared(frame, WAVES[:2])
    frame_ = frame_over_waves(plan, model, SCHOOL, stats)
    whole, common = (item.fitted for item in compared_forms(frame_, True))
    exact = next(i for i in Profile(whole.fit, stats).intervals() if i.quantity == "correlation")
    found = bounded_interval(frame_, whole)
    assert found == pytest.approx((exact.lower, exact.upper), abs=0.01)
    lower, upper = bounded_interval(frame_, common)
    assert 0.0 < lower < 0.95 and upper == 1.0


def test_the_record_says_why_there_is_no_back_test():
    frame, _ = rows(5, np.array([[1.0, 0.6], [0.6, 1.0]]), schools=40, draw=exactly_correlated)
    plan, model, stats = prepared(frame, WAVES[:2])
    final = solve(model, stats)
    record = stability_details(plan, final, stability(plan, model, SCHOOL, stats), model)
    assert record.back_test.reason == TooFewWaves(waves=2, needed=3, what="back_test")
    assert [a.form for a in record.alternatives] == ["unstructured", "compound_symmetry"]
    assert record.prediction.correlation_with_last == pytest.approx(0.6, abs=0.2)


# --- samples without a wave --------------------------------------------------------------------


@pytest.mark.parametrize("design", ["same_pupils", "same_schools", "new_schools"])
def test_the_sample_without_a_wave_gives_the_fit_to_its_rows(design):
    sizes = {
        "same_pupils": {"county": 6, "school": 3, "pupil": 6, WAVE: 3, "row": (0, 1)},
        "same_schools": {"county": 6, "school": 4, WAVE: 3, "row": (3, 6)},
        "new_schools": {"county": 6, WAVE: 3, "school": 4, "row": (3, 6)},
    }[design]
    rng = np.random.default_rng(4)
    frame = nested_rows(rng, sizes, {"county": 0.3, "school": 0.3, "pupil": 0.3})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan(design)
    stats = merged(plan, frame)
    fewer = make_plan(design, waves=("w0", "w1"))
    rest = frame[frame[WAVE] != "w2"]
    a = fit_model(plan.full_model(), without_wave(plan, stats, "w2"), "REML")
    b = fit_model(fewer.full_model(), merged(fewer, rest), "REML")
    assert a.n_obs == b.n_obs == len(rest)
    assert a.n_groups == b.n_groups
    assert a.deviance == pytest.approx(b.deviance, abs=1e-6)
    assert a.beta == pytest.approx(b.beta, abs=1e-6)


def test_weights_of_one_change_nothing():
    plan, model, stats, *_ = decayed()
    same = reweighted(plan, stats, dict.fromkeys(WAVES, 1.0))
    assert fit_model(model, same).deviance == pytest.approx(fit_model(model, stats).deviance)


def test_samples_whose_waves_are_not_apart_are_refused():
    plan, _, stats, *_ = decayed()
    assert has_waves_apart(plan, stats)
    mixed = replace(stats, parts={})
    assert not has_waves_apart(plan, mixed)
    with pytest.raises(StatisticsError, match="not kept apart"):
        without_wave(plan, mixed, "w3")


def test_waves_stay_apart_in_a_file(tmp_path):
    from mlm.statistics.evidence.crossproducts import CrossProducts

    plan, _, stats, *_ = decayed()
    stats.save(tmp_path / "statistics.npz")
    assert has_waves_apart(plan, CrossProducts.load(tmp_path / "statistics.npz"))


# --- the mean of a unit in a wave to come ------------------------------------------------------


def test_the_error_of_a_mean_to_come_is_that_of_dense_algebra():
    plan, model, stats, frame = followed(7, schools=6, pupils=4)
    earlier = without_wave(plan, stats, "w3")
    fitted = compared_forms(frame_over_waves(plan, model, SCHOOL, earlier), False)[0].fitted
    coming = next_wave_means(plan, stats, SCHOOL, "w3")
    onto, _ = carried(fitted, 6.0)
    known, variance = predict_inner_units(evaluation_of(fitted.fit, earlier), coming, onto)
    schools = [item.name for item in fitted.fit.model.random].index("county:school")
    pupils = 1 - schools
    rows = with_time(plan, frame[frame[WAVE] != "w3"])
    written = dense(fitted.fit.model, rows)
    omegas = [omega * fitted.fit.sigma2 for omega in fitted.fit.omegas]
    z = np.hstack([np.hstack(columns) for columns in written.z])
    sizes = [columns[0].shape[1] for columns in written.z]
    d = block_diag(*(np.kron(o, np.eye(n)) for o, n in zip(omegas, sizes, strict=True)))
    v = z @ d @ z.T + fitted.fit.sigma2 * np.eye(len(rows))
    vi = np.linalg.inv(v)
    p = vi - vi @ written.x @ np.linalg.solve(written.x.T @ vi @ written.x, written.x.T @ vi)
    error = d - d @ z.T @ p @ z @ d
    (level,) = coming.levels
    own = np.kron(onto, np.eye(6))
    inside = np.zeros((6, sizes[pupils]))
    inside[level.outer[level.seen], np.arange(sizes[pupils])] = level.part[level.seen]
    parts = [own, inside] if schools == 0 else [inside, own]
    loads = np.hstack(parts)
    assert variance == pytest.approx(np.diagonal(loads @ error @ loads.T), rel=1e-8)
    effects = d @ z.T @ p @ written.y
    only = np.hstack([0 * own, inside] if schools == 0 else [inside, 0 * own])
    assert known == pytest.approx(only @ effects, abs=1e-8)
