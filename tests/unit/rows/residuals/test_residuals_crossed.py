"""The second pass where factors are crossed or rows have precisions, against n x n matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kurtosis, skew

import mlm
from mlm.statistics.fitting.solution import fit_model
from tests.crossed_rows import CROSSED, crossed_sample
from tests.dense_rows import dense
from tests.nested_rows import formula, nested_rows

ROUNDING = 1e-9  # sums of products against matrices of all rows
LEVELS = ["county", "school", "pupil"]


def written_out(fit, frame, precision=None):
    """Residuals ``R P y`` and their standard deviations, with n x n matrices."""
    matrices = dense(fit.model, frame)
    covariances = [omega * fit.sigma2 for omega in fit.omegas]
    noise = np.ones(len(frame)) if precision is None else 1.0 / frame[precision].to_numpy()
    v = matrices.covariance(covariances, fit.sigma2) + fit.sigma2 * np.diag(noise - 1.0)
    v, x = np.linalg.inv(v), matrices.x
    p = v - v @ x @ np.linalg.solve(x.T @ v @ x, x.T @ v)
    return fit.sigma2 * noise * (p @ matrices.y), fit.sigma2 * noise * np.sqrt(np.diagonal(p))


def compare(found, residual, error, sigma, weight):
    """Every sum over the rows."""
    z = residual / error
    expected = {"mean": z.mean(), "sd": z.std(), "skewness": skew(z), "kurtosis": kurtosis(z)}
    expected |= {"largest": np.abs(z).max()}
    expected |= {"leverage": np.mean(1.0 - weight * error**2 / sigma**2)}
    for name, value in expected.items():
        assert found.moments[name] == pytest.approx(value, abs=ROUNDING), name
    assert np.histogram(z, found.histogram.edges)[0].tolist() == list(found.histogram.rows)
    for item in found.beyond:
        assert item.rows == (np.abs(z) > item.sd).sum()


@pytest.mark.battery
@pytest.mark.parametrize("precision", [None, "w"])
@pytest.mark.parametrize("name", CROSSED)
def test_residuals_beside_crossed_factors_are_those_written_out(name, precision):
    fit, stats, rows = crossed_sample(name)
    rows["w"] = np.random.default_rng(1).uniform(0.2, 3.0, size=len(rows))
    rows["half"] = np.where(np.arange(len(rows)) % 2, "odd", "even")
    if precision:
        fit, stats = mlm.fit(CROSSED[name], rows, precision="w"), None
    found = mlm.residuals(fit, rows, by="half", stats=stats)
    residual, error = written_out(fit, rows, precision)
    weight = rows[precision].to_numpy() if precision else np.ones(len(rows))
    compare(found, residual, error, found.sigma, weight)
    for group in found.groups:
        own = (rows["half"] == group.category).to_numpy()
        mean = np.average(residual[own], weights=weight[own])
        sd = found.sigma * np.sqrt(np.mean((residual / error)[own] ** 2))
        assert group.mean == pytest.approx(mean, abs=ROUNDING)
        assert group.std_error == pytest.approx(sd / np.sqrt(weight[own].sum()), abs=ROUNDING)
    for parts in (found.fitted, *(along.parts for along in found.variables)):
        assert sum(part.rows for part in parts) == len(rows)


def test_rows_of_known_precision_in_nested_levels():
    sizes = {"county": 6, "school": (3, 6), "pupil": (3, 8), "row": (1, 4)}
    variances = {"county": 0.5, "school": 0.4, "pupil": 1.0}
    rows = nested_rows(np.random.default_rng(1), sizes, variances, {"school": 0.2})
    rows["w"] = np.random.default_rng(2).uniform(0.2, 3.0, size=len(rows))
    fit = mlm.fit(formula(LEVELS, slopes=("school",)), rows, precision="w")
    found = mlm.residuals(fit, rows)
    compare(found, *written_out(fit, rows, "w"), found.sigma, rows["w"].to_numpy())
    scaled = rows.assign(w=4.0 * rows["w"])
    again = mlm.residuals(mlm.fit(fit.model, scaled, precision="w"), scaled)
    assert again.moments == pytest.approx(found.moments, abs=1e-5)  # another path of the search
    assert again.sigma == pytest.approx(2.0 * found.sigma, rel=1e-5)


def test_a_crossed_factor_alone_is_fitted_without_a_tree():
    _, stats, rows = crossed_sample("crossed")
    fit = fit_model(mlm.nouns.formula.parse_formula("y ~ x + (1 | b)"), stats)
    found = mlm.residuals(fit, rows, stats=stats)
    compare(found, *written_out(fit, rows), found.sigma, 1.0)


def test_sparse_and_full_links_give_the_same_residuals(monkeypatch):
    fit, stats, rows = crossed_sample("crossed, slope in the tree")
    full = mlm.residuals(fit, rows, stats=stats)
    monkeypatch.setattr("mlm.statistics.likelihood.crossed.root.MAX_CELLS", 0)
    assert mlm.residuals(fit, rows, stats=stats).moments == pytest.approx(
        full.moments, abs=ROUNDING
    )
