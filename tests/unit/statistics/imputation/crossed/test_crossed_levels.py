"""Crossed levels in the sampler: against the sampler on rows, and against an exact distribution."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.sources import source_of
from mlm.rows.imputing.joint_draws import joint_draws
from mlm.statistics.imputation.convergence import effective_draws
from mlm.statistics.imputation.joint_model import Prior
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.sampling import ChainPlan
from mlm.statistics.imputation.starts import start_of
from tests.bands import largest_ratio
from tests.rows_in_classes import FORMULA, CrossedRowByRow, crossed_rows, with_gaps

ITERATIONS, BURN_IN = 6000, 500


@pytest.mark.study
def test_draws_have_the_distribution_of_the_sampler_on_rows():
    rows = with_gaps(crossed_rows(8, 12, 3, 2, seed=1), 0.3, seed=2)
    how = ChainPlan(draws=ITERATIONS, chains=1, burn_in=BURN_IN, between=1)
    drawn = joint_draws([parse_formula(FORMULA)], source_of(rows), (), None, how)
    assert [level.group for level in drawn.levels] == [("school",), ("pupil",), ("class_",)]
    prior = Prior.around(start_of(PatternTable.of(drawn.aligned, drawn.model)))
    scales = drawn.sums.columns.scales
    plain = CrossedRowByRow(rows, scales, prior.residual, prior.widths)
    order, ours = np.argsort(drawn.levels[2].keys[0].astype(int)), []
    for each in drawn.sampled.states:
        (unit,) = each.state.units
        lacking = unit.values[0, order][plain.lacks_w], unit.shown[1, order][plain.lacks_kind]
        ours.append(np.concatenate([each.state.traced(), *lacking]))
    state, rng, theirs = plain.started(), np.random.default_rng(3), []
    for _ in range(2 * ITERATIONS):
        state = plain.sweep(state, rng)
        lacking = plain.w[plain.lacks_w], plain.is_b[plain.lacks_kind]
        theirs.append(np.concatenate([state.traced(), *lacking]))
    ours, theirs = np.array(ours), np.array(theirs)[BURN_IN:]
    _same_means(ours, theirs)
    centre = ours.mean(axis=0)
    _same_means((ours - centre) ** 2, (theirs - centre) ** 2)


def _same_means(a: np.ndarray, b: np.ndarray) -> None:
    """Dependent draws (n, t) have the same means, to their Monte Carlo error."""
    error = np.sqrt(sum(own.var(axis=0) / effective_draws(own[None]) for own in (a, b)))
    ratio = np.abs(a.mean(axis=0) - b.mean(axis=0)) / error
    assert ratio.max() < largest_ratio(ratio.size), ratio.round(2)
