"""The rows of all waves to the results of an analysis with weights or plausible values."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mlm.errors import LonePairs
from mlm.front.refits_from_rows import errors_of_samples, replicate_samples
from mlm.front.replicating import with_checked_replicates
from mlm.front.sampled_covariates import covariates_of
from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.nouns.sampling import FEW_CLUSTERS, SamplingDesign
from mlm.results.sampled.results import SampledResults
from mlm.results.survey.survey import SurveyAccount
from mlm.rows.accumulating.sample_statistics import SampleStatistics, overall_weights
from mlm.rows.accumulating.sources import Rows
from mlm.rows.replicating.cluster_factors import cluster_factors
from mlm.rows.replicating.domain_pass import WantedDomains, domain_totals
from mlm.rows.replicating.replicate_rows import check_replicates, replicates_of_rows
from mlm.statistics.answers.sampled.analysis import analyse_sample
from mlm.statistics.answers.sampled.evidence import Refitting, SampleEvidence
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.domain_totals import CovariateTotals, DomainTotals
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.pooling.copies import refuse_copies
from mlm.statistics.replication.cell_estimates import CellErrors, waves_are_apart
from mlm.statistics.replication.refitted_errors import RefittedErrors, refitted_errors
from mlm.statistics.replication.waves_apart import of_waves_apart

MOST_KEPT = 1 << 26  # numbers of the sums of all replicates that are kept: 0.5 GB


def analyse_rows(
    plan: Plan, waves: Mapping[str, Rows], survey: SurveyAccount
) -> tuple[SampledResults, dict[str, Fit]]:
    """All results of an analysis that knows how its sample was drawn or its scores measured.

    Parameters
    ----------
    plan : Plan
        The analysis; ``plan.sampling`` is not None.
    waves : mapping of str to Rows
        Clean rows of each wave.
    survey : SurveyAccount
        What linking the waves found.

    Returns
    -------
    results : SampledResults
    fits : dict of str to Fit
        By the name of their file.

    Raises
    ------
    SurveyError
        When rows, weights, clusters or replicates are not as the design says.
    ModelError, FitError
        When a model cannot be identified or fitted.
    """
    return analyse_sample(plan, evidence_of(plan, waves), survey)


def evidence_of(plan: Plan, waves: Mapping[str, Rows]) -> SampleEvidence:
    """What the rows of all waves are read into; parameters as for ``analyse_rows``."""
    sample = SampleStatistics(plan, waves)
    rows = sample.unweighted()
    single = [level.group for level in rows.levels if level.size == 1]
    if single:  # there is nothing around the units inside, which are the clusters
        levels = tuple(level for level in plan.levels if level.group not in single)
        plan = replace(plan, levels=levels)
        sample = SampleStatistics(plan, waves)
    stats = with_checked_replicates(sample.weighted(), sample.rows)
    for score in plan.sampling.scores:
        refuse_copies(score, stats)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LonePairs)  # told when replicates were read with the sample
        totals, errors, covariates = _cells(plan, sample, stats)
    stats = _apart(stats, totals)
    refit = _refitting(sample, stats, _waves_of_rows(plan, totals))
    rows, names = rows.without_levels(*single), tuple(map(":".join, single))
    return SampleEvidence(
        plan, stats, rows, totals, errors, sample.scaled, names, refit, *covariates
    )


def _cells(
    plan: Plan, sample: SampleStatistics, stats: CrossProducts
) -> tuple[DomainTotals, CellErrors, tuple[CovariateTotals | None, CellErrors | None]]:
    """Sums of the outcome by cell, how their errors are found, and both of covariates."""
    design = plan.sampling.design
    used = {v for term in plan.full_model().terms for v in term.variables} | set(plan.policy)
    names = [v for v in plan.categories if v in used and v != plan.time.factor]
    replicated = stats.sampled is not None and stats.sampled.replicates is not None
    replicated &= design is not None and design.errors_of(10**9) == "replicates"
    by_rows = replicated and stats.sampled.replicates.values is None
    known = replicates_of_rows(sample.rows, design.replicates)[0] if by_rows else ()
    clusters = design.drawn_first(plan.groups) if design else plan.groups[0]
    wanted = WantedDomains(
        sample.outcome,
        sample.origin,
        overall_weights(plan, design),
        tuple(plan.sampling.cuts.values()),
        WAVE,
        {WAVE: plan.time.waves, **{name: plan.categories[name] for name in names}},
        clusters,
        design.strata_ids if design else (),
        known,
    )
    totals = domain_totals(sample.rows, wanted)
    if not replicated:
        errors = CellErrors(is_jackknife=_leaves_out(design, totals.clusters.size))
    else:
        known, leaves_out = stats.sampled.replicates, design.replicates.is_jackknife
        factors = None if by_rows else _factors(plan, sample, totals, clusters)
        errors = CellErrors(factors, known.scale, known.df, leaves_out)
    return totals, errors, covariates_of(plan, sample, wanted, totals, errors)


def _leaves_out(design: SamplingDesign | None, clusters: int) -> bool:
    """Whether errors of means come from leaving out clusters, as those of models do."""
    if design is None:
        return clusters < FEW_CLUSTERS
    return design.errors_of(clusters) == "jackknife"


def _waves_of_rows(plan: Plan, totals: DomainTotals) -> tuple[str, ...]:
    """Waves that have replicates of their own; none where a replicate is one of all rows.

    Those that are made of clusters of one wave are so already.
    """
    design = plan.sampling.design
    is_made = design is not None and design.replicates and WAVE in design.replicates.ids
    return plan.time.waves if waves_are_apart(totals) and not is_made else ()


def _factors(
    plan: Plan, sample: SampleStatistics, totals: DomainTotals, clusters: Sequence[str]
) -> np.ndarray:
    """Factors (C, R) of the clusters of the cells, which may be more than those of the models."""
    design = plan.sampling.design
    known, made = replicates_of_rows(sample.rows, design.replicates)
    weight = None if made is not None else overall_weights(plan, design)[0]
    found = cluster_factors(sample.rows, clusters, weight, known)
    check_replicates(design.replicates, found.sums, found.moved)
    places = {name: i for i, name in enumerate(found.names.tolist())}
    return found.factors[[places[name] for name in totals.clusters.tolist()]]


def _apart(stats: CrossProducts, totals: DomainTotals) -> CrossProducts:
    """The sample with replicates of each wave of their own, where its clusters are of one wave."""
    sampled = stats.sampled
    if sampled is None or sampled.replicates is None or sampled.replicates.values is None:
        return stats
    if not waves_are_apart(totals):
        return stats
    places = {name: i for i, name in enumerate(totals.clusters.tolist())}
    waves = totals.waves[[places[name] for name in sampled.clusters.names.tolist()]]
    factors = of_waves_apart(sampled.replicates, waves)
    return replace(stats, sampled=replace(sampled, replicates=factors))


def _refitting(
    sample: SampleStatistics, stats: CrossProducts, apart: Sequence[str]
) -> Refitting | None:
    """How models are fitted to every replicate; None where errors come from no replicates."""
    sampled = stats.sampled
    if sampled is None or sampled.replicates is None:
        return None
    if sampled.design.errors_of(sampled.clusters.size) != "replicates":
        return None
    if sampled.replicates.values is None:
        return _FromRows(sample, stats, apart)
    return _FromClusters()


class _FromClusters:
    """Fits to replicates that multiply the cross-products of clusters."""

    made_from = "clusters"

    def __call__(self, solutions: Sequence[Solution]) -> tuple[RefittedErrors, ...]:
        """Errors of some fits."""
        stats = solutions[0].stats
        return refitted_errors(solutions, stats, stats.sampled.replicates)


class _FromRows:
    """Fits to replicates that are made of their rows, or of classes of these.

    Their sums are kept where they are small.
    """

    made_from = "rows"

    def __init__(self, sample: SampleStatistics, stats: CrossProducts, apart: Sequence[str]):
        self._sample, self._stats, self._apart = sample, stats, tuple(apart)
        self._kept: list[CrossProducts] | None = None

    def __call__(self, solutions: Sequence[Solution]) -> tuple[RefittedErrors, ...]:
        """Errors of some fits."""
        samples = self._samples() if self._kept is None else self._kept
        return errors_of_samples(solutions, solutions[0].stats, samples, len(self._apart))

    def _samples(self) -> Iterable[CrossProducts]:
        stats, rows = self._stats, self._sample.rows
        known, _ = replicates_of_rows(rows, stats.sampled.design.replicates)
        samples = replicate_samples(self._sample.models, stats, rows, known, self._apart)
        self.made_from, found = samples.made_from, samples.each
        size = sum(level.sums.size for level in stats.levels) + stats.total.size
        if size * stats.sampled.replicates.scale.size * max(len(self._apart), 1) > MOST_KEPT:
            return found
        self._kept = list(found)
        return self._kept
