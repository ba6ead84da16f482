"""Random slopes: what is tried, what is refused and why, what is kept."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.coding import model_columns
from mlm.nouns.formula import parse_formula
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Term
from mlm.results.reason import ColumnsNotKept, NoVariationWithin, TooFewGroups, TooFewRowsInGroup
from mlm.results.reference import ChiSquared
from mlm.results.test import Test
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.holm import holm
from mlm.statistics.pooling import median_test as pooled_tests
from mlm.statistics.selection.random_part import slopes
from mlm.statistics.selection.random_part.slopes import (
    SlopeTrial,
    as_well_over,
    clear_slopes,
    keep_slopes,
    slope_effects,
    tried_slopes,
    with_room,
    with_slope,
)
from tests.bands import binomial_band
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]
KIND = Term((Factor("kind"),))
SIZES = {"county": 12, "school": 4, WAVE: 2, "row": (6, 9)}
WAVES = ("w0", "w1")


def covariance(slope: SlopeTrial) -> np.ndarray:
    return slope_effects(slope.fit, slope.variable, slope.group).covariance


def rows(seed: int, sizes=SIZES, slopes=None) -> pd.DataFrame:
    variances = {"county": 0.2, "school": 0.3, "pupil": 0.4}
    frame = nested_rows(np.random.default_rng(seed), sizes, variances, slopes)
    return frame.assign(**{WAVE: "w" + frame[WAVE]})


def tried(frame, design="same_schools", **changes):
    plan = make_plan(design, waves=WAVES, by_time=(), **changes)
    stats = merged(plan, frame)
    model = plan.full_model()
    return plan, stats, model, tried_slopes(plan, model, stats)


def by_key(slopes) -> dict:
    return {(slope.variable, slope.group): slope for slope in slopes}


def test_a_true_slope_is_found_where_it_is():
    _, stats, model, slopes = tried(rows(1, slopes={"county": 0.25}))
    found = by_key(slopes)
    assert found["x", "county"].test.p_value < 1e-6
    kept = keep_slopes(slopes, model, stats, 0.05).fit.model
    names = {(r.name, str(t)) for r in kept.random for t in r.terms if t.factors}
    assert ("county", "x") in names
    assert covariance(found["x", "county"])[0, 0] == pytest.approx(0.25, rel=0.6)


@pytest.mark.study
def test_slopes_that_are_not_there_are_rarely_kept():
    kept = 0
    for seed in range(4):
        _, stats, model, slopes = tried(rows(20 + seed))
        chosen = keep_slopes(slopes, model, stats, 0.01).fit.model
        kept += any(t.factors for r in chosen.random for t in r.terms)
    assert kept / 4 <= binomial_band(4, 0.01)[1]


def test_each_lower_variable_is_tried_over_each_level_above_it():
    _, _, _, slopes = tried(rows(2), slopes=("x", "z", "kind"))
    assert set(by_key(slopes)) == {
        (variable, group)
        for variable in ("x", "kind")
        for group in ("county", "county:school", "county:school:wave")
    }, "z describes counties and has no slope over them or over what lies inside"


def test_only_variables_of_the_model_are_tried():
    _, _, _, slopes = tried(rows(2), terms=("z", "kind"), slopes=("x", "kind"))
    assert {slope.variable for slope in slopes} == {"kind"}


def test_too_few_groups_are_refused_with_their_number():
    frame = rows(3, {**SIZES, "county": 5})
    found = by_key(tried(frame)[3])["x", "county"]
    assert found.test is None
    assert found.reason == TooFewGroups(groups=5, needed=6, what="slope_variance")


def test_a_slope_of_a_category_beside_effects_of_waves_needs_five_units_a_parameter():
    """Two waves have three variances and covariances: fifteen counties; there are twelve."""
    plan = make_plan("same_schools", waves=WAVES, by_time=(), slopes=("kind",))
    stats = merged(plan, rows(7))
    base = fit_model(parse_formula("y ~ year + x + kind + ar1(0 + year | county)"), stats, "REML")
    found = slopes._tested(plan, base, stats, KIND, ("county",), ())
    assert found.reason == TooFewGroups(groups=12, needed=15, what="slope_beside_waves")


def test_a_variable_that_is_constant_within_groups_is_refused():
    frame = rows(4)
    frame["x"] = frame.groupby(["county", "school"])["x"].transform("mean")
    found = by_key(tried(frame)[3])
    assert found["x", "county"].reason is None
    assert found["x", "county:school"].reason == NoVariationWithin()


def test_pupils_with_few_occasions_are_refused():
    sizes = {"county": 8, "school": 3, "pupil": 6, WAVE: 2, "row": 1}
    found = by_key(tried(rows(5, sizes), "same_pupils")[3])
    reason = found["x", "county:school:pupil"].reason
    assert reason == TooFewRowsInGroup(mean=2.0, effects=2)


def test_pupils_with_enough_occasions_are_not_said_to_have_too_few():
    sizes = {"county": 8, "school": 3, "pupil": 3, WAVE: 2, "row": 2}
    found = by_key(tried(rows(5, sizes), "same_pupils")[3])
    assert found["x", "county:school:pupil"].reason == ColumnsNotKept()


def test_groups_with_fewer_rows_than_effects_are_refused():
    sizes = {"county": 12, "school": 3, WAVE: 2, "row": (1, 2)}
    found = by_key(tried(rows(6, sizes), slopes=("kind",))[3])
    reason = found["kind", "county:school:wave"].reason
    assert (reason.kind, reason.effects) == ("too_few_rows_in_group", 3)


def test_a_slope_of_a_category_has_one_column_for_each_contrast():
    slope = by_key(tried(rows(7), slopes=("kind",))[3])["kind", "county"]
    assert slope_effects(slope.fit, slope.variable, slope.group).names == ("kind[T.b]", "kind[T.c]")
    assert covariance(slope).shape == (2, 2)
    assert np.linalg.eigvalsh(covariance(slope)).min() >= -1e-9


@pytest.mark.parametrize(
    "random",
    [
        "(1 | county)",
        "(1 + x | county)",
        "(0 + year | county) + (0 + x | county)",
        "ar1(0 + year | county)",
        "ar1(0 + year | county) + (0 + x | county)",
    ],
)
def test_a_slope_of_a_category_stands_as_contrasts_beside_any_effects(random):
    plan = make_plan("same_schools", waves=WAVES, by_time=(), slopes=("kind",))
    stats = merged(plan, rows(7, SIZES | {"county": 20}))
    model = parse_formula(f"y ~ year + x + kind + {random}")
    room = with_room(model, ("county",), KIND, stats)
    larger = with_slope(room, ("county",), KIND)
    _, coded, _ = model_columns(larger, stats.columns.categories)
    names = [column.name for term in coded for column in term]
    assert [name for name in names if "kind" in name] == ["kind[T.b]", "kind[T.c]"]
    assert len(larger.random) == len(model.random)


@pytest.mark.parametrize("p_values,asked,kept", [((1e-4,), 1, True), ((0.08, 0.02), 2, True)])
def test_the_mixture_decides_where_the_conservative_test_does_not(
    monkeypatch, p_values, asked, kept
):
    found, samples = iter(p_values), []

    def tested(small, large, sample=None):
        samples.append(sample)
        return Test(statistic=9.0, df=5, reference=ChiSquared(df=5), p_value=next(found))

    for module in (slopes, pooled_tests):
        monkeypatch.setattr(module, "likelihood_ratio_test", tested)
    small, large = (SimpleNamespace(fit=name, stats="stats") for name in ("small", "large"))
    assert slopes._is_clear([(small, large)], 0.05) is kept
    assert samples == [None, "stats"][:asked]


def test_p_values_are_adjusted_for_the_slopes_that_were_tested():
    _, _, _, found = tried(rows(2), slopes=("x", "kind"))
    tests = [slope.test for slope in found if slope.test is not None]
    assert len(tests) > 2
    assert [t.p_adjusted for t in tests] == holm([t.p_value for t in tests])


def trial(group: str, statistic: float, p_value: float, p_adjusted: float) -> SlopeTrial:
    made = Test(statistic=statistic, df=2, reference=ChiSquared(df=2), p_value=p_value)
    return SlopeTrial("x", group, None, test=made.adjusted(p_adjusted))


def test_what_is_clear_alone_but_not_among_all_that_were_tested_is_not_clear():
    found = [trial("school", 5.3, 0.047, 0.28), trial("class", 9.0, 0.007, 0.042)]
    assert [slope.group for slope in clear_slopes(found, 0.05)] == ["class"]


@pytest.mark.parametrize(("other", "told"), [(8.92, True), (7.01, True), (6.99, False)])
def test_levels_that_explain_a_slope_about_equally_well_are_not_told_apart(other, told):
    found = [trial("school", other, 0.007, 0.01), trial("class", 9.0, 0.007, 0.01)]
    found.append(SlopeTrial("z", "school", None, test=found[1].test))
    found.append(SlopeTrial("x", "pupil", TooFewRowsInGroup(mean=2.0, effects=2)))
    assert as_well_over(found[1], found) == (["school"] if told else [])
    assert as_well_over(found[3], found) == []


@pytest.mark.parametrize("error", [slopes.ModelError, slopes.FitError])
def test_a_slope_that_cannot_be_fitted_is_refused_with_a_reason(monkeypatch, error):
    plan, stats, model, _ = tried(rows(8), slopes=("x",))
    stats.fits.clear()
    whole = slopes.solve

    def fitting(wanted, *arguments, **more):
        if any(len(r.terms) > 1 for r in wanted.random):
            raise error("the data cannot tell them apart")
        return whole(wanted, *arguments, **more)

    monkeypatch.setattr(slopes, "solve", fitting)
    found = tried_slopes(plan, model, stats)
    kinds = {"ModelError": "not_identified", "FitError": "not_fitted"}
    assert {slope.reason.kind for slope in found} == {kinds[error.__name__]}
