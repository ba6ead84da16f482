"""Means of units in the next wave: what earlier waves tell of them, and their errors.

The mean holds the effect of the unit in the wave, the effects of the units inside it, and the
residuals. Units inside that were seen before (followed pupils; schools, where counties are looked
at) are predicted as well, and their errors go with that of the unit around them: what the model
puts down to the one it takes from the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.statistics.answers.over_time.carried_forward import carry, next_effects
from mlm.statistics.evidence.by_wave import units_inside, wave_rows
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.fitting.effect_sums import Weights
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.likelihood.unit_shares import SharedWeights, UnitShares
from mlm.statistics.selection.random_part.forms import columns_over_waves, sample_waves


@dataclass(frozen=True)
class UnitsInside:
    """Units of one level in a wave, with their part in the mean of the unit around them.

    A unit that changes the unit around it may have several entries, one a unit around.

    Attributes
    ----------
    group : str
        Grouping factor of the level.
    outer : ndarray of int (n,)
        The unit around each entry.
    part : ndarray (n,)
        Rows of each in the wave over those of the unit around it; 0 where it has none.
    seen : ndarray of bool (n,)
        Whether its unit has rows in another wave.
    place : ndarray of int (n,)
        Place of its unit among all that have rows in another wave.
    """

    group: str
    outer: np.ndarray
    part: np.ndarray
    seen: np.ndarray
    place: np.ndarray


@dataclass(frozen=True)
class PartsOfMeans:
    """Parts of units inside in the means of the n units around that were seen in another wave.

    Attributes
    ----------
    shares : UnitShares
        Those of units that were seen in another wave themselves, (n, G).
    seen, new : ndarray (n,)
        Sums of squares of their parts, and of those of units that were not.
    """

    shares: UnitShares
    seen: np.ndarray
    new: np.ndarray


@dataclass(frozen=True)
class NextWaveMeans:
    """The units of a level in a wave, and all that is inside them.

    Attributes
    ----------
    group : str
        Grouping factor of the units.
    rows : ndarray (G,)
        Rows of each in the wave.
    seen : ndarray of bool (G,)
        Whether it has rows in another wave; n of them have.
    levels : tuple of UnitsInside
        Levels inside, outermost first.
    """

    group: str
    rows: np.ndarray
    seen: np.ndarray
    levels: tuple[UnitsInside, ...]

    def parts_of(self, item: UnitsInside, size: int) -> PartsOfMeans:
        """The parts that units inside have in the means of those that were seen, found once.

        Parameters
        ----------
        item : UnitsInside
            One of ``levels``.
        size : int
            Units of it with rows in another wave.
        """
        if (item.group, size) not in self._parts:
            around = np.cumsum(self.seen) - 1  # place of each unit among those seen
            there = self.seen[item.outer]
            outer, part, known = around[item.outer[there]], item.part[there], item.seen[there]
            count = int(self.seen.sum())
            places = outer[known], item.place[there][known]
            table = csr_array((part[known], places), shape=(count, size))
            table.eliminate_zeros()  # units that are not in the wave
            seen, new = (
                np.bincount(outer[own], part[own] ** 2, minlength=count) for own in (known, ~known)
            )
            self._parts[item.group, size] = PartsOfMeans(UnitShares(table), seen, new)
        return self._parts[item.group, size]

    @cached_property
    def _parts(self) -> dict[tuple[str, int], PartsOfMeans]:
        return {}

    @property
    def returning(self) -> float:
        """Share of the rows in units of the lowest level that were seen before; 0 without one."""
        if not self.levels:
            return 0.0
        lowest = self.levels[-1]
        rows = lowest.part * self.rows[lowest.outer]
        return float(rows[lowest.seen].sum() / rows.sum())


def next_wave_means(
    plan: Plan, stats: CrossProducts, group: tuple[str, ...], wave: str
) -> NextWaveMeans:
    """Units of a level and of all levels inside it in one wave of a sample.

    Parameters
    ----------
    plan : Plan
        Names the waves.
    stats : CrossProducts
        The whole sample.
    group : tuple of str
        Id columns of the units; the level of these units in waves is left out.
    wave : str
        The wave.
    """
    level = stats.level(group)
    rows = wave_rows(plan, level, wave)
    inside = []
    for inner, unit, outer, own in units_inside(plan, stats, level, wave):
        seen = inner.rows - wave_rows(plan, inner, wave) > PRESENT
        place = (np.cumsum(seen) - 1)[unit]
        part = own / np.maximum(rows, 1.0)[outer]
        inside.append(UnitsInside(inner.name, outer, part, seen[unit], place))
    return NextWaveMeans(level.name, rows, level.rows - rows > PRESENT, tuple(inside))


@dataclass(frozen=True)
class NewInWave:
    """Covariance of what a wave adds to the means of n units: of their own, and of units around.

    Attributes
    ----------
    own : ndarray (n,)
        Variances of what is of each unit alone.
    around : tuple of (ndarray of int (n,), float)
        For each level around, the unit that is around each, and the variance that these add.
    """

    own: np.ndarray
    around: tuple[tuple[np.ndarray, float], ...] = ()

    def variances(self) -> np.ndarray:
        """Variances (n,)."""
        return self.own + sum(variance for _, variance in self.around)

    def covariance(self, units: np.ndarray) -> np.ndarray:
        """Covariance (k, k) of some units (k,)."""
        out = np.diag(self.own[units])
        for label, variance in self.around:
            out += variance * (label[units][:, None] == label[units])
        return out


@dataclass(frozen=True)
class MeansAhead:
    """Means of the n units seen in a wave to come, at one covariance of a model of earlier waves.

    Attributes
    ----------
    effects : Weights
        Of the effects in the model, in the units' own effects in the wave, (n, q G) a term.
    means : Weights
        The same, in the means: those of units around and inside that were seen before among them.
    variance, held : float
        Of the units' own effects in the wave, and what of it the effects of the model hold, in
        squared units of the response.
    change : float
        Variance of the factor that the units' own effects may all have beside that.
    new : NewInWave
        What the wave adds to the means.
    noise : ndarray (n,)
        What of their variance is of residuals and of units inside, seen or not.
    """

    effects: Weights
    means: Weights
    variance: float
    held: float
    change: float
    new: NewInWave
    noise: np.ndarray


def means_ahead(plan: Plan, earlier: Evaluated, coming: NextWaveMeans) -> MeansAhead:
    """The means of units in the next wave, as sums of effects of a model of the earlier waves.

    Parameters
    ----------
    plan : Plan
        The waves.
    earlier : Evaluated
        A model of the earlier waves that reaches beyond them, and their sample.
    coming : NextWaveMeans
        The wave, out of the whole sample.
    """
    fit, group = earlier.fit, tuple(coming.group.split(":"))
    own = next_effects(plan, earlier, group)
    rows = np.maximum(coming.rows[coming.seen], 1.0)
    before = sample_waves(plan, earlier.stats)[-1]  # its residual variance, where waves differ
    residual = fit.residual_variances.get(before, fit.residual_variance)
    noise = residual / rows
    new, every, around = own.left + noise, noise, []
    means = list(own.weights)
    inside = {item.group: item for item in coming.levels}
    for place, term in enumerate(fit.model.random):
        units = set(term.group) - {WAVE}
        if term.name in inside:
            found = _inside(plan, earlier, place, coming, inside[term.name])
            means[place], added, whole = found
            new, every = new + added, every + whole
        elif units < set(group):
            means[place], *added_around = _around(plan, earlier, place, group)
            around.append(tuple(added_around))
    added_by_wave = NewInWave(new, tuple(around))
    held = own.variance - own.left
    return MeansAhead(own.weights, means, own.variance, held, own.change, added_by_wave, every)


def _inside(
    plan: Plan, earlier: Evaluated, place: int, coming: NextWaveMeans, item: UnitsInside
) -> tuple[SharedWeights | None, np.ndarray, np.ndarray]:
    """Weights of effects of units inside, and the variance (n,) that is new, and in all."""
    term = earlier.fit.model.random[place]
    parts = coming.parts_of(item, earlier.fit.n_groups[term.name])
    if WAVE in term.group:
        whole = (parts.seen + parts.new) * _variance_now(plan, earlier, place)
        return None, whole, whole
    found = carry(plan, earlier, place)
    added = parts.seen * found.left + parts.new * found.variance
    whole = (parts.seen + parts.new) * found.variance
    return SharedWeights(parts.shares, found.onto), added, whole


def _around(
    plan: Plan, earlier: Evaluated, place: int, group: tuple[str, ...]
) -> tuple[csr_array | None, np.ndarray, float]:
    """Weights of effects of units around, these (n,), and the variance of what is new of them."""
    term, stats = earlier.fit.model.random[place], earlier.stats
    own = tuple(name for name in term.group if name != WAVE)
    at = [group.index(name) for name in own]
    ids = [tuple(each[i] for i in at) for each in stats.level(group).ids]
    parents = {each: i for i, each in enumerate(dict.fromkeys(ids))}
    of = np.array([parents[each] for each in ids])
    if WAVE in term.group:
        return None, of, _variance_now(plan, earlier, place)
    found, size = carry(plan, earlier, place), earlier.fit.n_groups[term.name]
    known = {each: i for i, each in enumerate(stats.level(term.group).ids)}
    q = found.onto.size
    columns = np.array([known[each] for each in ids])[:, None] + size * np.arange(q)
    entries = np.broadcast_to(found.onto, columns.shape)
    cells = entries.ravel(), (np.repeat(np.arange(len(ids)), q), columns.ravel())
    return csr_array(cells, shape=(len(ids), q * size)), of, found.left


def _variance_now(plan: Plan, earlier: Evaluated, place: int) -> float:
    """Variance of the effects of units of single waves, in the last of these."""
    fit = earlier.fit
    row = columns_over_waves(plan, fit.model.random[place], earlier.stats)[-1]
    return float(row @ fit.omegas[place] @ row) * fit.sigma2
