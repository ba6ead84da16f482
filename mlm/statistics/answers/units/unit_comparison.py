"""Units compared: effects with their errors, pairs, ranks and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.plan import Plan
from mlm.statistics.answers.units.compared import ComparedEffects, compared_effects
from mlm.statistics.answers.units.known_variances import KnownVariances, known_variances
from mlm.statistics.answers.units.pairs import goldstein_healy_factor, separable_share
from mlm.statistics.answers.units.ranks import Ranks, rank_distribution
from mlm.statistics.answers.units.sides import sides
from mlm.statistics.evidence.by_wave import wave_sums
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.fitting.effect_sums import EffectSums
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.pooling.pooled_sums import pooled_sums
from mlm.statistics.selection.random_part.forms import sample_waves

MAX_UNITS = 2000  # units whose joint errors are computed; more are represented by a sample of them


@dataclass(frozen=True)
class UnitComparison:
    """Effects of one level's units and what they allow to say.

    Attributes
    ----------
    compared : ComparedEffects
        What is compared of them.
    sums : EffectSums
        Their effects, at the estimates.
    error : ndarray (G,)
        Comparative standard errors, with the error of the variances: 1.96 of them hold 95 %.
    raw : ndarray (G,)
        Mean of the outcome in each unit minus its fixed part, not shrunken; NaN without rows.
    factor : float
        Goldstein-Healy factor: intervals of mean +- factor * comparative error overlap where a pair
        cannot be told apart, with an average error of 5 %.
    separable : float
        Share of pairs whose 95 % interval of the difference excludes zero.
    sampled : bool
        Whether factor and separable come from a sample of units.
    ranking : Ranks
        Where each unit that is ranked may stand among all of them.
    reliability_lower : float
        Lower end of the 95 % interval of the mean reliability.
    sides : ndarray of int (G,)
        1 above zero, -1 below, 0 not told from zero.
    """

    compared: ComparedEffects
    sums: EffectSums
    error: np.ndarray
    raw: np.ndarray
    factor: float
    separable: float
    sampled: bool
    ranking: Ranks
    reliability_lower: float
    sides: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Posterior means, shape (G,)."""
        return self.sums.mean

    @property
    def ranked(self) -> np.ndarray:
        """Which units are ranked, shape (G,)."""
        return self.compared.ranked

    @property
    def reliability(self) -> np.ndarray:
        """Reliability of what is compared of each unit, shape (G,)."""
        return self.sums.reliability

    @property
    def mean_reliability(self) -> float:
        """Mean reliability of what is ranked."""
        return float(self.reliability[self.ranked].mean())


def compare_units(
    plan: Plan,
    solution: Solution,
    group: tuple[str, ...],
    others: Sequence[Solution] = (),
    looked_at: int = 1,
) -> UnitComparison:
    """Compare the units of one level.

    Parameters
    ----------
    plan : Plan
        What is compared.
    solution : Solution
        The settled model, by REML.
    group : tuple of str
        Id columns of the units.
    others : sequence of Solution
        The same model fitted to other imputations of the sample: effects are their means, and
        errors hold their spread.
    looked_at : int
        Fits, the first ones, in which the error of the variances is looked at.

    Returns
    -------
    UnitComparison

    Raises
    ------
    NothingLasts
        When the part that lasts is asked for and there is none.

    Source
    ------
    Goldstein and Healy (1995), J. R. Statist. Soc. A 158, 175-177, with the factor solved for the
    actual errors and covariances; ranks: Laird and Louis (1989), J. Educ. Statist. 14, 29-46;
    imputations: Rubin (1987), ch. 3, with the covariance of the effects for that of estimates.
    """
    compared = compared_effects(plan, solution.evaluated, group)
    places = np.flatnonzero(compared.ranked)
    few = places[:: -(-places.size // MAX_UNITS) or 1]
    inside = _of_each(plan, (solution, *others), compared, looked_at, few)
    sums, spread = pooled_sums([each.sums for each in inside])
    looked = [each for each in inside if each.known is not None]
    known = [each.known for each in looked]
    error = np.sqrt(_mean([each.errors**2 for each in looked]) + spread.diagonal())
    covariance = _mean([each.joint for each in looked]) + spread.among(few)
    sampled = few.size < places.size
    ranked = rank_distribution(sums.mean[places], error[places] ** 2 if sampled else covariance)
    left = _share_left([each.sums for each in inside], sums, compared.ranked)
    return UnitComparison(
        compared,
        sums,
        error,
        _mean([each.raw for each in inside]),
        goldstein_healy_factor(covariance),
        separable_share(sums.mean[few], covariance),
        sampled,
        ranked,
        left * _mean([each.reliability for each in known]),
        sides(sums.mean, error),
    )


@dataclass(frozen=True)
class _Inside:
    """Effects of all units in one imputation; their errors where the variances' were looked at."""

    sums: EffectSums
    raw: np.ndarray
    known: KnownVariances | None = None
    errors: np.ndarray | None = None
    joint: np.ndarray | None = None


def _of_each(
    plan: Plan, fits: Sequence[Solution], compared, looked_at: int, few: np.ndarray
) -> list[_Inside]:
    """The effects in each imputation, computed once for fits that are one.

    What is compared of a single fit is known.
    """
    found: dict[int, _Inside] = {}
    for each in fits:
        if id(each) not in found:
            own, same = each, compared
            if len(fits) > 1:
                own = each.released()  # what it asks for may be large
                same = compared_effects(plan, own.evaluated, compared.group)
            found[id(each)] = _inside(plan, own, same, len(found) < looked_at, few)
    return [found[id(each)] for each in fits]


def _inside(plan: Plan, each: Solution, compared, is_looked_at: bool, few: np.ndarray) -> _Inside:
    evaluated = each.evaluated
    sums, raw = compared.sums(evaluated), raw_residuals(plan, evaluated, compared)
    if not is_looked_at:
        return _Inside(sums, raw)
    known = known_variances(plan, each, compared, np.flatnonzero(compared.ranked))
    joint = known.spread.joint(compared.joint(evaluated, few), few)
    return _Inside(sums, raw, known, known.spread.errors(sums.comparative), joint)


def _mean(values):
    """Mean of numbers or of arrays, exactly each of them where all are equal."""
    return values[0] + np.mean([each - values[0] for each in values], axis=0)


def _share_left(inside: Sequence[EffectSums], sums: EffectSums, ranked: np.ndarray) -> float:
    """Mean reliability over the imputations, as a share of that inside them; 1 of a single one."""
    if not ranked.any():
        return 1.0
    own = float(_mean([each.reliability[ranked].mean() for each in inside]))
    return float(sums.reliability[ranked].mean()) / own if own > 0.0 else 1.0


def raw_residuals(plan: Plan, evaluated: Evaluated, compared: ComparedEffects) -> np.ndarray:
    """Mean of the rows of each unit minus their fixed part, in units of the response.

    Parameters
    ----------
    plan : Plan
        The waves.
    evaluated : Evaluated
        A model and its sample.
    compared : ComparedEffects
        What is compared: of the last wave, rows of that wave count.

    Returns
    -------
    ndarray (G,)
        NaN without such rows.
    """
    stats, working = evaluated.stats, evaluated.working
    weights = np.zeros(working.total.shape[0])
    weights[: working.n_fixed], weights[-1] = -evaluated.at.beta, 1.0
    vector = working.response[1] * (working.matrix @ weights)
    level = stats.level(compared.group)
    waves = sample_waves(plan, stats)
    is_last = compared.rule.compare == "last_wave" and len(waves) > 1
    sums = wave_sums(plan, level, waves[-1]) if is_last else level.sums[0]
    rows = sums[:, 0]
    return (sums @ vector) / np.where(rows > PRESENT, rows, np.nan)
