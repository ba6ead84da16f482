"""Analyses of samples of other rows, designs and courses of time, held against the usual one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import mlm
from mlm.front.sampled_analysis import analyse_rows, evidence_of
from mlm.nouns.formula import parse_term
from mlm.nouns.levels import ROW, PlannedLevel
from mlm.nouns.planned_time import PlannedTime
from mlm.nouns.sampling import SamplingDesign
from mlm.results.test import Test
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.answers.sampled.drawn_fits import fit_draws
from tests.sampled_surveys import (
    LINK,
    SCHOOLS,
    WAVES,
    plain,
    plan_of_survey,
    rows_below,
    rows_of_survey,
    sources_of_survey,
)
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.slow

SAME = 1e-8  # relative: two ways to the same sums


def test_weights_that_are_equal_change_no_estimate():
    frames = {w: f.assign(one=1.0, seven=7.0) for w, f in rows_of_survey().items()}
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    design = SamplingDesign({ROW: "seven", "school": "one"}, wave="wave", strata="zone")
    plan = plan_of_survey("weights", design=design, slopes=(), pupil_interactions=False)
    found = evidence_of(plan, sources)
    assert found.stats.total == pytest.approx(
        found.rows.total[: len(found.stats.total), : len(found.stats.total)], rel=1e-9
    )
    results, _ = analyse_rows(plan, sources, EMPTY)
    frame = rows_below()
    assert [wave.estimate for wave in results.means.waves] == pytest.approx(
        frame.groupby("wave")["score"].mean().to_list(), rel=SAME
    )
    moments = [(m.weighted_mean, m.weighted_sd) for m in results.weighted_moments]
    plain = [(w.mean, w.sd) for w in results.waves]
    assert np.array(moments) == pytest.approx(np.array(plain), rel=SAME)
    for item in results.sensitivity.scalings:
        if item.kind == "made" and item.scaling != "none":  # which leaves seven of each row
            assert all(abs(part.in_se) < 1e-5 for part in item.coefficients)


def test_rows_without_a_weight_are_left_out_and_counted():
    frames = {w: f.copy() for w, f in rows_of_survey().items()}
    frames[WAVES[0]].loc[:9, "w_pupil"] = 0.0
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    results, _ = analyse_rows(plan_of_survey("weights", slopes=()), sources, EMPTY)
    assert results.n_obs == len(rows_below()) - 10
    assert sum(wave.rows for wave in results.waves) == results.n_obs
    (lost,) = results.sample.rows_without_weight
    assert (lost.variable, lost.rows) == ("w_pupil", 10)


def test_levels_that_are_one_are_scaled_as_one():
    """One class in each school: scalings of rows in one level are told too."""
    wave = WAVES[0]
    rows = rows_of_survey()[wave].assign(room="a")
    plan = plan_of_survey(
        "weights",
        design=SamplingDesign({ROW: "w_pupil", "school": "w_school"}, strata="zone"),
        slopes=(),
        levels=(
            PlannedLevel("school", ("school",)),
            PlannedLevel("room", ("school", "room")),
            PlannedLevel("pupil", ()),
        ),
        time=PlannedTime("wave", "categories", (wave,), (0.0,)),
        time_terms=(),
        protected=(),
    )
    plan = replace(plan, sampling=replace(plan.sampling, linking_errors={}))
    results, _ = analyse_rows(plan, {wave: source_of(rows)}, EMPTY)
    assert len(results.settled.shares) == 2
    assert {item.kind for item in results.sensitivity.scalings} == {"made"}


def test_nested_draws_test_one_coefficient_at_a_time():
    frames = {w: f.assign(pv4=f["pv1"] + 3.0 * f["noise"]) for w, f in rows_of_survey().items()}
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    score = mlm.PlausibleValues("maths", [["pv1", "pv2"], ["pv3", "pv4"]])
    plan = plan_of_survey("plausible_values", scores=(score,), slopes=())
    results, _ = analyse_rows(plan, sources, EMPTY)
    assert results.scores[0].nests == 2 and results.draws == 4
    assert math.isfinite(results.means.waves[0].std_error)
    full = fit_draws(plan, plan.full_model(), evidence_of(plan, sources).stats)
    assert isinstance(full.columns_test([1]), Test)
    assert full.columns_test([1, 2]).reason.kind == "nested_draws"


def test_replicates_that_differ_inside_schools_are_made_of_rows():
    rng = np.random.default_rng(3)
    frames = {}
    for wave, frame in rows_of_survey(new=True).items():
        names = [f"rep{r}" for r in range(1, 21)]
        moved = frame[names] * np.exp(0.004 * rng.normal(size=(len(frame), 1)))
        frames[wave] = frame.assign(**moved)
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    plan = plan_of_survey("replicates", new=True, slopes=())
    found, _ = analyse_rows(plan, sources, EMPTY)
    near = plain("replicates", new=True)
    assert found.sample.replicates.made_from == "rows"
    assert near.sample.replicates.made_from == "clusters"
    assert found.settled.refits and found.null.refits and not found.full.refits
    for one, other in zip(found.settled.fixed, near.settled.fixed, strict=True):
        assert one.estimate == pytest.approx(other.estimate, rel=SAME)
        assert one.std_error == pytest.approx(other.std_error, rel=5e-3)
    for one, other in zip(found.means.waves, near.means.waves, strict=True):
        assert one.std_error == pytest.approx(other.std_error, rel=5e-3)


def test_replicates_of_schools_serve_models_with_regions_around_them():
    """Schools were drawn, regions were not: the likelihood does not split by schools."""
    frames = {
        wave: frame.assign(region=np.where(frame["zone"].astype(int) % 2 == 0, "east", "west"))
        for wave, frame in rows_of_survey(new=True).items()
    }
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    usual = plan_of_survey("replicates", new=True, slopes=())
    levels = (
        PlannedLevel("region", ("region",)),
        PlannedLevel("school", ("region", "wave", "school")),
        PlannedLevel("pupil", ()),
    )
    terms = usual.terms[1:2]
    plan = replace(usual, levels=levels, terms=terms, time_terms=usual.time_terms[:1], policy={})
    results, _ = analyse_rows(plan, sources, EMPTY)
    assert results.sample.clusters.ids == ("region", "wave", "school")
    assert (results.sample.clusters.n, results.sample.df) == (2 * SCHOOLS, 20.0)
    assert results.sample.replicates.made_from == "classes" and results.settled.refits
    assert results.sample.strata.n == SCHOOLS
    beside, _ = analyse_rows(
        replace(usual, terms=terms, time_terms=plan.time_terms, policy={}),
        sources_of_survey(new=True),
        EMPTY,
    )
    for one, other in zip(results.means.waves, beside.means.waves, strict=True):
        assert one.std_error == pytest.approx(other.std_error, rel=1e-6)
    own = {tuple(f.variable for f in c.term): c for c in results.settled.fixed}
    for other in beside.settled.fixed:
        found = own[tuple(f.variable for f in other.term)]
        assert found.std_error == pytest.approx(other.std_error, rel=0.5)


def test_time_may_be_a_line():
    plan = plan_of_survey("weights", slopes=())
    time = PlannedTime("year", "trend", WAVES, (0.0, 4.0))
    terms = (parse_term("year"), parse_term("year:kind"))
    plan = replace(plan, time=time, time_terms=terms, protected=terms[:1])
    results, _ = analyse_rows(plan, sources_of_survey(), EMPTY)
    same = plain("weights")
    for one, other in zip(
        results.over_time.adjusted_means, same.over_time.adjusted_means, strict=True
    ):
        assert one.estimate == pytest.approx(other.estimate, rel=1e-7)
        assert one.std_error == pytest.approx(other.std_error, rel=1e-5)
    (slope,) = [c for c in results.null.fixed if c.term]
    assert slope.linking_error is None  # of a year; changes between waves have it
    assert results.over_time.adjusted_means[1].change.linking_error == LINK


def test_waves_that_depart_from_a_line_are_told_as_they_are():
    frames = dict(rows_of_survey())
    waves = (*WAVES, "2026")
    middle = frames[WAVES[1]].assign(score=frames[WAVES[1]]["score"] + 60.0)
    sources = dict(
        zip(waves, map(source_of, (frames[WAVES[0]], middle, frames[WAVES[0]])), strict=True)
    )
    plan = plan_of_survey("weights", slopes=())
    plan = replace(
        plan,
        time=PlannedTime("year", "trend", waves, (0.0, 4.0, 8.0)),
        time_terms=(parse_term("year"),),
        protected=(parse_term("year"),),
        categories={**plan.categories, "wave": waves},
    )
    results, _ = analyse_rows(plan, sources, EMPTY)
    told = results.over_time
    assert told.lack_of_fit.rejected and told.lack_of_fit.test.p_value < 1e-4
    first, second, third = told.adjusted_means
    assert second.estimate - first.estimate > 50.0
    assert third.estimate == pytest.approx(first.estimate, abs=1.0)
    line = analyse_rows(replace(plan, alpha=1e-12), sources, EMPTY)[0].over_time
    assert not line.lack_of_fit.rejected
    steps = np.diff([mean.estimate for mean in line.adjusted_means])
    assert steps[0] == pytest.approx(steps[1], abs=1e-6)


def test_scores_may_be_covariates():
    frames = {}
    for wave, frame in rows_of_survey().items():
        rng = np.random.default_rng(int(wave))
        drawn = {f"rd{m}": frame[f"pv{m}"] + 40.0 * rng.normal(size=len(frame)) for m in (1, 2, 3)}
        frames[wave] = frame.assign(**drawn)
    reading = mlm.PlausibleValues("reading", ["rd1", "rd2", "rd3"])
    plan = plan_of_survey("plausible_values")
    plan = replace(
        plan,
        terms=(parse_term("reading"),),
        time_terms=plan.time_terms[:1],
        slopes=("reading",),
        policy={},
        variable_levels={**plan.variable_levels, "reading": ROW},
        sampling=replace(plan.sampling, scores=(*plan.sampling.scores, reading)),
    )
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    results, _ = analyse_rows(plan, sources, EMPTY)
    assert [score.score for score in results.scores] == ["maths", "reading"]
    assert "reading" in results.settled.formula
    known = {f.variable for c in results.settled.fixed for f in c.term}
    assert known == {"wave", "reading"}
    assert {slope.variable for slope in results.slopes} == {"reading"}


@pytest.mark.parametrize("kind", ["weights", "replicates"])
def test_a_level_of_one_unit_is_left_out_and_schools_are_the_clusters(kind):
    frames = {wave: frame.assign(country="here") for wave, frame in rows_of_survey().items()}
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    usual = plan_of_survey(kind, slopes=())
    levels = (
        PlannedLevel("country", ("country",)),
        PlannedLevel("school", ("country", "school")),
        PlannedLevel("school", ("country", "school", "wave"), in_wave=True),
        PlannedLevel("pupil", ()),
    )
    results, _ = analyse_rows(replace(usual, levels=levels), sources, EMPTY)
    (note,) = [n for n in results.notes if n.kind == "level_left_out"]
    assert note.level.ids == ("country",)
    assert results.sample.clusters.n == SCHOOLS
    for one, other in zip(results.settled.fixed, plain(kind).settled.fixed, strict=True):
        assert one.std_error == pytest.approx(other.std_error, rel=1e-6)
