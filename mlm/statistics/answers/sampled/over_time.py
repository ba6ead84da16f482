"""Adjusted means by wave from the settled model, and what of the effects of units lasts."""

from __future__ import annotations

import math

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.results.reason import ZeroVariance
from mlm.results.sampled.over_time import (
    AdjustedCategory,
    AdjustedGroupMean,
    AdjustedMeansByCategory,
    AdjustedSampledMean,
    DepartureOfWaves,
    EstimatedSampledStability,
    RefusedSampledStability,
    SampledOverTime,
    SampledStability,
)
from mlm.results.sampled.reason import NoneRecur, NotEstimable, OneWave
from mlm.results.sampled.selection import RefusedSampledTest, SampledTest
from mlm.results.test import Test
from mlm.statistics.answers.sampled.covariance_over_waves import EffectsOverWaves
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits, fit_draws
from mlm.statistics.answers.sampled.model_records import estimate_from
from mlm.statistics.answers.sampled.reduction import columns_of
from mlm.statistics.answers.variables.adjusted_by_group import (
    group_weights,
    held_values,
    variables_with_time,
)
from mlm.statistics.answers.variables.adjusted_means import mean_weights
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.pooling.components import Components
from mlm.statistics.pooling.scales import LOGIT, pooled_on


def over_time(plan: Plan, settled: DrawnFits) -> SampledOverTime:
    """Adjusted means, their changes with the error of links between scales, and stability."""
    departure, told = _departure(plan, settled)
    return SampledOverTime(
        formula=told.naming.model.formula,
        adjusted_means=_adjusted(plan, told),
        test=_same_means(plan, told),
        lack_of_fit=departure,
        by=_adjusted_by(plan, settled),
        levels=stability(plan, settled),
    )


def _departure(plan: Plan, settled: DrawnFits) -> tuple[DepartureOfWaves | None, DrawnFits]:
    """Whether a line or curve of time fits, and the model that means are told from."""
    if not plan.time.may_depart:
        return None, settled
    added = plan.time.departures
    model = settled.model.with_terms((*settled.model.terms, added))
    try:
        saturated = fit_draws(plan, model, settled.stats, settled)
    except MLMError:
        reason = NotEstimable()
        return DepartureOfWaves(test=RefusedSampledTest(reason=reason), rejected=False), settled
    columns = columns_of(saturated, [added])
    if not columns:
        return None, settled
    test = saturated.columns_test(columns)
    rejected = isinstance(test, Test) and test.p_value < plan.alpha
    found = DepartureOfWaves(test=test, rejected=rejected)
    return found, saturated if rejected else settled


def link_of(plan: Plan, earlier: str, later: str) -> float | None:
    """Linking error between two waves; None where none is configured.

    Parameters
    ----------
    plan : Plan
        The analysis.
    earlier, later : str
        The waves.
    """
    return plan.sampling.linking_errors.get((earlier, later))


def _adjusted(plan: Plan, settled: DrawnFits) -> tuple[AdjustedSampledMean, ...]:
    first, out = plan.time.waves[0], []
    for wave in plan.time.waves:

        def own(each: Solution, wave: str = wave) -> np.ndarray:
            return mean_weights(plan, each, wave)

        def since(each: Solution, wave: str = wave) -> np.ndarray:
            return mean_weights(plan, each, wave) - mean_weights(plan, each, first)

        change = None if wave == first else settled.change(since, link_of(plan, first, wave))
        out.append(AdjustedSampledMean(**dict(settled.contrast(own)), wave=wave, change=change))
    return tuple(out)


def _same_means(plan: Plan, settled: DrawnFits) -> SampledTest | None:
    """That the adjusted means of all waves are the same; links are taken as independent."""
    first, *others = plan.time.waves
    if not others:
        return None
    links = [link_of(plan, first, wave) or 0.0 for wave in others]

    def since(each: Solution) -> np.ndarray:
        start = mean_weights(plan, each, first)
        return np.array([mean_weights(plan, each, wave) - start for wave in others])

    return settled.test(since, np.diag(np.square(links)))


def _adjusted_by(plan: Plan, settled: DrawnFits) -> tuple[AdjustedMeansByCategory, ...]:
    """Within the categories of variables that have products with time."""
    if len(plan.time.waves) < 2:
        return ()
    out, drawn = [], {column for score in settled.scores for column in score.columns}
    for variable in variables_with_time(plan, settled.first):
        if variable in drawn:
            continue  # a score: no value of it is the same in all draws
        points = held_values(plan, settled.first, variable)
        if len(points) < 2:
            continue
        test = settled.columns_test(
            [
                i
                for i, column in enumerate(settled.first.working.fixed)
                if {variable, plan.time.name} <= set(column.term.variables)
            ]
        )
        categories = tuple(_category(plan, settled, variable, point, points[0]) for point in points)
        out.append(AdjustedMeansByCategory(variable=variable, categories=categories, test=test))
    return tuple(out)


def _category(plan: Plan, settled: DrawnFits, variable: str, point, first) -> AdjustedCategory:
    """One category: its means by wave, each with its difference from the first category."""
    rows, start = [], plan.time.waves[0]

    def of(each: Solution, wave: str, at) -> np.ndarray:
        return group_weights(plan, each, variable, wave, at)

    for wave in plan.time.waves:

        def own(each: Solution, wave: str = wave) -> np.ndarray:
            return of(each, wave, point)

        def gap(each: Solution, wave: str = wave) -> np.ndarray:
            return of(each, wave, point) - of(each, wave, first)

        def moved(each: Solution, gap=gap) -> np.ndarray:
            return gap(each) - gap(each, start)

        is_first, is_start = point is first, wave == start
        rows.append(
            AdjustedGroupMean(
                **dict(settled.contrast(own)),
                wave=wave,
                difference=None if is_first else settled.contrast(gap),
                moved=None if is_first or is_start else settled.contrast(moved),
            )
        )
    return AdjustedCategory(category=point.category, value=point.value, waves=tuple(rows))


def stability(plan: Plan, settled: DrawnFits) -> tuple[SampledStability, ...]:
    """How far the effects of units that recur agree from wave to wave, level by level.

    Between two waves the true effects of a unit are correlated as the part of their variance that
    lasts: that of the unit over that of the unit and of the unit in a wave. Beside it, and where
    the settled model has no units in a wave, stands their covariance over all waves.
    """
    if len(plan.time.waves) < 2:
        return (RefusedSampledStability(level=None, reason=OneWave()),)
    found = EffectsOverWaves(plan, settled)
    told = tuple(_of_level(plan, settled, found, group) for group in plan.recurring_groups)
    return told or (RefusedSampledStability(level=None, reason=NoneRecur()),)


def _of_level(plan: Plan, settled: DrawnFits, found: EffectsOverWaves, group) -> SampledStability:
    """From the settled model where it has a level of the units in a wave, else from beside it."""
    if (*group, WAVE) in plan.groups:
        return _lasting(plan, settled, found, group)
    over, record = found.told(group), level_record(plan, ":".join(group))
    if over.kind == "refused":
        return RefusedSampledStability(level=record, reason=over.reason)
    waves, known = plan.time.waves, {(p.first, p.second): p.estimate for p in over.pairs}
    known |= {(b, a): value for (a, b), value in known.items()} | {(w, w): 1.0 for w in waves}
    return EstimatedSampledStability(
        level=record,
        within=None,
        waves=waves,
        sd=tuple(each.estimate for each in over.sd),
        correlation=tuple(tuple(known[a, b] for b in waves) for a in waves),
        average=found.average(group),
        over_waves=over,
    )


def _lasting(plan: Plan, settled: DrawnFits, found: EffectsOverWaves, group) -> SampledStability:
    level, inside = ":".join(group), ":".join((*group, WAVE))
    record, groups = level_record(plan, level), {term.group for term in settled.model.random}
    if group not in groups or (*group, WAVE) not in groups:
        return RefusedSampledStability(level=record, reason=NotEstimable())
    parts = [_two(part, level, inside) for part in settled.parts]
    values = np.array([part.values for part in parts])
    if (values.mean(axis=0).sum()) <= 0.0:
        return RefusedSampledStability(level=record, reason=ZeroVariance())
    ratios = values[:, 0] / np.maximum(values.sum(axis=1), 1e-300)
    errors = np.array([part.share(np.eye(2))[1][0] for part in parts])
    shape, degrees = settled.shape, float(np.mean([part.degrees.min() for part in parts]))
    average = pooled_on(LOGIT, ratios.reshape(shape), errors.reshape(shape), degrees)
    waves, total = plan.time.waves, math.sqrt(float(values.sum(axis=1).mean()))
    row = [[1.0 if a == b else average.estimate for b in waves] for a in waves]
    return EstimatedSampledStability(
        level=record,
        within=level_record(plan, inside),
        waves=waves,
        sd=(total,) * len(waves),
        correlation=tuple(map(tuple, row)),
        average=estimate_from(average, bool(settled.scores)),
        over_waves=found.told(group),
    )


def _two(part: Components, level: str, inside: str) -> Components:
    """The variances of the effects of units, and of the same in a wave."""
    places = [
        next(
            i
            for i, entry in enumerate(part.entries)
            if entry.group == group and entry.term2 is None
        )
        for group in (level, inside)
    ]
    covariance = part.covariance[np.ix_(places, places)]
    entries = tuple(part.entries[i] for i in places)
    return Components(
        entries,
        part.values[places],
        covariance,
        part.degrees[places],
        part.log_errors[places],
        part.skewness[places],
    )
