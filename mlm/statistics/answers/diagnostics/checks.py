"""Checks of the settled model that need no row."""

from __future__ import annotations

import math

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.plan import Plan
from mlm.results.diagnostics import (
    Diagnostics,
    Normality,
    QuantilePoint,
    RefusedNormality,
    RefusedResidualVariances,
    ResidualVariances,
    WaveVariance,
)
from mlm.results.reason import NotFitted, TooFewWaves, WavesNotApart
from mlm.results.record import finite
from mlm.statistics.answers.diagnostics.influence import NormalQuantiles, effect_quantiles
from mlm.statistics.answers.diagnostics.left_out import deletion_record, influence_record
from mlm.statistics.evidence.names import level_record
from mlm.statistics.evidence.strata import keeps_strata
from mlm.statistics.fitting.effects import GroupEffects, posterior_means
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.residual_variances import fit_by_stratum

MAX_POINTS = 200  # points of a quantile plot; more are pooled, evenly along the quantiles


def diagnostics(plan: Plan, settled: Solution) -> Diagnostics:
    """Residual variances by wave, normality of effects, influence and deletion of units.

    Parameters
    ----------
    plan : Plan
        Levels and waves.
    settled : Solution
        The settled model with random intercepts, by REML.
    """
    return Diagnostics(
        residual_variance=_residual_variances(plan, settled),
        normality=_normality(plan, settled),
        influence=influence_record(plan, settled),
        deletion=deletion_record(plan, settled),
    )


def _residual_variances(
    plan: Plan, settled: Solution
) -> ResidualVariances | RefusedResidualVariances:
    waves = len(plan.time.waves)
    if waves < 2:
        few = TooFewWaves(waves=waves, needed=2, what="comparison")
        return RefusedResidualVariances(reason=few)
    if not keeps_strata(settled.stats, plan.time.factor):
        return RefusedResidualVariances(reason=WavesNotApart())
    try:
        found = fit_by_stratum(
            settled.fit.model, settled.stats, plan.time.factor, "REML", settled.fit
        )
    except MLMError:
        return RefusedResidualVariances(reason=NotFitted(what="residual_variances"))
    return ResidualVariances(
        waves=tuple(
            WaveVariance(wave=w, variance=v, sd=math.sqrt(v)) for w, v in found.variances.items()
        ),
        test=found.test,
    )


def _normality(plan: Plan, settled: Solution) -> tuple[Normality | RefusedNormality, ...]:
    order = [level.key for level in plan.levels]
    effects = posterior_means(settled.evaluated).effects
    return tuple(
        _normality_of(plan, of_level)
        for of_level in sorted(effects, key=lambda item: order.index(item.group))
    )


def _normality_of(plan: Plan, effects: GroupEffects) -> Normality | RefusedNormality:
    level, units = level_record(plan, effects.group), len(effects.units)
    found = effect_quantiles(effects)
    if not isinstance(found, NormalQuantiles):
        return RefusedNormality(level=level, units=units, reason=found)
    return Normality(
        level=level,
        units=units,
        skewness=finite(found.skewness),
        kurtosis=finite(found.kurtosis),
        correlation=finite(found.correlation),
        largest=found.largest,
        points=pooled_quantiles(found),
    )


def pooled_quantiles(found: NormalQuantiles) -> tuple[QuantilePoint, ...]:
    """Neighbouring units as one point each: their number, and means of quantiles and effects."""
    n = found.expected.size
    places = np.arange(n)
    if n > MAX_POINTS:
        wanted = np.linspace(found.expected[0], found.expected[-1], MAX_POINTS)
        places = np.unique(np.searchsorted(found.expected, wanted).clip(0, n - 1))
    counts = np.diff(np.append(places, n))
    means = [np.add.reduceat(z, places) / counts for z in (found.expected, found.observed)]
    columns = (values.tolist() for values in (counts, *means))
    return tuple(
        QuantilePoint(units=n, expected=expected, observed=observed)
        for n, expected, observed in zip(*columns, strict=True)
    )
