"""Profile intervals beside residual variances by category, against n x n matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

import mlm
from mlm.front.fitting import sample_of
from mlm.statistics.inference.explained import variances_along
from mlm.statistics.inference.profile import Profile
from tests.dense_rows import dense
from tests.unit.statistics.fitting.test_strata_search import TERM, rows

AT_LIMIT = 1e-4  # deviance: two searches
START = np.log([2.5, 1.0, 2.0, 0.6])  # standard deviations of schools and of the waves


def criterion(matrices, waves, logs: np.ndarray) -> float:
    """The REML criterion at standard deviations of schools and of the rows of each wave."""
    x, y = matrices.x, matrices.y
    rows_sd = {name: np.exp(2.0 * log) for name, log in zip("123", logs[1:], strict=True)}
    v = matrices.covariance([np.array([[np.exp(2.0 * logs[0])]])], 0.0) + np.diag(
        waves.map(rows_sd)
    )
    inverse = np.linalg.inv(v)
    square = x.T @ inverse @ x
    left = y - x @ np.linalg.solve(square, x.T @ inverse @ y)
    logdet = np.linalg.slogdet(v)[1] + np.linalg.slogdet(square)[1]
    return logdet + left @ inverse @ left + (len(y) - x.shape[1]) * np.log(2.0 * np.pi)


@pytest.mark.parametrize(
    ("which", "key"),
    [
        (0, ("school", "Intercept", "sd")),
        pytest.param(2, ("residual", "wave[2]", "sd"), marks=pytest.mark.study),
    ],
)
def test_the_ends_have_the_criterion_at_the_limit(which, key):
    frame = rows()
    frame = frame[frame["school"] < "6"].reset_index(drop=True)
    frame["y"] += 1.5 * frame["school"].astype(int)
    fit = mlm.fit("y ~ x + (1 | school)" + TERM, frame)
    intervals = Profile(fit, sample_of(fit, frame)).intervals()
    found = {(i.group, i.term1, i.quantity): i for i in intervals}[key]
    matrices = dense(fit.model.with_residual(None), frame)
    for end in (found.lower, found.upper):

        def at(others: np.ndarray, end: float = end) -> float:
            return criterion(matrices, frame["wave"], np.insert(others, which, np.log(end)))

        options = {"xatol": 1e-4, "fatol": 1e-7}
        least = minimize(at, np.delete(START, which), method="Nelder-Mead", options=options).fun
        assert least == pytest.approx(fit.deviance + chi2.ppf(0.95, 1), abs=AT_LIMIT)


def test_shares_at_a_category_are_of_its_own_residual_variance():
    frame = rows()
    fit = mlm.fit("y ~ x + (1 | school)" + TERM, frame)
    stats = sample_of(fit, frame)
    found = Profile(fit, stats).shares_along("wave", ["1", "2"])
    along = variances_along(fit, stats, "wave", ["1", "2"])
    for i, name in enumerate("12"):
        school, residual = fit.variance("school"), fit.residual_variances[name]
        assert along["residual"][i] == residual
        share = found[i][0]
        assert share.estimate == pytest.approx(school / (school + residual), rel=1e-6)
        assert share.lower < share.estimate < share.upper
    assert found[0][0].upper > found[1][0].upper


@pytest.mark.study
def test_crossed_factors_have_intervals_beside_residual_variances_by_category():
    frame = rows()
    frame["item"] = np.random.default_rng(4).integers(5, size=len(frame)).astype(str)
    frame["y"] += 0.7 * frame["item"].astype(int)
    fit = mlm.fit("y ~ x + (1 | school) + (1 | item)" + TERM, frame)
    surface, best = Profile(fit, sample_of(fit, frame))._form_surface()
    x = best + 0.05
    slope = surface(x)[1]
    for i, step in enumerate(1e-5 * np.eye(x.size)):
        change = (surface(x + step)[0] - surface(x - step)[0]) / 2e-5
        assert slope[i] == pytest.approx(change, rel=1e-5, abs=1e-4)
    shares = Profile(fit, sample_of(fit, frame)).shares()
    assert all(i.lower < i.estimate < i.upper for i in shares)
