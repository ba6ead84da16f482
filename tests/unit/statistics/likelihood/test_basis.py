"""Statistics on another response are those that are made anew, whatever levels a model has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlm.errors import EffectsLeftOut, ModelError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.solution import solve
from mlm.statistics.likelihood import making
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.making import redrawn, working_statistics
from mlm.statistics.likelihood.working import Working

NESTED = {
    "one level": "y ~ x + (1 | school)",
    "slopes, in an order of their own": "y ~ x + t + (1 + t + x | school)",
    "two levels": "y ~ x + t + (1 | school) + (1 + t | school:class)",
    "a form": "y ~ x + wave + ar1(0 + wave | school)",
}
OTHERS = {
    "crossed": "y ~ x + (1 | school) + (1 | examiner)",
    "residuals that differ": "y ~ x + (1 | school) + diag(0 + wave | residual)",
    "no level": "y ~ x",
}


def _rows() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    n = 240
    rows = pd.DataFrame(
        {
            "school": np.arange(n) // 20,
            "class": np.arange(n) // 10,
            "examiner": np.arange(n) % 7,
            "t": np.arange(n) % 4,
            "x": rng.normal(size=n),
        }
    )
    rows["wave"] = rows["t"].map("w{}".format)
    rows["twice"] = 2.0 * rows["x"]
    effects = rng.normal(size=(12, 2))[rows["school"]]
    rows["y"] = rows["x"] + effects[:, 0] + effects[:, 1] * rows["t"] + rng.normal(size=n)
    rows = rows.astype({"school": str, "class": str, "examiner": str})
    return rows[rng.random(n) < 0.8]  # schools of other sizes, which no pool takes together


def _drawn(formula: str):
    """Statistics of a model, and its sample with another response."""
    model = parse_formula(formula)
    sample = statistics_of(model, _rows())
    found = solve(model, sample, "REML")
    return working_statistics(model, sample), drawing_of(found.fit, sample).draw(
        np.random.default_rng(3)
    )


def _seen(working: Working) -> list[np.ndarray]:
    """The criterion, its estimates and its derivatives at some covariances."""
    rng = np.random.default_rng(1)
    roots = [rng.normal(size=(q, q)) for q in working.structure.widths]
    omegas = [0.3 * root @ root.T for root in roots]
    at = evaluate(working, omegas, "REML")
    return [np.array(at.deviance), at.beta, *gradient(working, at, "REML")]


@pytest.mark.parametrize("formula", [*NESTED.values(), *OTHERS.values()])
def test_the_criterion_is_that_of_statistics_made_anew(formula):
    known, sample = _drawn(formula)
    for mine, its in zip(
        _seen(redrawn(known, sample)), _seen(working_statistics(known.model, sample)), strict=True
    ):
        assert np.array_equal(mine, its)


@pytest.mark.parametrize("formula", NESTED.values())
def test_what_does_not_depend_on_the_response_is_not_made_again(formula, monkeypatch):
    known, sample = _drawn(formula)
    monkeypatch.setattr(making, "working_statistics", None)
    assert redrawn(known, sample).blocks is known.blocks


def test_columns_that_were_left_out_stay_out_without_a_word(recwarn):
    with pytest.warns(EffectsLeftOut):
        known, sample = _drawn("y ~ x + twice + (1 | school)")
    recwarn.clear()
    assert redrawn(known, sample).names == known.names
    assert not recwarn.list


def test_a_response_that_does_not_vary_is_refused():
    known, sample = _drawn("y ~ x + (1 | school)")
    y = int(np.flatnonzero(known.matrix[:, -1])[-1])
    total = sample.total.copy()
    total[y], total[:, y] = 0.0, 0.0
    with pytest.raises(ModelError, match="constant"):
        redrawn(known, replace(sample, total=total))
