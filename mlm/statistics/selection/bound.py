"""The simultaneous bound of a reduction: what the deviance may rise when nothing is lost.

With many units at every level the rise over the full model, when all its free terms have no effect,
is chi-squared. With few units at a level that a free term describes, the variance that judges it is
estimated from little, and the rise is larger than chi-squared says, by a factor that is the same
all along the distribution (Bartlett's). The factor is then found from rises drawn from the model
without those terms, at variances as likely as the data make them. Draws are added while the chance
in them could change a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import FitError, ModelError, StatisticsError
from mlm.nouns.distributions import chi_squared_quantile
from mlm.nouns.model import Term
from mlm.results.reference import ChiSquared
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference.reference import tail
from mlm.statistics.selection.few_units import (
    free_columns,
    judged_by_few,
    too_many_to_draw,
    with_one_residual,
)
from mlm.statistics.selection.rises import DrawnRises

BOUND_DRAWS = 99  # in a first round
HELD_SHARE = 3  # by which rounds are smaller beside crossed factors that are held: costly draws
DOUBLINGS = 3  # each of as many draws as there are already, while a verdict is not settled
SURE = 2.5758293035489004  # errors within which the bound of all draws lies in 99 of 100


@dataclass(frozen=True)
class SimultaneousBound:
    """The bound of the deviance over that of the full model.

    Attributes
    ----------
    df : int
        Fixed effects that may leave.
    critical : float
        Rise of the deviance up to which a model is adequate.
    factor : float
        By which the rise is larger than chi-squared; 1 with many units.
    error : float
        Monte Carlo standard error of ``critical``; 0 where nothing is drawn.
    draws : int
        Draws that the factor was taken from; 0 with many units.
    is_narrow : bool
        Whether units are few and no factor could be drawn.
    least_error : float
        What ``error`` would be with the most draws that are made.
    """

    df: int
    critical: float
    factor: float = 1.0
    error: float = 0.0
    draws: int = 0
    is_narrow: bool = False
    least_error: float = 0.0

    @property
    def margin(self) -> float:
        """How far the bound may lie from that of endless draws, in 99 of 100 such bounds."""
        return SURE * self.error

    @property
    def least_margin(self) -> float:
        """The same with the most draws that are made."""
        return SURE * self.least_error

    @property
    def reference(self) -> ChiSquared:
        """Distribution of the rise when the free terms have no effect."""
        return ChiSquared(df=self.df, factor=self.factor)

    def p_value(self, excess: float) -> float:
        """Probability of a rise as large when the free terms have no effect."""
        return tail(self.reference, excess)


def simultaneous_bound(
    full: Fit,
    stats: CrossProducts,
    alpha: float,
    protected: Iterable[Term] = (),
    draws: int = BOUND_DRAWS,
    distance: Callable[[SimultaneousBound], float] = lambda _: np.inf,
) -> SimultaneousBound:
    """The bound for all submodels of a full model at once.

    Parameters
    ----------
    full : Fit
        The full model by ML.
    stats : CrossProducts
        Its sample.
    alpha : float
        Probability that the bound is passed when no free term has an effect.
    protected : iterable of Term
        Terms that stay.
    draws : int
        Draws where units are few, in a first round, a third of them beside crossed factors that
        are held; 0 takes chi-squared whatever their number.
    distance : callable
        How far from a bound the nearest deviance lies that it is to decide. While that is within
        the Monte Carlo error the number of draws is doubled, three times at most; not at all where
        the error of the most draws would leave it undecided too.

    Returns
    -------
    SimultaneousBound

    Source
    ------
    Aitkin (1974), Technometrics 16, 221-227, with the deviance in place of the sum of squares. Few
    units: the bound by draws from the model without the free terms, as in Rocke (1989), J. Amer.
    Statist. Assoc. 84, 598-601.
    """
    free = free_columns(full, protected)
    df = int(free.sum())
    if not df:
        return SimultaneousBound(0, 0.0)
    critical = float(chi_squared_quantile(1.0 - alpha, df))
    if not draws or not judged_by_few(full, stats, free):
        return SimultaneousBound(df, critical)
    if too_many_to_draw(full, stats):
        return SimultaneousBound(df, critical, is_narrow=True)
    kept = {str(term) for term in protected}
    terms = tuple(t for t in full.model.terms if str(t) in kept or not t.factors)
    try:
        full = with_one_residual(full, stats)
        rises = DrawnRises(full, replace(full.model, terms=terms), stats)
    except (FitError, ModelError, StatisticsError):
        return SimultaneousBound(df, critical, is_narrow=True)
    return _drawn(rises, SimultaneousBound(df, critical), alpha, draws, distance)


def _drawn(
    rises: DrawnRises, usual: SimultaneousBound, alpha: float, draws: int, distance: Callable
) -> SimultaneousBound:
    """The bound by as many draws as its verdicts need; never below the one with many units."""
    draws = -(-draws // HELD_SHARE) if rises.holds_factors else draws
    for doubled in range(DOUBLINGS + 1):
        rises.more(draws if not doubled else draws * 2 ** (doubled - 1))
        if rises.size < 3 or rises.size < draws / 2:
            return replace(usual, is_narrow=True)
        drawn, error = rises.critical(alpha)
        factor = max(drawn / usual.critical, 1.0)
        found = (factor * usual.critical, factor, error, rises.size)
        least = error * math.sqrt(2.0**doubled / 2.0**DOUBLINGS)
        bound = SimultaneousBound(usual.df, *found, least_error=least)
        if not bound.least_margin <= distance(bound) < bound.margin:
            break
    return bound
