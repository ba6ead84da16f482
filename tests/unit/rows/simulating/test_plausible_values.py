"""Plausible values have the distribution of the true scores, given what the model has."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.errors import ConfigurationError
from mlm.rows.simulating.conditioning import Conditioning
from mlm.rows.simulating.plausible_values import plausible_values
from mlm.rows.simulating.simulation import simulate_survey
from tests.bands import largest_ratio
from tests.two_stages import two_stages

SCHOOLS, PUPILS, SEEDS = 300, 12, 8
SCHOOL = np.array([[4.0, 2.0], [2.0, 3.0]])
PUPIL = np.array([[9.0, 5.0], [5.0, 8.0]])
ERROR = np.array([4.0, 3.0])
UNITS = np.repeat(np.arange(SCHOOLS), PUPILS)


def world(seed: int):
    """Covariates (n, 2), one of them of schools, and true scores (n, 2) of two outcomes."""
    random = np.random.default_rng(seed)
    kind = np.repeat(random.standard_normal(SCHOOLS), PUPILS)
    home = random.standard_normal(UNITS.size) + 0.5 * kind
    school = random.standard_normal((SCHOOLS, 2)) @ np.linalg.cholesky(SCHOOL).T
    rest = random.standard_normal((UNITS.size, 2)) @ np.linalg.cholesky(PUPIL).T
    return np.column_stack([home, kind]), np.outer(home, [2, 1]) + school[UNITS] + rest, random


def moments(columns: np.ndarray, scores: np.ndarray) -> dict[str, np.ndarray]:
    """Coefficients and covariances within and between schools."""
    wide = np.column_stack([np.ones(len(columns)), columns])
    beta = np.linalg.lstsq(wide, scores, rcond=None)[0]
    rest = scores - wide @ beta
    means = rest.reshape(SCHOOLS, PUPILS, 2).mean(axis=1)
    own = rest - means[UNITS]
    within = own.T @ own / (UNITS.size - SCHOOLS)
    between = means.T @ means / SCHOOLS - within / PUPILS
    return {"beta": beta[1:], "within": within, "between": between}


def found(seed: int, units) -> tuple[dict, dict]:
    columns, scores, random = world(seed)
    measured = scores + random.standard_normal(scores.shape) * np.sqrt(ERROR)
    drawn = plausible_values(measured, ERROR, Conditioning(columns, units), 10, random)
    each = [moments(columns, scores) for scores in drawn]
    mean = {name: np.mean([one[name] for one in each], axis=0) for name in each[0]}
    return moments(columns, scores), mean


def test_with_schools_they_recover_coefficients_and_both_covariances():
    """Beside the true scores of the same pupils, on average over seeds.

    The largest standard deviations of one difference are .04, .29 and .15.
    """
    seeds = [found(seed, UNITS) for seed in range(SEEDS)]
    bound = largest_ratio(10) / np.sqrt(SEEDS)
    for name, sd in {"beta": 0.04, "within": 0.29, "between": 0.15}.items():
        apart = np.mean([mean[name] - true[name] for true, mean in seeds], axis=0)
        assert apart == pytest.approx(0.0, abs=bound * sd), name


def test_without_schools_differences_between_them_are_too_small():
    true, mean = found(3, None)
    assert mean["between"][0, 0] < 0.75 * true["between"][0, 0]
    assert mean["within"][0, 0] > 1.1 * true["within"][0, 0]
    total = true["between"] + true["within"]
    assert mean["between"] + mean["within"] == pytest.approx(total, rel=0.06)


def test_columns_that_depend_on_others_change_nothing():
    columns, scores, _ = world(1)
    doubled = np.column_stack([columns, columns.sum(axis=1), np.ones(len(columns))])
    for units in (UNITS, None):
        one, other = (
            plausible_values(
                scores, 0.5 * ERROR, Conditioning(c, units), 2, np.random.default_rng(5)
            )
            for c in (columns, doubled)
        )
        np.testing.assert_allclose(one, other, rtol=1e-8)


@pytest.mark.parametrize("units", [UNITS, None])
def test_weights_that_are_all_the_same_change_nothing(units):
    columns, scores, _ = world(1)
    same = np.full(len(scores), 7.0)
    one, other = (
        plausible_values(scores, 0.5 * ERROR, model, 2, np.random.default_rng(5))
        for model in (Conditioning(columns, units), Conditioning(columns, units, same, 3 * same))
    )
    np.testing.assert_allclose(one, other, rtol=1e-10)


def test_with_weights_the_model_is_that_of_the_population():
    """Half of the rows of low scores are missing and the others of them weigh double."""
    columns, scores, random = world(4)
    kept = (scores[:, 0] > 0.0) | (random.random(len(scores)) < 0.5)
    weights = np.where(scores[kept, 0] > 0.0, 1.0, 2.0)
    measured = scores[kept] + random.standard_normal((kept.sum(), 2)) * np.sqrt(2.0 * ERROR)
    bias = {}
    for name, given in {"weighted": weights, "not": None}.items():
        model = Conditioning(columns[kept], UNITS[kept], given)
        drawn = plausible_values(measured, 2.0 * ERROR, model, 10, np.random.default_rng(6))
        mean = np.average(drawn.mean(axis=0)[:, 0], weights=weights)
        bias[name] = mean - np.average(scores[kept, 0], weights=weights)
    sd = np.sqrt(2.0 * ERROR[0] / kept.sum())
    assert abs(bias["weighted"]) < largest_ratio(2) * sd < bias["not"]


def test_the_draws_differ_by_what_is_not_known():
    columns, scores, random = world(2)
    measured = scores + random.standard_normal(scores.shape) * np.sqrt(ERROR)
    drawn = plausible_values(measured, ERROR, Conditioning(columns, UNITS), 10, random)
    posterior = np.linalg.inv(np.linalg.inv(PUPIL) + np.diag(1.0 / ERROR))
    between = drawn.var(axis=0, ddof=1).mean(axis=0)
    assert between == pytest.approx(np.diag(posterior), rel=0.1)


def test_too_few_rows_or_too_large_errors_are_told():
    columns, scores, random = world(1)
    with pytest.raises(ConfigurationError, match="3 rows for 2 coefficients"):
        plausible_values(scores[:3], ERROR, Conditioning(columns[:3]), 2, random)
    few = UNITS < 4
    with pytest.raises(ConfigurationError, match="4 units for 3 coefficients"):
        plausible_values(scores[few], ERROR, Conditioning(columns[few], UNITS[few]), 2, random)
    with pytest.raises(ConfigurationError, match="raise the reliability"):
        plausible_values(scores, 3.0 * ERROR, Conditioning(columns, UNITS), 2, random)


def test_a_survey_has_the_columns_and_the_reliability_that_it_says():
    changes = (("school: 24,", "school: 60,"), ("school: 25,", "school: 100,"), ("16", "100"))
    waves, truth = simulate_survey(two_stages(*changes))
    rows = waves["2018"]
    names = [f"PV{m}MATH" for m in range(1, 6)]
    assert [c for c in rows if c.startswith("PV")] == [*names, *(f"PV{m}READ" for m in range(1, 6))]
    values, weights = rows[names].to_numpy(float), rows["W_FSTUWT"].to_numpy(float)
    known = truth["population"]["2018"]["outcomes"]["math"]
    assert np.average(values.mean(axis=1), weights=weights) == pytest.approx(known["mean"], abs=15)
    variance = known["variance"]
    noise = np.average(values.var(axis=1, ddof=1), weights=weights) / variance
    # posterior over error variance: the covariates and schools tell a part of what errors hide
    assert 0.6 * 0.15 / 0.85 < noise < 0.15 / 0.85
    assert truth["reliability"] == {"math": 0.85, "reading": 0.8}
