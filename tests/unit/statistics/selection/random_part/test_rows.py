"""The residual's form over waves: found where it is there, left out where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.fitting.solution import solve
from mlm.statistics.selection.random_part.rows import ROWS, settled_residual
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged


def surveyed(ratio: float):
    rng = np.random.default_rng(2)
    sizes = {"county": 12, "school": 4, WAVE: 2, "row": 10}
    frame = nested_rows(rng, sizes, {"county": 0.2, "school": 0.2})
    frame["y"] += np.sqrt(ratio - 1.0) * rng.normal(size=len(frame)) * (frame[WAVE] == "1")
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_schools", waves=("w0", "w1"))
    return plan, merged(plan, frame)


@pytest.mark.parametrize(("ratio", "taken"), [(1.0, True), (2.5, False)])
def test_one_variance_is_taken_where_the_test_allows_it(ratio, taken):
    plan, stats = surveyed(ratio)
    solution = solve(plan.full_model(), stats, "REML")
    tried, found = settled_residual(plan, solution, stats, 0.05)
    assert (tried.group, tried.before, tried.form) == (ROWS, "variances_by_wave", "constant")
    assert tried.taken is taken and (tried.test.p_value > 0.05) is taken
    assert found.fit.model.residual == (None if taken else "year")
    assert found is solution if taken else found.fit.deviance < solution.fit.deviance


def test_waves_that_are_not_kept_apart_leave_the_model_as_it_is():
    plan, stats = surveyed(2.5)
    solution = solve(plan.full_model(), stats, "REML")
    assert settled_residual(plan, solution, replace(stats, parts={}), 0.05) == (None, solution)
