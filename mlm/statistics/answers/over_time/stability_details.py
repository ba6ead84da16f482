"""Stability of a level's units as it is told: intervals, the next wave, back-test, trajectories."""

from __future__ import annotations

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.plan import Plan
from mlm.results.over_time import (
    BackTest,
    CorrelationInterval,
    EstimatedStability,
    LevelStability,
    Matrix,
    Prediction,
    RefusedBackTest,
    RefusedDetails,
    RefusedStability,
    StabilityDetails,
    UnitPrediction,
)
from mlm.results.reason import NotFitted, TooFewWaves, WavesNotApart
from mlm.results.record import finite, finites
from mlm.results.storing.table_rows import TableRows
from mlm.statistics.answers.over_time.back_test import back_test
from mlm.statistics.answers.over_time.carried_forward import CarriedModel, carried_model
from mlm.statistics.answers.over_time.prediction import PredictedWave, predict_wave
from mlm.statistics.answers.over_time.stability import Stability
from mlm.statistics.answers.over_time.trajectories import trajectories
from mlm.statistics.evidence.by_wave import has_waves_apart
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.selection.random_part.catalogue import recurring_level

MIN_WAVES_BACK_TEST = 3  # waves from which the last can be predicted from those before it


def stability_record(
    plan: Plan, steady: Stability, details: StabilityDetails | RefusedDetails | None
) -> LevelStability:
    """Covariance over waves of one level's effects, with what is told beside it.

    Parameters
    ----------
    plan : Plan
        The waves and their times.
    steady : Stability
        What the settled model says of the level.
    details : StabilityDetails or RefusedDetails or None
        What is told beside; None where the stability is refused.
    """
    level = level_record(plan, ":".join(steady.group))
    if steady.covariance is None:
        return RefusedStability(level=level, waves=steady.waves, reason=steady.reason)
    ends = np.full((2, *steady.correlation.shape), np.nan) if steady.ends is None else steady.ends
    return EstimatedStability(
        level=level,
        waves=steady.waves,
        form=steady.form,
        sd=tuple(steady.sd.tolist()),
        correlation=_matrix(steady.correlation),
        lower=_matrix(ends[0]),
        upper=_matrix(ends[1]),
        average=CorrelationInterval(
            value=steady.average_correlation, lower=steady.lower, upper=steady.upper
        ),
        other_form=steady.other_form,
        test=steady.test,
        details=details,
    )


def stability_details(
    plan: Plan, settled: Solution, steady: Stability
) -> StabilityDetails | RefusedDetails | None:
    """The next wave, the back-test and the effects by wave.

    Parameters
    ----------
    plan : Plan
        The analysis.
    settled : Solution
        The settled model by REML.
    steady : Stability
        What it says of the level.
    """
    if steady.covariance is None:
        return None
    level = recurring_level(plan, settled.stats, steady.group)
    try:
        carried = carried_model(plan, settled, level, steady.one)
        ahead = predict_wave(plan, carried)
    except MLMError:
        return RefusedDetails(reason=NotFitted(what="covariance_over_waves"))
    return StabilityDetails(
        prediction=prediction_record(ahead),
        trajectories=trajectories(plan, settled.evaluated, steady.group),
        back_test=_back_test(plan, settled, carried),
    )


def _matrix(values: np.ndarray) -> Matrix:
    return tuple(finites(row) for row in values.tolist())


def prediction_record(ahead: PredictedWave) -> Prediction:
    """The next wave: how much is known of it, and the units with their errors and ranks."""
    return Prediction(
        form=ahead.model.form,
        time=ahead.time,
        sd=float(np.sqrt(ahead.variance)),
        error=float(np.sqrt(np.mean(ahead.effects.error**2))),
        reliability=ahead.reliability,
        expected_rank_correlation=finite(ahead.ranks.correlation),
        draws=ahead.draws,
        units=_units(ahead),
    )


def _units(ahead: PredictedWave) -> TableRows:
    ranks, (low, high) = ahead.ranks, ahead.interval
    columns = {
        "unit": ahead.units,
        "estimate": ahead.effects.mean,
        "std_error": ahead.effects.error,
        "lower": low,
        "upper": high,
        "mean_rank": ranks.intervals[:, 0],
        "rank_lower": ranks.intervals[:, 1],
        "rank_upper": ranks.intervals[:, 2],
        "probability_top": ranks.top,
        "probability_bottom": ranks.bottom,
    }
    return TableRows(UnitPrediction, columns)


def _back_test(plan: Plan, settled: Solution, carried: CarriedModel) -> BackTest | RefusedBackTest:
    waves = len(plan.time.waves)
    if waves < MIN_WAVES_BACK_TEST:
        return RefusedBackTest(
            reason=TooFewWaves(waves=waves, needed=MIN_WAVES_BACK_TEST, what="back_test")
        )
    if not has_waves_apart(plan, settled.stats):
        return RefusedBackTest(reason=WavesNotApart())
    try:
        found = back_test(plan, settled, carried)
    except MLMError:
        return RefusedBackTest(reason=NotFitted(what="model"))
    return BackTest(
        form=found.form,
        wave=found.wave,
        units=found.units,
        coverage=found.coverage,
        correlation=finite(found.correlation),
        expected_correlation=finite(found.expected),
        expected_lower=finite(found.expected_low),
        expected_upper=finite(found.expected_high),
        reliability_predicted=found.known,
        reliability_observed=found.reliability,
        returning=found.returning,
    )
