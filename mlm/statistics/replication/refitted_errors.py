"""Errors of a weighted fit from fits to every replicate, beside those without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.model import INTERCEPT
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.sampling import ReplicateFactors
from mlm.statistics.fitting.design.errors import shares_with
from mlm.statistics.fitting.design.estimates import DesignEstimates
from mlm.statistics.fitting.design.model_errors import composite
from mlm.statistics.fitting.design.record import DesignErrors, DesignShare
from mlm.statistics.fitting.design.replicate_variance import (
    effective_degrees,
    replicate_covariance,
)
from mlm.statistics.fitting.design.scaled_errors import logits, logs, scaled_errors
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.replication.refits import Refits, optimum_of, refits


@dataclass(frozen=True)
class RefittedErrors:
    """A fit with errors from fits to every replicate.

    Attributes
    ----------
    fit : Fit
        With those errors.
    estimates : ndarray (1 + R, p + v)
        Fixed effects and (co)variances of the full sample, then of each replicate.
    linearised : ndarray (p + v,)
        Standard errors of the fit that was given, without refits.
    by_search : int
        Replicates that were fitted by a search of their own.
    """

    fit: Fit
    estimates: np.ndarray
    linearised: np.ndarray
    by_search: int

    @property
    def std_error(self) -> np.ndarray:
        """Standard errors (p + v,) from the refits."""
        return np.sqrt(np.diagonal(self.fit.design.covariance))

    @property
    def ratio(self) -> np.ndarray:
        """Those over the linearised ones, (p + v,)."""
        below = np.where(self.linearised > 0.0, self.linearised, 1.0)
        return np.where(self.linearised > 0.0, self.std_error / below, np.nan)


def refitted_errors(
    solutions: Sequence[Solution], stats: CrossProducts, replicates: ReplicateFactors
) -> tuple[RefittedErrors, ...]:
    """Errors of weighted fits from fits to every replicate, by cross-products of clusters.

    Parameters
    ----------
    solutions : sequence of Solution
        Models fitted to the full sample, such as the draws of one.
    stats : CrossProducts
        The sample.
    replicates : ReplicateFactors
        Its replicates, of whole clusters.
    """
    return tuple(
        _refitted(solution, stats, replicates, found)
        for solution, found in zip(
            solutions, refits(solutions, stats, replicates.values), strict=True
        )
    )


def _refitted(
    solution: Solution, stats: CrossProducts, replicates: ReplicateFactors, found: Refits
) -> RefittedErrors:
    named, best = DesignEstimates(solution.search, stats), solution.best
    pairs = zip(found.theta, found.sigma2, strict=True)
    variances = np.array([named.variances(theta, sigma2) for theta, sigma2 in pairs])
    fixed = np.array([named.fixed(beta) for beta in found.beta])
    shift = solution.fit.beta - named.fixed(best.at.beta)
    each = np.column_stack([fixed + shift, variances])
    return with_estimates(solution, stats, each, replicates, found.by_search)


def refit_to(solution: Solution, sample: CrossProducts) -> np.ndarray:
    """Fixed effects and (co)variances (p + v,) of a model fitted to a sample much like its own.

    Parameters
    ----------
    solution : Solution
        The model, fitted to the full sample.
    sample : CrossProducts
        A replicate of it.
    """
    working = working_statistics(solution.fit.model, sample)
    best = optimum_of(working, solution.best.theta)
    named = DesignEstimates(search_of(working, "ML"), sample)
    fixed, origin = named.fixed(best.at.beta), working.response[0]
    names = [column.name for column in working.fixed]
    if origin:
        fixed = fixed.copy()
        fixed[names.index(INTERCEPT)] += origin
    return np.concatenate([fixed, named.variances(best.theta, best.at.sigma2)])


def with_estimates(
    solution: Solution,
    stats: CrossProducts,
    each: np.ndarray,
    replicates: ReplicateFactors,
    by_search: int,
) -> RefittedErrors:
    """The same from estimates that are at hand.

    Parameters
    ----------
    solution : Solution
        The model, fitted to the full sample.
    stats : CrossProducts
        The sample.
    each : ndarray (R, p + v)
        Fixed effects and (co)variances of every replicate.
    replicates : ReplicateFactors
        What each replicate counts for.
    by_search : int
        Replicates that were fitted by a search of their own.
    """
    fit, design, p = solution.fit, solution.fit.design, solution.fit.beta.size
    whole = np.concatenate([fit.beta, design.variances])
    covariance = replicate_covariance(each, whole, replicates.scale)
    is_jackknife = design.sampling.replicates.is_jackknife
    apart = each if is_jackknife else each[:0]
    linearised = np.sqrt(np.diagonal(design.covariance))
    before = np.where(linearised[:p] > 0.0, linearised[:p], 1.0) ** 2
    named = DesignEstimates(solution.search, stats)
    moved = replace(
        design,
        method="replicates",
        df=replicates.df,
        degrees=effective_degrees(apart, whole, replicates.df),
        covariance=covariance,
        design_effect=design.design_effect * np.diagonal(covariance)[:p] / before,
        log_errors=composite(
            scaled_errors(logs, each[:, p:], design.variances, replicates.scale),
            design.normal_errors[: design.variances.size],
        ),
        shares=_shares(named, design, each[:, p:], replicates, is_jackknife),
    )
    refitted = replace(
        fit,
        covariance=covariance[:p, :p],
        degrees=moved.degrees[:p],
        design=moved,
    )
    return RefittedErrors(refitted, np.vstack([whole, each]), linearised, by_search)


def _shares(
    named: DesignEstimates,
    design: DesignErrors,
    variances: np.ndarray,
    replicates: ReplicateFactors,
    is_jackknife: bool,
) -> tuple[DesignShare, ...]:
    """Shares with errors from those of the replicates, intervals on the scale of logits."""
    here = named.shares(design.variances)
    skew = np.array([share.skewness for share in design.shares])
    each = named.shares(variances)
    errors = np.sqrt(np.diagonal(replicate_covariance(each, here, replicates.scale)))
    normal = design.normal_errors[design.variances.size :]
    of_logits = composite(scaled_errors(logits, each, here, replicates.scale), normal)
    rests = each if is_jackknife else each[:0]
    degrees = effective_degrees(rests, here, replicates.df)
    if is_jackknife and not np.isnan(of_logits).any():
        degrees = effective_degrees(logits(each), logits(here), replicates.df)
    return shares_with(named.groups, here, errors, degrees, skew, of_logits)
