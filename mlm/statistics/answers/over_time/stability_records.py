"""Records of stability: intervals, alternatives, prediction of the next wave, back-test."""

from __future__ import annotations

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.nouns.quantiles import TWO_SIDED_95
from mlm.statistics.answers.over_time.form_choice import (
    FormComparison,
    best_form,
    compared_forms,
    correlation_intervals,
    correlations,
    frame_over_waves,
)
from mlm.statistics.answers.over_time.frame import FormFit, Frame
from mlm.statistics.answers.over_time.intervals import bounded_interval
from mlm.statistics.answers.over_time.prediction import (
    BackTest,
    Prediction,
    back_test,
    next_time,
    predict_wave,
)
from mlm.statistics.answers.over_time.stability import Stability
from mlm.statistics.answers.over_time.trajectories import trajectories
from mlm.statistics.answers.records import comparison_record, plain
from mlm.statistics.evidence.by_wave import has_waves_apart
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import Solution

MIN_WAVES_BACK_TEST = 3  # waves from which the last can be predicted from those before it


def stability_details(
    plan: Plan,
    final: Solution,
    group: tuple[str, ...],
    steady: Stability,
    model: Model | None = None,
) -> dict:
    """What is added to the record of a level's stability; empty where none was estimated.

    Parameters
    ----------
    plan : Plan
        The waves and their times.
    final : Solution
        The final model with random intercepts, by REML.
    group : tuple of str
        Id columns of the units.
    steady : Stability
        What was found of them.
    model : Model, optional
        The model it was found beside, where inner units have effects in each wave; default: final.

    Returns
    -------
    dict
        ``lower``, ``upper`` (T, T) and ``average_lower``, ``average_upper``: intervals of the
        correlations; ``alternatives``: one entry a form of the covariance with ``deviance``,
        ``n_params``, ``aic``, ``average_correlation`` with its interval, its test against the first
        form (``FormComparison``), and ``carried_forward``; ``prediction``: the next wave;
        ``trajectories``: the effects of the units in each wave under the form of the record;
        ``back_test``: the last wave predicted from those before, with the share of its rows in
        units inside that are ``returning``, or None with ``back_test_reason``.
    """
    if steady.covariance is None:
        return {}
    stats = final.stats
    try:
        frame, forms = _forms(plan, model or final.fit.model, group, stats, steady)
    except MLMError as error:
        return {"details_reason": str(error)}
    best = best_form(forms)
    intervals = [_intervals(item.fitted, frame) for item in forms]
    place = [item.fitted.form.name for item in forms].index(steady.model)
    told, (ends, average) = forms[place].fitted, intervals[place]
    name = ":".join(group)
    told_at = evaluation_of(told.fit, stats)
    best_at = told_at if best.fit is told.fit else evaluation_of(best.fit, stats)
    ahead = predict_wave(best, best_at, name, next_time(plan.time.times))
    tested, reason = _back_test(plan, final, group)
    return plain(
        {
            "lower": ends[0],
            "upper": ends[1],
            "average_lower": average[0],
            "average_upper": average[1],
            "alternatives": [
                _alternative(item, best, own)
                for item, (_, own) in zip(forms, intervals, strict=True)
            ],
            "prediction": prediction_record(ahead, best),
            "trajectories": trajectories(plan, told_at, group),
            "back_test": tested,
            "back_test_reason": reason,
        }
    )


def _forms(plan: Plan, model: Model, group, stats: CrossProducts, steady: Stability):
    """The forms of the covariance, each fitted; those that were fitted before as they are."""
    if steady.forms:
        return steady.frame, steady.forms
    start = steady.fit if steady.has_waves_in_fit else None
    frame = frame_over_waves(plan, model, group, stats, start)
    return frame, compared_forms(frame, steady.model == "unstructured")


def _intervals(fitted: FormFit, frame: Frame) -> tuple[np.ndarray, tuple[float, float]]:
    """Ends of the correlations, and of their average, at a bound by the profile."""
    ends, average = correlation_intervals(fitted)
    return ends, bounded_interval(frame, fitted) if np.isnan(average[0]) else average


def _alternative(item: FormComparison, best: FormFit, interval: tuple[float, float]) -> dict:
    fitted, (lower, upper) = item.fitted, interval
    matrix = correlations(fitted.matrix)
    pairs = matrix[np.triu_indices(fitted.times.size, 1)]
    record = {
        "model": fitted.form.name,
        "deviance": fitted.fit.deviance,
        "n_params": fitted.n_params,
        "aic": fitted.aic,
        "sd": np.sqrt(np.diagonal(fitted.matrix)),
        "average_correlation": float(pairs.mean()),
        "lower": lower,
        "upper": upper,
        "carried_forward": fitted is best,
    }
    empty = {"statistic": None, "df": None, "reference": None, "p_value": None, "reason": None}
    return {**record, **(comparison_record(item.test) if item.test else empty)}


def prediction_record(ahead: Prediction, fitted: FormFit) -> dict:
    """The next wave: how much is known of it, and the units with their errors and ranks."""
    whole = correlations(fitted.matrix_with(ahead.time))
    ranks = ahead.ranks
    units = [
        {
            "unit": str(unit),
            "estimate": ahead.mean[i],
            "std_error": ahead.error[i],
            "lower": ahead.mean[i] - TWO_SIDED_95 * ahead.error[i],
            "upper": ahead.mean[i] + TWO_SIDED_95 * ahead.error[i],
            "mean_rank": ranks.intervals[i, 0],
            "rank_lower": ranks.intervals[i, 1],
            "rank_upper": ranks.intervals[i, 2],
            "probability_top": ranks.top[i],
            "probability_bottom": ranks.bottom[i],
        }
        for i, unit in enumerate(ahead.units)
    ]
    return {
        "model": ahead.form,
        "time": ahead.time,
        "sd": ahead.sd,
        "error": float(np.sqrt(np.mean(ahead.error**2))),
        "correlation_with_last": whole[-1, -2],
        "reliability": ahead.reliability,
        "expected_rank_correlation": ranks.correlation,
        "units": units,
    }


def _back_test(plan: Plan, final: Solution, group) -> tuple[dict | None, str | None]:
    if len(plan.time.waves) < MIN_WAVES_BACK_TEST:
        return None, f"{len(plan.time.waves)} waves are too few (needed: {MIN_WAVES_BACK_TEST})"
    if not has_waves_apart(plan, final.stats):
        return None, "the waves are not kept apart in the cross-products"
    try:
        return _back_test_record(back_test(plan, final.fit, group, final.stats)), None
    except MLMError as error:
        return None, str(error)


def _back_test_record(found: BackTest) -> dict:
    ahead = found.prediction
    return {
        "model": ahead.form,
        "wave": found.wave,
        "units": found.units,
        "coverage": found.coverage,
        "correlation": found.correlation,
        "expected_correlation": found.expected,
        "reliability_predicted": ahead.reliability,
        "reliability_observed": found.reliability,
        "returning": found.returning,
    }
