"""The whole chain on small surveys of every design: complete, plain, consistent."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from scipy.stats import norm

import mlm
from mlm.nouns.levels import WAVE
from mlm.nouns.machine.side_by_side import at_most
from mlm.results.analysis import AnalysisResults
from mlm.results.coefficient import Factor
from mlm.results.fit import StoredFit
from mlm.statistics.answers.analysis import analyse
from tests.few_draws import few_draws
from tests.nested_rows import nested_rows
from tests.plans import DESIGNS, make_plan, merged, observed
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.slow

# whole analyses of the other two designs run each time in other tests
OFTEN = {"new_schools", "cross_section"}
DESIGNS_OR_SLOW = [
    name if name in OFTEN else pytest.param(name, marks=pytest.mark.study) for name in DESIGNS
]
EACH_DESIGN = pytest.mark.parametrize("design", DESIGNS_OR_SLOW)
DOCS = Path(__file__).parents[4] / "docs"
LAST_DIGITS = 1e-6  # far below what is printed: sums are added in another order

SIZES = {
    "same_pupils": {"county": 6, "school": 2, "pupil": 12, WAVE: 3, "row": (0, 1)},
    "same_schools": {"county": 7, "school": 4, WAVE: 3, "row": 8},
    "new_schools": {"county": 7, WAVE: 3, "school": 4, "row": 8},
    "cross_section": {"county": 8, WAVE: 1, "school": 6, "row": 8},
}


@cache
def analysed(design: str):
    waves = ("w0",) if design == "cross_section" else ("w0", "w1", "w2")
    variances = {"county": 0.3, "school": 0.4, "pupil": 0.5, WAVE: 0.1}
    frame = nested_rows(np.random.default_rng(3), SIZES[design], variances, {"county": 0.1})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    frame["y"] += 0.3 * (frame["kind"] == frame["kind"].max())  # so that the policy stays
    by_time = () if len(waves) == 1 else ("kind",)
    plan = make_plan(
        design,
        waves=waves,
        terms=("x", "kind", "x^2"),
        by_time=by_time,
        slopes=("x", "kind"),
        policy=observed("kind"),
    )
    stats = merged(plan, frame)
    with few_draws():
        results, fits = analyse(plan, stats, EMPTY)
    return plan, frame, stats, results, fits


@EACH_DESIGN
def test_results_are_read_back_as_they_were_written(design):
    results = analysed(design)[3]
    assert AnalysisResults.model_validate_json(results.to_json()) == results


@EACH_DESIGN
def test_results_hold_to_the_published_schema(design):
    schema = json.loads((DOCS / "results.schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(json.loads(analysed(design)[3].to_json()))


@EACH_DESIGN
def test_rows_and_groups_are_those_of_the_sample(design):
    plan, frame, stats, results, _ = analysed(design)
    assert results.n_obs == len(frame) == sum(wave.rows for wave in results.waves)
    for wave in results.waves:
        here = frame[frame[WAVE] == wave.wave]
        assert wave.mean == pytest.approx(here["y"].mean())
        assert wave.sd == pytest.approx(here["y"].std())
    for level in results.levels[:-1]:
        assert level.n == len(frame[list(level.level.ids)].drop_duplicates())


@EACH_DESIGN
def test_shares_add_up_and_are_those_of_the_stored_fit(design):
    results, fits = analysed(design)[3:]
    shares = results.null.shares
    assert sum(row.share for row in shares) == pytest.approx(1.0)
    null = fits["null.reml"]
    for row in shares:
        assert row.variance == pytest.approx(null.variance(":".join(row.level.ids) or "residual"))
        assert row.lower <= row.share <= row.upper
    assert results.null.total_variance == pytest.approx(sum(r.variance for r in shares))


@EACH_DESIGN
def test_the_path_runs_from_the_full_to_the_final_model(design):
    plan, _, _, results, fits = analysed(design)
    path = results.reduction.path
    assert path[0].terms == results.full.terms
    assert path[-1].terms == results.settled.terms
    assert path[0].deviance == pytest.approx(results.full.ml.deviance, abs=1e-6)
    assert path[-1].deviance == pytest.approx(results.settled.ml.deviance, abs=1e-6)
    if plan.time.term:
        assert (Factor(variable="year"),) in results.settled.terms, "time is protected"
    assert (Factor(variable="x"),) in results.settled.terms
    assert fits["settled.reml"].criterion == "REML"


@EACH_DESIGN
def test_units_are_the_named_ones_and_carry_a_licence(design):
    results = analysed(design)[3]
    groups = [":".join(entry.level.ids) for entry in results.effects]
    expected = {"new_schools": ["county"]}.get(design, ["county", "county:school"])
    assert groups == expected
    for entry in results.effects:
        assert len(entry.units) == entry.n
        checks = entry.licence.checks
        assert entry.licence.granted == all(check.passed for check in checks)
        for unit in entry.units:
            reach = entry.interval_factor * unit.comparative_se
            assert unit.goldstein_lower == pytest.approx(unit.estimate - reach)
            assert unit.goldstein_upper == pytest.approx(unit.estimate + reach)
            of_95 = norm.isf(0.025) * unit.comparative_se
            assert unit.lower == pytest.approx(unit.estimate - of_95)
            assert unit.upper == pytest.approx(unit.estimate + of_95)
            assert abs(unit.comparative_se / unit.std_error - 1.0) > 1e-3 or not reach
        assert sum(u.mean_rank for u in entry.units) == pytest.approx(entry.n * (entry.n + 1) / 2)


@EACH_DESIGN
def test_stored_fits_are_read_back_as_they_were(design):
    fits = analysed(design)[4]
    names = {"null.ml", "null.reml", "full.ml", "full.reml", "settled.ml", "settled.reml"}
    assert set(fits) >= names
    for fit in fits.values():
        stored = StoredFit.model_validate_json(fit.to_record().to_json())
        again = mlm.Fit.from_record(stored)
        assert stored == again.to_record() == fit.to_record()
        assert again.coefficients == fit.coefficients
        assert again.random_coefficients == fit.random_coefficients


@pytest.mark.study
def test_the_order_of_rows_does_not_matter():
    plan, frame, _, results, _ = analysed("same_schools")
    shuffled = frame.sample(frac=1.0, random_state=1)
    with few_draws():
        again, _ = analyse(plan, merged(plan, shuffled), EMPTY)
    assert again.settled.terms == results.settled.terms
    for mine, its in zip(again.null.shares, results.null.shares, strict=True):
        assert mine.share == pytest.approx(its.share, abs=1e-6)
    ranks = [{u.unit: u.estimate for u in r.effects[0].units} for r in (again, results)]
    assert ranks[0] == pytest.approx(ranks[1], abs=1e-5)


@pytest.mark.parametrize("design", DESIGNS_OR_SLOW[:3])
def test_a_policy_and_its_standards_tell_the_same(design):
    plan, _, _, results, _ = analysed(design)
    (policy,) = results.policy
    assert policy.time_test.p_value is not None, "its change over time is always tested"
    for item in results.over_time.by:
        if item.variable != "kind":
            continue
        assert item.test.statistic == pytest.approx(policy.time_test.statistic)
        points = {(g.category, r.wave): r for g in item.groups for r in g.rows}
        for effect in policy.effects:
            difference = points[effect.category, effect.wave].difference
            assert difference.estimate == pytest.approx(effect.estimate)
            assert difference.std_error == pytest.approx(effect.std_error)


@EACH_DESIGN
def test_correlations_of_rows_and_of_true_means_follow_from_the_variances(design):
    results = analysed(design)[3]
    variance = [item.variance for item in results.null.shares]
    total = sum(variance)
    for i, item in enumerate(results.null.correlations):
        assert item.value == pytest.approx(sum(variance[: i + 1]) / total)
    for i, item in enumerate(results.null.unit_correlations):
        inside = sum(variance[: i + 2])
        expected = sum(variance[: i + 1]) / inside if inside > 0.0 else None
        assert item.value == (None if expected is None else pytest.approx(expected))
        assert item.within == results.null.shares[i].level
    assert len(results.null.unit_correlations) == len(variance) - 2


def _numbers(value: object, place: str = "") -> dict[str, object]:
    """All that is written, by its place."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return {k: v for key, own in pairs for k, v in _numbers(own, f"{place}/{key}").items()}
    return {place: value}


@EACH_DESIGN
def test_results_are_the_same_by_several_processes(design):
    plan, _, stats, results, fits = analysed(design)
    fresh = replace(stats)  # it remembers no fit
    with few_draws(), at_most(3):
        found, own = analyse(plan, fresh, EMPTY)
    expected, numbers = (_numbers(json.loads(each.to_json())) for each in (results, found))
    assert numbers.keys() == expected.keys()
    for place, value in expected.items():
        if isinstance(value, float):
            value = pytest.approx(value, rel=LAST_DIGITS, abs=LAST_DIGITS)
        if "gradient" not in place and "boundary_slope" not in place:  # nearly nothing, at an end
            assert numbers[place] == value, place
    assert {name: fit.model for name, fit in own.items()} == {n: f.model for n, f in fits.items()}
