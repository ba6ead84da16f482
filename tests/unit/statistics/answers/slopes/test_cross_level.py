"""Random slopes in detail: shares along the variable, and what explains a slope."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlm.nouns.formula import Factor as F
from mlm.nouns.formula import Term
from mlm.results.coefficient import Factor
from mlm.results.reason import ColumnsNotKept, OfOuterGroups
from mlm.statistics.answers.slopes.cross_level import column_spread, explanations, shares_along
from mlm.statistics.answers.slopes.slope_details import slope_details, slope_records
from mlm.statistics.evidence.moments import mean_and_sd
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.variance_intervals import VarianceIntervals
from mlm.statistics.selection.random_part.slopes import tried_slopes, with_slope
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


def covariance(slope):
    """Of the intercept and the columns of a slope."""
    place = [r.name for r in slope.fit.model.random].index(slope.group)
    return slope.fit.covariances[place]


def trial_of(slope, stats):
    """The model of a trial, as if it had been settled."""
    return solve(slope.fit.model, stats, "REML", slope.fit)


def tried(cross: float, slope: float = 0.1, terms=("x", "z", "kind"), seed: int = 5, **changes):
    rng = np.random.default_rng(seed)
    frame = nested_rows(
        rng,
        {"county": 40, "school": 2, "row": 12},
        {"county": 0.3, "school": 0.2},
        {"county": slope},
    )
    frame["y"] += cross * frame["z"] * frame["x"]
    plan = make_plan("cross_section", waves=("w0",), terms=terms, by_time=(), **changes)
    stats = merged(plan, frame.assign(wave="w0"))
    return plan, stats, tried_slopes(plan, plan.full_model(), stats)


def test_shares_along_follow_from_the_covariance():
    plan, stats, slopes = tried(0.0, 0.3)
    slope = next(s for s in slopes if s.group == "county")
    along = shares_along(plan, slope, stats)
    assert along.shares.sum(axis=1) == pytest.approx(np.ones(along.values.size))
    mean, sd = mean_and_sd("x", stats)
    assert along.values[[0, -1]] == pytest.approx([mean - 2 * sd, mean + 2 * sd])
    s, x = covariance(slope), along.values[3]
    own = s[0, 0] + 2 * x * s[0, 1] + x**2 * s[1, 1]
    rest = slope.fit.variance("county:school") + slope.fit.sigma2
    assert along.total[3] == pytest.approx(own + rest)
    assert along.shares[3, 0] == pytest.approx(own / (own + rest))
    assert along.shares[0, 0] > 1.5 * along.shares[10, 0], "the truth has a slope variance of 0.3"


def test_shares_along_a_category_have_one_row_each():
    plan, stats, slopes = tried(0.0, slopes=("kind",))
    slope = next(s for s in slopes if s.fit is not None)
    along = shares_along(plan, slope, stats)
    assert along.labels == ("a", "b", "c")
    assert along.shares.shape == (3, 3)
    reference = covariance(slope)[0, 0]
    assert along.shares[0, 0] * along.total[0] == pytest.approx(reference)


def test_the_spread_of_an_indicator_is_that_of_a_share():
    plan, stats, _ = tried(0.0)
    (first, second) = column_spread(plan, "kind", stats).values()
    assert first == pytest.approx(np.sqrt(2 / 9), rel=0.05)
    assert second == pytest.approx(np.sqrt(2 / 9), rel=0.05)
    assert column_spread(plan, "x", stats)["x"] == pytest.approx(
        mean_and_sd("x", stats)[1], rel=1e-3
    )


def test_a_product_that_makes_the_slopes_differ_explains_them():
    plan, stats, slopes = tried(0.6, 0.02)
    slope = next(s for s in slopes if s.group == "county")
    (found,) = explanations(plan, slope, trial_of(slope, stats))
    assert str(found.term) == "z:x" and not found.is_configured
    assert found.share > 0.7
    assert found.test.p_value < 1e-6
    assert found.test.reference.kind == "F" and found.test.reference.df == 1


def test_a_product_that_explains_nothing_says_so():
    plan, stats, slopes = tried(0.0, 0.3)
    slope = next(s for s in slopes if s.group == "county")
    (found,) = explanations(plan, slope, trial_of(slope, stats))
    assert abs(found.share) < 0.2
    assert found.test.p_value > 0.01


def test_a_configured_product_is_taken_out_to_see_what_it_explains():
    plan, stats, slopes = tried(0.6, 0.02, ("x", "z", "kind", "z:x"))
    slope = next(s for s in slopes if s.group == "county")
    (found,) = explanations(plan, slope, trial_of(slope, stats))
    assert found.is_configured
    assert found.before > found.after
    assert found.share > 0.7


def both(slopes, stats):
    """A model with the slope of x over counties and over schools."""
    model = next(s for s in slopes if s.group == "county").fit.model
    term = Term((F("x"),))
    return solve(with_slope(model, ("county", "school"), term), stats)


def test_slopes_that_are_not_kept_are_not_searched():
    plan, stats, slopes = tried(0.0, 0.3)
    over_counties = next(s for s in slopes if s.group == "county")
    record = slope_details(replace(plan, alpha=1.01), slopes, trial_of(over_counties, stats))
    assert [s.level.unit for s in record.searched] == ["county"]


def test_slopes_that_are_kept_are_read_from_the_settled_model_and_others_from_their_trial():
    plan, stats, slopes = tried(0.6, 0.3)
    over_counties = next(s for s in slopes if s.group == "county")
    solution = solve(over_counties.fit.model.with_terms([Term(), Term((F("x"),))]), stats)
    settled = solution.fit
    county, school = slope_records(plan, slopes, VarianceIntervals(solution))
    place = [r.name for r in settled.model.random].index("county")
    assert county.variance == pytest.approx(settled.covariances[place][1, 1], rel=1e-12)
    assert county.mean_effect == pytest.approx(settled.beta[1], rel=1e-12)
    assert county.variance != pytest.approx(covariance(over_counties)[1, 1], rel=1e-3)
    within = next(s for s in slopes if s.group == "county:school")
    assert school.variance == pytest.approx(covariance(within)[1, 1], rel=1e-12)
    (searched,) = slope_details(replace(plan, alpha=1.01), slopes, solution).searched
    total = shares_along(plan, replace(over_counties, fit=settled), stats).total
    assert [p.total_variance for p in searched.along.points] == pytest.approx(total)


def test_only_clear_slopes_are_searched():
    plan, stats, slopes = tried(0.0, 0.3, slopes=("x", "kind"))
    record = slope_details(replace(plan, alpha=1e-3), slopes, both(slopes, stats))
    assert {s.variable for s in record.searched} == {"x"}
    searched = {s.level.unit: s.explained for s in record.searched}
    assert [row.term for row in searched["county"]] == [
        (Factor(variable="z"), Factor(variable="x"))
    ]
    (left,) = searched["school"]  # z describes counties, over which the slope differs too
    assert left.variable == "z" and left.reason == OfOuterGroups(level=level_record(plan, "county"))
    rows = searched["county"]
    smallest = min(rows, key=lambda row: row.test.p_value)
    assert smallest.test.p_adjusted == pytest.approx(min(1.0, len(rows) * smallest.test.p_value))


def test_products_that_are_not_tried_say_why():
    plan, stats, slopes = tried(0.6, 0.02, ("x", "z", "kind", "z:x", "z:x:kind"))
    slope = next(s for s in slopes if s.group == "county")
    (held,) = explanations(plan, slope, trial_of(slope, stats))
    assert [str(held.term), held.reason.kind] == ["z:x", "in_larger_product"]
    assert [[f.variable for f in term] for term in held.reason.terms] == [["z", "x", "kind"]]
    plan, stats, slopes = tried(0.6, 0.02)
    slope = next(s for s in slopes if s.group == "county")
    kept = [c for c in stats.columns.columns if c.variables != ("x", "z")]
    columns = replace(stats.columns, columns=tuple(kept))
    settled = replace(trial_of(slope, stats), stats=replace(stats, columns=columns))
    (missing,) = explanations(plan, slope, settled)
    assert missing.reason == ColumnsNotKept()
