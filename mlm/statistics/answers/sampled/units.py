"""Effects of single units, where the outcome describes them, and the licence to rank them."""

from __future__ import annotations

import numpy as np

from mlm.nouns.distributions import TWO_SIDED_95
from mlm.nouns.plan import Plan
from mlm.results.sampled.over_time import EstimatedSampledStability, SampledStability
from mlm.results.sampled.reason import (
    NoneRecur,
    NotEstimable,
    NotForSingleUnits,
    ScalingNotForUnits,
)
from mlm.results.sampled.units import RefusedUnits, SampledUnit, SampledUnits, UnitsOfSample
from mlm.results.units import Licence, LicenceCheck
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits
from mlm.statistics.answers.sampled.slopes import zero_variance_test
from mlm.statistics.answers.units.licence import licence_checks
from mlm.statistics.answers.units.unit_effects import unit_groups
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.effects import GroupEffects, posterior_means
from mlm.statistics.pooling.pooled_effects import pooled_effects

MOST_PAIRS = 2000  # units whose pairs are looked at; of more every so many


def unit_records(
    plan: Plan,
    settled: DrawnFits,
    rows: CrossProducts,
    steady: tuple[SampledStability, ...],
) -> tuple[UnitsOfSample, ...]:
    """Effects of the named units of each level above the lowest, or why they are not told.

    Parameters
    ----------
    plan : Plan
        Thresholds of the licence.
    settled : DrawnFits
        The settled model.
    rows : CrossProducts
        All rows alike, which tell how many each unit has.
    steady : tuple of SampledStability
        How stable effects are.
    """
    present = {term.group for term in settled.model.random}
    groups = unit_groups(plan, settled.stats)
    out: list[UnitsOfSample] = []
    if not groups:  # units of one wave each
        own = [level_record(plan, ":".join(group)) for group in sorted(present, key=len)]
        return tuple(RefusedUnits(level=level, reason=NoneRecur()) for level in own)
    for group in groups:
        level = level_record(plan, ":".join(group))
        if are_of_populations(plan) or settled.nests is not None:
            reason = NotForSingleUnits(draws=len(settled.solutions))
        elif settled.is_weighted and plan.sampling.design.scaling not in ("effective", "size"):
            reason = ScalingNotForUnits(scaling=plan.sampling.design.scaling)
        elif group not in present:
            reason = NotEstimable()
        else:
            out.append(_units(plan, settled, rows, group, steady))
            continue
        out.append(RefusedUnits(level=level, reason=reason))
    return tuple(out)


def are_of_populations(plan: Plan) -> bool:
    """Whether the outcome is known by draws that were not made to describe single units."""
    return any(not score.describe_units for score in plan.sampling.scores)


def _effects(settled: DrawnFits, group: str) -> GroupEffects:
    """Posterior means, pooled over the draws: their errors hold the spread of these."""
    draws = [posterior_means(each.evaluated) for each in settled.solutions]
    if len(draws) == 1:
        return draws[0].of(group)
    return pooled_effects(draws, settled.naming.random_names).of(group)


def _units(plan: Plan, settled: DrawnFits, rows, group, steady) -> SampledUnits | RefusedUnits:
    name = ":".join(group)
    level = level_record(plan, name)
    found = _effects(settled, name)
    variance = float(found.covariance[0, 0])
    if variance <= 0.0:
        return RefusedUnits(level=level, reason=NotEstimable())
    mean, reliability = found.mean[:, 0], found.reliability[:, 0]
    error = np.sqrt(found.comparative[:, 0, 0])
    separable = _separable(mean, error)
    checks = _checks(plan, settled, name, found, separable, _steady(level, steady))
    counts = dict(zip(rows.level(group).labels.tolist(), rows.level(group).rows, strict=True))
    columns = zip(
        settled.stats.level(group).ids,
        [counts.get(label, 0.0) for label in found.units.tolist()],
        mean.tolist(),
        np.sqrt(found.conditional[:, 0, 0]).tolist(),
        error.tolist(),
        reliability.tolist(),
        strict=True,
    )
    return SampledUnits(
        level=level,
        n=mean.size,
        reliability_mean=float(reliability.mean()),
        reliability_min=float(reliability.min()),
        variance=variance,
        separable_share=separable,
        licence=Licence(granted=all(check.passed for check in checks), checks=checks),
        units=tuple(_unit(*each) for each in columns),
    )


def _unit(ids, n, estimate, std_error, error, reliability) -> SampledUnit:
    return SampledUnit(
        unit=ids,
        n=round(float(n)),
        estimate=estimate,
        std_error=std_error,
        comparative_se=error,
        reliability=reliability,
        lower=estimate - TWO_SIDED_95 * error,
        upper=estimate + TWO_SIDED_95 * error,
    )


def _separable(mean: np.ndarray, error: np.ndarray) -> float:
    """Share of pairs whose 95 % interval of the difference excludes zero; 0 without a pair."""
    step = max(1, -(-mean.size // MOST_PAIRS))
    mean, error = mean[::step], error[::step]
    i, j = np.triu_indices(mean.size, 1)
    if not i.size:
        return 0.0
    spread = np.hypot(error[i], error[j])
    return float(np.mean(np.abs(mean[i] - mean[j]) > TWO_SIDED_95 * spread))


def _steady(level, steady: tuple[SampledStability, ...]) -> EstimatedSampledStability | None:
    known = [each for each in steady if isinstance(each, EstimatedSampledStability)]
    return next((each for each in known if each.level == level), None)


def _checks(
    plan: Plan,
    settled: DrawnFits,
    name: str,
    found: GroupEffects,
    separable: float,
    steady: EstimatedSampledStability | None,
) -> tuple[LicenceCheck, ...]:
    """Conditions of the licence; reliability at the lower end of the interval of the variance."""
    at_end = _reliability_at(found, _lowest_variance(settled, name))
    stability = None
    if plan.design.is_longitudinal and len(plan.time.waves) > 1:
        average = None if steady is None else steady.average
        stability = (None, None) if average is None else (average.estimate, average.lower)
    return licence_checks(
        found.mean.shape[0],
        zero_variance_test(settled, None, name).p_value,
        (float(found.reliability[:, 0].mean()), float(at_end.mean())),
        separable,
        stability,
        plan.ranking,
        plan.alpha,
    )


def _lowest_variance(settled: DrawnFits, name: str) -> float:
    """Lower end of the interval of the variance of a level."""
    for part in settled.components:
        if part.entry.group == name and part.entry.term2 is None:
            return max(part.value.lower, 0.0) if np.isfinite(part.value.lower) else 0.0
    return 0.0


def _reliability_at(found: GroupEffects, variance: float) -> np.ndarray:
    """Reliability (G,) if the effects had another variance, errors of means being as they are."""
    own, reliability = float(found.covariance[0, 0]), found.reliability[:, 0]
    known = reliability > 0.0
    noise = own * (1.0 - reliability[known]) / reliability[known]
    at = np.zeros(reliability.size)
    at[known] = variance / (variance + noise) if variance > 0.0 else 0.0
    return at
