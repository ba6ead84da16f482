"""The simultaneous bound of a reduction: what the deviance may rise when nothing is lost.

With many units at every level the rise over the full model, when all its free terms have no effect,
is chi-squared. With few units at a level that a free term describes, the variance that judges it is
estimated from little, and the rise is larger than chi-squared says, by a factor that is the same
all along the distribution (Bartlett's). The factor is then the mean of rises drawn from the model
without those terms, over its df; what is taken is its upper limit, so that chance in the draws
does not make the bound too narrow.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import FitError, ModelError, StatisticsError
from mlm.nouns.coding import model_columns
from mlm.nouns.model import Model, Term
from mlm.results.reference import ChiSquared
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.moments import means, raw_vector, variances
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.bootstrap import draw_statistics
from mlm.statistics.inference.reference import tail
from mlm.statistics.likelihood.making import collapsed

FEW = 100  # groups of a level below which chi-squared is not trusted
BOUND_DRAWS = 99  # the factor is known to sqrt(2 / (df draws)): 4.5 % for 10 effects
SURE = 1.6448536269514722  # errors of the mean above it: the true factor is below in 95 of 100
BOUND_SEED = 19_740_201
BETWEEN_SHARE = 0.5  # share of a column's variation between groups from which they judge its effect
# groups of a level from which its variance is known well enough to be held in draws
GROUPS_OF_KNOWN_VARIANCE = 400


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
        By which the rise is larger than chi-squared, at most; 1 with many units.
    draws : int
        Draws that the factor was taken from; 0 with many units.
    is_narrow : bool
        Whether units are few and no factor could be drawn.
    """

    df: int
    critical: float
    factor: float = 1.0
    draws: int = 0
    is_narrow: bool = False

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
        Draws where units are few; 0 takes chi-squared whatever their number.

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
    terms = [t for t in full.model.terms if str(t) in kept or not t.factors]
    try:
        drawn = _draws(full, replace(full.model, terms=tuple(terms)), stats, draws)
    except (FitError, ModelError, StatisticsError):
        return SimultaneousBound(df, critical, is_narrow=True)
    if drawn.size < draws / 2:
        return SimultaneousBound(df, critical, is_narrow=True)
    error = float(drawn.std(ddof=1)) / np.sqrt(drawn.size)
    factor = max((float(drawn.mean()) + SURE * error) / df, 1.0)
    return SimultaneousBound(df, factor * critical, factor, drawn.size)


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


def _draws(full: Fit, smallest: Model, stats: CrossProducts, draws: int) -> np.ndarray:
    """Rises of the deviance in responses drawn from the smallest model.

    Innermost levels with many groups are eliminated first, their variances held: what is drawn
    and fitted then has few groups, however many rows there are.
    """
    part = excerpt(full.model, stats)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        null = fit_model(smallest, part, "REML")
        many, most = 0, min(len(part.levels), len(part.inwards) - 1)
        while many < most and part.inwards[-1 - many].size >= GROUPS_OF_KNOWN_VARIANCE:
            many += 1
        left = collapsed(null.model, null.omegas, part, many)[1]
        groups = {level.group for level in left.all_levels}
        random = [term for term in null.model.random if term.group in groups]
        small = fit_model(smallest.with_random(random), left, "REML")
        large = fit_model(full.model.with_random(random), left, "ML", start=small)
    drawn = draw_statistics(replace(small, criterion="ML"), large, left, draws, BOUND_SEED)
    return drawn[np.isfinite(drawn)]
