"""The sampler on sums has the distribution of the textbook sampler on rows."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest

import mlm
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.sources import source_of
from mlm.rows.imputing.joint_draws import joint_draws
from mlm.statistics.imputation import sampling
from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.convergence import effective_draws
from mlm.statistics.imputation.gibbs import GibbsChain
from mlm.statistics.imputation.joint_model import Prior
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.sampling import ChainPlan
from mlm.statistics.imputation.starts import em_step, start_of
from tests import sorts_in_classes
from tests.bands import largest_ratio
from tests.incomplete_rows import RowByRow, incomplete_rows, joint_model, pattern_sums
from tests.rows_in_classes import FORMULA, CrossedRowByRow, crossed_rows, with_gaps

CROSSED_ITERATIONS, BURN_IN = 6000, 500


def _table(rows, formula: str) -> tuple:
    sums = pattern_sums(rows, formula)
    aligned = Aligned.of(sums)
    return sums, PatternTable.of(aligned, joint_model(rows))


@pytest.mark.study
@pytest.mark.parametrize(
    ("variables", "random", "levels"), [(1, "(1 | g)", ("g",)), (3, "(1 | c/g)", ("c", "g"))]
)
def test_parameters_have_the_distribution_of_the_sampler_on_rows(variables, random, levels):
    rows = incomplete_rows(150, 15, variables, 0.3, seed=3)
    names = " + ".join(f"x{j}" for j in range(variables))
    sums, table = _table(rows, f"y ~ {names} + z + {random}")
    start = start_of(table)
    prior = Prior.around(start)
    chain = GibbsChain(table, start, prior, 1, 0)
    ours = np.array([s.parameters.traced() for s in chain.states(6000)])[500:]
    plain, rng = RowByRow(rows, sums, levels), np.random.default_rng(2)
    parameters = start
    effects = [np.zeros((group.max() + 1, variables)) for group in plain.groups]
    traced = []
    for _ in range(5000):
        parameters, effects = plain.sweep(parameters, effects, prior, rng)
        traced.append(parameters.traced())
    theirs = np.array(traced)[500:]
    _same_means(ours, theirs)
    centre = ours.mean(axis=0)
    _same_means((ours - centre) ** 2, (theirs - centre) ** 2)


@pytest.mark.study
def test_crossed_levels_have_the_distribution_of_the_sampler_on_rows():
    rows = with_gaps(crossed_rows(8, 12, 3, 2, seed=1), 0.3, seed=2)
    how = ChainPlan(draws=CROSSED_ITERATIONS, chains=1, burn_in=BURN_IN, between=1)
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
    for _ in range(2 * CROSSED_ITERATIONS):
        state = plain.sweep(state, rng)
        lacking = plain.w[plain.lacks_w], plain.is_b[plain.lacks_kind]
        theirs.append(np.concatenate([state.traced(), *lacking]))
    ours, theirs = np.array(ours), np.array(theirs)[BURN_IN:]
    _same_means(ours, theirs)
    centre = ours.mean(axis=0)
    _same_means((ours - centre) ** 2, (theirs - centre) ** 2)


@pytest.mark.study
def test_a_category_of_rows_beside_crossed_levels_has_the_distribution_of_the_sampler_on_rows():
    rows = sorts_in_classes.sorted_rows(8, 12, 3, 2, seed=1)
    how = ChainPlan(draws=CROSSED_ITERATIONS, chains=1, burn_in=BURN_IN, between=1)
    with patch.object(sampling.Prior, "around", wraps=Prior.around) as made:
        model = parse_formula(sorts_in_classes.FORMULA)
        drawn = joint_draws([model], source_of(rows), (), None, how)
    prior = Prior.around(*made.call_args.args)
    assert [column.name for column in drawn.model.responses] == ["y", "sort[v]"]
    assert len(drawn.levels) == 3
    scale = drawn.sums.columns.scales["y", "identity"]
    plain = sorts_in_classes.SortsRowByRow(rows, scale, prior)
    state, rng, theirs = plain.started(), np.random.default_rng(3), []
    for _ in range(2 * CROSSED_ITERATIONS):
        state = plain.sweep(state, rng)
        theirs.append(state.traced())
    ours = np.array([each.state.traced() for each in drawn.sampled.states])
    theirs = np.array(theirs)[BURN_IN:]
    _same_means(ours, theirs)
    centre = ours.mean(axis=0)
    _same_means((ours - centre) ** 2, (theirs - centre) ** 2)


def _same_means(a: np.ndarray, b: np.ndarray) -> None:
    """Dependent draws (n, t) have the same means, to their Monte Carlo error."""
    error = np.sqrt(sum(own.var(axis=0) / effective_draws(own[None]) for own in (a, b)))
    ratio = np.abs(a.mean(axis=0) - b.mean(axis=0)) / error
    assert ratio.max() < largest_ratio(ratio.size), ratio.round(2)


@pytest.mark.parametrize("random", ["(1 | g)", "(1 | c/g)"])
def test_em_ends_at_the_fit_of_complete_rows(random):
    rows = incomplete_rows(200, 20, 1, 0.0, seed=5)
    sums, table = _table(rows, f"y ~ x0 + z + {random}")
    found = start_of(table)
    for _ in range(300):
        found = em_step(table, found)
    fit = mlm.fit(f"x0 ~ y + z + {random}", rows, criterion="ML")
    unit = sums.columns.scales["x0", "identity"][1]
    residual = fit.variance_components.iloc[-1]["variance"]
    assert found.residual[0, 0] * unit**2 == pytest.approx(residual, rel=1e-3)
    inner = fit.variance_components["variance"].to_numpy()[:-1]
    assert found.effects[-1][0, 0] * unit**2 == pytest.approx(max(inner), rel=0.05)


def test_the_same_seed_gives_the_same_chain_and_another_does_not():
    rows = incomplete_rows(80, 8, 2, 0.3, seed=6)
    _, table = _table(rows, "y ~ x0 + x1 + z + (1 | g)")
    start = start_of(table)
    prior = Prior.around(start)

    def last(seed: int, chain: int) -> np.ndarray:
        *_, state = GibbsChain(table, start, prior, seed, chain).states(5)
        return state.parameters.traced()

    assert np.array_equal(last(1, 0), last(1, 0))
    assert not np.allclose(last(1, 0), last(2, 0))
    assert not np.allclose(last(1, 0), last(1, 1))


def test_a_sparse_table_gives_the_same_chain(monkeypatch):
    from mlm.statistics.imputation import pattern_table

    rows = incomplete_rows(80, 8, 2, 0.3, seed=6)
    _, dense = _table(rows, "y ~ x0 + x1 + z + (1 | g)")
    monkeypatch.setattr(pattern_table, "LARGEST_TABLE", 1)
    _, sparse = _table(rows, "y ~ x0 + x1 + z + (1 | g)")
    assert not isinstance(sparse.sums, np.ndarray)
    start = start_of(dense)
    prior = Prior.around(start)
    states = [list(GibbsChain(t, start, prior, 1, 0).states(4))[-1] for t in (dense, sparse)]
    first, second = (state.parameters.traced() for state in states)
    assert np.allclose(first, second, rtol=1e-9)
