"""The pupil level: products that matter are found, and what leaving them out moves is told."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from mlm.nouns.candidates import MAX_COLUMNS, pupil_terms
from mlm.nouns.formula import parse_term
from mlm.results.coefficient import Factor
from mlm.statistics.answers.variables.pupil_level import pupil_level, pupil_level_record
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.holm import holm
from tests.bands import FALSE_ALARM
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

SQUARE = (Factor(variable="x", power=2),)
PRODUCT = (Factor(variable="x"), Factor(variable="kind"))
SIZES = {"county": 12, "school": 5, "row": 15}


def examined(effect: float, terms=("x", "kind", "z"), seed: int = 3, **changes):
    frame = nested_rows(np.random.default_rng(seed), SIZES, {"county": 0.2, "school": 0.2})
    frame["y"] += effect * frame["x"] * (frame["kind"] == "b")
    frame = frame.assign(wave="w0")
    plan = make_plan("cross_section", waves=("w0",), terms=terms, by_time=(), **changes)
    stats = merged(plan, frame)
    full = tuple(solve(plan.full_model(), stats, c) for c in ("ML", "REML"))
    fits = tuple(solution.fit for solution in full)
    return plan, fits, pupil_level_record(plan, pupil_level(plan, full, stats))


def test_a_product_that_matters_is_found_alone_and_in_the_block():
    _, _, record = examined(0.8)
    tests = {row.term: row.test for row in record.terms}
    assert set(tests) == {SQUARE, PRODUCT}
    assert tests[PRODUCT].p_adjusted < 1e-6
    assert tests[SQUARE].p_value > 0.01
    assert record.block.df == 3 and record.block.p_value < 1e-6


@pytest.mark.study
def test_products_that_do_not_matter_are_significant_by_chance_alone():
    """P-values are uniform: minus twice their logarithms add to a chi-squared."""
    p_values = [examined(0.0, seed=seed)[2].block.p_value for seed in range(8)]
    assert chi2.sf(-2.0 * np.log(p_values).sum(), 2 * len(p_values)) > FALSE_ALARM


def test_what_moves_is_the_difference_of_two_fits():
    _, (_, reml), record = examined(0.8, ("x", "kind", "z", "x:kind"))
    moved = record.moved
    assert moved.removed == (PRODUCT,)
    (row,) = moved.coefficients
    assert row.term == (Factor(variable="z"),) and row.level.ids == ("county",)
    assert row.estimate == pytest.approx(reml.fixed_effects.loc["z", "estimate"])
    move = row.estimate_without - row.estimate
    assert row.change_in_se == pytest.approx(move / row.std_error)
    residual = moved.components[-1]
    assert residual.level.ids == ()
    assert residual.variance_without > residual.variance + 0.02


def test_without_products_in_the_model_all_candidates_are_what_is_left_out():
    _, (_, reml), record = examined(0.8)
    assert set(record.moved.removed) == {SQUARE, PRODUCT}
    assert record.moved.components[-1].variance_without == pytest.approx(reml.sigma2)


def test_nothing_is_tried_where_the_plan_says_so():
    plan, _, record = examined(0.8, pupil_interactions=False)
    assert plan.pupil_candidates == ((), ())
    assert record.terms == () and record.block is None and record.moved is None


def test_candidates_beyond_the_limit_are_named():
    names = [f"v{i}" for i in range(12)]
    terms = [parse_term(name) for name in names]
    kept, left = pupil_terms(terms, names, {})
    assert len(kept) == MAX_COLUMNS
    assert len(kept) + len(left) == 12 + 12 * 11 // 2
    assert [str(t) for t in kept[:12]] == [f"I({name} ** 2)" for name in names]


def test_holm_multiplies_the_smallest_by_the_number_of_tests():
    assert holm([0.01, 0.04, None, 0.02]) == pytest.approx([0.03, 0.04, None, 0.04])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]
