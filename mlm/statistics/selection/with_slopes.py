"""The final model: what the reduction kept, with its random slopes, reduced once more.

A term whose effect differs between groups has a larger error than the model without the slope
says, so that what looked needed before may not be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mlm.nouns.model import Term
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.selection.backward import BackwardStep, eliminate


@dataclass(frozen=True)
class ReducedWithSlopes:
    """The final model of an analysis.

    Attributes
    ----------
    ml, reml : Solution
        The model by both criteria.
    path : tuple of BackwardStep
        From the model with all random slopes to this one; empty where no slope was kept.
    """

    ml: Solution
    reml: Solution
    path: tuple[BackwardStep, ...] = ()

    @property
    def pair(self) -> tuple[Solution, Solution]:
        """The model by ML and by REML."""
        return self.ml, self.reml


def reduced_with_slopes(
    reduced: tuple[Solution, Solution],
    with_slopes: Solution,
    alpha: float,
    protected: Iterable[Term] = (),
) -> ReducedWithSlopes:
    """Drop fixed terms that are not needed once effects may differ between groups.

    Parameters
    ----------
    reduced : tuple of Solution
        What the reduction kept, with random intercepts, by ML and by REML.
    with_slopes : Solution
        The same fixed part with the random slopes that hold, by REML.
    alpha : float
        Level of the tests.
    protected : iterable of Term
        Terms that stay. Those with a random slope, and margins of terms that stay, stay too.

    Returns
    -------
    ReducedWithSlopes

    Source
    ------
    Verbeke and Molenberghs (2000), Linear Mixed Models for Longitudinal Data, section 9.1: the
    random part is chosen under a rich mean, then the mean is reduced under that random part.
    """
    model, stats = with_slopes.fit.model, with_slopes.stats
    if all(term.terms == (Term(),) for term in model.random):
        return ReducedWithSlopes(*reduced)
    path = tuple(eliminate(model, stats, alpha, tuple(protected), with_slopes.fit))
    last = path[-1].fit
    ml = solve(last.model, stats, "ML", start=last)
    reml = with_slopes if len(path) == 1 else solve(last.model, stats, "REML", start=last)
    return ReducedWithSlopes(ml, reml, path)
