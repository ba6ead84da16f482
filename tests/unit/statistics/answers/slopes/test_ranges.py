"""The range of a slope over the units as they are, and how well its ends are known."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.distributions import TWO_SIDED_95
from mlm.nouns.formula import parse_formula
from mlm.statistics.answers.slopes.ranges import products_over_units, range_of_slope, sd_over_units
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.profile import Profile
from mlm.statistics.inference.variance_intervals import VarianceIntervals
from mlm.statistics.selection.random_part.slopes import SlopeTrial
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
SD, CROSS, MEAN = 0.5, 0.6, 0.5  # of the slope of x; its product with z; its mean
SHARE = 0.4 / 1.4


def drawn(seed: int, cross: float = CROSS, formula: str = "y ~ x * z + kind + (1 + x | county)"):
    """Plan, rows, settled model and its slope of x over 40 counties."""
    rng = np.random.default_rng(seed)
    sizes = {"county": 40, "school": 2, "row": 8}
    frame = nested_rows(rng, sizes, {"county": 0.4, "school": 0.0}, {"county": SD**2})
    frame["y"] += cross * frame["z"] * frame["x"]
    plan = make_plan(
        "cross_section",
        waves=("w0",),
        by_time=(),
        terms=("x", "z", "kind", "group_kind", "x:z", "x:group_kind", "x:kind"),
    )
    solution = solve(parse_formula(formula), merged(plan, frame.assign(wave="w0")))
    slope = SlopeTrial("x", "county", None, solution.fit)
    return plan, frame, solution, slope


def spread(plan, slope, solution) -> float:
    """Standard deviation over the units of what products add to the effect of x."""
    return sd_over_units(products_over_units(plan, slope, solution.stats)["x"], solution.fit)


def test_products_with_variables_of_the_units_are_part_of_the_range():
    plan, frame, solution, slope = drawn(3)
    found = spread(plan, slope, solution)
    beta = dict(zip(solution.fit.names, solution.fit.beta, strict=True))
    z = frame.groupby("county")["z"].mean()
    assert found == pytest.approx(abs(beta["x:z"]) * z.std(ddof=0), rel=1e-9)
    plan, _, solution, slope = drawn(3, formula="y ~ x + z + (1 + x | county)")
    assert spread(plan, slope, solution) == 0.0


def test_a_category_of_the_units_counts_and_rows_do_not():
    formula = "y ~ x * group_kind + x * kind + (1 + x | county)"
    plan, frame, solution, slope = drawn(4, formula=formula)
    beta = dict(zip(solution.fit.names, solution.fit.beta, strict=True))
    kinds = frame.groupby("county")["group_kind"].first()
    added = {"a": 0.0} | {k: beta[f"x:group_kind[T.{k}]"] for k in ("b", "c")}
    found = spread(plan, slope, solution)
    assert found == pytest.approx(kinds.map(added).std(ddof=0), rel=1e-9)


def test_the_interval_of_the_standard_deviation_is_that_of_the_profile():
    plan, _, solution, slope = drawn(5)
    products = products_over_units(plan, slope, solution.stats)["x"]
    found = range_of_slope(slope, "x", products, VarianceIntervals(solution))
    (own,) = (
        i
        for i in Profile(solution.fit, solution.stats).intervals()
        if (i.group, i.term1, i.term2, i.quantity) == ("county", "x", None, "sd")
    )
    assert (found.sd_lower, found.sd_upper) == pytest.approx((own.lower, own.upper), rel=1e-6)
    assert found.lower_from < found.lower_to < found.upper_from < found.upper_to


@pytest.mark.study
@pytest.mark.parametrize("method", ["profile", "draws"])
def test_both_ends_of_the_range_are_covered(method, monkeypatch):
    """Binomial band of 95 % in 250 replicates, false alarm under 1 %."""
    monkeypatch.setattr(VarianceIntervals, "method", method)
    hits = np.array([covered(seed) for seed in range(250)]).mean(axis=0)
    assert (hits >= 0.905).all(), hits


def covered(seed: int) -> list[bool]:
    """Whether the standard deviation and both ends lie in their intervals; and the share."""
    plan, frame, solution, slope = drawn(1000 + seed)
    intervals = VarianceIntervals(solution)
    products = products_over_units(plan, slope, solution.stats)["x"]
    found = range_of_slope(slope, "x", products, intervals)
    z = frame.groupby("county")["z"].mean()
    truth = TWO_SIDED_95 * np.hypot(SD, CROSS * z.std(ddof=0))
    mean = MEAN + CROSS * frame["z"].mean()
    share = intervals.shares([np.diag([1.0, 0.0])])["county"]
    return [
        found.sd_lower <= SD <= found.sd_upper,
        found.lower_from <= mean - truth <= found.lower_to,
        found.upper_from <= mean + truth <= found.upper_to,
        share.lower <= SHARE <= share.upper,
    ]
