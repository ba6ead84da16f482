"""Score tests of a variance of zero: a closed form, what changes nothing, and their size."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.nouns.distributions import student_tail
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.zero_variance_score import variance_score
from tests.bands import binomial_band

SAME = 1e-9  # relative: two ways to the same sums
GROUPS, ROWS = 40, 8


def rows(seed: int, slope: float = 0.0, groups: int = GROUPS) -> pd.DataFrame:
    """Rows of groups that weigh differently, and rows that do so inside them."""
    rng = np.random.default_rng(seed)
    weight = np.exp(0.7 * rng.normal(size=groups))
    group = np.repeat(np.arange(groups), ROWS)
    x = rng.normal(size=group.size)
    effect = 0.5 + slope * rng.normal(size=groups)[group]
    y = 1.0 + effect * x + 0.5 * rng.normal(size=groups)[group] + rng.normal(size=group.size)
    inside = weight[group] * (2.0 + np.exp(0.3 * rng.normal(size=group.size)))
    return pd.DataFrame({"g": group.astype(str), "x": x, "y": y, "w": weight[group], "v": inside})


def score(frame: pd.DataFrame, null: str, larger: str, weights: dict | None):
    design = mlm.SamplingDesign(weights, psu="g") if weights else None
    larger = parse_formula(larger)
    stats = statistics_of(larger, frame, design=design)
    fit = solve(parse_formula(null), stats, "ML").fit
    return variance_score(fit, larger, stats)


def z_of(found) -> float:
    return found.estimate / np.sqrt(found.variance)


def test_of_intercepts_it_is_the_sum_over_pairs_of_rows():
    """``sum W ((sum e)^2 - sum e^2) / 2 s^4`` over the root of ``sum W^2 n (n - 1) / 2 s^4``."""
    frame = rows(1)
    design = np.column_stack([np.ones(len(frame)), frame["x"]])
    w, y = frame["w"].to_numpy(), frame["y"].to_numpy()
    beta = np.linalg.solve((design * w[:, None]).T @ design, design.T @ (w * y))
    left = frame.assign(e=y - design @ beta)
    s2 = np.average(left["e"] ** 2, weights=w)
    by = left.groupby("g")
    squares = by["e"].sum() ** 2 - (left["e"] ** 2).groupby(left["g"]).sum()
    weight = by["w"].first()
    slope = (weight * squares).sum() / (2.0 * s2**2)
    spread = (weight**2 * ROWS * (ROWS - 1)).sum() / (2.0 * s2**2)
    found = score(frame, "y ~ x", "y ~ x + (1 | g)", {"g": "w"})
    assert z_of(found) == pytest.approx(slope / np.sqrt(spread), rel=SAME)


@pytest.mark.parametrize("weights", [None, {"g": "w"}, {"row": "v", "g": "w"}])
def test_neither_the_unit_nor_the_origin_of_a_variable_changes_it(weights):
    formulas = ("y ~ x + (1 | g)", "y ~ x + (1 + x | g)")
    frame = rows(2, slope=0.2)
    moved = frame.assign(x=3.0 * frame["x"], y=10.0 * frame["y"] + 7.0)
    one, other = (score(f, *formulas, weights) for f in (frame, moved))
    assert z_of(other) == pytest.approx(z_of(one), rel=1e-5)
    assert other.estimate == pytest.approx(one.estimate * 100.0 / 9.0, rel=1e-5)


def test_the_unit_of_the_weights_changes_nothing():
    formulas = ("y ~ x + (1 | g)", "y ~ x + (1 + x | g)")
    frame = rows(3)
    heavy = frame.assign(w=1000.0 * frame["w"], v=1000.0 * frame["v"])
    one, other = (score(f, *formulas, {"row": "v", "g": "w"}) for f in (frame, heavy))
    assert z_of(other) == pytest.approx(z_of(one), rel=1e-6)


def test_equal_weights_are_none():
    formulas = ("y ~ x + (1 | g)", "y ~ x + (1 + x | g)")
    frame = rows(4).assign(w=1.0)
    one, other = (score(frame, *formulas, weights) for weights in (None, {"g": "w"}))
    assert z_of(other) == pytest.approx(z_of(one), rel=1e-6)


def test_one_step_leads_near_a_variance_that_there_is():
    found = score(rows(5, slope=0.5), "y ~ x + (1 | g)", "y ~ x + (1 + x | g)", None)
    assert z_of(found) > 3.0
    assert 0.1 < found.estimate < 0.6  # truth 0.25


@pytest.mark.study
@pytest.mark.parametrize("groups", [30, 100])
def test_it_rejects_a_variance_of_zero_no_more_often_than_it_says(groups):
    draws, weights = 1000, {"row": "v", "g": "w"}
    rejected = 0
    for seed in range(draws):
        frame = rows(seed, groups=groups)
        found = score(frame, "y ~ x + (1 | g)", "y ~ x + (1 + x | g)", weights)
        rejected += student_tail(z_of(found), groups - 1) < 0.05
    assert rejected / draws <= binomial_band(draws, 0.05)[1]
