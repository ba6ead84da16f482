"""Coefficients of what is constant within groups, and effects, drawn again given their sums.

Rows of large groups know the sum of what predictors and effects add to them better than either, so
that coefficients given effects alone hardly move (interweaving). The same holds of the effects of
levels around crossed units and those of the units themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mlm.statistics.imputation.crossed.shared_effects import redrawn_around
from mlm.statistics.imputation.descent import Descent
from mlm.statistics.imputation.group_means import GroupMeans
from mlm.statistics.imputation.joint_model import Parameters, Recursion
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.small_matrices import inverse
from mlm.statistics.imputation.tree_effects import OwnEffects
from mlm.statistics.imputation.units.regression import UnitRegression
from mlm.statistics.imputation.units.responses import UnitState


class Centres:
    """Draws coefficients given the means of groups, level by level.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    descent : Descent
        Which levels lie around which.
    units : mapping of int to UnitRegression
        By level, incomplete variables of its units.
    recursion : Recursion or None
        Latents of the rows.
    """

    def __init__(
        self,
        table: PatternTable,
        descent: Descent,
        units: Mapping[int, UnitRegression],
        recursion: Recursion | None,
    ):
        self._descent, self._units, self._crossed = descent, units, table.crossed
        self._nested, self._d, self._k = len(table.parents), table.n_responses, table.n_predictors
        self._latents = [] if recursion is None else recursion.behind
        complete = None if recursion is None else recursion.complete
        self._means = [GroupMeans.of(table, level, complete) for level in range(self._nested)]
        for place in range(len(table.crossed)):
            self._means.append(GroupMeans.of(table.of_crossed(place), 0, complete))
        self._unit_means = {
            (level, outer): GroupMeans.of_units(
                each.responses.known, self._around(table, level, outer), each.size
            )
            for level, each in units.items()
            for outer in range(each.depth)
        }

    def _around(self, table: PatternTable, level: int, outer: int) -> list:
        """What adds units up into the groups of a level around them, the outermost first."""
        if level < self._nested:
            return list(table.families[outer + 1 : level + 1])
        return [table.crossed[level - self._nested].members[outer]]

    def redrawn(
        self,
        parameters: Parameters,
        states: Mapping[int, UnitState],
        levels: list[np.ndarray],
        rng: np.random.Generator,
    ) -> tuple[Parameters, dict[int, UnitState]]:
        """Parameters and variables of units with their coefficients drawn anew.

        Parameters
        ----------
        parameters : Parameters
            The model.
        states : mapping of int to UnitState
            By level, the variables of its units.
        levels : list of ndarray (D, G)
            Effects of each level, replaced by those of the same sums.
        rng : Generator
            Random numbers.
        """
        b, k, states = parameters.all_coefficients, self._k, dict(states)
        ridged = _ridged(b.shape, k, self._latents)
        for level, means in enumerate(self._means):
            wide = means.with_units(
                self._descent.values(level, states), self._places(level), self._d
            )
            precision = inverse(parameters.effects[level])
            at = np.arange(self._d)
            b, levels[level] = _recentred(wide, b, levels[level], at, precision, rng, ridged)
            for inner in self._descent.inside(level):
                self._recentre_units(inner, level, states, levels, precision, rng)
        for place, own in enumerate(self._crossed):
            self._share(self._nested + place, own, parameters, levels, rng)
        return replace(parameters, coefficients=b[:k], slopes=b[k:]), states

    def _places(self, level: int) -> np.ndarray:
        """Places, among all that explains rows, of what units of a level and around them show."""
        depth = level + 1 if level < self._nested else self._crossed[level - self._nested].depth
        around = sum(
            each.size for other, each in self._units.items() if other < min(depth, self._nested)
        )
        own = range(0)
        if level >= self._nested and level in self._units:
            own = range(*self._descent.slopes_of(level).indices(self._slopes))
        return self._k + np.array([*range(around), *own], dtype=int)

    @property
    def _slopes(self) -> int:
        """Variables of units that explain rows."""
        return sum(each.size for each in self._units.values())

    def _recentre_units(self, inner: int, level: int, states, levels, precision, rng) -> None:
        """The same of variables of units further in."""
        each, state, m = self._units[inner], states[inner], self._units[inner].size
        k, at = len(state.coefficients), each.first + np.arange(m)
        b = np.vstack([state.coefficients, state.slopes])
        values = self._descent.values(level, states)
        means = self._unit_means[inner, level].with_units(values, k + np.arange(len(values)), m)
        ridged = _ridged(b.shape, k, each.latents)
        b, levels[level] = _recentred(means, b, levels[level], at, precision, rng, ridged)
        states[inner] = replace(state, coefficients=b[:k], slopes=b[k:])

    def _share(self, level: int, own, parameters: Parameters, levels, rng) -> None:
        """Effects of the levels around crossed units given their sums with those of the units."""
        for outer in range(own.depth):
            covariances = parameters.effects[outer], parameters.effects[level]
            parent, members = own.parents[outer], own.members[outer]
            levels[outer], levels[level] = redrawn_around(
                levels[outer], levels[level], parent, members, covariances, rng
            )


def _recentred(
    means: GroupMeans,
    b: np.ndarray,
    effects: np.ndarray,
    at: np.ndarray,
    precision: np.ndarray,
    rng: np.random.Generator,
    ridged: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (k, m) and effects (D, G), those at some places drawn given the others."""
    others = np.delete(np.arange(len(effects)), at)
    linear = -precision[at[:, None], others] @ effects[others]
    follows = OwnEffects(precision[at[:, None], at], linear)
    b, own = means.redrawn(b, effects[at], follows, rng, ridged)
    effects = effects.copy()
    effects[at] = own
    return b, effects


def _ridged(shape: tuple[int, int], k: int, latents: Sequence[int]) -> np.ndarray | None:
    """Which coefficients have a prior: of the first k predictors, of latents; None: none."""
    if not len(latents):
        return None
    out = np.zeros(shape, dtype=bool)
    out[np.ix_(np.arange(k), list(latents))] = True
    return out
