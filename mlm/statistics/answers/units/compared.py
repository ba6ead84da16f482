"""What is compared of units, as weights on the effects of a model.

The effect of a unit in a wave is what the random terms over the unit, and over the unit in the
wave, give a row of that wave whose slope variables are at their means. Against all units the terms
over the units around count too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from mlm.nouns.comparison import ComparisonRule
from mlm.nouns.hierarchy import group_codes
from mlm.nouns.levels import WAVE
from mlm.nouns.model import RandomTerm
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.by_wave import wave_rows
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.fitting.effect_sums import (
    EffectSums,
    Weights,
    effect_sums,
    joint_errors,
    posterior_sums,
    prior_variances,
)
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.selection.random_part.forms import columns_over_waves, sample_waves


class NothingLasts(Exception):
    """The covariance over waves of a level has no part that is the same in every wave.

    Attributes
    ----------
    group : tuple of str
        Id columns of the level.
    """

    def __init__(self, group: tuple[str, ...]):
        super().__init__(":".join(group))
        self.group = group


@dataclass(frozen=True)
class ComparedEffects:
    """One sum of effects for each unit of a level.

    Attributes
    ----------
    group : tuple of str
        Id columns of the units.
    rule : ComparisonRule
        What is compared.
    weights : list of csr_array (G, q H) or None
        Of each random term of the fit, column by column.
    unseen : ndarray (G,)
        Variance of what is compared and in no effect of the fit, in squared units of the response:
        of a wave in which the unit has no rows, of a part that lasts beyond the waves.
    rows : ndarray (G, T)
        Rows of each unit in each wave.
    ranked : ndarray of bool (G,)
        Whether a unit has rows in what is compared; others are predicted.
    """

    group: tuple[str, ...]
    rule: ComparisonRule
    weights: Weights
    unseen: np.ndarray
    rows: np.ndarray
    ranked: np.ndarray

    @property
    def rows_compared(self) -> np.ndarray:
        """Rows (G,) of each unit in what is compared."""
        return self.rows[:, -1] if self.rule.compare == "last_wave" else self.rows.sum(axis=1)

    def sums(self, evaluated: Evaluated) -> EffectSums:
        """What is compared of each unit, at the estimates of a model with the same terms."""
        return effect_sums(evaluated, self.weights, self.unseen)

    def joint(self, evaluated: Evaluated, units: np.ndarray) -> np.ndarray:
        """Covariance (K, K) of the comparative errors of some units (K,)."""
        some = self.of(units)
        return joint_errors(evaluated, some.weights) + np.diag(some.unseen)

    def means(self, evaluated: Evaluated) -> np.ndarray:
        """Posterior means (G,) of what is compared."""
        return posterior_sums(evaluated, self.weights)

    def prior(self, evaluated: Evaluated) -> np.ndarray:
        """Variances (G,) of what is compared."""
        return prior_variances(evaluated, self.weights) + self.unseen

    def of(self, units: np.ndarray) -> ComparedEffects:
        """The same of some units (K,)."""
        own = [None if w is None else w[units] for w in self.weights]
        parts = (self.unseen[units], self.rows[units], self.ranked[units])
        return ComparedEffects(self.group, self.rule, own, *parts)


def compared_effects(
    plan: Plan,
    evaluated: Evaluated,
    group: tuple[str, ...],
    rule: ComparisonRule | None = None,
) -> ComparedEffects:
    """What is compared of the units of a level.

    Parameters
    ----------
    plan : Plan
        The waves, and what is compared.
    evaluated : Evaluated
        A model and its sample.
    group : tuple of str
        Id columns of the units.
    rule : ComparisonRule, optional
        Instead of the plan's.

    Returns
    -------
    ComparedEffects

    Raises
    ------
    NothingLasts
        When the part that lasts is asked for and there is none.
    """
    chosen = rule or plan.comparison
    rows = rows_by_wave(plan, evaluated.stats, group)
    seen = rows > PRESENT
    last = np.zeros(seen.shape)
    last[:, -1] = 1.0
    share = last if chosen.compare == "last_wave" else seen / seen.sum(axis=1, keepdims=True)
    units = _Units(plan, evaluated, group, share, chosen.compare == "lasting")
    weights, unseen = units.weights(chosen)
    ranked = seen[:, -1] if chosen.compare == "last_wave" else np.ones(len(seen), dtype=bool)
    return ComparedEffects(group, chosen, weights, unseen, rows, ranked)


def rows_by_wave(plan: Plan, stats: CrossProducts, group: tuple[str, ...]) -> np.ndarray:
    """Rows of the units of a level in each wave of the sample.

    Parameters
    ----------
    plan : Plan
        Which variable is time.
    stats : CrossProducts
        The sample.
    group : tuple of str
        Id columns of the units.

    Returns
    -------
    ndarray (G, T)
    """
    level, waves = stats.level(group), sample_waves(plan, stats)
    if len(waves) == 1:
        return level.rows[:, None]
    return np.column_stack([wave_rows(plan, level, wave) for wave in waves])


class _Units:
    """The units of a level, and the effects of a model that count for them.

    Parameters
    ----------
    plan : Plan
    evaluated : Evaluated
    group : tuple of str
    share : ndarray (G, T)
        Part of each wave in what is compared of each unit.
    lasting : bool
        Whether only what is the same in every wave counts.
    """

    def __init__(
        self,
        plan: Plan,
        evaluated: Evaluated,
        group: tuple[str, ...],
        share: np.ndarray,
        lasting: bool,
    ):
        self._plan, self._evaluated, self._group = plan, evaluated, group
        self._share, self._lasting = share, lasting

    def weights(self, chosen: ComparisonRule) -> tuple[list[csr_array | None], np.ndarray]:
        """Weights (G, q H) of each term, and the variance (G,) that they leave.

        Raises
        ------
        NothingLasts
            As ``compared_effects``.
        """
        fit = self._evaluated.fit
        own, around = set(self._group), chosen.against == "all"
        out: list[csr_array | None] = []
        unseen = np.zeros(len(self._share))
        for term, covariance in zip(fit.model.random, fit.covariances, strict=True):
            units = set(term.group) - {WAVE}
            counted = bool(units) and (units == own or (around and units < own))
            if not counted or (self._lasting and WAVE in term.group):
                out.append(None)
                continue
            places = self._places(term)
            values, left = self._values(term, covariance)
            absent = np.einsum("ta,ab,tb->t", values, covariance, values)
            unseen += left + np.where(places < 0, self._share**2, 0.0) @ absent
            out.append(self._placed(term, values, places))
        self._check_own(fit.model.random, out)
        return out, unseen

    def _check_own(self, terms: tuple[RandomTerm, ...], found: list[csr_array | None]) -> None:
        """Refuse where no term over the units themselves, or over some around, counts."""
        pairs = zip(terms, found, strict=True)
        counted = [set(term.group) - {WAVE} for term, own in pairs if own is not None]
        if set(self._group) not in counted:
            raise NothingLasts(self._group)

    def _values(self, term: RandomTerm, covariance: np.ndarray) -> tuple[np.ndarray, float]:
        """Values (T, q) of a term's columns in each wave, and the variance that they leave."""
        values = columns_over_waves(self._plan, term, self._evaluated.stats)
        if not self._lasting or not _changes(values):
            return values, 0.0
        if term.form != "cs" or not covariance[0, 1] > 0.0:
            raise NothingLasts(tuple(c for c in term.group if c != WAVE))
        onto, left = shared_part(covariance)
        return np.broadcast_to(onto, values.shape), left

    def _placed(self, term: RandomTerm, values: np.ndarray, places: np.ndarray) -> csr_array:
        """Weights (G, q H) of a term, its columns with these values (T, q) in the waves."""
        size, q = self._evaluated.stats.level(term.group).size, values.shape[1]
        unit, t = np.nonzero((places >= 0) & (self._share > 0.0))
        entries = self._share[unit, t][:, None] * values[t]
        columns = places[unit, t][:, None] + size * np.arange(q)
        shape = (len(self._share), q * size)
        return csr_array((entries.ravel(), (np.repeat(unit, q), columns.ravel())), shape=shape)

    def _places(self, term: RandomTerm) -> np.ndarray:
        """Group (G, T) of a term for each unit in each wave, -1 where it has none."""
        stats = self._evaluated.stats
        level, own = stats.level(term.group), stats.level(self._group)
        if level is own:
            return np.repeat(np.arange(own.size)[:, None], self._share.shape[1], axis=1)
        waves = np.array(sample_waves(self._plan, stats))
        inside, around = (dict(zip(each.group, each.keys, strict=True)) for each in (own, level))
        shared = [name for name in term.group if name != WAVE]
        codes, _ = group_codes(np.concatenate([around[name], inside[name]]) for name in shared)
        found, units = codes[: level.size], codes[level.size :]
        known = np.full((codes.max() + 1, len(waves)), -1)
        groups = np.arange(level.size)[:, None]
        if WAVE in around:
            groups = np.where(around[WAVE].astype(str)[:, None] == waves, groups, -1)
            np.maximum.at(known, found, groups)
        else:
            known[found] = groups
        return known[units]


def shared_part(covariance: np.ndarray) -> tuple[np.ndarray, float]:
    """Of effects over waves with one variance and one positive correlation, what they share.

    Such effects are the sum of one that is the same in all waves, with variance c, and of one a
    wave, with variance d. Given the effects (T,) the former has the mean ``c / (d + T c)`` times
    their sum.

    Parameters
    ----------
    covariance : ndarray (T, T)

    Returns
    -------
    ndarray (T,)
        The weights of that mean.
    float
        The variance that it leaves.
    """
    size, c = len(covariance), float(covariance[0, 1])
    d = float(covariance[0, 0]) - c
    return np.full(size, c / (d + size * c)), c * d / (d + size * c)


def _changes(values: np.ndarray) -> bool:
    """Whether columns (T, q) have other values in other waves."""
    return bool((values != values[0]).any())
