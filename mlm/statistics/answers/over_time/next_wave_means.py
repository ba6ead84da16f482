"""Means of units in the next wave: what earlier waves tell of them, and their errors.

The mean holds the effect of the unit in the wave, the effects of the units inside it, and the
residuals. Units inside that were seen before (followed pupils; schools, where counties are looked
at) are predicted as well, and their errors go with that of the unit around them: what the model
puts down to the one it takes from the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.plan import Plan
from mlm.statistics.evidence.by_wave import units_inside, wave_sums
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.fitting.effects import posterior_means
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.fit import Fit


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
    wave : str
        The wave, whose residual variance counts where waves differ in it.
    """

    group: str
    rows: np.ndarray
    seen: np.ndarray
    levels: tuple[UnitsInside, ...]
    wave: str

    @property
    def returning(self) -> float:
        """Share of the rows in units of the lowest level that were seen before; 0 without one."""
        if not self.levels:
            return 0.0
        lowest = self.levels[-1]
        rows = lowest.part * self.rows[lowest.outer]
        return float(rows[lowest.seen].sum() / rows.sum())

    def spread(self, fit: Fit, new_only: bool) -> np.ndarray:
        """Variance (G,) of the means from residuals and from units inside, all or the new ones."""
        residual = fit.residual_variances.get(self.wave, fit.sigma2)
        out = residual / np.maximum(self.rows, 1.0)
        for item in self.levels:
            counted = ~item.seen if new_only else np.ones(item.seen.size, dtype=bool)
            square = np.where(counted, item.part**2, 0.0)
            total = np.bincount(item.outer, square, minlength=self.rows.size)
            out = out + fit.variance(item.group) * total
        return out


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
    rows = wave_sums(plan, level, wave)[:, 0]
    inside = []
    for inner, unit, outer, own in units_inside(plan, stats, level, wave):
        seen = inner.rows - wave_sums(plan, inner, wave)[:, 0] > PRESENT
        place = (np.cumsum(seen) - 1)[unit]
        part = own / np.maximum(rows, 1.0)[outer]
        inside.append(UnitsInside(inner.name, outer, part, seen[unit], place))
    return NextWaveMeans(level.name, rows, level.rows - rows > PRESENT, tuple(inside), wave)


def predict_inner_units(
    earlier: Evaluated, coming: NextWaveMeans, onto: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a model of the earlier waves tells of the means in the next wave.

    Parameters
    ----------
    earlier : Evaluated
        A model of the earlier waves, with an effect of each unit in each wave, and their sample.
    coming : NextWaveMeans
        The wave, out of the whole sample.
    onto : ndarray (T,)
        The unit's effect in the next wave as a combination of its effects in the earlier ones.

    Returns
    -------
    known : ndarray (n,)
        Mean effect of the units inside each unit, as far as it is predicted.
    variance : ndarray (n,)
        Of the error of this and of the unit's own effect together, in squared units of the
        response; errors of the fixed effects are part of it. What the wave adds is not.
    """
    effects, size = posterior_means(earlier), coming.rows.size
    working, at = earlier.working, earlier.at
    names = working.names
    block, place = {b.level: b for b in working.blocks}, names.index(coming.group)
    own = onto @ np.linalg.inv(block[place].transform)
    around = np.cumsum(coming.seen) - 1  # place of each unit among those seen
    known, inside = np.zeros(size), {}
    for item in coming.levels:
        if item.group not in names:
            continue
        i, part, unit = names.index(item.group), item.part[item.seen], item.place[item.seen]
        weights = part * effects.of(item.group).mean[unit, 0]
        known += np.bincount(item.outer[item.seen], weights, minlength=size)
        used = coming.seen[item.outer] & item.seen
        to, unit = around[item.outer[used]], item.place[used]
        inside[i] = to, unit, item.part[used] / block[i].transform[0, 0]
    variance = working.structure.variance_of_sums(at, place, own, inside)
    return known[coming.seen], variance * at.sigma2 * working.response[1] ** 2
