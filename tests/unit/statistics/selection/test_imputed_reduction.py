"""Elimination over imputations: D1 of what stays, once what left is held at zero."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mlm.nouns.formula import parse_formula
from mlm.nouns.levels import WAVE
from mlm.statistics.evidence.completed_samples import CompletedSamples
from mlm.statistics.fitting.solution import solve
from mlm.statistics.pooling.joint_tests import d1
from mlm.statistics.pooling.pooled_solution import solve_each
from mlm.statistics.selection.imputed_reduction import reduce_imputed
from tests.imputed_rows import gone_at_random, imputed
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

SIZES = {"county": 10, "school": 4, WAVE: 2, "row": 6}
PLAN = make_plan(
    "same_schools", waves=("w0", "w1"), by_time=("x",), terms=("x", "z", "kind", "group_kind")
)
FULL = "y ~ year + x + z + kind + group_kind + year:x + (1 | county/school)"


@cache
def imputations() -> CompletedSamples:
    rng = np.random.default_rng(14)
    frame = nested_rows(rng, SIZES, {"county": 0.3, "school": 0.3})
    frame = gone_at_random(frame.assign(**{WAVE: "w" + frame[WAVE]}), rng, 0.3)
    completed = imputed(frame, rng, 5, ("county", "school"))
    return CompletedSamples.of([merged(PLAN, each, completed[0]) for each in completed])


@cache
def found():
    return reduce_imputed(PLAN, solve_each(parse_formula(FULL), imputations(), "REML"))


def test_what_has_no_effect_leaves_and_margins_stay():
    gone = [str(term) for step in found().path for term in step.dropped]
    assert "group_kind" in gone and "x" not in gone and "kind" not in gone
    kept = [str(term) for term in found().reml.fit.model.terms]
    assert set(gone).isdisjoint(kept)
    assert gone.index("year:x") < gone.index("year") if "year" in gone else "year:x" in gone


def test_each_test_is_d1_of_generalised_least_squares_without_what_left_before():
    """The same by the normal equations of the smaller model at the variances of the full one."""
    full = [solve(parse_formula(FULL), stats, "REML").fit for stats in imputations().draws]
    gone: list[str] = []
    for step in found().path[1:]:
        own = [i for i, t in enumerate(full[0].terms) if t in map(str, step.dropped)]
        left = [i for i, term in enumerate(full[0].terms) if term not in gone]
        estimates, covariances = [], []
        for fit in full:
            information = np.linalg.inv(fit.covariance)
            right = information @ fit.beta  # of the equations at these variances
            inner = np.linalg.inv(information[np.ix_(left, left)])
            places = [left.index(i) for i in own]
            estimates.append((inner @ right[left])[places])
            covariances.append(inner[np.ix_(places, places)])
        expected = d1(np.array(estimates), np.array(covariances))
        assert step.test.statistic == pytest.approx(expected.statistic, rel=1e-3)
        gone += map(str, step.dropped)


def test_nothing_that_stays_would_leave_by_its_own_fits():
    again = reduce_imputed(PLAN, found().reml)
    assert len(again.path) == 1 and again.joint is None


def test_all_that_left_is_tested_at_once_in_the_full_model():
    gone = sum(step.test.df for step in found().path[1:])
    assert found().joint.df == gone and found().joint.pooled == "D1"
    assert found().joint.p_value > 0.05
    assert found().path[0].n_params - found().path[-1].n_params == gone
