"""Stability of a level's units: intervals, other forms, the next wave, back-test, trajectories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.nouns.quantiles import TWO_SIDED_95
from mlm.results.over_time import (
    BackTest,
    CorrelationInterval,
    EstimatedStability,
    FormComparison,
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
from mlm.statistics.answers.over_time.form_choice import (
    ComparedForm,
    best_form,
    compared_forms,
    correlation_intervals,
    correlations,
    frame_over_waves,
)
from mlm.statistics.answers.over_time.frame import FormFit, Frame
from mlm.statistics.answers.over_time.intervals import bounded_interval
from mlm.statistics.answers.over_time.prediction import (
    PredictedWave,
    back_test,
    next_time,
    predict_wave,
)
from mlm.statistics.answers.over_time.stability import Stability
from mlm.statistics.answers.over_time.trajectories import trajectories
from mlm.statistics.evidence.by_wave import has_waves_apart
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import Solution

MIN_WAVES_BACK_TEST = 3  # waves from which the last can be predicted from those before it


def stability_record(
    plan: Plan, final: Solution, steady: Stability, model: Model, constant: bool
) -> LevelStability:
    """Covariance over waves of one level's effects, with what is told beside it.

    Parameters
    ----------
    plan : Plan
        The waves and their times.
    final : Solution
        The final model with random intercepts, by REML.
    steady : Stability
        What was found of the level.
    model : Model
        The model it was found beside, where inner units may have effects in each wave.
    constant : bool
        Whether the final model, slopes included, takes the effects as constant.
    """
    known = {
        "level": level_record(plan, steady.group),
        "waves": steady.waves,
        "constant_in_models": constant,
    }
    if steady.covariance is None:
        return RefusedStability(**known, reason=steady.reason)
    return EstimatedStability(
        **known,
        form=steady.form,
        simpler_because=steady.reason,
        sd=tuple(steady.sd.tolist()),
        correlation=_matrix(steady.correlation),
        average_correlation=steady.average_correlation,
        test=steady.test,
        details=stability_details(plan, final, steady, model),
    )


def stability_details(
    plan: Plan, final: Solution, steady: Stability, model: Model
) -> StabilityDetails | RefusedDetails:
    """What is told beside the covariance of a level's effects.

    Parameters
    ----------
    plan : Plan
        The analysis.
    final : Solution
        The final model.
    steady : Stability
        Stability of the effects, estimated by waves.
    model : Model
        The model with effects of the units in each wave.
    """
    group, stats = tuple(steady.group.split(":")), final.stats
    try:
        frame, forms = _forms(plan, model, group, stats, steady)
    except MLMError:
        return RefusedDetails(reason=NotFitted(what="covariance_over_waves"))
    best = best_form(forms)
    intervals = [_intervals(item.fitted, frame) for item in forms]
    place = [item.fitted.form.name for item in forms].index(steady.form)
    ends, (lower, upper) = intervals[place]
    chosen = forms[place].fitted
    chosen_at = evaluation_of(chosen.fit, stats)
    best_at = chosen_at if best.fit is chosen.fit else evaluation_of(best.fit, stats)
    ahead = predict_wave(best, best_at, steady.group, next_time(plan.time.times))
    return StabilityDetails(
        lower=_matrix(ends[0]),
        upper=_matrix(ends[1]),
        average=CorrelationInterval(
            value=steady.average_correlation, lower=finite(lower), upper=finite(upper)
        ),
        alternatives=tuple(
            _form(item, best, own) for item, (_, own) in zip(forms, intervals, strict=True)
        ),
        prediction=prediction_record(ahead, best),
        trajectories=trajectories(plan, chosen_at, group),
        back_test=_back_test(plan, final, group),
    )


def _matrix(values: np.ndarray) -> Matrix:
    return tuple(finites(row) for row in values.tolist())


def _forms(
    plan: Plan, model: Model, group: tuple[str, ...], stats: CrossProducts, steady: Stability
) -> tuple[Frame, Sequence[ComparedForm]]:
    """The forms of the covariance, each fitted; those that were fitted before as they are."""
    if steady.forms:
        return steady.frame, steady.forms
    start = steady.fit if steady.has_waves_in_fit else None
    frame = frame_over_waves(plan, model, group, stats, start)
    return frame, compared_forms(frame, steady.form == "unstructured")


def _intervals(fitted: FormFit, frame: Frame) -> tuple[np.ndarray, tuple[float, float]]:
    """Ends of the correlations, and of their average, at a bound by the profile."""
    ends, average = correlation_intervals(fitted)
    return ends, bounded_interval(frame, fitted) if np.isnan(average[0]) else average


def _form(item: ComparedForm, best: FormFit, interval: tuple[float, float]) -> FormComparison:
    fitted, (lower, upper) = item.fitted, interval
    pairs = correlations(fitted.matrix)[np.triu_indices(fitted.times.size, 1)]
    return FormComparison(
        form=fitted.form.name,
        deviance=fitted.fit.deviance,
        n_params=fitted.n_params,
        aic=fitted.aic,
        sd=tuple(np.sqrt(np.diagonal(fitted.matrix)).tolist()),
        average_correlation=CorrelationInterval(
            value=finite(pairs.mean()), lower=finite(lower), upper=finite(upper)
        ),
        carried_forward=fitted is best,
        test=item.test,
    )


def prediction_record(ahead: PredictedWave, fitted: FormFit) -> Prediction:
    """The next wave: how much is known of it, and the units with their errors and ranks."""
    whole = correlations(fitted.matrix_with(ahead.time))
    return Prediction(
        form=ahead.form,
        time=ahead.time,
        sd=ahead.sd,
        error=float(np.sqrt(np.mean(ahead.error**2))),
        correlation_with_last=finite(whole[-1, -2]),
        reliability=ahead.reliability,
        expected_rank_correlation=finite(ahead.ranks.correlation),
        units=_units(ahead),
    )


def _units(ahead: PredictedWave) -> tuple[UnitPrediction, ...]:
    reach, ranks = TWO_SIDED_95 * ahead.error, ahead.ranks
    columns = {
        "estimate": ahead.mean,
        "std_error": ahead.error,
        "lower": ahead.mean - reach,
        "upper": ahead.mean + reach,
        "mean_rank": ranks.intervals[:, 0],
        "rank_lower": ranks.intervals[:, 1],
        "rank_upper": ranks.intervals[:, 2],
        "probability_top": ranks.top,
        "probability_bottom": ranks.bottom,
    }
    values = np.column_stack(list(columns.values())).tolist()
    return tuple(
        UnitPrediction(unit=unit, **dict(zip(columns, row, strict=True)))
        for unit, row in zip(ahead.units, values, strict=True)
    )


def _back_test(plan: Plan, final: Solution, group: tuple[str, ...]) -> BackTest | RefusedBackTest:
    waves = len(plan.time.waves)
    if waves < MIN_WAVES_BACK_TEST:
        return RefusedBackTest(
            reason=TooFewWaves(waves=waves, needed=MIN_WAVES_BACK_TEST, what="back_test")
        )
    if not has_waves_apart(plan, final.stats):
        return RefusedBackTest(reason=WavesNotApart())
    try:
        found = back_test(plan, final.fit, group, final.stats)
    except MLMError:
        return RefusedBackTest(reason=NotFitted(what="model"))
    ahead = found.prediction
    return BackTest(
        form=ahead.form,
        wave=found.wave,
        units=found.units,
        coverage=found.coverage,
        correlation=finite(found.correlation),
        expected_correlation=finite(found.expected),
        reliability_predicted=ahead.reliability,
        reliability_observed=found.reliability,
        returning=found.returning,
    )
