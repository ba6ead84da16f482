"""Whole analyses of imputations that differ, of every design: complete, and refused by name."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.results.analysis import AnalysisResults
from mlm.statistics.answers.imputed.analysis import analyse_imputed
from mlm.statistics.evidence.completed_samples import CompletedSamples
from tests.few_draws import few_draws
from tests.nested_rows import nested_rows
from tests.plans import DESIGNS, make_plan, merged, observed
from tests.survey_accounts import EMPTY

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

DRAWS = 3
SIZES = {
    "same_pupils": {"county": 6, "school": 2, "pupil": 12, WAVE: 3, "row": (0, 1)},
    "same_schools": {"county": 7, "school": 4, WAVE: 3, "row": 6},
    "new_schools": {"county": 7, WAVE: 3, "school": 4, "row": 6},
    "cross_section": {"county": 8, WAVE: 1, "school": 5, "row": 7},
}
CASES = [
    name if name == "cross_section" else pytest.param(name, marks=pytest.mark.study)
    for name in DESIGNS
]


@cache
def analysed(design: str) -> AnalysisResults:
    """A number with a slope, and the policy itself, are missing in some rows."""
    rng, waves = (
        np.random.default_rng(1),
        ("w0",) if design == "cross_section" else ("w0", "w1", "w2"),
    )
    variances = {"county": 0.3, "school": 0.4, "pupil": 0.5, WAVE: 0.1}
    frame = nested_rows(rng, SIZES[design], variances, {"county": 0.3})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    frame["y"] += 0.3 * (frame["kind"] == "c")
    plan = make_plan(
        design,
        waves=waves,
        terms=("x", "kind", "z"),
        by_time=() if len(waves) == 1 else ("kind",),
        slopes=("x",),
        policy=observed("kind"),
    )
    gone = {name: rng.random(len(frame)) < 0.15 for name in ("x", "kind")}
    draws = []
    for _ in range(DRAWS):
        drawn = frame.copy()
        drawn.loc[gone["x"], "x"] = rng.normal(size=gone["x"].sum())
        drawn.loc[gone["kind"], "kind"] = rng.choice(list("abc"), gone["kind"].sum())
        draws.append(merged(plan, drawn, frame))
    complete = merged(plan, frame[~gone["x"] & ~gone["kind"]], frame)
    with few_draws():
        return analyse_imputed(plan, CompletedSamples.of(draws), EMPTY, complete)[0]


@pytest.mark.parametrize("design", CASES)
def test_results_are_read_back_as_they_were_written(design):
    results = analysed(design)
    assert AnalysisResults.model_validate_json(results.to_json()) == results


@pytest.mark.parametrize("design", CASES)
def test_every_estimate_of_what_was_imputed_tells_its_missing_information(design):
    results = analysed(design)
    told = [*results.settled.reml.fixed, *results.full.reml.fixed, *results.policy[0].effects]
    assert all(0.0 < item.missing_information < 1.0 for item in told)
    largest = max(item.missing_information for item in results.settled.reml.fixed)
    assert results.imputed.missing_information == pytest.approx(largest, rel=1e-12)  # rounding


@pytest.mark.parametrize("design", CASES)
def test_what_has_no_common_answer_is_refused_by_name(design):
    results = analysed(design)
    assert results.policy[0].balance.reason.kind == "over_imputations"
    assert results.diagnostics.influence.reason.draws == DRAWS
    assert results.inclusion is None and results.reduction.bound is None
    assert {item.what for item in results.imputed.unpooled} >= {"back_test", "likelihoods"}


@pytest.mark.parametrize("design", CASES)
def test_errors_of_units_are_wider_than_those_inside_an_imputation(design):
    for level in analysed(design).effects:
        spread = [unit.upper - unit.lower for unit in level.units]
        assert min(spread) > 0.0
        assert all(unit.comparative_se > 0.0 for unit in level.units)


@pytest.mark.parametrize("design", CASES)
def test_complete_rows_stand_beside(design):
    results = analysed(design)
    beside = results.imputed.complete_cases
    assert beside.rows + beside.rows_imputed == results.n_obs
    for item in beside.coefficients:
        told = (item.estimate - item.complete) / item.complete_error
        assert item.difference == pytest.approx(told)
