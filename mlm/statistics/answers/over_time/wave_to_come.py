"""The mean of each unit in a wave to come: what earlier waves tell of it, and its error.

The mean holds the effect of the unit in the wave, the effects of the units inside it, and the
residuals. Units inside that were seen before (followed pupils; schools, where counties are looked
at) are foreseen as well, and their errors go with that of the unit around them: what the model
puts down to the one it takes from the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.by_wave import wave_cells, wave_sums
from mlm.statistics.evidence.crossing import CrossedFactor
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import evaluation_of
from mlm.statistics.likelihood.criterion import Evaluation, fixed_covariance
from mlm.statistics.likelihood.crossed.effects import crossed_spread
from mlm.statistics.likelihood.nested.effects import posterior_means
from mlm.statistics.likelihood.working import Working


@dataclass(frozen=True)
class Inside:
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
class WaveToCome:
    """The units of a level in a wave, and all that is inside them.

    Attributes
    ----------
    group : str
        Grouping factor of the units.
    rows : ndarray (G,)
        Rows of each in the wave.
    seen : ndarray of bool (G,)
        Whether it has rows in another wave; n of them have.
    levels : tuple of Inside
        Levels inside, outermost first.
    """

    group: str
    rows: np.ndarray
    seen: np.ndarray
    levels: tuple[Inside, ...]

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
        out = fit.sigma2 / np.maximum(self.rows, 1.0)
        for item in self.levels:
            counted = ~item.seen if new_only else np.ones(item.seen.size, dtype=bool)
            square = np.where(counted, item.part**2, 0.0)
            total = np.bincount(item.outer, square, minlength=self.rows.size)
            out = out + fit.variance(item.group) * total
        return out


def wave_to_come(plan: Plan, stats: CrossProducts, group: tuple[str, ...], wave: str) -> WaveToCome:
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
    entries = _nested if not stats.crossing.factors else _beside
    inside = []
    for inner, unit, outer, own in entries(plan, stats, level, wave):
        seen = inner.rows - wave_sums(plan, inner, wave)[:, 0] > PRESENT
        place = (np.cumsum(seen) - 1)[unit]
        part = own / np.maximum(rows, 1.0)[outer]
        inside.append(Inside(inner.name, outer, part, seen[unit], place))
    return WaveToCome(level.name, rows, level.rows - rows > PRESENT, tuple(inside))


def _nested(plan: Plan, stats: CrossProducts, level: GroupSums, wave: str):
    """Each level inside: itself, its units, the unit around each, and its rows in the wave."""
    outer, names = np.arange(level.size), [item.group for item in stats.levels]
    for inner in stats.levels[names.index(level.group) + 1 :]:
        outer = outer[inner.parent]
        if inner.group != (*level.group, WAVE):
            yield inner, np.arange(inner.size), outer, wave_sums(plan, inner, wave)[:, 0]


def _beside(plan: Plan, stats: CrossProducts, level: CrossedFactor, wave: str):
    """The same where the lowest units are crossed with all others: factors inside, then these."""
    factors, tree = stats.crossing.factors, stats.levels[-1]
    own = [factor.group for factor in factors].index(level.group)
    for i, inner in enumerate(factors):
        if i > own and inner.group[: len(level.group)] == level.group:
            tables = stats.crossing.pairs[own, i]
            cells = wave_cells(plan, level, inner, tables, wave).tocoo()
            yield inner, cells.col, cells.row, cells.data
    cells = wave_cells(plan, tree, level, level.links, wave).tocoo()
    yield tree, cells.row, cells.col, cells.data


def foreseen(
    fit: Fit, earlier: CrossProducts, coming: WaveToCome, onto: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a model of the earlier waves tells of the means in the wave to come.

    Parameters
    ----------
    fit : Fit
        A model of the earlier waves, with an effect of each unit in each wave.
    earlier : CrossProducts
        Their sample.
    coming : WaveToCome
        The wave, out of the whole sample.
    onto : ndarray (T,)
        The unit's effect in the wave to come as a combination of its effects in the earlier ones.

    Returns
    -------
    known : ndarray (n,)
        Mean effect of the units inside each unit, as far as it is foreseen.
    variance : ndarray (n,)
        Of the error of this and of the unit's own effect together, in squared units of the
        response; errors of the fixed effects are part of it. What the wave adds is not.
    """
    effects, size = posterior_means(fit, earlier), coming.rows.size
    working, at = evaluation_of(fit, earlier)
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
    if working.crossing is not None:
        variance = crossed_spread(working, at, place, own, inside)
    else:
        variance = _passed_outwards(working, at, place, own, inside)
    return known[coming.seen], variance * at.sigma2 * working.response[1] ** 2


def _passed_outwards(
    working: Working, at: Evaluation, place: int, own: np.ndarray, inside: dict
) -> np.ndarray:
    """Variance over sigma^2 of loads times errors, summed by group of the level ``place``.

    ``own`` (q,) loads the effects of each of its groups, ``inside`` those of the levels within.
    The errors of a level are its own, independent ones minus what it takes over from those of the
    fixed effects and of the levels around it: loads are passed outwards, level by level.
    """
    loads = [np.zeros(shape) for shape in zip(working.group_sizes, working.widths, strict=True)]
    loads[place] += own
    for i, (_, unit, weight) in inside.items():
        loads[i][unit, 0] += weight
    n_groups = working.group_sizes[place]
    fixed = np.zeros((n_groups, working.n_fixed))
    loads[:place] = [np.zeros((n_groups, working.widths[m])) for m in range(place)]
    variance = np.zeros(n_groups)
    for i in range(len(loads) - 1, -1, -1):
        done = at.eliminations[i]
        mine = working.parents[place][i] if i < place else slice(None)
        to = working.parents[i][place] if i > place else np.arange(n_groups)
        own = np.einsum("gi,ijg,gj->g", loads[i], done.gain[:, :, mine], loads[i])
        variance += np.bincount(to, own, minlength=n_groups)
        down = np.einsum("gi,igc->gc", loads[i], done.product[:, mine])
        np.add.at(fixed, to, -down[:, : working.n_fixed])
        for m in range(i):
            target = working.parents[i][m] if m >= place else to
            np.add.at(loads[m], target, -down[:, working.levels[m].columns])
    return variance + np.einsum("gi,ij,gj->g", fixed, fixed_covariance(at), fixed)
