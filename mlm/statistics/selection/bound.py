"""The simultaneous bound of a reduction: what the deviance may rise when nothing is lost.

With many units at every level the rise over the full model, when all its free terms have no effect,
is chi-squared. With few units at a level that a free term describes, the variance that judges it is
estimated from little, and the rise is larger than chi-squared says, by a factor that is the same
all along the distribution (Bartlett's). The factor is then the mean of rises drawn from the model
without those terms, over its df. Draws are added while the chance in them could change a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import FitError, ModelError, StatisticsError
from mlm.nouns.coding import model_columns
from mlm.nouns.model import Term
from mlm.results.reference import ChiSquared
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import means, raw_vector, variances
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference.reference import tail
from mlm.statistics.selection.rises import GROUPS_OF_KNOWN_VARIANCE, DrawnRises

FEW = 100  # groups of a level below which chi-squared is not trusted
BOUND_DRAWS = 99  # in a first round
DOUBLINGS = 3  # each of as many draws as there are already, while a verdict is not settled
SURE = 2.5758293035489004  # errors within which the mean of all draws lies in 99 of 100
BETWEEN_SHARE = 0.5  # share of a column's variation between groups from which they judge its effect


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
    """

    df: int
    critical: float
    factor: float = 1.0
    error: float = 0.0
    draws: int = 0
    is_narrow: bool = False

    @property
    def margin(self) -> float:
        """How far the bound may lie from that of endless draws, in 99 of 100 such bounds."""
        return SURE * self.error

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
    is_settled: Callable[[SimultaneousBound], bool] = lambda _: True,
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
        Draws where units are few, in a first round; 0 takes chi-squared whatever their number.
    is_settled : callable
        Whether a bound that far from its Monte Carlo error decides; while it does not, the number
        of draws is doubled, three times at most.

    Returns
    -------
    SimultaneousBound

    Source
    ------
    Aitkin (1974), Technometrics 16, 221-227, with the deviance in place of the sum of squares. Few
    units: the factor by draws, Rocke (1989), J. Amer. Statist. Assoc. 84, 598-601.
    """
    from scipy.stats import chi2

    kept = {str(term) for term in protected} | {"Intercept"}
    free = np.array([term not in kept for term in full.terms], dtype=bool)
    df = int(free.sum())
    if not df:
        return SimultaneousBound(0, 0.0)
    critical = float(chi2.ppf(1.0 - alpha, df))
    if not draws or not _judged_by_few(full, stats, free):
        return SimultaneousBound(df, critical)
    if _too_many(stats):
        return SimultaneousBound(df, critical, is_narrow=True)
    terms = tuple(t for t in full.model.terms if str(t) in kept or not t.factors)
    try:
        rises = DrawnRises(full, replace(full.model, terms=terms), stats)
    except (FitError, ModelError, StatisticsError):
        return SimultaneousBound(df, critical, is_narrow=True)
    return _drawn(rises, df, critical, draws, is_settled)


def _drawn(
    rises: DrawnRises, df: int, critical: float, draws: int, is_settled: Callable
) -> SimultaneousBound:
    """The bound by as many draws as its verdicts need."""
    for doubled in range(DOUBLINGS + 1):
        rises.more(draws if not doubled else draws * 2 ** (doubled - 1))
        if rises.size < 3 or rises.size < draws / 2:
            return SimultaneousBound(df, critical, is_narrow=True)
        mean, error = rises.mean()
        factor = max(mean / df, 1.0)
        bound = SimultaneousBound(df, factor * critical, factor, error / df * critical, rises.size)
        if is_settled(bound):
            break
    return bound


def _too_many(stats: CrossProducts) -> bool:
    """Whether draws would take minutes: crossed effects are not eliminated from them."""
    effects = sum(factor.size for factor in stats.crossing.factors)
    return effects > GROUPS_OF_KNOWN_VARIANCE


def _judged_by_few(full: Fit, stats: CrossProducts, free: np.ndarray) -> bool:
    """Whether a free effect varies mainly between the groups of a level that has few."""
    levels = [stats.level(term.group) for term in full.model.random]
    few = [level for level in levels if level.size < FEW]
    if not few:
        return False
    fixed = model_columns(full.model, stats.columns.categories)[0]
    chosen = {name for name, is_free in zip(full.names, free, strict=True) if is_free}
    vectors = np.stack([raw_vector(c.column, stats) for c in fixed if c.name in chosen])
    mean, whole = means(vectors, stats), variances(vectors, stats)
    for level in few:
        sums = level.sums[0] @ vectors.T
        between = (sums**2 / level.rows[:, None]).sum(axis=0) / stats.total[0, 0] - mean**2
        if (between > BETWEEN_SHARE * whole).any():
            return True
    return False
