"""Derivatives and Kenward-Roger tests against matrices written out, and closed forms."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import mlm
from mlm.errors import SingularFit, StatisticsError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.inference.kenward_roger import derivatives_of, kenward_roger
from mlm.statistics.likelihood.over_waves.chain import chain_of
from tests.crossed_rows import CROSSED, crossed_sample
from tests.dense_rows import dense
from tests.nested_rows import formula, nested_rows

SHAPES = {
    "one level": (["a"], {"a": 9, "row": (2, 6)}, ()),
    "one level, slope": (["a"], {"a": 9, "row": (3, 7)}, ("a",)),
    "two levels": (["a", "b"], {"a": 6, "b": (1, 4), "row": (2, 4)}, ()),
    "two levels, outer slope": (["a", "b"], {"a": 7, "b": (2, 4), "row": (2, 4)}, ("a",)),
    "two levels, slopes": (["a", "b"], {"a": 7, "b": (2, 4), "row": (3, 5)}, ("a", "b")),
    "three levels": (["a", "b", "c"], {"a": 4, "b": 3, "c": (2, 3), "row": (2, 3)}, ("b",)),
}
EXACT = 1e-9  # relative; the two computations differ by rounding


def sample(name: str, variance: float = 0.8):
    if name in CROSSED:
        return crossed_sample(name)
    levels, sizes, slopes = SHAPES[name]
    rng = np.random.default_rng(list(SHAPES).index(name))
    rows = nested_rows(rng, sizes, dict.fromkeys(levels, variance), dict.fromkeys(slopes, 0.5))
    text = formula(levels, slopes=slopes)
    stats = statistics_of(parse_formula(text), rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        return mlm.fit(text, stats), stats, rows


def written_out(fit, rows):
    """Matrices of the model at the estimates: X, V^-1, and V's derivatives."""
    matrices = dense(fit.model, rows)
    v = matrices.covariance([fit.sigma2 * o for o in fit.omegas], fit.sigma2)
    return matrices.x, np.linalg.inv(v), matrices.derivatives()


@pytest.mark.battery
@pytest.mark.parametrize("name", [*SHAPES, *CROSSED])
@pytest.mark.parametrize("reml", [True, False])
def test_expected_information_is_that_of_the_matrices(name, reml):
    fit, stats, rows = sample(name)
    x, inverse, slopes = written_out(fit, rows)
    if reml:
        inner = np.linalg.inv(x.T @ inverse @ x)
        inverse = inverse - inverse @ x @ inner @ x.T @ inverse
    products = [inverse @ g for g in slopes]
    expected = np.array([[0.5 * np.sum(a * b.T) for b in products] for a in products])
    working, around = derivatives_of(fit, stats)
    covariances = [c / fit.sigma2 for c in fit.covariances]
    change = chain_of(working, covariances, raw=True).first.T / fit.sigma2
    found = change.T @ around.information("REML" if reml else "ML") @ change
    assert found == pytest.approx(expected, rel=EXACT)


@pytest.mark.battery(5)
@pytest.mark.parametrize("name", [*SHAPES, *CROSSED])
def test_adjusted_covariance_is_that_of_the_matrices(name):
    fit, stats, rows = sample(name)
    x, inverse, slopes = written_out(fit, rows)
    plain = np.linalg.inv(x.T @ inverse @ x)
    reach = [x.T @ inverse @ g @ inverse @ x for g in slopes]
    second = [[x.T @ inverse @ g @ inverse @ h @ inverse @ x for h in slopes] for g in slopes]
    residual = inverse - inverse @ x @ plain @ x.T @ inverse
    parts = [residual @ g for g in slopes]
    spread = np.linalg.inv([[0.5 * np.sum(a * b.T) for b in parts] for a in parts])
    bias = sum(
        spread[i, j] * (second[i][j] - reach[i] @ plain @ reach[j])
        for i in range(len(slopes))
        for j in range(len(slopes))
    )
    expected = plain + 2.0 * plain @ bias @ plain
    found = kenward_roger(fit, stats).covariance
    scale = np.sqrt(np.outer(np.diagonal(expected), np.diagonal(expected)))
    assert np.abs((found - expected) / scale).max() < 1e-7


def test_balanced_one_way_has_the_degrees_of_the_analysis_of_variance():
    rng = np.random.default_rng(5)
    rows = nested_rows(rng, {"a": 12, "row": 6}, {"a": 2.0})
    fit = mlm.fit("y ~ z + (1 | a)", rows)
    found = kenward_roger(fit, statistics_of(fit.model, rows))
    assert found.table["df"].to_numpy() == pytest.approx([10.0, 10.0], rel=1e-7)
    assert found.covariance == pytest.approx(fit.covariance, rel=1e-7)


def test_two_group_contrast_of_group_means_is_the_t_test():
    rng = np.random.default_rng(6)
    rows = nested_rows(rng, {"a": 10, "row": 5}, {"a": 1.0})
    rows = rows.assign(half=np.where(rows["a"].astype(int) < 4, 0.0, 1.0))
    fit = mlm.fit("y ~ half + (1 | a)", rows)
    test = kenward_roger(fit, statistics_of(fit.model, rows)).f_test(np.array([[0.0, 1.0]]))
    means = rows.groupby("a")[["y", "half"]].mean()
    from scipy.stats import ttest_ind

    low, high = (means["y"][means["half"] == value] for value in (0.0, 1.0))
    expected = ttest_ind(low, high)
    assert test.statistic == pytest.approx(expected.statistic**2, rel=1e-6)
    assert test.p_value == pytest.approx(expected.pvalue, rel=1e-6)


def test_units_of_the_columns_change_no_test():
    fit, stats, rows = sample("two levels, slopes")
    moved = rows.assign(x=1e4 + 1e3 * rows["x"])
    other = mlm.fit(fit.formula, moved)
    plain = kenward_roger(fit, stats).f_test(np.eye(len(fit.beta))[1:2])
    scaled = kenward_roger(other, statistics_of(other.model, moved))
    again = scaled.f_test(np.eye(len(fit.beta))[1:2])
    assert again.reference.denominator == pytest.approx(plain.reference.denominator, rel=1e-5)
    assert again.statistic == pytest.approx(plain.statistic, rel=1e-5)


def test_a_variance_of_zero_is_no_obstacle():
    fit, stats, _ = sample("one level", variance=0.0)
    table = kenward_roger(fit, stats).table
    assert np.isfinite(table.to_numpy()).all()
    assert (table["df"] > 0.0).all()


def test_an_ml_fit_and_another_sample_are_refused():
    fit, stats, rows = sample("one level")
    with pytest.raises(StatisticsError, match="REML"):
        kenward_roger(mlm.fit(fit.formula, stats, criterion="ML"), stats)
    with pytest.raises(StatisticsError, match="sample"):
        kenward_roger(fit, statistics_of(fit.model, rows.iloc[1:]))
