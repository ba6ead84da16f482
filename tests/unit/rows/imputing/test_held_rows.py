"""Rows that are held: their table after a draw is that of the rows as they then are."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.formula import parse_formula
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating.sources import source_of
from mlm.rows.imputing import held_rows
from mlm.rows.imputing.crossed_rows import with_crossed
from mlm.rows.imputing.held_rows import HeldRows
from mlm.rows.imputing.joint_draws import joint_draws
from mlm.rows.imputing.pattern_rows import accumulate_patterns
from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.sampling import ChainPlan
from tests.incomplete_rows import incomplete_rows
from tests.rows_in_classes import crossed_rows, with_gaps


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(3)
    rows = incomplete_rows(300, 12, 1, 0.3, seed=6)
    rows["kind"] = rng.choice(["a", "b", "c"], 300)
    rows["sort"] = np.where(rows["z"] + rng.normal(size=300) > 0, "u", "v")
    for name in ("kind", "sort"):
        rows.loc[rng.random(300) < 0.2, name] = None
    return rows


@pytest.fixture(scope="module")
def drawn(rows):
    how = ChainPlan(draws=2, chains=2, burn_in=4, between=2)
    models = [parse_formula("y ~ x0 + kind + sort + z + (1 | g)")]
    return joint_draws(models, source_of(rows), (), None, how)


def test_the_table_is_that_of_the_rows(rows, drawn):
    table = PatternTable.of(drawn.aligned, drawn.model)
    held = HeldRows(source_of(rows), drawn.reader, drawn.model, table)
    state = drawn.sampled.states[0].state
    found = held.redrawn(state.parameters, state.effects, np.random.default_rng(1))
    told = drawn.model.recursion
    assert found.observed[:, [p for own in told.latents.values() for p in own]].all()
    for own in held._patterns:
        known, at = np.vstack([own.predictors, own.responses]), held._places_of(own)
        assert np.allclose(found.totals[own.pattern][np.ix_(at, at)], known @ known.T)
        sums = np.zeros((found.width, found.counts.shape[1]))
        for place, row in zip(at, known, strict=True):
            sums[place] = np.bincount(own.groups, row, found.counts.shape[1])
        whole = found.by_pattern(np.asarray(found.sums))
        assert np.allclose(whole[own.pattern], sums)
        for name, places in told.latents.items():
            shown = own.predictors[told.shown[name]]
            latents = own.responses[own.places(places)]
            order = np.vstack([np.zeros(own.groups.size), latents]).argmax(axis=0)
            assert np.array_equal(shown, np.arange(1, len(places) + 1)[:, None] == order)
            if name in own.codes:
                assert np.array_equal(order, own.codes[name])


def test_what_is_moved_adds_up_and_latents_keep_their_categories(rows, drawn, monkeypatch):
    table = PatternTable.of(drawn.aligned, drawn.model)
    held = HeldRows(source_of(rows), drawn.reader, drawn.model, table)
    parameters, effects = (
        drawn.sampled.states[0].state.parameters,
        drawn.sampled.states[0].state.effects,
    )
    priors = [MixedPrior.of(np.ones(len(own)), own) for own in parameters.effects]
    given = held.redrawn(parameters, effects, np.random.default_rng(1))
    moved, found = held.moved(parameters, effects, priors, np.random.default_rng(2))
    told = drawn.model.recursion
    latents = [place for own in told.latents.values() for place in own]
    others = [place for place in range(drawn.model.size) if place not in latents]
    assert (moved.coefficients[:, latents] != parameters.coefficients[:, latents]).any()
    assert np.array_equal(moved.coefficients[:, others], parameters.coefficients[:, others])
    assert np.array_equal(found.levels[0][others], effects.levels[0][others])
    assert np.allclose(found.whole - effects.whole, found.levels[0] - effects.levels[0])
    assert not np.allclose(moved.effects[0], parameters.effects[0])
    for own in held._patterns:
        for name, places in told.latents.items():
            values = np.vstack([np.zeros(own.groups.size), own.responses[own.places(places)]])
            shown = own.predictors[told.shown[name]]
            order = np.arange(1, len(places) + 1)[:, None] == values.argmax(axis=0)
            assert np.array_equal(shown, order)
    assert given.rows.sum() == held._table.rows.sum()
    monkeypatch.setattr(held_rows, "ROWS_TO_MOVE", 0)
    again, _ = held.moved(parameters, effects, priors, np.random.default_rng(2))
    assert again is parameters


def test_coefficients_that_the_model_does_not_have_stay_zero(drawn):
    for each in drawn.sampled.states:
        parameters, told = each.state.parameters, drawn.model.recursion
        assert (parameters.coefficients[~told.explains] == 0.0).all()
        assert (parameters.coefficients[told.explains] != 0.0).all()
        latents = [place for own in told.latents.values() for place in own]
        assert (parameters.residual[np.ix_(latents, told.numbers)] == 0.0).all()
        assert np.allclose(np.diagonal(parameters.residual)[latents], 1.0)


def test_sums_by_crossed_units_are_those_of_the_rows():
    rows = with_gaps(crossed_rows(5, 8, 3, 2, seed=1), 0.2, seed=2)
    rng = np.random.default_rng(4)
    rows["sort"] = np.where(rows["x"].fillna(0.0) + rng.normal(size=len(rows)) > 0.0, "u", "v")
    rows.loc[rng.random(len(rows)) < 0.2, "sort"] = None
    formula = "y ~ x + sort + (1 | school) + (1 | pupil) + (1 | class_)"
    how = ChainPlan(draws=2, chains=1, burn_in=3, between=4)
    source = source_of(rows)
    found = joint_draws([parse_formula(formula)], source, (), None, how)
    by_units = PatternTable.of(
        Aligned.of(
            accumulate_patterns(
                rows, found.sums.columns, Hierarchy.of([(("class_",), ())]), found.sums.incomplete
            )
        ),
        found.model,
    )
    table = with_crossed(
        PatternTable.of(found.aligned, found.model), [by_units], source, found.reader
    )
    assert table.cells.rows.sum() == len(rows)
    held = HeldRows(source, found.reader, found.model, table)
    state = found.sampled.states[0].state
    drawn = held.redrawn(state.parameters, state.effects, np.random.default_rng(1))
    (units,) = drawn.crossed
    assert units.depth == 1, "classes lie in schools"
    whole = drawn.by_pattern(np.asarray(units.sums))
    for own in held._patterns:
        known, at = np.vstack([own.predictors, own.responses]), held._places_of(own)
        sums = np.zeros((drawn.width, units.size))
        for place, row in zip(at, known, strict=True):
            sums[place] = np.bincount(own.units[0], row, units.size)
        assert np.allclose(whole[own.pattern], sums)
        added = held._effects(own, state.effects)
        expected = state.effects.whole[:, own.groups] + state.effects.crossed[0][:, own.units[0]]
        assert np.allclose(added, expected)
    priors = [MixedPrior.of(np.ones(len(own)), own) for own in state.parameters.effects]
    _, moved = held.moved(state.parameters, state.effects, priors, np.random.default_rng(2))
    steps = [new - old for new, old in zip(moved.levels, state.effects.levels, strict=True)]
    assert np.abs(steps[2]).max() > 0.0
    assert np.allclose(moved.crossed[0] - state.effects.crossed[0], steps[2])
