"""From the outermost level inwards: variables of units, then effects, are drawn.

At each level what lies inside is integrated out of the variables of its units and out of its
effects, so that a draw of all levels is one of their joint distribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.covariance_moves import moved_root
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.latents.moves import OuterEffects, effects_around
from mlm.statistics.imputation.marginal_moves import moved_covariance
from mlm.statistics.imputation.tree_effects import LevelMessage
from mlm.statistics.imputation.units.inwards import Inwards
from mlm.statistics.imputation.units.regression import UnitRegression
from mlm.statistics.imputation.units.responses import UnitState


@dataclass(frozen=True)
class Descended:
    """What was drawn.

    Attributes
    ----------
    levels : list of ndarray (D, G)
        Effects of each level, outermost first.
    sums : list of ndarray (D + m, G)
        Their sums over each level and those around it, with those of the variables of its units.
    covariances : list of ndarray (D, D)
        Of the effects of each level.
    units : dict of int to UnitState
        By level, the variables of its units.
    """

    levels: list[np.ndarray]
    sums: list[np.ndarray]
    covariances: list[np.ndarray]
    units: dict[int, UnitState]


class Descent:
    """Draws the effects and the variables of units of a tree.

    Parameters
    ----------
    parents : sequence of ndarray of int
        For each level, outermost first, the group around each group.
    units : mapping of int to UnitRegression
        By level.
    """

    def __init__(self, parents: Sequence[np.ndarray], units: Mapping[int, UnitRegression]):
        self._parents, self._units = parents, units

    def values(self, level: int, states: Mapping[int, UnitState]) -> np.ndarray:
        """What the units of a level and those around them show (v, G), outermost first."""
        found = np.zeros((0, 1))
        for here in range(level + 1):
            found = found[:, self._parents[here]]
            if here in states:
                found = np.vstack([found, states[here].shown])
        return found

    def around(self, level: int, states: Mapping[int, UnitState]) -> np.ndarray:
        """What all units around those of a level show (v, G)."""
        if not level:
            return np.zeros((0, self._parents[0].size))
        return self.values(level - 1, states)[:, self._parents[level]]

    def drawn(
        self,
        known: Sequence[LevelMessage],
        states: Mapping[int, UnitState],
        slopes: Mapping[int, np.ndarray],
        covariances: Sequence[np.ndarray],
        priors: Sequence[MixedPrior],
        rng: np.random.Generator,
    ) -> Descended:
        """A draw of all levels.

        Parameters
        ----------
        known : sequence of LevelMessage
            What lies inside each level tells.
        states : mapping of int to UnitState
            Before.
        slopes : mapping of int to ndarray (m, D)
            By level with units, what their variables explain: the rows' responses, then variables
            of units further in.
        covariances : sequence of ndarray (D, D)
            Of the effects of each level,
        priors : sequence of MixedPrior
            and what they follow.
        rng : Generator
            Random numbers.
        """
        out = Descended([], [], [], dict(states))
        whole = moved = np.zeros((len(known[0].linear) + self._size(0), 1))
        for level, (parent, message) in enumerate(zip(self._parents, known, strict=True)):
            size = len(message.linear)
            around, shift = whole[:, parent], moved[:size, parent]
            if level in self._units:
                before = out.units[level]
                seen = around[:size] + shift
                regression, beside = self._units[level], self.around(level, out.units)
                expected = around[size:] + before.expected(regression.responses.known, beside)
                inwards = _inwards(message, slopes[level], before.shown, seen)
                outer = self._outer(level, out, priors)
                after = regression.values_drawn(before, expected, beside, inwards, outer, rng)
                self._sum_again(outer, out)
                if level:
                    around = out.sums[level - 1][:, parent]
                shift = shift + slopes[level].T @ (after.shown - before.shown)
                out.units[level] = after
            seen = around[:size] + shift
            covariance = moved_covariance(covariances[level], message, seen, priors[level], rng)
            if covariance is not covariances[level]:
                message = LevelMessage.of(message.precision, message.linear, covariance)
            own = message.drawn(seen, rng.standard_normal(seen.shape))
            own, covariance = moved_root(own, covariance, message, seen, priors[level], rng)
            out.levels.append(own)
            out.covariances.append(covariance)
            whole, moved = around.copy(), shift
            whole[:size] += own
            out.sums.append(whole)
            whole = whole[:size]
        return out

    def _outer(
        self, level: int, out: Descended, priors: Sequence[MixedPrior]
    ) -> list[OuterEffects]:
        """Effects of the levels around the units of one, as those that their latents move."""
        levels, covariances = out.levels[:level], out.covariances[:level]
        return effects_around(levels, covariances, priors, self._parents, self._parents[level])

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
