"""Analyses of a small survey with weights, replicates, plausible values, and all of them."""

from __future__ import annotations

import math
import warnings

import pandas as pd
import pytest

import mlm
from mlm.results.sampled.results import SampledResults
from mlm.results.test import Test
from mlm.statistics.answers.sampled.refusals import OF_LIKELIHOODS
from tests.sampled_surveys import (
    DRAWS,
    KINDS,
    LINK,
    SCHOOLS,
    WAVES,
    plan_of_survey,
    results_of,
    rows_below,
)

pytestmark = pytest.mark.slow

SAME = 1e-8  # relative: two ways to the same sums

# what stands in the record for an answer, by kind of sample
ANSWERS = {
    "null": lambda r: (r.null.fixed, r.null.variance_components, r.null.shares),
    "full": lambda r: (r.full.fixed, r.full.variance_components, r.full.shares),
    "products of row variables": lambda r: (r.row_products.terms, [r.row_products.block]),
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


def test_other_scalings_stand_in_standard_errors_of_what_is_told():
    results = results_of("all")
    made = {s.scaling: s for s in results.sensitivity.scalings}
    assert made["effective"].chosen and not made["unweighted"].chosen
    assert all(abs(c.in_se) < 1e-6 for c in made["effective"].coefficients)
    assert made["gk"].reason.kind == made["group_only"].reason.kind == "one_level_only"
    for name, told in {
        "size": results.sensitivity.largest,
        "none": results.sensitivity.largest_unscaled,
        "unweighted": results.sensitivity.largest_unweighted,
    }.items():
        rest = [*made[name].coefficients, *made[name].shares]
        assert abs(told.in_se) == pytest.approx(max(abs(part.in_se) for part in rest))
        assert told.scaling == name


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_no_meaning_is_refused_by_name(kind):
    refused = {refusal.what: refusal for refusal in results_of(kind).refusals}
    assert {what for what, _ in OF_LIKELIHOODS} <= refused.keys()
    assert ("ranking" in refused) == (kind in ("plausible_values", "all"))
    assert refused["prediction_of_units"].reason.kind == "not_of_samples"
    reason = "draws_have_their_own" if kind == "plausible_values" else "unit_of_weights"
    assert refused["information_criteria"].reason.kind == reason
