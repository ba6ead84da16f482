"""How the sample was drawn and how errors were found, as records."""

from __future__ import annotations

import numpy as np

from mlm.nouns.levels import RESIDUAL, ROW
from mlm.nouns.plan import Plan
from mlm.nouns.sampling import Errors, SamplingDesign
from mlm.results.level import Level
from mlm.results.sample import RowsWithout
from mlm.results.sampled.sample_design import (
    ClusterCount,
    DrawnScore,
    JoinedStratum,
    ReplicatesUsed,
    SampleDesign,
    SmallUnits,
    StrataUsed,
    WeightColumn,
    WeightedMoments,
    WeightsOfWave,
)
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits, Refitting
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.domain_totals import DomainCell, DomainTotals
from mlm.statistics.evidence.names import level_record
from mlm.statistics.evidence.sampling import ReplicateFactors
from mlm.statistics.inference.fit_by_design import small_groups


def design_record(
    plan: Plan,
    stats: CrossProducts,
    settled: DrawnFits,
    totals: DomainTotals,
    refit: Refitting | None,
) -> SampleDesign | None:
    """The design of the sample; None where rows have no weights.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        The weighted sample.
    settled : DrawnFits
        Whose errors are told.
    totals : DomainTotals
        Sums of the rows.
    refit : callable or None
        How models were fitted to every replicate; None: they were not.
    """
    sampled = stats.sampled
    if sampled is None:
        return None
    design, errors = sampled.design, settled.first.fit.design
    own = design.psu_ids or (stats.levels[0].group if stats.levels else ())
    is_replicated = sampled.replicates is not None and errors.method == "replicates"
    return SampleDesign(
        weights=_weights(plan, design),
        are=design.are,
        scaling=design.scaling,
        clusters=ClusterCount(
            ids=totals.ids,
            n=errors.n_psu if totals.ids == own else totals.clusters.size,
        ),
        strata=_strata(plan.sampling.design, errors, totals),
        replicates=_replicates(sampled, refit),
        errors=errors.method,
        errors_of_means="replicates" if is_replicated else _of_means(design, totals),
        df=settled.df,
        sum_of_weights=sampled.weight,
        effective_rows=sampled.effective,
        by_wave=_by_wave(plan, stats, totals),
        small_units=_small(plan, settled, stats),
        rows_without_weight=_without(design, stats),
    )


def _of_means(design: SamplingDesign, totals: DomainTotals) -> Errors:
    found = design.errors_of(totals.clusters.size)
    return "jackknife" if found == "jackknife" else "linearised"


def _small(plan: Plan, settled: DrawnFits, stats: CrossProducts) -> SmallUnits | None:
    found = small_groups(settled.first.fit, stats)
    if found is None:
        return None
    return SmallUnits(level=level_record(plan, found[0]), rows=found[1])


def _weights(plan: Plan, design: SamplingDesign) -> tuple[WeightColumn, ...]:
    out = []
    for level in plan.levels:
        key = ROW if level.is_residual else design.key_of(level.group)
        if key in design.weights:
            out.append(WeightColumn(level=_level(plan, key, level.key), column=design.weights[key]))
        elif key in design.mean_weights:
            out.append(WeightColumn(level=_level(plan, key, level.key), column=None))
    return tuple(out)


def _level(plan: Plan, key: str, group: str) -> Level:
    return level_record(plan, RESIDUAL if key == ROW else group)


def _strata(design: SamplingDesign, errors, totals: DomainTotals) -> StrataUsed | None:
    """Strata of the sample; models whose errors come from replicates make no use of them."""
    if not errors.strata:
        n = 0 if totals.strata is None else np.unique(totals.strata).size
        return StrataUsed(column=design.strata_ids[-1], n=n, joined=()) if n else None
    joined = tuple(JoinedStratum(stratum=one, joined_with=other) for one, other in errors.joined)
    return StrataUsed(column=design.strata_ids[-1], n=len(errors.strata), joined=joined)


def _replicates(sampled, refit: Refitting | None) -> ReplicatesUsed | None:
    known, factors = sampled.design.replicates, sampled.replicates
    if known is None or factors is None:
        return None
    return ReplicatesUsed(
        method=known.method,
        n=len(known.columns) or factors.scale.size,
        factor=known.factor if known.method == "fay" else None,
        halves=known.halves if known.method == "jk2" else None,
        columns=known.columns,
        made_from=_made_from(factors, refit),
        spread=factors.spread,
    )


def _made_from(factors: ReplicateFactors, refit: Refitting | None):
    """What replicates were made of, or would be."""
    if refit is not None:
        return refit.made_from
    return "rows" if factors.values is None else "clusters"


def _by_wave(plan: Plan, stats: CrossProducts, totals: DomainTotals) -> tuple[WeightsOfWave, ...]:
    """Weights by wave; what rows of a wave are worth is told by all that have the outcome."""
    sampled = stats.sampled
    if not sampled.waves:
        only = WeightsOfWave(
            wave=plan.time.waves[0],
            rows=stats.n_obs,
            sum_of_weights=sampled.weight,
            effective_rows=sampled.effective,
        )
        return (only,)
    known = {each.wave: each for each in sampled.waves}
    squares, weights, rows = totals.summed(totals.squares), totals.whole[:, 0], totals.n_rows
    out = []
    for wave in plan.time.waves:
        if wave not in known:
            continue
        at = totals.cells.index(DomainCell(wave))
        worth = float(weights[at] ** 2 / squares[at] / rows[at])
        out.append(
            WeightsOfWave(
                wave=wave,
                rows=known[wave].rows,
                sum_of_weights=known[wave].weight,
                effective_rows=worth * known[wave].rows,
            )
        )
    return tuple(out)


def _without(design: SamplingDesign, stats: CrossProducts) -> tuple[RowsWithout, ...]:
    counts = dict(stats.sampled.zero)
    for column in design.columns:
        counts[column] = counts.get(column, 0) + stats.dropped.get(column, 0)
    return tuple(RowsWithout(variable=name, rows=n) for name, n in counts.items() if n)


def score_records(plan: Plan) -> tuple[DrawnScore, ...]:
    """The scores that are known by draws."""
    return tuple(
        DrawnScore(score=score.name, columns=score.columns, nests=score.nests)
        for score in plan.sampling.scores
    )


def moment_records(plan: Plan, totals: DomainTotals) -> tuple[WeightedMoments, ...]:
    """Weighted moments of the outcome in each wave that has rows."""
    means, spread = totals.moments
    out = []
    for wave in plan.time.waves:
        at = totals.cells.index(DomainCell(wave))
        if np.isfinite(means[at]):
            sd = float(spread[at]) if np.isfinite(spread[at]) else None
            out.append(WeightedMoments(wave=wave, weighted_mean=float(means[at]), weighted_sd=sd))
    return tuple(out)
