"""Special cases collapse into what is known in closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.making import working_statistics
from tests.nested_rows import nested_rows

EXACT = 1e-9  # relative; closed forms without a search
FOUND = 1e-5  # relative; a variance that a search ended at
pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


def least_squares(frame: pd.DataFrame, reml: bool):
    """beta, its covariance, sigma^2 and the criterion of y on 1, x, z by ordinary least squares."""
    x = np.column_stack([np.ones(len(frame)), frame["x"], frame["z"]])
    beta, *_ = np.linalg.lstsq(x, frame["y"].to_numpy(), rcond=None)
    left = frame["y"].to_numpy() - x @ beta
    degrees = len(frame) - (x.shape[1] if reml else 0)
    sigma2 = left @ left / degrees
    deviance = degrees * (1.0 + np.log(2.0 * np.pi * sigma2))
    inner = x.T @ x
    deviance += np.linalg.slogdet(inner)[1] if reml else 0.0
    return beta, sigma2 * np.linalg.inv(inner), sigma2, deviance


@pytest.mark.parametrize("reml", [False, True])
@pytest.mark.parametrize("random", ["", " + (1 | school)", " + (1 + x | school)"])
def test_a_fit_with_zero_variances_is_ordinary_least_squares(reml, random):
    """Residuals orthogonal to 1 and x in every school leave nothing to a variance of schools."""
    rng = np.random.default_rng(4)
    frame = nested_rows(rng, {"school": 10, "row": 8}, {})
    noise = rng.normal(size=len(frame))
    for rows in frame.groupby("school").indices.values():
        x = np.column_stack([np.ones(rows.size), frame["x"].to_numpy()[rows]])
        noise[rows] -= x @ np.linalg.lstsq(x, noise[rows], rcond=None)[0]
    frame["y"] = 1.0 + 0.5 * frame["x"] + 0.3 * frame["z"] + noise
    fit = mlm.fit(f"y ~ x + z{random}", frame, "REML" if reml else "ML")
    beta, covariance, sigma2, deviance = least_squares(frame, reml)
    assert fit.is_singular == bool(random)
    assert fit.converged
    assert fit.beta == pytest.approx(beta, rel=EXACT)
    assert fit.covariance == pytest.approx(covariance, rel=EXACT, abs=1e-15)
    assert fit.sigma2 == pytest.approx(sigma2, rel=EXACT)
    assert fit.deviance == pytest.approx(deviance, rel=EXACT)


@pytest.mark.parametrize("reml", [False, True])
def test_a_model_without_random_terms_is_ordinary_least_squares_on_any_rows(reml):
    frame = nested_rows(np.random.default_rng(5), {"school": 9, "row": (1, 9)}, {"school": 0.5})
    fit = mlm.fit("y ~ x + z", frame, "REML" if reml else "ML")
    beta, covariance, sigma2, deviance = least_squares(frame, reml)
    assert fit.beta == pytest.approx(beta, rel=EXACT)
    assert fit.covariance == pytest.approx(covariance, rel=EXACT, abs=1e-15)
    assert fit.sigma2 == pytest.approx(sigma2, rel=EXACT)
    assert fit.deviance == pytest.approx(deviance, rel=EXACT)
    assert fit.n_params == 4
    if reml:
        assert fit.degrees == pytest.approx(np.full(3, len(frame) - 3.0), rel=1e-6)


def one_way(seed: int, groups: int, size: int, variance: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return nested_rows(rng, {"school": groups, "row": size}, {"school": variance})


@pytest.mark.battery
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("reml", [False, True])
def test_a_balanced_one_way_layout_has_the_analysis_of_variance_estimates(seed, reml):
    groups, size = 7 + seed, 3 + seed % 4
    frame = one_way(seed, groups, size, 0.1 * (seed % 3))
    means = frame.groupby("school")["y"].transform("mean")
    between = size * ((means - frame["y"].mean()) ** 2).sum() / size / (groups - reml)
    within = ((frame["y"] - means) ** 2).sum() / (groups * (size - 1))
    variance = (between - within) / size
    fit = mlm.fit("y ~ 1 + (1 | school)", frame, "REML" if reml else "ML")
    if variance > 0.0:
        assert fit.variance("school") == pytest.approx(variance, rel=FOUND)
        assert fit.sigma2 == pytest.approx(within, rel=FOUND)
        assert not fit.is_singular
        error = np.sqrt((within + size * variance) / len(frame))
        assert fit.fixed_effects["std_error"].iloc[0] == pytest.approx(error, rel=FOUND)
        if reml:
            assert fit.degrees[0] == pytest.approx(groups - 1, rel=1e-3)
    else:
        assert fit.is_singular
        assert fit.variance("school") == 0.0
        square = ((frame["y"] - frame["y"].mean()) ** 2).sum()
        assert fit.sigma2 == pytest.approx(square / (len(frame) - reml), rel=EXACT)


def test_a_balanced_nested_layout_has_the_analysis_of_variance_estimates():
    rng = np.random.default_rng(11)
    a, b, c = 12, 5, 4
    sizes = {"county": a, "school": b, "row": c}
    frame = nested_rows(rng, sizes, {"county": 0.6, "school": 0.4})
    y = frame["y"].to_numpy().reshape(a, b, c)
    school, county = y.mean(axis=2), y.mean(axis=(1, 2))
    rows = ((y - school[..., None]) ** 2).sum() / (a * b * (c - 1))
    schools = c * ((school - county[:, None]) ** 2).sum() / (a * (b - 1))
    counties = b * c * ((county - y.mean()) ** 2).sum() / (a - 1)
    fit = mlm.fit("y ~ 1 + (1 | county/school)", frame)
    assert fit.sigma2 == pytest.approx(rows, rel=FOUND)
    assert fit.variance("county:school") == pytest.approx((schools - rows) / c, rel=FOUND)
    assert fit.variance("county") == pytest.approx((counties - schools) / (b * c), rel=FOUND)


SAME = [
    ("(1 | county/school)", "(1 | county) + (1 | county:school)"),
    ("(1 + x || county)", "(1 | county) + (0 + x | county)"),
    ("(one - 1 | county)", "(1 | county)"),
    ("(0 + kind | county)", "(1 + kind | county)"),
    ("(0 + x + one | county)", "(1 + x | county)"),
    ("(x | county)", "(1 + x | county)"),
]


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("one,other", SAME)
def test_two_ways_to_write_a_random_term_fit_the_same_model(one, other, criterion):
    rng = np.random.default_rng(8)
    sizes = {"county": 12, "school": 4, "row": 8}
    frame = nested_rows(rng, sizes, {"county": 0.5, "school": 0.3}, {"county": 0.2}).assign(one=1.0)
    a = mlm.fit(f"y ~ x + z + {one}", frame, criterion)
    b = mlm.fit(f"y ~ x + z + {other}", frame, criterion)
    assert a.deviance == pytest.approx(b.deviance, abs=1e-7)
    assert a.sigma2 == pytest.approx(b.sigma2, rel=FOUND)
    assert a.beta == pytest.approx(b.beta, abs=1e-6)
    assert a.n_params == b.n_params


@pytest.mark.parametrize("reml", [False, True])
def test_huge_variances_approach_dummies_of_the_groups(reml):
    frame = nested_rows(np.random.default_rng(2), {"school": 8, "row": (3, 9)}, {"school": 2.0})
    model = parse_formula("y ~ x + (1 | school)")
    working = working_statistics(model, statistics_of(model, frame))
    at = evaluate(working, [np.array([[1e8]])], "REML" if reml else "ML")
    inside = frame[["x", "y"]] - frame.groupby("school")[["x", "y"]].transform("mean")
    within = (inside["x"] * inside["y"]).sum() / (inside["x"] ** 2).sum()
    beta = working.response[1] * np.linalg.solve(working.transform, at.beta)
    assert beta[1] == pytest.approx(within, rel=1e-6)


def test_a_sample_in_two_halves_under_other_group_names_doubles_the_deviance():
    """Under ML, a copy of all groups leaves the estimates and doubles what they cost."""
    frame = one_way(3, 15, 4, 0.5)
    twice = pd.concat([frame, frame.assign(school=frame["school"] + "copy")], ignore_index=True)
    once, both = (mlm.fit("y ~ 1 + (1 | school)", rows, "ML") for rows in (frame, twice))
    assert both.deviance == pytest.approx(2.0 * once.deviance, rel=EXACT)
    assert both.beta == pytest.approx(once.beta, rel=EXACT)
    assert both.sigma2 == pytest.approx(once.sigma2, rel=FOUND)
