"""From the outermost level inwards: variables of units, then effects, are drawn.

At each level what lies inside is integrated out of the variables of its units and out of its
effects, so that a draw of all nested levels is one of their joint distribution. The units of a
crossed level are drawn given these, in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mlm.statistics.imputation.covariance_moves import moved_root
from mlm.statistics.imputation.crossed.crossed_sums import CrossedSums
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.latents.moves import OuterEffects, effects_around
from mlm.statistics.imputation.marginal_moves import moved_covariance
from mlm.statistics.imputation.tree_effects import LevelMessage
from mlm.statistics.imputation.units.inwards import Inwards
from mlm.statistics.imputation.units.regression import UnitRegression
from mlm.statistics.imputation.units.responses import UnitState, innermost_first


@dataclass(frozen=True)
class Descended:
    """What was drawn.

    Attributes
    ----------
    levels : list of ndarray (D, G)
        Effects of each level: nested ones, outermost first, then crossed ones.
    sums : list of ndarray (D + m, G)
        Of nested levels, their sums over each level and those around it, with those of the
        variables of its units.
    covariances : list of ndarray (D, D)
        Of the effects of each level.
    units : dict of int to UnitState
        By level, the variables of its units,
    around : dict of int to ndarray (m, G)
        and effects of the levels around on them, in sum.
    """

    levels: list[np.ndarray]
    sums: list[np.ndarray]
    covariances: list[np.ndarray]
    units: dict[int, UnitState]
    around: dict[int, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """What a level is drawn given.

    Attributes
    ----------
    states : mapping of int to UnitState
        By level, variables of its units before.
    slopes : mapping of int to ndarray (m, D)
        By level with units, what their variables explain: the rows' responses, then variables of
        units further in.
    covariances : sequence of ndarray (D, D)
        Of the effects of each level,
    priors : sequence of MixedPrior
        and what they follow.
    """

    states: Mapping[int, UnitState]
    slopes: Mapping[int, np.ndarray]
    covariances: Sequence[np.ndarray]
    priors: Sequence[MixedPrior]


class Descent:
    """Draws the effects and the variables of units of a tree, and of what it is crossed with.

    Parameters
    ----------
    parents : sequence of ndarray of int
        For each nested level, outermost first, the group around each group.
    units : mapping of int to UnitRegression
        By level; crossed ones come behind the nested ones.
    crossed : sequence of CrossedSums
        The crossed levels.
    """

    def __init__(
        self,
        parents: Sequence[np.ndarray],
        units: Mapping[int, UnitRegression],
        crossed: Sequence[CrossedSums] = (),
    ):
        self._parents, self._units, self._crossed = parents, units, crossed

    def inside(self, level: int) -> list[int]:
        """Levels whose units have variables on which the effects of a level are, in their order."""
        if level >= len(self._parents):
            return []
        ordered = innermost_first(each.responses for each in self._units.values())
        return [each.level for each in ordered if each.depth > level]

    def slopes_of(self, level: int) -> slice:
        """Places of the variables of the units of a level among those that explain rows."""
        first = sum(each.size for other, each in self._units.items() if other < level)
        return slice(first, first + self._size(level))

    def values(self, level: int, states: Mapping[int, UnitState]) -> np.ndarray:
        """What the units of a level and those around them show (v, G), outermost first."""
        if level >= len(self._parents):
            found = self.around(level, states)
            return np.vstack([found, states[level].shown]) if level in states else found
        found = np.zeros((0, 1))
        for here in range(level + 1):
            found = found[:, self._parents[here]]
            if here in states:
                found = np.vstack([found, states[here].shown])
        return found

    def around(self, level: int, states: Mapping[int, UnitState]) -> np.ndarray:
        """What all units around those of a level show (v, G)."""
        depth, parent = self._outside(level)
        if not depth:
            return np.zeros((0, parent.size))
        return self.values(depth - 1, states)[:, parent]

    def _outside(self, level: int) -> tuple[int, np.ndarray]:
        """Nested levels around a level, and the group around each of its groups."""
        if level < len(self._parents):
            return level, self._parents[level]
        own = self._crossed[level - len(self._parents)]
        return own.depth, own.parents[-1] if own.depth else np.zeros(own.size, dtype=np.intp)

    def drawn(
        self, known: Sequence[LevelMessage], given: Given, rng: np.random.Generator
    ) -> Descended:
        """A draw of all nested levels.

        Parameters
        ----------
        known : sequence of LevelMessage
            What lies inside each level tells.
        given : Given
            What they are drawn given.
        rng : Generator
            Random numbers.
        """
        out = Descended([], [], [], dict(given.states))
        whole = moved = np.zeros((len(known[0].linear) + self._size(0), 1))
        for level, (parent, message) in enumerate(zip(self._parents, known, strict=True)):
            size = len(message.linear)
            around, shift = whole[:, parent], moved[:size, parent]
            around, moved = self._draw(level, message, around, shift, given, out, rng)
            whole = around.copy()
            whole[:size] += out.levels[level]
            out.sums.append(whole)
            whole = whole[:size]
        return out

    def draw_crossed(
        self,
        level: int,
        message: LevelMessage,
        given: Given,
        out: Descended,
        rng: np.random.Generator,
    ) -> None:
        """Draw the effects and variables of the units of a crossed level given all others.

        Parameters
        ----------
        level : int
            Place of the level, behind the nested ones.
        message : LevelMessage
            What the rows of its units tell, the effects of all other levels taken off.
        given : Given
            What they are drawn given.
        out : Descended
            All levels before it, to which it is added; effects of the nested ones on its latents
            are moved.
        rng : Generator
            Random numbers.
        """
        nothing = np.zeros(message.linear.shape)
        around = self._with_effects_around(level, nothing, out)
        self._draw(level, message, around, nothing, given, out, rng)

    def _with_effects_around(self, level: int, rows: np.ndarray, out: Descended) -> np.ndarray:
        """Effects (d + m, C) of the levels around crossed units: on their rows, and on them."""
        depth, parent = self._outside(level)
        if not self._size(level):
            return rows
        own = np.zeros((self._size(level), parent.size))
        if depth:
            first = self._units[level].first
            own = out.sums[depth - 1][first : first + len(own), parent]
        return np.vstack([rows, own])

    def _draw(
        self,
        level: int,
        message: LevelMessage,
        around: np.ndarray,
        shift: np.ndarray,
        given: Given,
        out: Descended,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw a level; the effects around it, and how far what they add to has moved since."""
        size = len(message.linear)
        if level in self._units:
            around, moved = self._draw_units(level, message, around, shift, given, out, rng)
            shift = shift + moved
        seen, prior = around[:size] + shift, given.priors[level]
        before = given.covariances[level]
        covariance = moved_covariance(before, message, seen, prior, rng)
        if covariance is not before:
            message = LevelMessage.of(message.precision, message.linear, covariance)
        own = message.drawn(seen, rng.standard_normal(seen.shape))
        own, covariance = moved_root(own, covariance, message, seen, prior, rng)
        out.levels.append(own)
        out.covariances.append(covariance)
        return around, shift

    def _draw_units(
        self, level: int, message: LevelMessage, around, shift, given: Given, out: Descended, rng
    ) -> tuple[np.ndarray, np.ndarray]:
        """Variables of the units of a level; effects around, and how far what they add to moved."""
        size, m, before = len(message.linear), self._size(level), out.units[level]
        seen, slopes = around[:size] + shift, given.slopes[level]
        regression, beside = self._units[level], self.around(level, out.units)
        expected = around[size : size + m] + before.expected(regression.responses.known, beside)
        inwards = _inwards(message, slopes, before.shown, seen)
        outer = self._outer(level, out, given.priors)
        after = regression.values_drawn(before, expected, beside, inwards, outer, rng)
        self._sum_again(outer, out)
        if level >= len(self._parents):
            around = self._with_effects_around(level, around[:size], out)
        elif level:
            around = out.sums[level - 1][:, self._parents[level]]
        out.units[level], out.around[level] = after, around[size : size + m]
        return around, slopes.T @ (after.shown - before.shown)

    def _outer(
        self, level: int, out: Descended, priors: Sequence[MixedPrior]
    ) -> list[OuterEffects]:
        """Effects of the levels around the units of one, as those that their latents move."""
        depth, parent = self._outside(level)
        levels, covariances = out.levels[:depth], out.covariances[:depth]
        return effects_around(levels, covariances, priors, self._parents, parent)

    def _sum_again(self, outer: Sequence[OuterEffects], out: Descended) -> None:
        """Take effects of the levels around as they were moved."""
        for level, each in enumerate(outer):
            out.covariances[level] = each.root @ each.root.T
            size = len(each.effects)
            if level:
                inner = len(out.sums[level])
                out.sums[level] = out.sums[level - 1][:inner, self._parents[level]]
                out.sums[level][:size] += each.effects
            else:
                out.sums[level][:size] = each.effects

    def _size(self, level: int) -> int:
        return self._units[level].size if level in self._units else 0


def _inwards(
    message: LevelMessage, slopes: np.ndarray, shown: np.ndarray, seen: np.ndarray
) -> Inwards:
    """What lies inside tells of what units show, at what they showed (m, G) before."""
    precision, linear = message.integrated()
    reach = np.einsum("md,deg->meg", slopes, precision)
    own = np.einsum("meg,ne->mng", reach, slopes)
    linear = slopes @ linear - np.einsum("meg,eg->mg", reach, seen)
    return Inwards(own, linear + np.sum(own * shown, axis=1))
