"""Effects of units by wave: near the truth by as much as their errors say, absent waves marked."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.answers.over_time.trajectories import PROBABILITIES, trajectories
from tests.effects_over_waves import (
    SCHOOL,
    WAVE,
    WAVES,
    common,
    decayed,
    prepared,
    rows,
    with_engine,
    with_form,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
NEAR_ONE = 0.15  # four errors of a root mean square over 320 draws, some of them correlated


def test_effects_by_wave_miss_the_truth_by_their_errors():
    plan, fitted, truth = decayed()
    found = trajectories(plan, fitted.evaluated, SCHOOL)
    assert found.waves == ("w0", "w1", "w2", "w3")
    assert found.present == (80,) * 4
    at = [int(unit.unit[-1]) for unit in found.units]
    estimates = np.array([unit.estimate for unit in found.units])
    errors = np.array([unit.std_error for unit in found.units])
    z = (estimates - truth[at] + truth.mean(axis=0)) / errors
    assert np.sqrt(np.mean(z**2)) == pytest.approx(1.0, abs=NEAR_ONE)
    middle = found.quantiles[PROBABILITIES.index(0.5)].estimate
    assert middle == pytest.approx(np.median(estimates, axis=0))


def test_two_parts_and_one_correlation_give_the_same_effects():
    """A school is missing in a wave: by parts, what the wave adds has no effect in the model."""
    frame, _ = rows(5, common(0.5, 3), schools=30, size=6)
    frame = frame[~((frame["school"] == "7") & (frame[WAVE] == "w2"))]
    plan, _, stats = prepared(frame, WAVES[:3])
    models = with_form(plan, stats, "part_by_wave"), with_engine(plan, stats, "cs")
    parts, whole = (trajectories(plan, m.evaluated, SCHOOL) for m in models)
    for a, b in zip(parts.units, whole.units, strict=True):
        assert (a.unit, a.present) == (b.unit, b.present)
        assert a.estimate == pytest.approx(b.estimate, abs=2e-4)
        assert a.std_error == pytest.approx(b.std_error, rel=2e-3)
    gone = [unit for unit in parts.units if not all(unit.present)]
    assert [unit.unit[-1] for unit in gone] == ["7"]
    assert int(np.argmax(gone[0].std_error)) == 2
    assert parts.present == (30, 30, 29)
