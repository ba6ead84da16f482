"""Checks of the settled model that need no row."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.plan import Plan
from mlm.results.diagnostics import (
    Diagnostics,
    Normality,
    QuantilePoint,
    RefusedNormality,
    RefusedResidualVariances,
    ResidualInForm,
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
from mlm.statistics.selection.random_part.forms import covariance_of_terms, form_of, sample_waves

MAX_POINTS = 200  # points of a quantile plot; more are pooled, evenly along the quantiles


def diagnostics(plan: Plan, settled: Solution) -> Diagnostics:
    """Residual variances by wave, normality of effects, influence and deletion of units.

    Parameters
    ----------
    plan : Plan
        Levels and waves.
    settled : Solution
        The settled model, by REML.
    """
    return Diagnostics(
        residual_variance=residual_variances(plan, settled),
        normality=normality(plan, settled),
        influence=influence_record(plan, settled),
        deletion=deletion_record(plan, settled),
    )


def residual_variances(
    plan: Plan, settled: Solution
) -> ResidualVariances | ResidualInForm | RefusedResidualVariances:
    """The residual variance of each wave: tested, or held by the form that is in its place.

    Parameters
    ----------
    plan : Plan
        Levels and waves.
    settled : Solution
        The settled model, by REML.
    """
    waves, fit = len(plan.time.waves), settled.fit
    if waves < 2:
        few = TooFewWaves(waves=waves, needed=2, what="comparison")
        return RefusedResidualVariances(reason=few)
    if fit.residual is not None:
        return _in_form(plan, settled, tuple(fit.residual.split(":")))
    if not keeps_strata(settled.stats, plan.time.factor):
        return RefusedResidualVariances(reason=WavesNotApart())
    try:
        known = (fit.model, settled.stats, plan.time.factor, "REML", fit)
        found = fit_by_stratum(*known, degrees=False)
    except MLMError:
        return RefusedResidualVariances(reason=NotFitted(what="residual_variances"))
    return ResidualVariances(
        in_settled=fit.model.residual is not None,
        waves=_by_wave(found.variances),
        test=found.test,
    )


def _in_form(plan: Plan, settled: Solution, group: tuple[str, ...]) -> ResidualInForm:
    variances = np.diagonal(covariance_of_terms(plan, settled, group)).tolist()
    return ResidualInForm(
        level=level_record(plan, ":".join(group)),
        form=form_of(plan, settled.fit.model, group),
        waves=_by_wave(dict(zip(sample_waves(plan, settled.stats), variances, strict=True))),
    )


def _by_wave(variances: Mapping[str, float]) -> tuple[WaveVariance, ...]:
    return tuple(
        WaveVariance(wave=wave, variance=variance, sd=math.sqrt(variance))
        for wave, variance in variances.items()
    )


def normality(plan: Plan, settled: Solution) -> tuple[Normality | RefusedNormality, ...]:
    """Distribution of the standardised effects of each level, in the order of the plan.

    Parameters
    ----------
    plan : Plan
        Levels.
    settled : Solution
        The settled model, by REML.
    """
    order = [level.key for level in plan.levels]
    effects = posterior_means(settled.evaluated).effects
    return tuple(
        _normality_of(plan, of_level)
        for of_level in sorted(effects, key=lambda item: order.index(item.group))
    )


def _normality_of(plan: Plan, effects: GroupEffects) -> Normality | RefusedNormality:
    level, units = level_record(plan, effects.group), len(effects.rows)
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
