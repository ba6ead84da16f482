"""Effects of units by wave: near the truth by as much as their errors say, absent waves marked."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.answers.over_time.form_choice import frame_over_waves
from mlm.statistics.answers.over_time.trajectories import PROBABILITIES, trajectories
from mlm.statistics.fitting.effects import posterior_means
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import fit_model
from tests.effects_over_waves import (
    SCHOOL,
    WAVE,
    decayed,
    named,
    prepared,
    rows,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
NEAR_ONE = 0.15  # four errors of a root mean square over 320 draws, some of them correlated


def test_effects_by_wave_miss_the_truth_by_their_errors():
    plan, _, stats, _, forms, truth = decayed()
    found = trajectories(plan, evaluation_of(forms[0].fitted.fit, stats), SCHOOL)
    assert found.waves == ("w0", "w1", "w2", "w3")
    assert found.present == (80,) * 4
    at = [int(unit.unit[-1]) for unit in found.units]
    estimates = np.array([unit.estimate for unit in found.units])
    errors = np.array([unit.std_error for unit in found.units])
    z = (estimates - truth[at] + truth.mean(axis=0)) / errors
    assert np.sqrt(np.mean(z**2)) == pytest.approx(1.0, abs=NEAR_ONE)
    middle = found.quantiles[PROBABILITIES.index(0.5)].estimate
    assert middle == pytest.approx(np.median(estimates, axis=0))


def test_under_one_correlation_they_are_unit_plus_unit_in_wave():
    plan, model, stats, _, forms, _ = decayed()
    fit = named(forms, "compound_symmetry").fitted.fit
    found = trajectories(plan, evaluation_of(fit, stats), SCHOOL)
    plain = posterior_means(evaluation_of(fit_model(model, stats, "REML"), stats))
    units, inside = plain.of("county:school"), plain.of("county:school:wave")
    whole = dict(zip(units.units, units.mean[:, 0], strict=True))
    parts = dict(zip(inside.units, inside.mean[:, 0], strict=True))
    for unit in found.units:
        name = ":".join(unit.unit)
        expected = [whole[name] + parts[f"{name}:w{t}"] for t in range(4)]
        assert unit.estimate == pytest.approx(expected, abs=2e-2)  # two separate optima


def test_a_unit_without_rows_in_a_wave_is_marked():
    frame, _ = rows(5, 0.5 + 0.5 * np.eye(4), schools=60, size=6)
    frame = frame[~((frame["school"] == "7") & (frame[WAVE] == "w2"))]
    plan, model, stats = prepared(frame)
    fit = frame_over_waves(plan, model, SCHOOL, stats).unstructured().fit
    found = trajectories(plan, evaluation_of(fit, stats), SCHOOL)
    gone = [unit for unit in found.units if not all(unit.present)]
    assert [unit.unit[-1] for unit in gone] == ["7"]
    assert gone[0].present == (True, True, False, True)
    assert int(np.argmax(gone[0].std_error)) == 2
    assert found.present == (60, 60, 59, 60)
