"""Chains are looked at in rounds that double, and each number that is traced has its name."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.formula import parse_formula
from mlm.nouns.machine.side_by_side import at_most
from mlm.results.coefficient import Factor
from mlm.rows.accumulating.sources import source_of
from mlm.rows.imputing.joint_draws import joint_draws
from mlm.statistics.imputation.sampling import ChainPlan, traced_parameters
from tests.recovery.incomplete_worlds import FORMULA, complete_world, with_losses
from tests.rows_in_classes import FORMULA as FORMULA_OF_CLASSES
from tests.rows_in_classes import crossed_rows, with_gaps

INTERCEPT, X, W = (), (Factor(variable="x"),), (Factor(variable="w"),)
KIND = (Factor(variable="kind", category="b"),)


def test_rounds_double_until_the_iterations_are_used_up():
    rounds = ChainPlan(draws=20, chains=4, most=2000).rounds
    assert [each.burn_in for each in rounds] == [100, 200, 400, 800]
    assert [each.iterations for each in rounds] == [100, 200, 400, 800]
    assert all(each.between * 5 == each.iterations for each in rounds)
    (short,) = ChainPlan(draws=20, chains=4, most=200).rounds
    assert short.burn_in + short.iterations == 200


def test_iterations_that_are_given_are_run_as_they_are():
    (own,) = ChainPlan(draws=6, chains=2, burn_in=30, between=7).rounds
    assert (own.burn_in, own.between, own.iterations) == (30, 7, 21)


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(5)
    rows = with_losses(complete_world(rng, 30, 6), rng)
    how = ChainPlan(draws=2, chains=2, burn_in=3, between=4)
    return joint_draws([parse_formula(FORMULA)], source_of(rows), (), None, how)


def test_every_traced_number_has_its_name(drawn):
    state = drawn.sampled.states[0].state
    levels = [level.group for level in drawn.aligned.patterns[0].stats.levels]
    names = traced_parameters(drawn.model, levels, drawn.units)
    values = state.traced()
    assert len(names) == values.size
    keys = [(n.kind, n.response, n.other, n.level and n.level.unit) for n in names]
    told = dict(zip(keys, values, strict=True))
    columns = [column.name for column in drawn.model.responses]
    x, kind = columns.index("x"), columns.index("kind[b]")
    parameters, (unit,) = state.parameters, state.units
    assert told["coefficient", X, INTERCEPT, None] == parameters.coefficients[0, x]
    assert told["coefficient", KIND, W, None] == parameters.slopes[0, kind]
    assert told["variance", X, None, None] == np.sqrt(parameters.residual[x, x])
    assert ("variance", KIND, None, None) not in told, "the scale of a latent is set"
    spread = np.sqrt(np.diagonal(parameters.effects[0]))
    assert told["variance", KIND, None, "school"] == spread[kind]
    correlation = parameters.effects[0][x, kind] / (spread[x] * spread[kind])
    both = [told.get(("correlation", a, b, "school")) for a, b in ((X, KIND), (KIND, X))]
    assert correlation in both
    assert told["coefficient", W, INTERCEPT, "school"] == unit.coefficients[0, 0]
    assert told["variance", W, None, "school"] == np.sqrt(unit.residual[0, 0])


def test_numbers_of_crossed_levels_have_their_names():
    rows = with_gaps(crossed_rows(10, 6, 2, 2, seed=1), 0.3, seed=2)
    how = ChainPlan(draws=2, chains=1, burn_in=3, between=4)
    models = [parse_formula(FORMULA_OF_CLASSES)]
    drawn = joint_draws(models, source_of(rows), (), None, how)
    state, levels = drawn.sampled.states[0].state, [level.group for level in drawn.levels]
    names = traced_parameters(drawn.model, levels, drawn.units, len(drawn.crossed))
    values = state.traced()
    assert len(names) == values.size
    keys = [(n.kind, n.response, n.other, n.level and n.level.unit) for n in names]
    assert len(set(keys)) == len(keys)
    told = dict(zip(keys, values, strict=True))
    assert [column.name for column in drawn.model.responses] == ["y", "x"]
    y, parameters, (unit,) = (Factor(variable="y"),), state.parameters, state.units
    schools, classes = parameters.effects[0], parameters.effects[2]
    assert told["variance", W, None, "school"] == np.sqrt(schools[2, 2])
    assert told["variance", KIND, None, "school"] == np.sqrt(schools[3, 3])
    assert told["variance", y, None, "class_"] == np.sqrt(classes[0, 0])
    assert ("variance", W, None, "class_") in told, "the residual of w"
    assert told["variance", W, None, "class_"] == np.sqrt(unit.residual[0, 0])
    assert told["coefficient", y, W, None] == parameters.slopes[0, 0]
    assert told["coefficient", W, KIND, "class_"] == unit.coefficients[1, 0]


def test_chains_are_the_same_in_processes_of_their_own(drawn):
    rows = with_losses(complete_world(rng := np.random.default_rng(5), 30, 6), rng)
    how = ChainPlan(draws=2, chains=2, burn_in=3, between=4)
    with at_most(2):
        found = joint_draws([parse_formula(FORMULA)], source_of(rows), (), None, how)
    pairs = zip(drawn.sampled.states, found.sampled.states, strict=True)
    for here, there in pairs:
        assert (here.chain, here.iteration) == (there.chain, there.iteration)
        np.testing.assert_array_equal(here.state.traced(), there.state.traced())
