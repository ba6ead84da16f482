"""Drawn cross-products against theory and against simulated rows; bootstrap tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from mlm.errors import StatisticsError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.inference.bootstrap import bootstrap_test
from tests.bands import FALSE_ALARM, largest_ratio
from tests.crossed_rows import CROSSED, crossed_sample
from tests.dense_rows import dense
from tests.nested_rows import nested_rows
from tests.quiet_fits import quiet

SHAPES = {
    "one level": ({"a": 5, "row": (2, 5)}, "y ~ x + z + (1 | a)"),
    "slope at the outer level": (
        {"a": 4, "b": (1, 3), "row": (2, 4)},
        "y ~ x + z + (1 + x | a) + (1 | a:b)",
    ),
    "slope at the inner level": (
        {"a": 4, "b": (1, 3), "row": (1, 4)},
        "y ~ x + (1 | a) + (1 + x | a:b)",
    ),
    "three levels, no intercept": (
        {"a": 3, "b": 2, "c": 2, "row": 2},
        "y ~ 0 + x + kind + (1 | a) + (0 + x | a:b) + (1 | a:b:c)",
    ),
}
DRAWS = 1000


def sample(name: str):
    """A fit with parameters well inside, its cross-products, and its rows."""
    if name in CROSSED:
        fit, stats, rows = crossed_sample(name)
    else:
        sizes, text = SHAPES[name]
        rows = nested_rows(np.random.default_rng(1), sizes, {"a": 0.5})
        stats = statistics_of(parse_formula(text), rows)
        fit = quiet(text, stats)
    return replace(fit, omegas=tuple(0.4 * np.eye(len(o)) + 0.1 for o in fit.omegas)), stats, rows


def linear_map(stats, rows) -> np.ndarray:
    """The sums that hold the response, except its square, as a matrix (sums, n) times y."""
    columns = stats.columns.matrix(stats.columns.read(rows))
    parts = [columns]
    for level in stats.all_levels:
        keys = rows[list(level.group)].astype(str).agg(":".join, axis=1)
        codes = {label: g for g, label in enumerate(level.labels)}
        member = np.eye(level.size)[keys.map(codes).to_numpy()].T
        for candidate in level.candidates:
            parts.append(member * columns[stats.columns.positions[candidate]])
    return np.vstack(parts)


def flat(stats, y: int) -> np.ndarray:
    """Sums of one sample that hold the response, its square last."""
    linear = np.delete(stats.total[y], y)
    levels = [level.sums[:, :, y].ravel() for level in stats.all_levels]
    return np.concatenate([linear, *levels, [stats.total[y, y]]])


@pytest.mark.battery(2)
@pytest.mark.parametrize("name", [*SHAPES, *CROSSED])
def test_drawn_sums_have_the_moments_of_the_model(name):
    fit, stats, rows = sample(name)
    drawing, rng = drawing_of(fit, stats), np.random.default_rng(2)
    found = np.array([flat(drawing.draw(rng), drawing.y) for _ in range(DRAWS)])
    matrices = dense(fit.model, rows)
    unit = fit_unit(fit, stats)
    v = matrices.covariance([fit.sigma2 * o for o in fit.omegas], fit.sigma2) / unit[1] ** 2
    mean = (matrices.x @ fit.beta - unit[0]) / unit[1]
    linear = np.delete(linear_map(stats, rows), drawing.y, axis=0)
    expected = np.append(linear @ mean, np.trace(v) + mean @ mean)
    reach = linear @ v
    covariance = np.empty((len(expected),) * 2)
    covariance[:-1, :-1] = reach @ linear.T
    covariance[:-1, -1] = covariance[-1, :-1] = 2.0 * reach @ mean
    covariance[-1, -1] = 2.0 * np.sum(v * v) + 4.0 * mean @ v @ mean
    spread = np.sqrt(np.diagonal(covariance))
    ratio = np.abs((found.mean(axis=0) - expected) / spread).max() * np.sqrt(DRAWS)
    assert ratio < largest_ratio(len(expected))
    empirical = np.cov(found.T) / np.outer(spread, spread)
    near = covariance / np.outer(spread, spread)
    ratio = np.abs(empirical - near).max() * np.sqrt(DRAWS / 2.5)
    assert ratio < largest_ratio(len(expected) * (len(expected) + 1) // 2)


def fit_unit(fit, stats) -> tuple[float, float]:
    return stats.columns.scales[fit.model.response, "identity"]


@pytest.mark.study
def test_residual_sum_of_squares_is_chi_squared():
    """Without random effects the residual sum is sigma2 chi-squared of n - p, whatever X."""
    rows = nested_rows(np.random.default_rng(3), {"a": 6, "row": 4}, {})
    stats = statistics_of(parse_formula("y ~ x + kind + (1 | a)"), rows)
    fit = quiet("y ~ x + kind", stats)
    drawing, rng = drawing_of(fit, stats), np.random.default_rng(4)
    drawn = [quiet("y ~ x + kind", drawing.draw(rng)).sigma2 * 20 / fit.sigma2 for _ in range(600)]
    assert kstest(drawn, "chi2", args=(20,)).pvalue > FALSE_ALARM


def test_sums_of_the_levels_still_add_up():
    fit, stats, _ = sample("slope at the outer level")
    drawing = drawing_of(fit, stats)
    drawn = drawing.draw(np.random.default_rng(5))
    outer, inner = (level.sums[0, :, drawing.y] for level in drawn.levels)
    assert np.bincount(drawn.levels[1].parent, inner) == pytest.approx(outer, rel=1e-9)
    assert outer.sum() == pytest.approx(drawn.total[0, drawing.y], rel=1e-9)


def test_the_same_seed_gives_the_same_test():
    rows = nested_rows(np.random.default_rng(8), {"a": 8, "row": 4}, {"a": 0.3})
    stats = statistics_of(parse_formula("y ~ x + (1 | a)"), rows)
    small, large = quiet("y ~ x", stats), quiet("y ~ x + (1 | a)", stats)
    first = bootstrap_test(small, large, stats, draws=12, seed=3)
    again = bootstrap_test(small, large, stats, draws=12, seed=3)
    assert first.draws.tolist() == again.draws.tolist()
    assert first.p_value == (1 + np.sum(first.draws >= first.statistic)) / 13


def test_fits_that_are_not_comparable_are_refused_with_the_reason():
    rows = nested_rows(np.random.default_rng(9), {"a": 8, "row": 4}, {"a": 0.3})
    stats = statistics_of(parse_formula("y ~ x + (1 | a)"), rows)
    with pytest.raises(StatisticsError, match="REML"):
        bootstrap_test(quiet("y ~ 1 + (1 | a)", stats), quiet("y ~ x + (1 | a)", stats), stats)
