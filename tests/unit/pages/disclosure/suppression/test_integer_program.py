"""Integer programmes have the least cost among all tables, and print nothing."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from unittest.mock import patch

import numpy as np
import pytest

from mlm.pages.disclosure.suppression import highs, integer_program
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
    assert cost @ found.x == pytest.approx(min(costs), abs=1e-6)


def programme(seed: int, **more):
    cost, __, low, entries = problem(seed)
    return cost, entries, (low, np.full(3, np.inf)), (np.zeros(4), np.full(4, 5.0)), more


@pytest.mark.parametrize("whole", [True, False])
def test_the_library_alone_says_what_scipy_says(whole):
    for seed in range(12):
        given = programme(seed, node_limit=50, mip_rel_gap=0.02)
        alone = solve(*given, whole)
        with patch.object(highs, "_core", lambda: None):
            through_scipy = solve(*given, whole)
        assert np.array_equal(alone.x, through_scipy.x)
        assert alone.is_unfinished == through_scipy.is_unfinished


def test_what_cannot_be_has_no_solution():
    none = [(0, 0, 1.0)], ([9.0], [np.inf]), (np.zeros(1), np.full(1, 5.0)), {}
    assert solve(np.ones(1), *none) == (None, False)
    with patch.object(highs, "_core", lambda: None):
        assert solve(np.ones(1), *none) == (None, False)


def test_entries_of_one_cell_add_up_and_columns_may_be_empty():
    entries = [(0, 2, 1.0), (0, 0, 2.0), (0, 2, 2.0)]
    found = solve(np.ones(4), entries, ([9.0], [np.inf]), (np.zeros(4), np.full(4, 5.0)), {})
    assert found.x.tolist() == [0.0, 0.0, 3.0, 0.0]


def test_without_lines_each_variable_is_as_small_as_it_may_be():
    found = solve(np.ones(2), [], (), (np.array([1.0, 2.0]), np.full(2, 5.0)), {})
    assert found.x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("first", ["library", "scipy"])
def test_scipy_takes_the_same_library_whichever_is_loaded_first(first):
    steps = ["from mlm.pages.disclosure.suppression import highs; core = highs._core()"]
    steps.insert(0 if first == "scipy" else 1, "import scipy.optimize")
    check = (
        "from scipy.optimize._highspy import _highs_wrapper; assert core is _highs_wrapper._h; "
        "import numpy; assert scipy.optimize.milp(numpy.ones(1)).x == 0.0"
    )
    subprocess.run([sys.executable, "-c", "; ".join([*steps, check])], check=True)


def test_the_rest_of_scipy_is_not_loaded():
    code = (
        "import sys, numpy; from mlm.pages.disclosure.suppression.integer_program import solve; "
        "solve(numpy.ones(1), [(0, 0, 1.0)], ([1.0], [2.0]), (numpy.zeros(1), numpy.ones(1)), {}); "
        "assert not [name for name in sys.modules if name in ('scipy.optimize', 'scipy.sparse')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_library_in_c_prints_nothing(capfd):
    def noisy(*args, **more):
        os.write(1, b"tmpSolver.run();\n")
        return solver(*args, **more)

    solver = integer_program.solution_of
    with patch.object(integer_program, "solution_of", noisy):
        solve(*programme(0))
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"
