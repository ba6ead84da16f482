"""Ends of profile intervals beside standard deviations of zero, where the criterion is level."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from mlm.statistics.inference.profile_search import EndSearch

LIMIT = 4.0
EXACT = 1e-6  # of an end: the limit may be missed by 1e-6 of the criterion


@dataclass
class Bowl:
    """``x0^2 + x1^2 + x2^2``: x0 any number, x1 a standard deviation, x2 a logarithm."""

    calls: list = field(default_factory=list)
    lowest = np.array([-np.inf, 0.0, -np.inf])
    highest = np.full(3, np.inf)
    is_signless = np.array([False, True, False])

    def __call__(self, x):
        self.calls.append(x)
        return float(x @ x), 2.0 * x


class Even:
    """``x0 + weight x1^2``, which does not know the sign of x1."""

    bounds = (-np.inf, np.inf)

    def __init__(self, weight):
        self.weight = weight

    def __call__(self, surface, x):
        return x[0] + self.weight * x[1] ** 2, np.array([1.0, 2.0 * self.weight * x[1], 0.0])


class Odd:
    """The standard deviation itself."""

    bounds = (0.0, np.inf)

    def __call__(self, surface, x):
        return x[1], np.array([0.0, 1.0, 0.0])


def _end(measure, sign=1.0):
    surface = Bowl()
    search = EndSearch(surface, np.zeros(3), 2.0 * np.eye(3), LIMIT)
    return search.end(measure, sign), len(surface.calls)


@pytest.mark.parametrize("weight", [0.0, -1.0, 0.2])
def test_an_end_beside_a_deviation_of_zero_takes_few_evaluations(weight):
    end, evaluations = _end(Even(weight))
    assert end == pytest.approx(2.0, abs=EXACT)
    assert evaluations < 20


def test_an_end_inside_is_found_from_a_deviation_of_zero():
    """On the limit ``x1^2 = 4 - x0^2``: ``x0 + 4 - x0^2`` is largest at one half."""
    assert _end(Even(1.0))[0] == pytest.approx(4.25, abs=EXACT)


def test_the_sign_of_a_deviation_that_is_asked_for_counts():
    assert _end(Odd())[0] == pytest.approx(2.0, abs=EXACT)
    search = EndSearch(Bowl(), np.zeros(3), 2.0 * np.eye(3), LIMIT)
    assert search._is_signless(Even(1.0), np.ones(3)).tolist() == [False, True, False]
    assert search._is_signless(Odd(), np.ones(3)).tolist() == [False, False, False]
