"""Units left out, against fits to the other rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_formula, parse_term
from mlm.nouns.levels import WAVE, PlannedLevel
from mlm.results.reason import InSeveralGroups, TooFewGroups, UnitSumsNotKept
from mlm.statistics.answers.diagnostics.unit_deletion import Variances, unit_deletion
from mlm.statistics.evidence.bundles import SHARED
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.solution import fit_model, solve
from mlm.statistics.likelihood.crossed.deletion import MAX_SHORTENING
from mlm.statistics.likelihood.differences import MAX_LOG_STEP
from tests.bundled_rows import bundled_survey, with_bundles
from tests.dense_rows import dense
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged, with_time

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]
OPTIMUM = 1e-3  # of a standard error: two searches stop within 1e-8 of the least deviance


@pytest.mark.parametrize(
    ("criterion", "by_wave"),
    [
        pytest.param("ML", False, marks=pytest.mark.study),
        ("REML", True),
        pytest.param("ML", True, marks=pytest.mark.study),
        pytest.param("REML", False, marks=pytest.mark.study),
    ],
)
def test_units_left_out_are_as_in_fits_to_the_other_rows(criterion, by_wave):
    plan, stats, frame = bundled_survey()
    model = plan.full_model().with_residual(plan.time.factor if by_wave else None)
    solution = solve(model, stats, criterion)
    fit, found = solution.fit, unit_deletion(plan, solution, exact=3)
    assert found.exact.sum() == 3 and found.exact[np.argmax(found.distance)]
    error = np.sqrt(np.diagonal(fit.covariance))
    for unit, (name,) in enumerate(found.units):
        other = fit_model(model, merged(plan, frame[frame["county"] != name]), criterion)
        moved = other.beta - fit.beta
        change = np.array([other.variance(group) for group in found.groups])
        close = OPTIMUM if found.exact[unit] else 0.05
        assert found.change[unit] == pytest.approx(moved / error, abs=close)
        distance = moved @ np.linalg.inv(fit.covariance) @ moved / moved.size
        assert found.distance[unit] == pytest.approx(distance, rel=0.05, abs=close)
        near = 1e-3 if found.exact[unit] else 0.15
        assert found.variances[unit] == pytest.approx(change, rel=near, abs=0.02)


def forms_survey():
    """Plan, sample with bundles, and rows of the same schools in three waves, effects by wave."""
    rng = np.random.default_rng(8)
    sizes = {"county": 24, "school": 5, WAVE: 3, "row": (5, 8)}
    frame = nested_rows(rng, sizes, {"county": 0.4, "school": 0.5, WAVE: 0.3})
    steep = pd.Series(rng.normal(0.0, 0.4, 24), [str(i) for i in range(24)])
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    spread = 1.0 + 0.6 * (frame[WAVE] == "w1")
    frame["y"] = frame["y"] * spread + frame["county"].map(steep) * frame["x"]
    plan = make_plan("same_schools", by_time=())
    return plan, with_bundles(plan, frame), frame


SETTLED = {
    "slope": ("(1 + x | county) + (1 | county:school)", False),
    "slope beside": ("(1 | county) + (1 + x | county:school) + (1 | county:school:wave)", False),
    "unstructured": ("us(0 + year | county) + (1 | county:school)", False),
    "equal": ("(1 | county) + cs(0 + year | county:school)", False),
    "neighbours": ("(1 + x | county) + ar1h(0 + year | county:school)", False),
    "ar1": ("ar1(0 + year | county) + (1 | county:school)", False),
    "variances": ("csh(0 + year | county) + (1 | county:school)", True),
    "by category": ("(0 + year | county) + (1 | county:school)", True),
}


@pytest.mark.study
@pytest.mark.parametrize("random", SETTLED)
def test_units_with_slopes_and_forms_left_out_are_as_in_fits_to_the_other_rows(random):
    plan, stats, frame = forms_survey()
    text, by_wave = SETTLED[random]
    model = parse_formula(f"y ~ year + x + z + {text}")
    model = model.with_residual(plan.time.factor if by_wave else None)
    solution = solve(model, stats, "REML")
    found = unit_deletion(plan, solution, exact=2)
    check_left_out(plan, solution, found, frame, "county")


def check_left_out(plan, solution, found, frame, unit):
    """Single steps near the fits without each unit, and those fitted again at them."""
    fit, measure = solution.fit, Variances.of(plan, solution)
    error = np.sqrt(np.diagonal(fit.covariance))
    assert found.whole == pytest.approx(measure.at(fit.covariances, fit.sigma2))
    for place, (name,) in enumerate(found.units):
        left = merged(plan, frame[frame[unit] != name])
        other = fit_model(fit.model, left, fit.criterion)
        close = OPTIMUM if found.exact[place] else 0.2
        assert found.change[place] == pytest.approx((other.beta - fit.beta) / error, abs=close)
        variances = measure.at(other.covariances, other.sigma2)
        near = 2e-3 if found.exact[place] else 0.25
        assert found.variances[place] == pytest.approx(variances, rel=near, abs=0.01)


CROSSED = {
    "intercepts by wave": "us(0 + year | pupil) + (0 + year | school)",
    "decay": "ar1h(0 + year | pupil) + (1 | school)",
    "slope": "(1 | pupil) + (1 + x | school)",
    "line": "cs(0 + year | pupil) + cs(0 + year | school)",
}


@pytest.mark.study
@pytest.mark.parametrize("random", CROSSED)
def test_schools_with_slopes_and_forms_left_out_beside_pupils_who_change_school(random):
    plan, stats, frame = changing_schools(24)
    solution = solve(parse_formula(f"y ~ year + x + kind + {CROSSED[random]}"), stats, "REML")
    check_left_out(plan, solution, unit_deletion(plan, solution, exact=2), frame, "school")


def test_a_unit_that_alone_has_a_category_is_not_left_out():
    plan, _, frame = bundled_survey()
    terms = (*plan.terms, parse_term("group_kind"))
    plan = replace(plan, terms=terms)
    frame = frame.assign(group_kind=np.where(frame["county"] == "3", "c", "a"))
    stats = with_bundles(plan, frame.assign(kind=frame["kind"]))
    found = unit_deletion(plan, solve(plan.full_model(), stats), exact=1)
    assert sorted({(str(county),) for county in range(8)} - set(found.units)) == [("3",)]
    assert np.isfinite(found.distance).all() and np.isfinite(found.variances).all()


def changing_schools(schools: int = 12):
    """Plan, sample with bundles, and rows of followed pupils, of whom a third change school."""
    rng = np.random.default_rng(6)
    sizes = {"county": 1, "school": schools, "pupil": 9, WAVE: 3, "row": (0, 1)}
    frame = nested_rows(rng, sizes, {"school": 0.5, "pupil": 0.5})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    frame["pupil"] = frame["school"] + "-" + frame["pupil"]
    moved = frame["pupil"].isin(rng.choice(frame["pupil"].unique(), 3 * schools, False))
    moved &= frame[WAVE] != "w0"
    frame.loc[moved, "school"] = rng.integers(schools, size=int(moved.sum())).astype(str)
    levels = (("school", ("school",)), ("pupil", ("pupil",)), ("row", ()))
    plan = make_plan("same_pupils", by_time=(), terms=("x", "kind"))
    plan = replace(plan, levels=tuple(PlannedLevel(*level) for level in levels))
    return plan, with_bundles(plan, frame, (("school",), ("school",))), frame


@pytest.mark.parametrize("criterion", [pytest.param("ML", marks=pytest.mark.study), "REML"])
def test_schools_left_out_beside_pupils_who_change_school(criterion):
    plan, stats, frame = changing_schools()
    model = plan.full_model()
    solution = solve(model, stats, criterion)
    fit, found = solution.fit, unit_deletion(plan, solution, exact=4)
    assert found.groups == ("school", "pupil", "residual") and len(found.units) == 12
    error = np.sqrt(np.diagonal(fit.covariance))
    for unit, (name,) in enumerate(found.units):
        left = merged(plan, frame[frame["school"] != name])
        other = fit_model(model, left, criterion)
        close = OPTIMUM if found.exact[unit] else 0.05
        assert found.change[unit] == pytest.approx((other.beta - fit.beta) / error, abs=close)
        near = 1e-3 if found.exact[unit] else 0.1
        change = [other.variance(group) for group in found.groups]
        assert found.variances[unit] == pytest.approx(change, rel=near, abs=0.02)


def test_units_with_pupils_in_two_schools_in_one_wave_are_not_left_out():
    plan, _, frame = changing_schools()
    twice = frame.iloc[[0]].assign(school="11" if frame["school"].iloc[0] != "11" else "10")
    stats = with_bundles(plan, pd.concat([frame, twice]), (("school",), ("school",)))
    refused = unit_deletion(plan, solve(plan.full_model(), stats))
    assert refused.level.unit == "school"
    assert refused.reason == InSeveralGroups(level=level_record(plan, "pupil"), units=1)


def test_deletion_needs_sums_of_single_units():
    plan, stats, _ = bundled_survey()
    solution = solve(plan.full_model(), stats)

    def reason(bundles):
        kept = replace(stats, bundles=tuple(bundles))
        return unit_deletion(plan, replace(solution, stats=kept)).reason

    assert reason(()) == UnitSumsNotKept(what="none")
    assert reason(b.folded(SHARED) for b in stats.bundles) == UnitSumsNotKept(what="shared")
    assert reason(stats.bundles[:1]) == UnitSumsNotKept(what="other_rows")
    twice = (replace(b, totals=2.0 * b.totals) for b in stats.bundles)
    assert reason(twice) == UnitSumsNotKept(what="other_rows")


def test_deletion_needs_units_enough():
    _, _, frame = bundled_survey()
    plan, _, refused = deleted(frame[frame["county"].isin(("0", "1", "2"))])
    assert refused.reason == TooFewGroups(groups=3, needed=4, what="deletion")
    assert refused.level.unit == plan.levels[0].unit


def deleted(frame, criterion="REML"):
    """Plan, sample, fit, and one Newton step without each county, no model fitted again."""
    plan = make_plan("same_schools", waves=("w0", "w1"))
    stats = with_bundles(plan, frame)
    solution = solve(plan.full_model(), stats, criterion)
    return plan, solution, unit_deletion(plan, solution, exact=0)


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_without_effects_the_variance_without_a_unit_is_that_of_least_squares(criterion):
    """Squares that are left over, over rows by ML and over rows less coefficients by REML."""
    _, _, frame = bundled_survey()
    means = frame.groupby(["county", "school", WAVE])["y"].transform("mean")
    frame = frame.assign(y=frame["y"] - means)
    plan, solution, found = deleted(frame, criterion)
    fit = solution.fit
    assert fit.omegas == tuple(pytest.approx(np.zeros((1, 1))) for _ in fit.omegas)
    for unit, (name,) in enumerate(found.units):
        rest = dense(fit.model, with_time(plan, frame[frame["county"] != name]))
        beta = np.linalg.solve(rest.x.T @ rest.x, rest.x.T @ rest.y)
        degrees = len(rest.y) - (rest.x.shape[1] if criterion == "REML" else 0)
        sigma2 = np.sum((rest.y - rest.x @ beta) ** 2) / degrees
        assert found.variances[unit, -1] == pytest.approx(sigma2, rel=1e-6)


def test_a_newton_step_without_a_county_is_no_longer_than_its_approximation_holds():
    """Without the one county that is far away, the variance of counties is another one."""
    _, _, frame = bundled_survey()
    frame = frame.assign(y=frame["y"] + 4.0 * (frame["county"] == "5"))
    _, solution, found = deleted(frame)
    fit = solution.fit
    at = found.groups.index("county")
    ratio = found.variances[:, at] / found.variances[:, -1] * fit.sigma2 / fit.variance("county")
    far = found.units.index(("5",))
    assert np.log(ratio[far]) == pytest.approx(-MAX_LOG_STEP)


def test_a_newton_step_beside_crossed_pupils_leaves_half_of_a_standard_deviation():
    """Schools are alike but for one."""
    plan, _, frame = changing_schools()
    alike = frame["y"] - frame.groupby("school")["y"].transform("mean")
    frame = frame.assign(y=alike + 1.3 * (frame["school"] == "4"))
    stats = with_bundles(plan, frame, (("school",), ("school",)))
    solution = solve(plan.full_model(), stats, "REML")
    fit, found = solution.fit, unit_deletion(plan, solution, exact=0)
    at = found.groups.index("school")
    ratio = found.variances[:, at] / found.variances[:, -1] * fit.sigma2 / fit.variance("school")
    far = found.units.index(("4",))
    assert np.sqrt(ratio[far]) == pytest.approx(1.0 - MAX_SHORTENING)


def test_the_unit_of_the_largest_single_move_is_left_out_in_a_fit_of_its_own():
    """Beside those of the largest distances, which other units may have."""
    for seed in range(20):
        _, _, frame = bundled_survey(seed=seed)
        plan, solution, found = deleted(frame)
        largest = int(np.abs(found.change).max(axis=1).argmax())
        if largest != int(found.distance.argmax()):
            break
    else:
        pytest.fail("one unit has both in each of twenty samples")
    again = unit_deletion(plan, solution, exact=1)
    assert set(np.flatnonzero(again.exact)) == {largest, int(found.distance.argmax())}
