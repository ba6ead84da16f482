"""The front door for replicates of a weighted sample: read with it, and refitted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import SamplingError, SamplingFault, StatisticsError, listed
from mlm.front.refits_from_rows import errors_of_samples, replicate_samples
from mlm.nouns.levels import ROW
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.model_statistics import statistics_of_models
from mlm.rows.accumulating.sources import Source, source_of
from mlm.rows.replicating.alignment import alignment, refuse_other_rows
from mlm.rows.replicating.cluster_factors import ClusterFactors, cluster_factors
from mlm.rows.replicating.replicate_classes import ROUNDING_OF_FILES
from mlm.rows.replicating.replicate_rows import check_replicates, replicates_of_rows
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.sampling import ReplicateFactors
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import solve
from mlm.statistics.pooling import pool as pooling
from mlm.statistics.pooling.naming import Naming
from mlm.statistics.pooling.pooled_fit import PooledFit
from mlm.statistics.replication.refitted_errors import RefittedErrors, refitted_errors


def with_replicates(stats: CrossProducts, data) -> CrossProducts:
    """A weighted sample with the factors of its replicates, read from its rows.

    Where rows of one cluster have unequal factors, which adjustments for non-response by cells give
    them, these are not averaged: that they are unequal is what the sample then knows.

    Parameters
    ----------
    stats : CrossProducts
        The sample; returned as it is where its design has no replicates, or they are there.
    data : DataFrame, path, or list of paths
        Its rows.

    Raises
    ------
    SamplingError
        When a cluster has no replicate weights.
    SurveyError
        When they are not those of the sample or of its rows, or not of the method.
    """
    sampled = stats.sampled
    if sampled is None or sampled.design.replicates is None or sampled.replicates is not None:
        return stats
    source = source_of(data)
    if sampled.design.replicates.columns:
        _refuse_other_rows(stats, source)
    return with_checked_replicates(stats, source)


def _refuse_other_rows(stats: CrossProducts, source: Source) -> None:
    """Refuse replicate weights that stand beside other rows than their own."""
    design = stats.sampled.design
    lowest = stats.levels[-1].group if stats.levels else ()
    clusters = design.psu_ids or lowest
    if not clusters:
        return
    unit = ":".join(clusters)
    if design.wave is not None and design.wave in source.names:
        clusters = tuple(dict.fromkeys((design.wave, *clusters)))
    found = alignment(source, clusters, _weight(design, False), design.replicates.columns)
    refuse_other_rows(design.replicates, found, unit, bool(design.psu_ids))


def with_checked_replicates(stats: CrossProducts, source: Source) -> CrossProducts:
    """The same where it is known that replicate weights are those of their rows.

    Parameters
    ----------
    stats : CrossProducts
        The sample; returned as it is where its design has no replicates.
    source : Source
        Its rows.
    """
    sampled = stats.sampled
    if sampled is None or sampled.design.replicates is None:
        return stats
    design = sampled.design
    clusters = design.psu_ids or (stats.levels[0].group if stats.levels else ())
    known, made = replicates_of_rows(source, design.replicates)
    found = cluster_factors(source, clusters, _weight(design, made is not None), known)
    check_replicates(design.replicates, found.sums, found.moved)
    count, equal = found.factors.shape[1], found.spread <= ROUNDING_OF_FILES
    factors = ReplicateFactors(
        _of_clusters(found, sampled.clusters.names) if equal else None,
        design.replicates.scale(count) if made is None else made.scale,
        design.replicates.degrees(count) if made is None else made.df,
        found.spread,
    )
    return replace(stats, sampled=replace(sampled, replicates=factors))


def _weight(design: SamplingDesign, is_made: bool) -> str | None:
    """Column of the overall weights of rows, of which replicate weights are replicates."""
    if is_made:
        return None
    if design.are != "overall" or ROW not in design.weights:
        raise SamplingError(
            SamplingFault(
                "replicates_of_rows",
                "replicate weights are those of rows, and the design gives rows no overall weight; "
                'expected are="overall" and a column for "row".',
            )
        )
    return design.weights[ROW]


def _of_clusters(found: ClusterFactors, names: np.ndarray) -> np.ndarray:
    """Factors (C, R) in the order of the clusters of a sample."""
    places = {name: i for i, name in enumerate(found.names.tolist())}
    missing = [name for name in names.tolist() if name not in places]
    if missing:
        raise SamplingError(
            SamplingFault(
                "no_replicate_weight",
                f"{len(missing)} clusters have no replicate weights ({listed(missing)}); expected "
                "some in each cluster of the sample.",
            )
        )
    return found.factors[[places[name] for name in names.tolist()]]


@dataclass(frozen=True)
class ReplicatedFit:
    """A fit with errors from fits to every replicate.

    Attributes
    ----------
    fit : Fit or PooledFit
        With those errors.
    draws : tuple of RefittedErrors
        Of each draw; one where nothing was drawn.
    spread : float
        Largest difference between the factors of two rows of one cluster in a replicate.
    made_from : {"clusters", "classes", "rows"}
        What each replicate was made of: the cross-products of clusters; where factors differ inside
        these, those of classes of rows that have one row of factors; or the rows, where there are
        too many such classes.
    """

    fit: Fit | PooledFit
    draws: tuple[RefittedErrors, ...]
    spread: float
    made_from: str

    @property
    def fixed_effects(self):
        """Fixed effects of the fit."""
        return self.fit.fixed_effects

    @property
    def variance_components(self):
        """Variances and covariances of the fit."""
        return self.fit.variance_components

    @property
    def shares(self):
        """Shares of the variance."""
        return self.fit.shares

    @property
    def ratio(self):
        """DataFrame: refitted standard errors over linearised ones, a column a draw."""
        import pandas as pd

        one = self.draws[0].fit
        names = [*one.names, *(_component(name) for name in one.design.names)]
        columns = {f"fit {m}": draw.ratio for m, draw in enumerate(self.draws, start=1)}
        return pd.DataFrame(columns, index=pd.Index(names, name="parameter"))


def _component(name) -> str:
    pair = name.term1 if name.term2 is None else f"{name.term1}, {name.term2}"
    return f"{name.group} ({pair})"


def replicate(fit: Fit | PooledFit, data) -> ReplicatedFit:
    """Fit a model to every replicate of its sample, for errors without linearisation.

    Parameters
    ----------
    fit : Fit or PooledFit
        A fit with a sampling design that has replicates.
    data : DataFrame, path, list of paths, or CrossProducts
        The sample it was fitted to.

    Returns
    -------
    ReplicatedFit
        ``.fit`` with the new errors, and ``.ratio`` of them to the linearised ones.

    Raises
    ------
    StatisticsError
        When the fit has no design with replicates.
    """
    fits = fit.fits if isinstance(fit, PooledFit) else (fit,)
    for each in fits:
        if each.design is None or each.design.sampling.replicates is None:
            raise StatisticsError(
                "the fit has no replicates; expected a design with replicates=... at mlm.fit."
            )
    stats = with_replicates(_sample(fit, data), data)
    return replicated(fit, stats, data)


def by_rows_where_needed(fit: Fit | PooledFit, stats: CrossProducts, data):
    """The fit, with errors from refits where those of its replicates need rows.

    Parameters
    ----------
    fit : Fit or PooledFit
        A fit.
    stats : CrossProducts
        Its sample.
    data : DataFrame, path, list of paths, or CrossProducts
        Its rows, as they were given.
    """
    sampled = stats.sampled
    if sampled is None or sampled.replicates is None or sampled.replicates.values is not None:
        return fit
    if sampled.design.errors_of(sampled.clusters.size) != "replicates":
        return fit
    return replicated(fit, stats, data).fit


def replicated(fit: Fit | PooledFit, stats: CrossProducts, data) -> ReplicatedFit:
    """The same with the sample at hand, its replicates with it.

    Parameters
    ----------
    fit : Fit or PooledFit
        A fit with a sampling design that has replicates.
    stats : CrossProducts
        Its sample.
    data : DataFrame, path, list of paths, or CrossProducts
        Its rows, which are needed where factors differ inside clusters.
    """
    fits = fit.fits if isinstance(fit, PooledFit) else (fit,)
    known = stats.sampled.replicates
    if known.values is None and isinstance(data, CrossProducts):
        raise StatisticsError(
            "replicate weights differ between rows of one cluster, so that each replicate is made "
            "of its rows: give the rows, not their cross-products."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # told when it was fitted
        solutions = [solve(each.model, stats, "ML", each) for each in fits]
        if known.values is not None:
            draws, made_from = refitted_errors(solutions, stats, known), "clusters"
        else:
            read, _ = replicates_of_rows(source_of(data), stats.sampled.design.replicates)
            models = [solution.fit.model for solution in solutions]
            samples = replicate_samples(models, stats, data, read)
            draws = errors_of_samples(solutions, stats, samples.each)
            made_from = samples.made_from
    made = draws[0].fit
    if isinstance(fit, PooledFit):
        naming = Naming.by_scores(fit.model, fit.scores, draws[0].fit)
        made = pooling.pool([draw.fit for draw in draws], [stats] * len(draws), naming, fit.nests)
    return ReplicatedFit(made, draws, known.spread, made_from)


def _sample(fit: Fit | PooledFit, data) -> CrossProducts:
    """The sample of a fit: given as it is, or as rows, which are read."""
    if isinstance(data, CrossProducts):
        return data
    first = fit.fits[0] if isinstance(fit, PooledFit) else fit
    return read_for(fit, data, first.design.sampling)


def read_for(fit: Fit | PooledFit, data, design: SamplingDesign | None) -> CrossProducts:
    """Cross-products of rows for a fit, those of all its draws from one pass.

    Parameters
    ----------
    fit : Fit or PooledFit
        Names the models.
    data : DataFrame, path, or list of paths
        The rows.
    design : SamplingDesign or None
        How they are weighed.
    """
    fits, alike = (fit,), ()
    if isinstance(fit, PooledFit):
        fits, alike = fit.fits, [score.columns for score in fit.scores]
    return statistics_of_models([each.model for each in fits], data, None, alike, design)
