"""Effects of units over imputations, and how stable they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mlm.errors import MLMError
from mlm.nouns.plan import Plan
from mlm.results.over_time import (
    EstimatedStability,
    LevelStability,
    RefusedBackTest,
    RefusedDetails,
    StabilityDetails,
)
from mlm.results.reason import NotFitted, OverImputations
from mlm.results.units import NotComparedUnits, UnitEffects
from mlm.statistics.answers.imputed.pooled_records import pooled_record
from mlm.statistics.answers.imputed.rules import RULES
from mlm.statistics.answers.over_time.carried_forward import carried_model
from mlm.statistics.answers.over_time.prediction import predict_wave
from mlm.statistics.answers.over_time.stability import Stability, stability
from mlm.statistics.answers.over_time.stability_details import (
    prediction_record,
    stability_record,
)
from mlm.statistics.answers.over_time.trajectories import trajectories
from mlm.statistics.answers.units.unit_effects import unit_effects, unit_groups
from mlm.statistics.answers.variation.shares import level_test
from mlm.statistics.evidence.remembered import answered
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.pooling.median_test import median_test
from mlm.statistics.pooling.pooled_solution import PooledSolution
from mlm.statistics.selection.random_part.catalogue import recurring_level


def pooled_units(
    plan: Plan, settled: PooledSolution, searched: int
) -> tuple[tuple[UnitEffects | NotComparedUnits, ...], tuple[LevelStability, ...]]:
    """Effects of the named units above the lowest, and how stable they are.

    Parameters
    ----------
    plan : Plan
        What is compared, the waves, and the thresholds of the licence.
    settled : PooledSolution
        The settled model by REML.
    searched : int
        Imputations, the first that differ, in which the ends of intervals and the error of the
        variances are looked for; the spread between imputations is that of all.
    """
    fits = list(settled.solutions)
    looked_at = settled.different[:searched]
    effects, levels = [], []
    for group in unit_groups(plan, settled.first.stats):
        samples = [each.stats for each in looked_at]
        tasks = [partial(stability, plan, each.released(), group) for each in looked_at]
        found = answered(samples, [partial(_released, task) for task in tasks])
        steady = {id(each): own for each, own in zip(looked_at, found, strict=True)}
        level = _level(plan, fits, group, steady)
        levels.append(level)
        agreement = (
            (level.average.value, level.average.lower)
            if isinstance(level, EstimatedStability)
            else (None, None)
        )
        test = level_test(looked_at[0].released(), group, looked_at[1:])
        first, *others = fits
        effects.append(unit_effects(plan, first, group, test, agreement, others, searched))
    return tuple(effects), tuple(levels)


def _level(
    plan: Plan, fits: list[Solution], group: tuple[str, ...], looked_at: dict[int, Stability]
) -> LevelStability:
    """The covariance over waves of one level: of all imputations, its ends of those looked at."""
    steady = {
        id(each): looked_at.get(id(each)) or stability(plan, each.released(), group, has_ends=False)
        for each in fits
    }
    told = [each for each in steady.values() if each.covariance is not None]
    if len(told) < len(steady):  # the effects of a level vanish in some imputation
        none = next(each for each in steady.values() if each.covariance is None)
        return stability_record(plan, none, None)
    details = _details(plan, fits, group, looked_at)
    test = median_test([s.test for s in looked_at.values() if s.test is not None] or [None])
    records = {
        key: stability_record(plan, each, details).model_copy(update={"test": test})
        for key, each in steady.items()
    }
    return pooled_record([records[id(each)] for each in fits], RULES)


def _details(
    plan: Plan, fits: list[Solution], group: tuple[str, ...], looked_at: dict[int, Stability]
) -> StabilityDetails | RefusedDetails:
    """The next wave, as likely by each imputation looked at, and the effects by wave of all."""
    distinct = {id(each): each for each in fits}
    level = recurring_level(plan, fits[0].stats, group)
    try:
        tasks = [
            partial(carried_model, plan, distinct[key].released(), level, steady.one)
            for key, steady in looked_at.items()
        ]
        carried = tasks[0]()
        samples = [distinct[key].stats for key in looked_at]
        others = [partial(_released, partial(task, carried)) for task in tasks[1:]]
        beside = answered(samples, others, [carried])
        ahead = predict_wave(plan, carried, beside)
    except MLMError:
        return RefusedDetails(reason=NotFitted(what="covariance_over_waves"))
    paths = {
        key: trajectories(plan, each.released().evaluated, group) for key, each in distinct.items()
    }
    return StabilityDetails(
        prediction=prediction_record(ahead),
        trajectories=pooled_record([paths[id(each)] for each in fits], RULES),
        back_test=RefusedBackTest(reason=OverImputations(draws=len(fits))),
    )


def _released(answer: Callable):
    """What a task answers, without working statistics, which are not sent."""
    return answer().released()
