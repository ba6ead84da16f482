"""A model with fewer fixed terms takes its sums from those of a larger one: the same criterion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import EffectsLeftOut
from mlm.nouns.formula import parse_formula
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.crossed.fronts import patterns, placing
from mlm.statistics.likelihood.making import working_statistics
from tests.unit.statistics.likelihood.crossed.fronts.test_elimination import survey, with_all_levels

ROUNDING = 1e-10  # relative; products of other numbers of columns at once
LARGER = (
    "y ~ x + t + x:t + I(x ** 2) + (1 | county) + ({own} | school) + (1 | class) + (1 + t | pupil)"
)
SMALLER = {
    "one term less": "y ~ x + t + x:t",
    "what is random alone": "y ~ t",
    "nothing": "y ~ 1",
}
WAYS = {"one dense block": (10**6, 0.0), "single units": (0, 0.0), "patterns": (0, 1e9)}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch) -> str:
    small, larger = WAYS[request.param]
    monkeypatch.setattr(placing, "SMALL", small)
    monkeypatch.setattr(placing, "MOST_OF_DENSE", 1.0)
    monkeypatch.setattr(patterns, "LARGER", larger)
    return request.param


@pytest.mark.parametrize("own", ["1", "1 + x"])
@pytest.mark.parametrize("smaller", SMALLER)
def test_criterion_and_slope_are_those_of_sums_made_anew(way, own, smaller):
    whole = parse_formula(LARGER.format(own=own))
    stats = with_all_levels(whole.formula, survey(0, 0.2))
    model = replace(parse_formula(SMALLER[smaller]), random=whole.random)
    made = working_statistics(model, replace(stats))
    kept = len(working_statistics(whole, stats).fixed)
    taken = working_statistics(model, stats)
    assert len(taken.fixed) < kept and len(stats.structures) == 1
    rng = np.random.default_rng(1)
    roots = [rng.normal(size=(q, q)) for q in made.structure.widths]
    omegas = [0.3 * root @ root.T for root in roots]
    for criterion in ("ML", "REML"):
        mine, its = (evaluate(w, omegas, criterion) for w in (taken, made))
        assert mine.deviance == pytest.approx(its.deviance, rel=ROUNDING)
        assert mine.beta == pytest.approx(its.beta, rel=1e-8)
        slopes = [gradient(w, at, criterion) for w, at in ((taken, mine), (made, its))]
        for one, other in zip(*slopes, strict=True):
            assert one == pytest.approx(other, rel=1e-7, abs=1e-7 * np.abs(other).max())


def test_more_columns_than_are_kept_are_made_and_kept(way):
    whole = parse_formula(LARGER.format(own="1"))
    stats = with_all_levels(whole.formula, survey(0, 0.2))
    small = replace(parse_formula("y ~ t"), random=whole.random)
    narrow = working_statistics(small, stats).total.shape[0]
    (before,) = stats.structures.values()
    wide = working_statistics(whole, stats).total.shape[0]
    (after,) = stats.structures.values()
    assert before[0].shape[1] == narrow < wide == after[0].shape[1]


def test_another_random_part_has_sums_of_its_own(way):
    whole = parse_formula(LARGER.format(own="1"))
    stats = with_all_levels(whole.formula, survey(0, 0.2))
    working_statistics(whole, stats)
    fewer = whole.with_random(whole.random[:-1])
    found = working_statistics(fewer, stats)
    assert len(stats.structures) == 2
    assert len(found.structure.groups) == len(whole.random) - 1


def test_effects_that_the_others_determine_are_left_out_with_a_warning_of_their_own():
    rng = np.random.default_rng(1)
    x = rng.normal(size=60)
    rows = {"y": x + rng.normal(size=60), "x": x, "double": 2.0 * x, "g": np.arange(60) % 6}
    with pytest.warns(EffectsLeftOut, match="determined by the others are left out: double"):
        fit = mlm.fit("y ~ x + double + (1 | g)", pd.DataFrame(rows))
    assert list(fit.fixed_effects.index) == ["Intercept", "x"]
