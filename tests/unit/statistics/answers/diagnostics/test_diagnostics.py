"""Diagnostics without rows: variance by wave, normality of effects, influence of units."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.nouns.levels import WAVE
from mlm.statistics.answers.diagnostics.checks import (
    MAX_POINTS,
    diagnostics,
    pooled_quantiles,
    residual_variances,
)
from mlm.statistics.answers.diagnostics.influence import (
    NormalQuantiles,
    effect_quantiles,
    unit_influence,
)
from mlm.statistics.fitting.effects import posterior_means
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import fit_model, solve
from mlm.statistics.inference.residual_variances import fit_by_stratum
from tests.bands import FALSE_ALARM, largest_ratio
from tests.effects_over_waves import SCHOOL, followed, with_form
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


def surveyed(ratio: float = 1.0, seed: int = 1):
    rng = np.random.default_rng(seed)
    sizes = {"county": 20, "school": 4, WAVE: 2, "row": 12}
    frame = nested_rows(rng, sizes, {"county": 0.2, "school": 0.2})
    frame["y"] += np.sqrt(ratio - 1.0) * rng.normal(size=len(frame)) * (frame[WAVE] == "1")
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_schools", waves=("w0", "w1"))
    return plan, merged(plan, frame), frame


def test_variances_of_waves_are_recovered_and_told_apart():
    plan, stats, _ = surveyed(3.0)
    found = fit_by_stratum(plan.full_model(), stats, plan.time.factor)
    near = largest_ratio(2) * np.sqrt(2.0 / 960)  # rows of a wave
    assert found.variances == pytest.approx({"w0": 1.0, "w1": 3.0}, rel=near)
    assert found.test.p_value < 1e-10


@pytest.mark.study
def test_equal_variances_are_told_apart_by_chance_alone():
    """P-values of four samples are uniform: minus twice their logarithms add to a chi-squared."""
    p_values = []
    for seed in range(4):
        plan, stats, _ = surveyed(1.0, seed)
        p_values.append(fit_by_stratum(plan.full_model(), stats, plan.time.factor).test.p_value)
    assert chi2.sf(-2.0 * np.log(p_values).sum(), 2 * 4) > FALSE_ALARM


def test_merged_waves_and_rows_give_the_same_fit():
    """The same model of rows, with products of every column and wave in the cross-products."""
    plan, stats, frame = surveyed(2.0, 6)
    model = plan.full_model().with_residual("year")
    exact = mlm.fit(model, frame.assign(year=frame[WAVE]))
    found = fit_model(model, stats)
    assert found.deviance == pytest.approx(exact.deviance, abs=1e-7)
    assert found.residual_variances == pytest.approx(exact.residual_variances, rel=1e-5)


@pytest.mark.parametrize(
    "form", ["unstructured", "variances_by_wave", "autoregressive", "autoregressive_variances"]
)
def test_a_form_in_the_place_of_the_residual_has_the_variances_of_its_rows(form):
    plan, _, stats, _ = followed(1, schools=30, pupils=4)
    pupils = (*SCHOOL, "pupil")
    solution = with_form(plan, stats, form, pupils)
    found = residual_variances(plan, solution)
    assert (found.kind, found.form, found.level.ids) == ("in_form", form, pupils)
    place = [r.group for r in solution.fit.model.random].index(pupils)
    assert [item.variance for item in found.waves] == pytest.approx(
        np.diagonal(solution.fit.covariances[place])
    )


@pytest.mark.parametrize("by_wave", [False, True])
def test_it_is_said_whether_the_settled_model_has_residual_variances_by_wave(by_wave):
    plan, stats, _ = surveyed(2.0)
    model = plan.full_model().with_residual("year" if by_wave else None)
    assert residual_variances(plan, solve(model, stats)).in_settled == by_wave


@pytest.mark.study
def test_effects_over_their_diagnostic_error_have_variance_one():
    z = []
    for seed in range(20):
        plan, stats, _ = surveyed(seed=seed)
        fit = fit_model(plan.full_model(), stats)
        found = effect_quantiles(posterior_means(evaluation_of(fit, stats)).of("county:school"))
        assert found.correlation > 0.97
        z.append(found.observed)
    z = np.concatenate(z)
    assert np.var(z) == pytest.approx(1.0, abs=largest_ratio(1) * np.sqrt(2.0 / z.size))


def test_a_unit_far_away_shows_in_the_quantiles():
    rng = np.random.default_rng(2)
    frame = nested_rows(rng, {"school": 40, "row": 15}, {"school": 0.2})
    frame.loc[frame["school"] == "7", "y"] += 6.0
    model = parse_formula("y ~ x + kind + (1 | school)")
    stats = statistics_of(model, frame)
    found = effect_quantiles(
        posterior_means(evaluation_of(fit_model(model, stats), stats)).of("school")
    )
    assert found.largest > 4.0
    assert found.kurtosis > 3.0


def test_influence_is_the_move_when_a_unit_has_a_fixed_effect():
    rng = np.random.default_rng(3)
    frame = nested_rows(rng, {"school": 15, "row": (5, 15)}, {"school": 0.4})
    frame["z"] = rng.normal(size=15)[frame["school"].astype(int)]
    model = parse_formula("y ~ x + z + (1 | school)")
    stats = statistics_of(model, frame)
    fit = fit_model(model, stats)
    found = unit_influence(evaluation_of(fit, stats))
    y, x = frame["y"].to_numpy(), np.column_stack([np.ones(len(frame)), frame["x"], frame["z"]])
    codes = frame["school"].to_numpy()
    v = fit.sigma2 * np.eye(len(y)) + fit.variance("school") * (codes[:, None] == codes[None, :])
    inverse = np.linalg.inv(v)
    error = np.sqrt(np.diagonal(np.linalg.inv(x.T @ inverse @ x)))
    for i, unit in enumerate(found.units):
        wide = np.column_stack([x, codes == unit[0]])
        beta = np.linalg.solve(wide.T @ inverse @ wide, wide.T @ inverse @ y)[:3]
        assert found.change[i] == pytest.approx((beta - fit.beta) / error, abs=1e-6)
        move = beta - fit.beta
        assert found.distance[i] == pytest.approx(move @ (x.T @ inverse @ x) @ move / 3)


def test_the_record_is_complete_and_says_what_it_lacks():
    plan, stats, _ = surveyed(2.0)
    record = diagnostics(plan, solve(plan.full_model(), stats))
    assert [w.wave for w in record.residual_variance.waves] == ["w0", "w1"]
    groups = [":".join(row.level.ids) for row in record.normality]
    assert groups == ["county", "county:school", "county:school:wave"]
    assert record.influence.n == 20


@pytest.mark.parametrize("n", [50, 200, 201, 5000])
def test_points_of_the_quantiles_hold_every_unit_once(n):
    z = np.sort(np.random.default_rng(4).normal(size=n))
    points = pooled_quantiles(NormalQuantiles(z, z**3, 0.0, 0.0, 1.0, 3.0))
    counts = np.array([point.units for point in points])
    expected = np.array([point.expected for point in points])
    observed = np.array([point.observed for point in points])
    assert len(counts) == min(n, len(counts)) <= MAX_POINTS
    assert counts.sum() == n and counts.min() >= 1
    assert counts @ expected == pytest.approx(z.sum())
    assert counts @ observed == pytest.approx((z**3).sum())
    assert observed[0] == z[0] ** 3 and observed[-1] == z[-1] ** 3
