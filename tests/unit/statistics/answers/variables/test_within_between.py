"""Effects within and between units: the split gives back the truth, with a contrast's error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_term
from mlm.results.reason import NotInModel
from mlm.statistics.answers.variables.within_between import within_between
from mlm.statistics.evidence.moments import mean_and_sd
from mlm.statistics.fitting.solution import solve
from mlm.statistics.selection.random_part.slopes import with_slope
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

WITHIN, CONTEXTUAL = 0.5, 1.2


def records(terms=("x", "z"), seed: int = 1):
    rng = np.random.default_rng(seed)
    frame = nested_rows(rng, {"county": 150, "school": 1, "row": 10}, {"county": 0.1})
    county = frame["county"].astype(int)
    x = frame["x"] + rng.normal(size=150)[county]
    mean = x.groupby(county).transform("mean")
    y = frame["y"] - 0.5 * frame["x"] - 0.3 * frame["z"] + WITHIN * x + CONTEXTUAL * mean
    frame = frame.assign(x=x, z=mean, y=y, wave="w0")
    plan = make_plan(
        "cross_section", waves=("w0",), terms=terms, by_time=(), unit_means={"x": ("z",)}
    )
    stats = merged(plan, frame)
    stats = stats.without_levels(("county", "school"))
    model = plan.full_model()
    model = model.with_random([r for r in model.random if r.group == ("county",)])
    solution = solve(model, stats)
    return solution, within_between(plan, [("full", solution)])


def test_within_between_and_contextual_effects_are_recovered():
    _, (record,) = records()
    (mean,) = record.means
    assert mean.term == "z" and mean.level.ids == ("county",)
    for found, truth in (
        (record.within, WITHIN),
        (mean.contextual, CONTEXTUAL),
        (mean.between, WITHIN + CONTEXTUAL),
    ):
        assert abs(found.estimate - truth) < 3 * found.std_error
        assert found.lower < truth < found.upper


def test_the_contextual_effect_is_between_minus_within_with_its_own_error():
    solution, (record,) = records()
    (mean,) = record.means
    within, between, contextual = record.within, mean.between, mean.contextual
    assert contextual.estimate == pytest.approx(between.estimate - within.estimate)
    fit = solution.fit
    i, j = fit.names.index("x"), fit.names.index("z")
    covariance = fit.covariance
    error = np.sqrt(covariance[i, i] + covariance[j, j] + 2 * covariance[i, j])
    assert between.std_error == pytest.approx(error)
    assert between.df < within.df, "units are fewer than rows"


def test_a_square_enters_the_slope_at_the_mean_of_the_rows():
    solution, (record,) = records(("x", "z", "x^2"))
    beta = dict(zip(solution.fit.names, solution.fit.beta, strict=True))
    mean = mean_and_sd("x", solution.stats)[0]
    slope = beta["x"] + 2 * mean * beta["I(x ** 2)"]
    assert record.within.estimate == pytest.approx(slope)


def test_a_model_without_the_mean_says_so():
    assert records(("x",))[1][0].reason == NotInModel(what="unit_mean")
    assert records(("kind",))[1][0].reason == NotInModel(what="variable")


def test_a_slope_that_differs_between_units_widens_the_error_within_them():
    solution, _ = records()
    model = with_slope(solution.fit.model, ("county",), parse_term("x"))
    rng = np.random.default_rng(4)
    steeper = rng.normal(size=150)
    frame = nested_rows(rng, {"county": 150, "school": 1, "row": 10}, {"county": 0.1})
    county = frame["county"].astype(int)
    mean = frame["x"].groupby(county).transform("mean")
    frame = frame.assign(z=mean, y=frame["y"] + steeper[county] * frame["x"], wave="w0")
    plan = make_plan(
        "cross_section", waves=("w0",), terms=("x", "z"), by_time=(), unit_means={"x": ("z",)}
    )
    stats = merged(plan, frame).without_levels(("county", "school"))
    models = [("full", solve(solution.fit.model, stats)), ("settled", solve(model, stats))]
    full, final = (item.within for item in within_between(plan, models))
    assert final.std_error > 1.5 * full.std_error
    assert final.df < 200 < full.df, "counties, not rows, carry it"


def category_records(seed: int = 5):
    """A category of the rows with the share of each of its categories in the county."""
    rng = np.random.default_rng(seed)
    frame = nested_rows(rng, {"county": 200, "school": 1, "row": 12}, {"county": 0.1})
    county = frame["county"].astype(int)
    levels = np.array(["a", "b", "c"])
    odds = rng.dirichlet([1.0, 1.0, 1.0], size=200)[county]
    kind = levels[(rng.random(len(frame))[:, None] > odds.cumsum(axis=1)).sum(axis=1).clip(max=2)]
    shares = {c: pd.Series(kind == c).groupby(county).transform("mean") for c in "bc"}
    y = frame["y"] - 0.4 * np.searchsorted(levels, frame["kind"]) - 0.5 * frame["x"]
    y += 0.3 * (kind == "b") + 0.6 * (kind == "c") - 2.0 * shares["b"] + 1.5 * shares["c"]
    frame = frame.assign(kind=kind, x=shares["b"], z=shares["c"], y=y - 0.3 * frame["z"], wave="w0")
    plan = make_plan(
        "cross_section",
        waves=("w0",),
        terms=("kind", "x", "z"),
        by_time=(),
        unit_means={"kind": ("x", "z")},
        unit_shares={"x": "b", "z": "c"},
    )
    stats = merged(plan, frame).without_levels(("county", "school"))
    model = plan.full_model()
    model = model.with_random([r for r in model.random if r.group == ("county",)])
    solution = solve(model, stats)
    return solution, within_between(plan, [("full", solution)])


def test_each_category_is_split_by_its_own_share():
    solution, records = category_records()
    assert [record.category for record in records] == ["b", "c"]
    beta = dict(zip(solution.fit.names, solution.fit.beta, strict=True))
    truths = {"b": ("x", 0.3, -2.0), "c": ("z", 0.6, 1.5)}
    for record in records:
        share, within, contextual = truths[record.category]
        (mean,) = record.means
        assert mean.term == share
        assert record.within.estimate == pytest.approx(beta[f"kind[T.{record.category}]"])
        assert mean.contextual.estimate == pytest.approx(beta[share])
        assert record.within.lower < within < record.within.upper
        assert mean.contextual.lower < contextual < mean.contextual.upper
        assert mean.between.estimate == pytest.approx(
            record.within.estimate + mean.contextual.estimate
        )
