"""Analyses of a small survey with weights, replicates, plausible values, and all of them."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

import mlm
from mlm.front.sampled_analysis import analyse_rows, evidence_of
from mlm.nouns.formula import parse_term
from mlm.nouns.levels import ROW, PlannedLevel
from mlm.nouns.planned_time import PlannedTime
from mlm.nouns.sampling import SamplingDesign
from mlm.results.sampled.results import SampledResults
from mlm.results.test import Test
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.answers.sampled.drawn_fits import fit_draws
from mlm.statistics.answers.sampled.refusals import OF_LIKELIHOODS
from tests.sampled_surveys import (
    CUT,
    DRAWS,
    KINDS,
    LINK,
    SCHOOLS,
    WAVES,
    plan_of_survey,
    rows_of_survey,
    sources_of_survey,
)
from tests.survey_accounts import EMPTY

SAME = 1e-8  # relative: two ways to the same sums


@cache
def analysed(kind: str, new: bool = False):
    return analyse_rows(plan_of_survey(kind, new), sources_of_survey(new), EMPTY)


def results_of(kind: str, new: bool = False) -> SampledResults:
    return analysed(kind, new)[0]


def rows_below(new: bool = False) -> pd.DataFrame:
    waves = rows_of_survey(new)
    return pd.concat([frame.assign(wave=wave) for wave, frame in waves.items()], ignore_index=True)


# what stands in the record for an answer, by kind of sample
ANSWERS = {
    "null": lambda r: (r.null.fixed, r.null.variance_components, r.null.shares),
    "full": lambda r: (r.full.fixed, r.full.variance_components, r.full.shares),
    "reduction": lambda r: (r.reduction.path[1:], [r.reduction.joint]),
    "slopes": lambda r: (r.slopes,),
    "units": lambda r: (r.units,),
    "stability": lambda r: (r.over_time.levels,),
    "adjusted means": lambda r: (r.over_time.adjusted_means,),
    "policy": lambda r: (r.policy[0].effects or r.policy[0].unadjusted, r.policy[0].unadjusted),
    "shares at a cut": lambda r: (r.shares_at, r.shares_at[0].waves, r.shares_at[0].by),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("new", [False, True])
def test_each_answer_is_told_or_refused_of_each_kind_of_sample(answer, kind, new):
    parts = ANSWERS[answer](results_of(kind, new))
    assert all(parts), (answer, kind)
    for item in (item for part in parts for item in part):
        if getattr(item, "kind", None) == "refused":
            assert item.reason.kind
        elif hasattr(item, "std_error"):
            assert item.std_error > 0.0 or item.estimate == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_results_come_back_from_their_file(kind, tmp_path):
    results = results_of(kind)
    path = tmp_path / "results.json"
    path.write_text(results.to_json(), "utf-8")
    assert SampledResults.load(path) == results


@pytest.mark.parametrize("kind", KINDS)
def test_counts_are_of_rows_and_units(kind):
    results, rows = results_of(kind), rows_below()
    assert results.n_obs == len(rows) == sum(wave.rows for wave in results.waves)
    assert [level.n for level in results.levels] == [SCHOOLS, 2 * SCHOOLS, len(rows)]
    girls = results.means.by[0].categories[1]
    assert [cell.rows for cell in girls.waves] == [
        int(((rows["wave"] == wave) & (rows["sex"] == "girl")).sum()) for wave in WAVES
    ]
    assert all(wave.clusters == SCHOOLS for wave in results.means.waves)


@pytest.mark.parametrize("kind", KINDS)
def test_the_way_in_which_errors_were_found_is_told(kind):
    results = results_of(kind)
    if kind == "plausible_values":
        assert results.sample is None and results.sensitivity is None
        return
    expected = "jackknife" if kind == "weights" else "replicates"
    assert results.sample.errors == results.sample.errors_of_means == expected
    assert results.sample.clusters.n == SCHOOLS
    assert (results.sample.replicates is None) == (kind == "weights")
    assert (results.settled.refitted is None) == (kind == "weights")
    corrected = [part.corrected for part in results.settled.variance_components]
    assert all((value is None) == (kind != "weights") for value in corrected)
    rows = rows_below()
    small = results.sample.small_units
    assert small.level.in_wave and small.rows == len(rows) / (2 * SCHOOLS) < 10
    assert results.sample.sum_of_weights == pytest.approx(rows["w_pupil"].sum(), rel=SAME)
    for wave in results.sample.by_wave:
        own = rows.loc[rows["wave"] == wave.wave, "w_pupil"]
        assert wave.sum_of_weights == pytest.approx(own.sum(), rel=SAME)
        assert wave.effective_rows == pytest.approx(own.sum() ** 2 / (own**2).sum(), rel=SAME)


@pytest.mark.parametrize("kind", ["plausible_values", "all"])
def test_draws_add_the_error_of_measurement(kind):
    results = results_of(kind)
    assert results.draws == DRAWS == len(results.settled.fits)
    for item in (*results.settled.fixed, *results.means.waves, *results.null.shares):
        link = getattr(item, "linking_error", None) or 0.0
        parts = item.sampling_error**2 + item.measurement_error**2 + link**2
        assert item.std_error**2 == pytest.approx(parts, rel=SAME)
        assert 0.0 < item.missing_information < 1.0


@pytest.mark.parametrize("kind", ["weights", "replicates"])
def test_without_draws_there_is_no_error_of_measurement(kind):
    results = results_of(kind)
    for item in (*results.settled.fixed, *results.means.waves):
        assert item.measurement_error is None and item.missing_information is None
        link = getattr(item, "linking_error", None) or 0.0
        assert item.std_error == pytest.approx(math.hypot(item.sampling_error, link), rel=SAME)
    (linked,) = [c for c in results.settled.fixed if c.linking_error]
    assert [factor.variable for factor in linked.term] == ["wave"]
    assert linked.linking_error == LINK


def test_the_settled_model_is_what_the_library_fits_and_replicates():
    results, rows = results_of("all"), rows_below()
    score = mlm.PlausibleValues("maths", [f"pv{m}" for m in range(1, DRAWS + 1)])
    design = plan_of_survey("all").sampling.design
    for name, values in (("sex", ["boy", "girl"]), ("kind", ["public", "private"])):
        rows[name] = pd.Categorical(rows[name], values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = mlm.fit(results.settled.formula, rows, plausible_values=score, design=design)
        found = mlm.replicate(fit, rows)
    table = found.fixed_effects
    told = {tuple(f.variable for f in c.term): c for c in results.settled.fixed}
    own = {name: tuple(v for v in names) for name, names in zip(table.index, told, strict=True)}
    for name, key in own.items():
        assert told[key].estimate == pytest.approx(table["estimate"][name], rel=1e-6)
        if "wave" not in key:
            assert told[key].std_error == pytest.approx(table["std_error"][name], rel=1e-5)
    shares = {":".join(s.level.ids) or "residual": s for s in results.settled.shares}
    for group, share in found.shares["share"].items():
        assert shares[group].estimate == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize("kind", ["replicates", "all"])
def test_means_and_shares_are_those_of_the_library(kind):
    results, rows = results_of(kind), rows_below()
    score = mlm.PlausibleValues("maths", [f"pv{m}" for m in range(1, DRAWS + 1)])
    score = score if kind == "all" else "score"
    design = plan_of_survey(kind).sampling.design
    means = mlm.means(rows, score, by="wave", design=design)
    shares = mlm.shares_at(rows, score, CUT, by="wave", design=design)
    for found, told in ((means, results.means), (shares, results.shares_at[0])):
        assert [w.estimate for w in told.waves] == pytest.approx(found.table["estimate"], rel=SAME)
        assert [w.std_error for w in told.waves] == pytest.approx(
            found.table["std_error"], rel=1e-6
        )
    change = means.difference(WAVES[1], WAVES[0])
    own = results.means.waves[1].change
    assert own.estimate == pytest.approx(change.estimate, rel=1e-6)
    assert own.std_error**2 == pytest.approx(change.std_error**2 + LINK**2, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_only_changes_of_score_points_hold_the_linking_error(kind):
    results = results_of(kind)
    _, later = results.over_time.adjusted_means
    assert later.change.linking_error == results.means.waves[1].change.linking_error == LINK
    parts = later.change.sampling_error**2 + (later.change.measurement_error or 0.0) ** 2
    assert later.change.std_error**2 == pytest.approx(parts + LINK**2, rel=SAME)
    shares = results.shares_at[0]
    assert shares.waves[1].change.linking_error is None
    assert shares.linking.kind == "share_has_no_link"
    for category in results.means.by[0].categories[1:]:
        moved = category.waves[1].moved
        assert moved.std_error**2 == pytest.approx(
            moved.sampling_error**2 + (moved.measurement_error or 0.0) ** 2, rel=SAME
        )


def test_waves_of_other_schools_are_independent_samples():
    for kind in KINDS:
        first, later = results_of(kind, new=True).means.waves
        change = later.change
        parts = np.array([first.sampling_error**2, later.sampling_error**2])
        assert change.sampling_error**2 == pytest.approx(parts.sum(), rel=1e-9), kind
        if kind == "weights":  # two schools a stratum, and each wave has its own
            assert max(first.df, later.df) <= SCHOOLS / 2
            own = change.df / (change.std_error / change.sampling_error) ** 4
            assert max(first.df, later.df) < own <= SCHOOLS


def test_gaps_are_differences_of_means():
    results = results_of("all")
    reference, other = results.means.by[-1].categories
    for first, second in zip(reference.waves, other.waves, strict=True):
        assert first.gap is None
        assert second.gap.estimate == pytest.approx(second.estimate - first.estimate, rel=1e-8)
    began, ended = other.waves
    assert ended.moved.estimate == pytest.approx(ended.gap.estimate - began.gap.estimate, abs=1e-8)


def test_the_reduction_keeps_margins_and_tests_all_that_left_together():
    for kind in KINDS:
        reduction = results_of(kind).reduction
        assert [step.test is None for step in reduction.path] == [True] + [False] * (
            len(reduction.path) - 1
        )
        dropped = [term for step in reduction.path for term in step.dropped]
        assert reduction.dropped == tuple(dropped)
        assert isinstance(reduction.joint, Test)
        assert reduction.joint.p_value > reduction.alpha
        kept = [tuple(f.variable for f in t) for t in reduction.path[-1].terms]
        assert ("wave",) in kept
        assert ("kind",) in kept or ("wave", "kind") not in kept


@pytest.mark.parametrize("kind", KINDS)
def test_a_slope_that_varies_is_kept_and_noise_is_not(kind):
    slopes = {(s.variable, s.level.in_wave): s for s in results_of(kind).slopes}
    assert slopes["ses", False].kept
    assert slopes["ses", False].test.p_adjusted < 0.05
    assert not slopes["noise", False].kept
    assert not slopes["ses", True].kept  # the same schools have it in both waves
    assert slopes["ses", False].test.method == "score"


def test_units_are_told_of_observed_scores_alone():
    for kind in KINDS:
        (units,) = results_of(kind).units
        if kind in ("weights", "replicates"):
            assert units.kind == "estimated" and units.n == SCHOOLS
            assert all(0.0 <= unit.reliability <= 1.0 for unit in units.units)
            ends = {
                c.check: (c.lower, c.value) for c in units.licence.checks if c.lower is not None
            }
            assert set(ends) == {"reliability", "separable", "stability"}
            assert all(lower <= value for lower, value in ends.values())
            assert [check.check for check in units.licence.checks] == [
                "units",
                "variance",
                "reliability",
                "separable",
                "stability",
            ]
        else:
            assert units.reason.kind == "not_for_single_units" and units.reason.draws == DRAWS
    raw = SamplingDesign({ROW: "w_pupil", "school": "w_school"}, scaling="none")
    plan = plan_of_survey("weights", design=raw, slopes=())
    (units,) = analyse_rows(plan, sources_of_survey(), EMPTY)[0].units
    assert units.reason.kind == "scaling_not_for_units"


def test_draws_that_were_made_to_describe_units_tell_of_them():
    plan = plan_of_survey("all", slopes=())
    (score,) = plan.sampling.scores
    made = replace(plan.sampling, scores=(replace(score, describe_units=True),))
    results, _ = analyse_rows(replace(plan, sampling=made), sources_of_survey(), EMPTY)
    (units,) = results.units
    assert units.kind == "estimated" and units.n == SCHOOLS
    assert "ranking" not in {refusal.what for refusal in results.refusals}
    observed = {unit.unit: unit for unit in results_of("replicates").units[0].units}
    pairs = [(unit.estimate, observed[unit.unit].estimate) for unit in units.units]
    assert np.corrcoef(np.array(pairs).T)[0, 1] > 0.9
    assert all(unit.reliability > 0.0 for unit in units.units)


@pytest.mark.parametrize("kind", KINDS)
def test_the_part_of_schools_that_lasts_is_their_correlation(kind):
    results = results_of(kind)
    (level,) = results.over_time.levels
    parts = {
        c.level.in_wave: c.estimate
        for c in results.settled.variance_components
        if c.level.ids and c.term1 == () and c.term2 is None
    }
    if len(results.settled.fits) == DRAWS:
        assert level.average.estimate == pytest.approx(
            parts[False] / (parts[False] + parts[True]), abs=0.05
        )
    else:
        assert level.average.estimate == pytest.approx(
            parts[False] / (parts[False] + parts[True]), rel=SAME
        )
    assert level.average.lower < level.average.estimate < level.average.upper
    assert logit(level.average.upper) > logit(level.average.lower)


def test_other_scalings_stand_in_standard_errors_of_what_is_told():
    results = results_of("all")
    made = {s.scaling: s for s in results.sensitivity.scalings}
    assert made["effective"].chosen and not made["unweighted"].chosen
    assert all(abs(c.in_se) < 1e-6 for c in made["effective"].coefficients)
    assert made["gk"].reason.kind == made["group_only"].reason.kind == "one_level_only"
    rest = [*made["none"].coefficients, *made["none"].shares]
    rest += [*made["size"].coefficients, *made["size"].shares]
    largest = max(abs(part.in_se) for part in rest)
    assert abs(results.sensitivity.largest.in_se) == pytest.approx(largest)


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_no_meaning_is_refused_by_name(kind):
    refused = {refusal.what: refusal for refusal in results_of(kind).refusals}
    assert {what for what, _ in OF_LIKELIHOODS} <= refused.keys()
    assert ("ranking" in refused) == (kind in ("plausible_values", "all"))
    assert refused["prediction_of_units"].reason.kind == "not_of_samples"
    reason = "draws_have_their_own" if kind == "plausible_values" else "unit_of_weights"
    assert refused["information_criteria"].reason.kind == reason


def test_weights_that_are_equal_change_no_estimate():
    frames = {w: f.assign(one=1.0, seven=7.0) for w, f in rows_of_survey().items()}
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    design = SamplingDesign({ROW: "seven", "school": "one"}, wave="wave", strata="zone")
    plan = plan_of_survey("weights", design=design, slopes=())
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
    near, _ = analyse_rows(plan, sources_of_survey(new=True), EMPTY)
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
    plain = plan_of_survey("replicates", new=True, slopes=())
    levels = (
        PlannedLevel("region", ("region",)),
        PlannedLevel("school", ("region", "wave", "school")),
        PlannedLevel("pupil", ()),
    )
    terms = plain.terms[1:2]
    plan = replace(plain, levels=levels, terms=terms, time_terms=plain.time_terms[:1], policy={})
    results, _ = analyse_rows(plan, sources, EMPTY)
    assert results.sample.clusters.ids == ("region", "wave", "school")
    assert (results.sample.clusters.n, results.sample.df) == (2 * SCHOOLS, 20.0)
    assert results.sample.replicates.made_from == "rows" and results.settled.refits
    assert results.sample.strata.n == SCHOOLS
    beside, _ = analyse_rows(
        replace(plain, terms=terms, time_terms=plan.time_terms, policy={}),
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
    same = analyse_rows(plan_of_survey("weights", slopes=()), sources_of_survey(), EMPTY)[0]
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


def test_a_category_that_a_wave_lacks_has_no_change():
    frames = dict(rows_of_survey())
    frames[WAVES[0]] = frames[WAVES[0]].query("kind == 'public'")
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    results, _ = analyse_rows(plan_of_survey("weights", slopes=()), sources, EMPTY)
    _, private = results.means.by[-1].categories
    (cell,) = private.waves
    assert cell.wave == WAVES[1] and cell.change is None and cell.moved is None
    assert cell.gap is not None


@pytest.mark.parametrize("kind", ["weights", "replicates"])
def test_a_level_of_one_unit_is_left_out_and_schools_are_the_clusters(kind):
    frames = {wave: frame.assign(country="here") for wave, frame in rows_of_survey().items()}
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    plain = plan_of_survey(kind, slopes=())
    levels = (
        PlannedLevel("country", ("country",)),
        PlannedLevel("school", ("country", "school")),
        PlannedLevel("school", ("country", "school", "wave"), in_wave=True),
        PlannedLevel("pupil", ()),
    )
    results, _ = analyse_rows(replace(plain, levels=levels), sources, EMPTY)
    without, _ = analyse_rows(plain, sources_of_survey(), EMPTY)
    (note,) = [n for n in results.notes if n.kind == "level_left_out"]
    assert note.level.ids == ("country",)
    assert results.sample.clusters.n == SCHOOLS
    for one, other in zip(results.settled.fixed, without.settled.fixed, strict=True):
        assert one.std_error == pytest.approx(other.std_error, rel=1e-6)
