"""Fits of weighted samples with the errors that their design says, and what is told of them."""

from __future__ import annotations

import warnings
from dataclasses import replace

from mlm.errors import WeaklyIdentified, WeightsInSmallGroups
from mlm.nouns.fewest import FEW_ROWS
from mlm.nouns.model import Model
from mlm.nouns.sampling import OF_ONE_LEVEL
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.jackknife import jackknife_errors


def solve_by_design(
    model: Model, stats: CrossProducts, criterion: str, start: Fit | None = None
) -> Solution:
    """A fit to a weighted sample, its errors found as the design of the sample has them.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        The weighted sample.
    criterion : {"ML"}
        What is optimised.
    start : Fit, optional
        A fit of a similar model.
    """
    solution = solve(model, stats, criterion, start)
    fit, sampled = solution.fit, stats.sampled
    _warn_of_small_groups(fit, stats)
    _warn_of_weak(fit)
    if sampled.design.errors_of(fit.design.n_psu) == "jackknife":
        return replace(solution, fit=fit.with_design(jackknife_errors(solution)))
    return solution


def _warn_of_small_groups(fit: Fit, stats: CrossProducts) -> None:
    """Warn where weights of rows differ inside groups of few rows.

    Source
    ------
    Rabe-Hesketh and Skrondal (2006), J. R. Statist. Soc. A 169, 805-827, section 6; Asparouhov
    (2006), Commun. Stat. Theory Methods 35, 439-460.
    """
    groups = small_groups(fit, stats)
    if groups is not None:
        name, mean = groups
        warnings.warn(
            f"{fit.formula}: weights of rows differ inside groups of {name}, which have "
            f"{mean:.1f} rows on average: where rows were chosen by what the response depends on, "
            f"the variance of {name} is too large with every scaling (by a third at 5 rows, "
            "a tenth at 10). See mlm.scaling_sensitivity.",
            WeightsInSmallGroups,
            stacklevel=5,
        )


def small_groups(fit: Fit, stats: CrossProducts) -> tuple[str, float] | None:
    """The lowest groups, and their rows on average, where they have few whose weights differ."""
    lowest = max((stats.level(term.group) for term in fit.model.random), key=_size, default=None)
    scaling = stats.sampled.design.scaling
    if lowest is None or stats.sampled.rows_are_equal or scaling in OF_ONE_LEVEL:
        return None
    mean = stats.n_obs / lowest.size
    return (lowest.name, mean) if mean < FEW_ROWS else None


def _warn_of_weak(fit: Fit) -> None:
    """Warn of variances that can hardly be told from the others, with their shares."""
    weak = [share for share in fit.design.shares if share.group in fit.certificate.weak]
    if weak:
        told = ", ".join(f"{s.group} {s.lower:.2f} to {s.upper:.2f}" for s in weak)
        warnings.warn(
            f"{fit.formula}: weakly identified: shares of the variance rest on little in these "
            f"{fit.n_obs} rows (condition number {fit.certificate.condition:.1e}); by the design "
            f"they are (95 %): {told}.",
            WeaklyIdentified,
            stacklevel=5,
        )


def _size(level) -> int:
    return level.size
