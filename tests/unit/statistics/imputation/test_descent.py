"""Effects and variables of units that are drawn have the joint normal distribution they share."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.columns import CONSTANT
from mlm.rows.imputing.claim import number_column
from mlm.statistics.imputation import descent
from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.convergence import effective_draws
from mlm.statistics.imputation.descent import Descent, Given
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.joint_model import Parameters
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.tree_effects import messages
from mlm.statistics.imputation.units.regression import UnitRegression
from mlm.statistics.imputation.units.responses import UnitResponses
from tests.bands import largest_ratio
from tests.incomplete_rows import incomplete_rows, joint_model, pattern_sums

GROUPS = 6
ITERATIONS = 1500
OUTER = np.array([[0.5, 0.3], [0.3, 0.6]])  # of the effects of c on x0 and on w
INNER, RESIDUAL = 0.4, 1.2  # variances of the effects of g and of rows
OWN, SLOPE, MEAN = 0.7, 0.9, 0.2  # residual variance of w, what it explains, its mean


@pytest.fixture
def drawn(monkeypatch):
    """Draws (n, t) of effects of c on x0 and w, of g, and of missing w; and the case."""
    rows = incomplete_rows(60, GROUPS, 1, 0.0, seed=8)
    table = PatternTable.of(
        Aligned.of(pattern_sums(rows, "y ~ x0 + z + (1 | c/g)")), joint_model(rows)
    )
    values = np.array([[0.5, np.nan, -1.0, 1.5, np.nan, 0.3]])
    of_units = UnitResponses(
        1, (number_column("w"),), values, {}, (CONSTANT,), np.ones((1, GROUPS))
    )
    regression = UnitRegression(of_units, 0, 1)
    state = regression.start()
    state.coefficients[:] = MEAN
    state.residual[:] = OWN
    b = np.array([[0.1], [0.5], [-0.3]])
    slopes = np.array([[SLOPE]])
    parameters = Parameters(b, np.array([[RESIDUAL]]), (OUTER, np.array([[INNER]])), slopes)
    monkeypatch.setattr(
        descent, "moved_root", lambda effects, covariance, *_: (effects, covariance)
    )
    priors = [MixedPrior(np.ones(n), np.ones(n)) for n in (2, 1)]
    tree, rng, found = Descent(table.parents, {1: regression}), np.random.default_rng(1), []
    for _ in range(ITERATIONS):
        information = {1: [regression.information(state, tree.around(1, {}))]}
        known = messages(table, parameters, slopes.T @ state.shown, information)
        given = Given({1: state}, {1: slopes}, parameters.effects, priors)
        down = tree.drawn(known, given, rng)
        state = down.units[1]
        own = [*down.levels, state.values[:, [1, 4]]]
        found.append(np.concatenate([part.ravel() for part in own]))
    return np.array(found), table, b, values[0]


def test_draws_have_the_expectations_and_covariances_of_the_joint_distribution(drawn):
    found, table, b, values = drawn
    parent, outer = table.parents[1], table.parents[0].size
    size = 2 * outer + GROUPS + 2
    precision, linear = np.zeros((size, size)), np.zeros(size)
    for c in range(outer):
        at = [c, outer + c]
        precision[np.ix_(at, at)] += np.linalg.inv(OUTER)
    missing = {1: size - 2, 4: size - 1}
    for g in range(GROUPS):
        own = 2 * outer + g
        precision[own, own] += 1.0 / INNER
        # the variable of the unit: w - effect of c = MEAN + error
        load = np.zeros(size)
        load[outer + parent[g]] = -1.0
        fixed = values[g]
        if g in missing:
            load[missing[g]], fixed = 1.0, 0.0
        precision += np.outer(load, load) / OWN
        linear += load * (MEAN - fixed) / OWN
        # its rows: x - b'q - effects - slope w = error
        n, sums = table.counts[0, g], np.asarray(table.sums)[:, g]
        left = sums[3] - b[:, 0] @ sums[:3]
        load = np.zeros(size)
        load[[parent[g], own]] = 1.0
        if g in missing:
            load[missing[g]] = SLOPE
        else:
            left -= n * SLOPE * values[g]
        precision += n * np.outer(load, load) / RESIDUAL
        linear += load * left / RESIDUAL
    covariance = np.linalg.inv(precision)
    mean, sd = covariance @ linear, np.sqrt(np.diagonal(covariance))
    standard = (found - mean) / sd
    _has_mean(standard, np.zeros(size))
    i, j = np.triu_indices(size)
    _has_mean(standard[:, i] * standard[:, j], (covariance / np.outer(sd, sd))[i, j])


def _has_mean(draws: np.ndarray, expected: np.ndarray) -> None:
    """Dependent draws (n, t) have an expectation (t,), to their Monte Carlo error."""
    error = draws.std(axis=0) / np.sqrt(effective_draws(draws[None]))
    assert (np.abs(draws.mean(axis=0) - expected) / error).max() < largest_ratio(expected.size)
