"""Stability read from a settled model: true correlations, tests, intervals, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Term
from mlm.results.reason import TooFewGroups, TooFewWaves, ZeroVariance
from mlm.statistics.answers.claims import check_claims
from mlm.statistics.answers.over_time import stability as stability_module
from mlm.statistics.answers.over_time.stability import stability
from mlm.statistics.fitting.solution import solve
from mlm.statistics.selection.random_part.catalogue import recurring_levels
from mlm.statistics.selection.random_part.search import settled_forms
from mlm.statistics.selection.random_part.slopes import with_slope
from tests.bands import largest_ratio
from tests.effects_over_waves import (
    SCHOOL,
    WAVES,
    common,
    decaying,
    followed,
    level_of,
    prepared,
    rows,
    with_engine,
    with_form,
    within,
)
from tests.nested_rows import nested_rows
from tests.normal_draws import correlated, exactly_correlated
from tests.plans import make_plan, merged
from tests.recovery.settled_worlds import World

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


SCHOOL_IN_COUNTY = ("county", "school")
ALIKE = 1e-3  # of ends that are found to half a thousandth of an angle
AT_OPTIMUM = 1e-6  # of the difference of two deviances, each at its optimum


def found(correlation, form: str, seed: int = 1, schools: int = 60, **changes):
    frame, _ = rows(seed, correlation, schools, **changes)
    plan, _, stats = prepared(frame, WAVES[: len(correlation)])
    return stability(plan, with_form(plan, stats, form), SCHOOL)


@pytest.mark.study
@pytest.mark.parametrize("correlation", [0.9, 0.5, 0.0])
def test_a_true_correlation_is_recovered(correlation):
    """The effects have this correlation exactly, so that means of pupils alone add an error.

    Their error e moves a correlation by less than ``sqrt(2 e / variance / schools)``.
    """
    steady = found(common(correlation, 3), "unstructured", size=200, draw=exactly_correlated)
    error = np.sqrt(2.0 / 200 / 0.6 / 60)
    assert steady.average_correlation == pytest.approx(correlation, abs=largest_ratio(1) * error)
    assert steady.lower < correlation < steady.upper or correlation == 0.0


@pytest.mark.battery(2)
@pytest.mark.parametrize(
    "form", ["part_by_wave", "variances_by_wave", "autoregressive", "unstructured"]
)
def test_every_form_has_a_correlation_and_an_interval_that_holds_it(form):
    steady = found(common(0.6, 3), form, size=6)
    assert steady.form == form and steady.reason is None
    assert steady.correlation == pytest.approx(steady.correlation.T)
    assert steady.lower <= steady.average_correlation <= steady.upper
    lower, upper = steady.ends
    assert (lower <= steady.correlation + 1e-9).all() and (steady.correlation <= upper + 1e-9).all()
    assert steady.test.p_value < 0.01, "0.6 is not 1"


def test_an_interval_does_not_jump_where_the_form_becomes_constant():
    """The same sample by both forms: the interval is that of the correlation, whichever is kept."""
    constant, part = (
        found(np.ones((3, 3)), form, 3, size=6) for form in ("constant", "part_by_wave")
    )
    assert constant.average_correlation == 1.0
    assert constant.lower == pytest.approx(part.lower, abs=1e-3)
    assert (constant.upper, part.upper) == (1.0, 1.0)
    assert constant.test.statistic == pytest.approx(part.test.statistic, abs=1e-3)


def test_two_parts_and_one_correlation_are_one_model():
    frame, _ = rows(2, common(0.5, 3), 40, size=6)
    plan, _, stats = prepared(frame, WAVES[:3])
    parts, one = with_form(plan, stats, "part_by_wave"), with_engine(plan, stats, "cs")
    assert parts.fit.deviance == pytest.approx(one.fit.deviance, abs=1e-6)
    a, b = (stability(plan, fitted, SCHOOL) for fitted in (parts, one))
    assert a.covariance == pytest.approx(b.covariance, rel=1e-3)
    assert (a.lower, a.upper) == pytest.approx((b.lower, b.upper), abs=2e-3)


def test_correlations_that_fade_have_intervals_by_distance():
    steady = found(decaying(0.7), "autoregressive", size=6, schools=150)
    assert steady.other_form is None, "a correlation that does not fade fits worse"
    for r, ends in ((steady.correlation, steady.correlation), (steady.ends[0], None)):
        assert r[0, 2] == pytest.approx(r[0, 1] ** 2, rel=1e-6)
        assert ends is None or ends[0, 3] == pytest.approx(ends[0, 1] ** 3, rel=1e-6)


@pytest.mark.parametrize(
    ("form", "other"),
    [
        ("part_by_wave", "autoregressive"),
        ("autoregressive", "part_by_wave"),
        ("variances_by_wave", "autoregressive_variances"),
    ],
)
def test_intervals_hold_those_under_another_form_that_fits_about_as_well(form, other, monkeypatch):
    steady = found(common(0.0, 3), form, schools=40)
    assert steady.other_form == other
    under_other = found(common(0.0, 3), other, schools=40)
    assert under_other.other_form == form
    assert (steady.lower, steady.upper) == pytest.approx(
        (under_other.lower, under_other.upper), abs=ALIKE
    )
    monkeypatch.setattr(stability_module, "rival_correlation", lambda *_: None)
    alone = [found(common(0.0, 3), each, schools=40) for each in (form, other)]
    assert steady.lower == pytest.approx(min(each.lower for each in alone), abs=ALIKE)
    assert steady.upper == pytest.approx(max(each.upper for each in alone), abs=ALIKE)
    assert np.allclose(steady.ends[0], np.minimum(*(each.ends[0] for each in alone)), atol=ALIKE)


@pytest.mark.parametrize("seed", range(4))
def test_a_correlation_below_zero_lies_in_its_interval(seed, monkeypatch):
    """Schools of followed pupils have a correlation of any sign: so has its interval."""
    monkeypatch.setattr(stability_module, "rival_correlation", lambda *_: None)
    plan, _, stats, frame = followed(seed, schools=24, pupils=12)
    rng = np.random.default_rng(seed)
    effects = exactly_correlated(rng, 0.4 * common(-0.2, 4), 24)
    school, wave = (frame[name].str.lstrip("w").astype(int) for name in ("school", WAVE))
    y = effects[school, wave] + rng.normal(size=len(frame))
    stats = merged(plan, frame.assign(y=y)).without_levels(("county",))
    steady = stability(plan, with_form(plan, stats, "part_by_wave"), SCHOOL)
    assert steady.average_correlation < -0.1
    assert steady.lower < steady.average_correlation < steady.upper


@pytest.mark.study
def test_schools_that_change_do_not_make_their_counties_change():
    """Both levels free at once: read alone, a county seems to change by what its schools do."""
    rng = np.random.default_rng(3)
    sizes = {"county": 20, "school": 5, "pupil": 15, WAVE: 3, "row": (0, 1)}
    frame = nested_rows(rng, sizes, {"pupil": 0.5, "county": 0.5})
    effects = correlated(rng, common(0.3, 3), 100)
    school = 5 * frame["county"].astype(int) + frame["school"].astype(int)
    y = frame["y"] + effects[school, frame[WAVE].astype(int)]
    plan = make_plan("same_pupils", by_time=(), terms=("x", "kind"), slopes=())
    stats = merged(plan, frame.assign(y=y, **{WAVE: "w" + frame[WAVE]}))
    alone = stability(plan, solve(plan.full_model(), stats, "REML"), ("county",))
    settled = settled_forms(plan, plan.full_model(), stats, 0.05).reml
    together = stability(plan, settled, ("county",))
    assert alone.test.p_value < 1e-4, "schools that change show in their counties"
    assert together.test.p_value > 0.01
    assert together.upper == 1.0 > alone.upper
    assert stability(plan, settled, SCHOOL).upper < 0.6


def test_too_few_groups_are_refused():
    steady = found(common(0.5, 2), "constant", schools=9)
    assert steady.covariance is None and steady.lower is None
    assert steady.reason == TooFewGroups(groups=9, needed=10, what="correlation_over_waves")


def test_one_wave_is_refused():
    frame, _ = rows(3, common(0.5, 2), 12)
    frame = frame[frame[WAVE] == "w0"]
    plan, _, stats = prepared(frame, ("w0",))
    steady = stability(plan, solve(plan.full_model().with_random([]), stats), SCHOOL)
    assert steady.reason == TooFewWaves(waves=1, needed=2, what="comparison")


def test_groups_that_do_not_differ_have_no_stability():
    reasons = {
        found(common(0.0, 2), "constant", seed, 12, variance=0.0).reason for seed in range(8)
    }
    assert ZeroVariance() in reasons


@pytest.mark.parametrize("form", ["part_by_wave", "variances_by_wave", "autoregressive"])
def test_correlations_of_units_with_slopes_lie_in_their_intervals(form):
    """Slopes at the mean of their variable last, so the whole effects are more alike."""
    frame, _ = rows(3, common(0.3, 3), schools=40, size=6)
    draws = np.random.default_rng(1).normal(0.0, 0.8, 40)
    frame["x"] += 1.5
    frame["y"] += frame["x"] * draws[frame["school"].astype(int)]
    plan, model, stats = prepared(frame, WAVES[:3])
    level = level_of(plan, stats)
    wanted = level.with_form(with_slope(model, SCHOOL, Term((Factor("x"),))), form)
    found = stability(plan, solve(wanted, stats, "REML"), SCHOOL)
    low, high = found.ends
    assert np.all(low <= found.correlation + 1e-3)
    assert np.all(found.correlation <= high + 1e-3)
    assert found.lower <= found.average_correlation + 1e-3 <= found.upper + 2e-3


def test_constant_effects_are_tested_at_their_optimum():
    """The statistic is that of two fits, and of no trial that may end before."""
    sample = World("same_pupils", 4, 15, 10, 0.5).drawn(np.random.default_rng(1))
    plan, stats = sample.plan, check_claims(sample.plan, sample.stats).stats
    school = level_of(plan, stats, SCHOOL_IN_COUNTY)
    pupil = next(level for level in recurring_levels(plan, stats) if level.is_lowest)
    model = pupil.with_form(within(plan, stats), "unstructured")
    settled = solve(school.with_form(model, "unstructured"), stats)
    constant = solve(school.with_form(model, "constant"), stats).fit
    assert settled.fit.n_covariance is not None
    steady = stability(plan, settled, SCHOOL_IN_COUNTY)
    lost = constant.deviance - settled.fit.deviance
    assert steady.test.statistic == pytest.approx(lost, abs=AT_OPTIMUM)
