"""Descents with a curvature that is no good, and along correlations that run off to one."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from mlm.statistics.fitting.descent import KNOWN_FOR, MOST_TIMES, descend
from mlm.statistics.fitting.newton import polished
from mlm.statistics.fitting.search import Point

BEND = np.array([[40.0, 12.0, 0.0], [12.0, 9.0, 1.0], [0.0, 1.0, 2.0]])
LEAST = np.array([0.3, 0.7, -1.0])


class Quadratic:
    """A criterion of known least point, counting evaluations."""

    diagonal = np.array([True, True, False])
    order = (0, 1, 2)
    rounding = 1e-14
    working = SimpleNamespace(n_fixed=0)

    def __init__(self):
        self.count = 0

    @staticmethod
    def within_reach(theta: np.ndarray, moved: np.ndarray) -> np.ndarray:
        return moved

    def point(self, theta: np.ndarray) -> Point:
        self.count += 1
        away = theta - LEAST
        at = SimpleNamespace(
            deviance=float(0.5 * away @ BEND @ away),
            sigma2=1.0,
            fixed_root=np.zeros((0, 0)),
            fixed_spread=None,
        )
        return Point(theta, at, [], BEND @ away)

    def at_end(self, point: Point) -> np.ndarray:
        return np.zeros(3, dtype=bool)

    def way_to_end(self, point: Point) -> tuple[np.ndarray, float]:
        return np.zeros(3), 0.0

    def slopes_by_variance(self, point: Point) -> np.ndarray:
        return np.full(point.theta.size, np.nan)


@pytest.mark.parametrize("wrong", [np.eye(3), np.diag([1e9, 1e9, 1e-3]), np.diag([1e-6, 1e6, 1e6])])
def test_a_curvature_that_is_no_good_is_taken_anew(wrong):
    """Much too large, no step goes along it and none corrects it: the first is left for good."""
    search = Quadratic()
    end = descend(search, np.ones(3), BEND * 0.0 + wrong @ wrong, 1e-12)
    assert end.theta == pytest.approx(LEAST, abs=1e-5)
    assert search.count < KNOWN_FOR * MOST_TIMES


def test_a_descent_ends_where_it_is_low_enough():
    """What it may yet fall is never less than what it does."""
    seen = []

    def is_enough(deviance: float, fall: float) -> bool:
        seen.append((deviance, fall))
        return deviance < 0.5

    start, bend = np.ones(3), 4.0 * np.diag(np.diagonal(BEND))
    whole, part = Quadratic(), Quadratic()
    least = descend(whole, start, bend, 1e-12).at.deviance
    end = descend(part, start, bend, 1e-12, is_enough).at.deviance
    assert least < 1e-10 < end < 0.5 < seen[0][0]
    assert part.count < whole.count
    falls = [before - after for (before, _), (after, _) in pairwise(seen)]
    assert all(told >= fall for (_, told), fall in zip(seen[1:], falls, strict=True))


class Runaway(Quadratic):
    """The same beside a correlation by which the criterion nears its limit."""

    diagonal = np.zeros(3, dtype=bool)

    def point(self, theta: np.ndarray) -> Point:
        self.count += 1
        away = (theta - LEAST)[:2]
        fall = float(np.exp(-2.0 * theta[2]))
        at = SimpleNamespace(
            deviance=float(0.5 * away @ BEND[:2, :2] @ away) + 1e4 * fall,
            sigma2=1.0,
            fixed_root=np.zeros((0, 0)),
            fixed_spread=None,
        )
        return Point(theta, at, [], np.append(BEND[:2, :2] @ away, -2e4 * fall))

    def at_end(self, point: Point) -> np.ndarray:
        return np.array([False, False, abs(point.gradient[2]) <= 1e-5])

    def way_to_end(self, point: Point) -> tuple[np.ndarray, float]:
        slope = abs(point.gradient[2])
        if slope <= 1e-5:
            return np.zeros(3), 0.0
        return np.array([0.0, 0.0, 0.5 * np.log(slope / 1e-6)]), 0.5 * slope


def test_what_runs_off_to_infinity_goes_there_in_a_step():
    search = Runaway()
    end = descend(search, np.array([1.0, 1.0, 5.0]), BEND, 1e-12)
    assert end.theta[:2] == pytest.approx(LEAST[:2], abs=1e-6)
    assert end.at.deviance < 1e-6
    assert search.count <= 6


def test_newton_steps_send_it_there_too():
    """A step of Newton's along an exponential is one, each with a curvature of its own."""
    search = Runaway()
    best = polished(search, search.point(np.array([1.0, 1.0, 5.0])))
    assert best.converged and best.theta[:2] == pytest.approx(LEAST[:2], abs=1e-6)
    assert search.count <= 12


class Deviation(Quadratic):
    """A criterion by a standard deviation of 0.2, level at zero, from where it falls."""

    diagonal = np.array([True])
    order = (0,)

    def point(self, theta: np.ndarray) -> Point:
        self.count += 1
        variance = float(theta[0]) ** 2
        at = SimpleNamespace(deviance=(variance - 0.04) ** 2 * 1e6)
        slope = 2e6 * (variance - 0.04)
        return Point(theta, at, [np.array([[slope]])], np.array([2.0 * theta[0] * slope]))

    def at_end(self, point: Point) -> np.ndarray:
        return np.zeros(1, dtype=bool)

    def way_to_end(self, point: Point) -> tuple[np.ndarray, float]:
        return np.zeros(1), 0.0

    def slopes_by_variance(self, point: Point) -> np.ndarray:
        return point.derivatives[0][0]


def test_a_step_too_long_does_not_end_at_zero():
    """From 0.25 the step with a curvature too small leads below zero."""
    search = Deviation()
    end = descend(search, np.array([0.25]), np.array([[1e3]]), 1e-12)
    assert end.theta == pytest.approx([0.2], abs=1e-6)
    assert search.count < KNOWN_FOR * MOST_TIMES
