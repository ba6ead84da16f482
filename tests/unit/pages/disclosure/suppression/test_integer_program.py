"""Integer programmes have the least cost among all tables, and print nothing."""

from __future__ import annotations

import itertools
import os
from unittest.mock import patch

import numpy as np
import pytest
import scipy.optimize

from mlm.pages.disclosure.suppression.integer_program import solve


def problem(seed: int):
    draw = np.random.default_rng(seed)
    lines = draw.integers(-4, 5, (3, 4)).astype(float)
    lines[0] *= 1000.0  # coefficients that are far apart, as marks and counts have
    low = lines @ draw.integers(0, 4, 4) - draw.integers(0, 3, 3) * np.array([1000.0, 1.0, 1.0])
    entries = [(i, j, lines[i, j]) for i in range(3) for j in range(4) if lines[i, j]]
    return draw.uniform(0.5, 2.0, 4), lines, low, entries


@pytest.mark.parametrize("seed", range(8))
def test_the_least_cost_is_that_of_all_tables(seed):
    cost, lines, low, entries = problem(seed)
    high = np.full(3, np.inf)
    found = solve(cost, entries, (low, high), (np.zeros(4), np.full(4, 5.0)), {})
    tables = (np.array(t) for t in itertools.product(range(6), repeat=4))
    costs = [cost @ t for t in tables if np.all(lines @ t >= low)]
    assert found.fun == pytest.approx(min(costs), abs=1e-6)


def test_a_library_in_c_prints_nothing(capfd):
    def noisy(*args, **more):
        os.write(1, b"tmpSolver.run();\n")
        return solver(*args, **more)

    solver = scipy.optimize.milp
    cost, __, low, entries = problem(0)
    with patch.object(scipy.optimize, "milp", noisy):
        solve(cost, entries, (low, np.full(3, np.inf)), (np.zeros(4), np.full(4, 5.0)), {})
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"
