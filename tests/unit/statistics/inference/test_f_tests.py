"""F tests: their statistic and their denominators against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.inference.f_tests import joint_denominator, standardised, uncorrelated

COVARIANCE = np.array([[4.0, 1.0, 0.5], [1.0, 2.0, -0.3], [0.5, -0.3, 1.0]])


def test_the_statistic_is_the_quadratic_form_over_the_number_of_combinations():
    weights = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    beta = np.array([1.0, -2.0, 0.7])
    effect = weights @ beta
    expected = effect @ np.linalg.solve(weights @ COVARIANCE @ weights.T, effect) / 2.0
    for rows in (weights, standardised(weights, COVARIANCE)):
        assert uncorrelated(rows, COVARIANCE).f_statistic(beta) == pytest.approx(expected)


def test_dependent_combinations_count_once():
    weights = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    found, beta = uncorrelated(weights, COVARIANCE), np.array([1.0, -2.0, 0.7])
    assert found.df == 2
    alone = uncorrelated(weights[:2], COVARIANCE)
    assert found.f_statistic(beta) == pytest.approx(alone.f_statistic(beta))


def test_units_of_the_effects_do_not_decide_how_many_combinations_are_independent():
    units = np.diag([1.0, 1e-9, 1e6])
    covariance = units @ COVARIANCE @ units
    beta = units @ np.array([1.0, -2.0, 0.7])
    expected = uncorrelated(np.eye(3), COVARIANCE).f_statistic(np.array([1.0, -2.0, 0.7]))
    for rows in (np.eye(3), standardised(np.eye(3), covariance)):
        found = uncorrelated(rows, covariance)
        assert found.df == 3
        assert found.f_statistic(beta) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("origin", [0.0, 2000.0, 20000.0])
def test_an_effect_and_its_product_with_time_are_two_wherever_time_counts_from(origin):
    moved = np.array([[1.0, -origin], [0.0, 1.0]])
    beta = np.array([-1.5, 0.2])
    expected = uncorrelated(np.eye(2), np.diag([0.25, 0.04])).f_statistic(beta)
    found = uncorrelated(np.eye(2), moved @ np.diag([0.25, 0.04]) @ moved.T)
    assert found.df == 2
    assert found.f_statistic(moved @ beta) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [
        ([7.5], 7.5),
        ([1.5], 1.5),
        ([9.0, 9.0, 9.0], 9.0),
        ([np.inf, np.inf], np.inf),
        ([4.0, 6.0], 2.0 * 3.5 / 1.5),  # means of F: 4/2 + 6/4
        ([4.0, np.inf], 2.0 * 3.0 / 1.0),
        ([2.0, 30.0], 2.0),
    ],
)
def test_the_joint_denominator_gives_the_mean_of_squared_t_statistics(degrees, expected):
    assert joint_denominator(np.array(degrees)) == pytest.approx(expected)


def test_near_equal_degrees_join_to_about_their_value():
    assert joint_denominator(np.array([20.0, 20.001])) == pytest.approx(20.0005, rel=1e-6)
