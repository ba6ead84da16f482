"""Variables of units: found among those of the rows, and drawn with what effects tell of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlm.nouns.columns import CONSTANT
from mlm.rows.imputing.claim import number_column
from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.recursive_regression import ScaleMove
from mlm.statistics.imputation.units.inwards import Inwards
from mlm.statistics.imputation.units.regression import UnitRegression
from mlm.statistics.imputation.units.responses import UnitResponses
from mlm.statistics.imputation.units.values import unit_values
from tests.bands import largest_ratio
from tests.incomplete_rows import incomplete_rows, pattern_sums

UNITS = 400


def test_values_of_units_are_found_at_the_outermost_level_at_which_they_do_not_vary():
    rows = incomplete_rows(120, 9, 2, 0.2, seed=1)
    own = np.array([3.0, -1.0, 2.0])
    rows["x1"] = own[rows["c"]]
    rows.loc[rows["c"] == 1, "x1"] = np.nan
    rows.loc[rows.index[:3], "x1"] = np.nan  # of a unit that has it elsewhere
    sums = pattern_sums(rows, "y ~ x0 + x1 + z + (1 | c/g)")
    aligned = Aligned.of(sums)
    found = unit_values(aligned, [number_column("x1")])
    assert found.level == 0
    origin, unit = sums.columns.scales["x1", "identity"]
    values = dict(zip(aligned.keys[0][0].tolist(), origin + unit * found.values[0], strict=True))
    assert values[0] == pytest.approx(3.0) and values[2] == pytest.approx(2.0)
    assert np.isnan(values[1])
    assert unit_values(aligned, [number_column("x0")]) is None


def _responses(values: np.ndarray) -> UnitResponses:
    return UnitResponses(0, (number_column("w"),), values, {}, (CONSTANT,), np.ones((1, UNITS)))


def _nothing_inside() -> Inwards:
    return Inwards(np.zeros((1, 1, UNITS)), np.zeros((1, UNITS)))


def test_draws_recover_the_regression_and_the_missing_values():
    rng = np.random.default_rng(3)
    around = rng.normal(size=(1, UNITS))
    values = 1.0 + 2.0 * around + 0.5 * rng.normal(size=(1, UNITS))
    lost = rng.random(UNITS) < 0.3
    given = np.where(lost, np.nan, values)
    regression = UnitRegression(_responses(given), 1)
    state, drawn = regression.start(), []
    for _ in range(300):
        expected = state.expected(np.ones((1, UNITS)), around)
        state = regression.values_drawn(state, expected, around, _nothing_inside(), (), rng)
        beside = ScaleMove.none(1)
        state, _ = regression.regression_drawn(state, around, np.zeros((1, UNITS)), beside, rng)
        both = (state.coefficients[:, 0], state.slopes[:, 0], state.values[0, lost])
        drawn.append(np.concatenate(both))
    assert np.array_equal(state.values[0, ~lost], given[0, ~lost])
    kept = np.array(drawn[50:])
    there = np.vstack([np.ones(UNITS), around])[:, ~lost]
    mean, *_ = np.linalg.lstsq(there.T, values[0, ~lost], rcond=None)
    assert kept[:, :2].mean(axis=0) == pytest.approx(mean, abs=0.02)
    expected = mean[0] + mean[1] * around[0, lost]
    ratio = (kept[:, 2:].mean(axis=0) - expected) / (0.5 * np.sqrt(1.2 / len(kept)))
    assert np.abs(ratio).max() < largest_ratio(ratio.size)


def test_what_lies_inside_units_moves_what_is_missing_of_them():
    """Normal draws around the mean that precisions give, by hand."""
    rng = np.random.default_rng(4)
    given = np.full((1, UNITS), np.nan)
    given[0, :3] = 0.0, 1.0, 2.0
    regression = UnitRegression(_responses(given))
    state = replace(regression.start(), residual=np.array([[0.5]]))
    inwards = Inwards(np.full((1, 1, UNITS), 2.0), np.full((1, UNITS), 3.0))
    drawn = regression.values_drawn(
        state, np.full((1, UNITS), 0.4), np.zeros((0, UNITS)), inwards, (), rng
    )
    own = drawn.values[0, 3:]
    assert own.mean() == pytest.approx((0.4 / 0.5 + 3.0) / 4.0, abs=4.0 * 0.5 / np.sqrt(own.size))
    assert own.std() == pytest.approx(0.5, rel=4.0 / np.sqrt(2.0 * own.size))
