"""The search of variances leaves a bound on which the criterion falls, wherever its steps lead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting import optimise
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.making import working_statistics


def test_a_search_that_falls_back_ends_from_the_point_off_the_bound(monkeypatch):
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(12), 6)
    y = 2.0 * rng.normal(size=12)[group] + rng.normal(size=group.size)
    rows = pd.DataFrame({"g": group.astype(str), "y": y})
    model = parse_formula("y ~ 1 + (1 | g)")
    working = working_statistics(model, statistics_of(model, rows))
    search = search_of(working, "ML")
    on_bound = optimise._finished(search, search.point(np.zeros(1)))
    assert on_bound.boundary_slope < 0.0
    expected = optimise.optimum(working, "ML")
    back = (search.point(on_bound.theta), None)
    monkeypatch.setattr(optimise, "quasi_newton", lambda *_: back)
    found = optimise._off_bounds(search, on_bound)
    assert found.theta == pytest.approx(expected.theta, rel=1e-6)
