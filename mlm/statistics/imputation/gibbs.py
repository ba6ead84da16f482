"""Gibbs sampling of a joint model on sums: each iteration costs what the groups cost.

Effects, and what is missing of units, are drawn given the parameters with the missing values of
rows integrated out, then the completed sums given both, then the parameters given these. Because
effects hold their level's mean fast, the coefficients of what is constant within the groups of a
level are drawn a second time given the groups' means (interweaving).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mlm.statistics.imputation.centres import Centres
from mlm.statistics.imputation.completed_totals import drawn_total, residual_totals
from mlm.statistics.imputation.conditionals import Conditionals
from mlm.statistics.imputation.crossed.crossed_totals import crossed_totals
from mlm.statistics.imputation.descent import Descended, Descent, Given
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.joint_model import Parameters, Prior, Recursion
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.recursive_regression import Regression, ScaleMove, regression_of
from mlm.statistics.imputation.small_matrices import block_inverses
from mlm.statistics.imputation.streams import DrawnFor, stream
from mlm.statistics.imputation.tree_effects import (
    JointEffects,
    UnitInformation,
    messages,
    summed,
)
from mlm.statistics.imputation.units.regression import regressions_of
from mlm.statistics.imputation.units.responses import UnitResponses, UnitState

UNIT_SHARE = 0.2  # of the variance of variables of units, that each level around begins with


@dataclass(frozen=True)
class State:
    """Where a chain is.

    Attributes
    ----------
    parameters : Parameters
        The model.
    effects : JointEffects
        Of all levels.
    units : tuple of UnitState
        Completed variables of units, the outermost first, those of crossed levels last.
    """

    parameters: Parameters
    effects: JointEffects
    units: tuple[UnitState, ...] = ()

    def traced(self) -> np.ndarray:
        """All numbers whose convergence is looked at."""
        return np.concatenate([self.parameters.traced(), *(unit.traced() for unit in self.units)])


class LatentSums(Protocol):
    """Rows with categories, whose latent normal variables are drawn in every iteration."""

    def moved(
        self,
        parameters: Parameters,
        effects: JointEffects,
        priors: Sequence[MixedPrior],
        rng: np.random.Generator,
    ) -> tuple[Parameters, JointEffects]:
        """Parameters and effects moved by what the categories tell, latents redrawn given them.

        Parameters
        ----------
        parameters : Parameters
            The model.
        effects : JointEffects
            Of all levels.
        priors : sequence of MixedPrior
            Of the covariances of effects.
        rng : Generator
            Random numbers.
        """

    def redrawn(
        self, parameters: Parameters, effects: JointEffects, rng: np.random.Generator
    ) -> PatternTable:
        """The table with latents drawn given parameters, effects and all that is observed.

        Parameters
        ----------
        parameters : Parameters
            The model.
        effects : JointEffects
            Of all levels.
        rng : Generator
            Random numbers.
        """

    def rescaled(self, scale: np.ndarray) -> None:
        """Divide the latents by a scale (d,)."""

    def copy(self) -> LatentSums:
        """The same rows for another chain."""


class GibbsChain:
    """One chain of the sampler.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    start : Parameters
        Where it starts, apart from variables of units.
    prior : Prior
        Priors of the covariances; coefficients of numbers have flat ones.
    seed, number : int
        Of the stream of random numbers, and of the chain.
    recursion : Recursion, optional
        Latents of the variables with categories, and what their categories explain.
    rows : LatentSums, optional
        The rows, where there are latents.
    units : sequence of UnitResponses
        Incomplete variables of units, a level each: nested ones, the outermost first, then
        crossed ones.

    Source
    ------
    Schafer & Yucel (2002), J. Comput. Graph. Stat. 11, 437-457, section 4; Yu & Meng (2011), J.
    Comput. Graph. Stat. 20, 531-570, for drawing the coefficients twice.
    """

    def __init__(
        self,
        table: PatternTable,
        start: Parameters,
        prior: Prior,
        seed: int,
        number: int,
        recursion: Recursion | None = None,
        rows: LatentSums | None = None,
        units: Sequence[UnitResponses] = (),
    ):
        self._recursion, self._rows = recursion if rows is not None else None, rows
        self._latents = {} if self._recursion is None else recursion.latents
        self._table, self._prior, self._seed, self._number = table, prior, seed, number
        self._iteration = 0
        regressions = regressions_of(units, table.n_responses)
        self._units = {each.level: each for each in regressions}
        self._nested = len(table.parents)
        self._descent = Descent(table.parents, self._units, table.crossed)
        self._centres = Centres(table, self._descent, self._units, self._recursion)
        self._states = {level: each.start() for level, each in self._units.items()}
        self._parameters, self._mixed = self._begun(start)
        pairs = zip(self._parameters.effects, table.sizes, strict=True)
        levels = tuple(np.zeros((len(own), size)) for own, size in pairs)
        self._effects = replace(self._summed(levels), levels=levels)

    def states(self, iterations: int) -> Iterator[State]:
        """The states after each of the next iterations."""
        for _ in range(iterations):
            yield self._next()

    def _begun(self, start: Parameters) -> tuple[Parameters, list[MixedPrior]]:
        """Parameters with those of variables of units, and priors of the effects."""
        covariances, mixed = [], []
        for level, matrix in enumerate(start.effects):
            inner = [self._units[i] for i in self._descent.inside(level)]
            variances = [UNIT_SHARE * each.spread for each in inner]
            whole = np.diag(np.concatenate([np.diagonal(matrix), *variances]))
            whole[: len(matrix), : len(matrix)] = matrix
            widths = np.concatenate([self._prior.widths, *(each.widths for each in inner)])
            covariances.append(whole)
            mixed.append(MixedPrior.of(widths, whole))
        slopes = np.zeros((sum(each.size for each in self._units.values()), len(start.residual)))
        effects, told = tuple(covariances), self._recursion
        return replace(start, effects=effects, slopes=slopes, recursion=told), mixed

    def _rng(self, step: DrawnFor) -> np.random.Generator:
        return stream(self._seed, self._number, self._iteration, step)

    def _next(self) -> State:
        if self._rows is not None:
            rng, rows = self._rng(DrawnFor.LATENTS), self._rows
            found = rows.moved(self._parameters, self._effects, self._mixed, rng)
            self._parameters, self._effects = found
            self._table = rows.redrawn(self._parameters, self._effects, rng)
        down = self._descended()
        self._states = down.units
        self._parameters = replace(self._parameters, effects=tuple(down.covariances))
        rng = self._rng(DrawnFor.MIXING)
        self._mixed = [
            prior.mixed(own, rng) for prior, own in zip(self._mixed, down.covariances, strict=True)
        ]
        levels = list(down.levels)
        found = self._regression(down)
        self._take(found, levels)
        self._draw_covariances(levels)
        self._draw_units(down, levels)
        self._draw_centres(levels)
        self._effects = self._summed(levels)
        self._iteration += 1
        units = tuple(self._states[level] for level in sorted(self._states))
        return State(self._parameters, self._effects, units)

    def _values(self) -> np.ndarray:
        """Variables of units (m, G) by lowest group."""
        return self._descent.values(len(self._table.parents) - 1, self._states)

    def _descended(self) -> Descended:
        """Effects, variables of units and covariances, those of nested levels drawn together."""
        parameters, values, table = self._parameters, self._values(), self._table
        reach = parameters.slopes[: len(values)].T @ values if len(values) else None
        slopes = {level: self._slopes_inwards(level) for level in self._units}
        given = Given(self._states, slopes, parameters.effects, self._mixed)
        wholes = [self._effects.whole, *self._effects.crossed]
        known = messages(table, parameters, reach, self._informed(), self._pulled(0, wholes))
        rng = self._rng(DrawnFor.EFFECTS)
        down = self._descent.drawn(known, given, rng)
        for place in range(len(table.crossed)):
            if not place:
                wholes[0] = self._whole(down.sums[-1], down.units)
            level = self._nested + place
            wholes[1 + place] = self._draw_crossed(level, wholes, given, down, rng)
        return down

    def _draw_crossed(self, level: int, wholes, given: Given, down: Descended, rng) -> np.ndarray:
        """Draw a crossed level; what its units add to their rows (d, C)."""
        place, slopes = level - self._nested, given.slopes.get(level)
        reach = None if slopes is None else slopes.T @ self._states[level].shown
        own = replace(self._parameters, effects=(self._parameters.effects[level],))
        pulled = self._pulled(1 + place, wholes)
        (message,) = messages(self._table.of_crossed(place), own, reach, None, pulled)
        self._descent.draw_crossed(level, message, given, down, rng)
        if slopes is None:
            return down.levels[level]
        return down.levels[level] + slopes.T @ down.units[level].shown

    def _pulled(self, side: int, wholes: Sequence[np.ndarray]) -> np.ndarray | None:
        """What all other sides take from what the rows tell of one; None: nothing is crossed."""
        if self._table.cells is None:
            return None
        inner = block_inverses(self._parameters.residual, self._table.observed)
        return self._table.cells.pulled(side, wholes, inner)

    def _informed(self) -> dict[int, list[UnitInformation]]:
        """By nested levels around, what variables of units tell of the effects there."""
        found: dict[int, list[UnitInformation]] = {}
        for level, each in self._units.items():
            state, depth = self._states[level], each.depth
            own = each.information(state, self._descent.around(level, self._states))
            if level >= self._nested and depth:
                members = self._table.crossed[level - self._nested].members
                own = replace(own, grouped=members[-1])
            found.setdefault(depth, []).append(own)
        return found

    def _slopes_inwards(self, level: int) -> np.ndarray:
        """What variables of the units of a level explain (m, D): rows, then units further in."""
        own = self._descent.slopes_of(level)
        inner = [self._states[i].slopes[own] for i in self._descent.inside(level)]
        return np.hstack([self._parameters.slopes[own], *inner])

    def _regression(self, down: Descended) -> Regression:
        """Coefficients and residual covariance of the rows given the completed sums."""
        table, totals, d = self._table, self._totals(down), self._table.n_responses
        conditionals = Conditionals.of(table, self._parameters)
        total = drawn_total(table, totals, conditionals, self._rng(DrawnFor.VALUES))
        mixing = np.array([each.mixing[:d] for each in self._mixed])
        squares = 2.0 * mixing.sum(axis=0) / self._prior.widths**2
        beside = ScaleMove(squares, np.full(d, len(mixing)))
        rng, k = self._rng(DrawnFor.RESIDUAL), table.n_predictors
        rows, told = int(table.rows.sum()), self._recursion
        return regression_of(
            total, rows, self._latents, d, self._prior, rng, k, beside=beside, recursion=told
        )

    def _totals(self, down: Descended) -> np.ndarray:
        """Cross-products of what patterns have, effects taken off, with variables of units."""
        table, values = self._table, self._values()
        effects = down.sums[-1][: table.n_responses]
        if not table.crossed:
            return residual_totals(table, JointEffects((), effects), values)
        by_group = np.broadcast_to(values, (len(values), effects.shape[1]))
        levels = range(self._nested, len(down.levels))
        shown = [by_group, *(self._shown(level) for level in levels)]
        return crossed_totals(table, [effects, *down.levels[self._nested :]], shown)

    def _shown(self, level: int) -> np.ndarray:
        """What the units of a level show (m, G)."""
        if level in self._states:
            return self._states[level].shown
        return np.zeros((0, self._table.sizes[level]))

    def _draw_covariances(self, levels: Sequence[np.ndarray]) -> None:
        rng = self._rng(DrawnFor.EFFECT_COVARIANCES)
        found = [prior.covariance(own, rng) for own, prior in zip(levels, self._mixed, strict=True)]
        self._parameters = replace(self._parameters, effects=tuple(found))

    def _take(self, found: Regression, levels: list[np.ndarray]) -> None:
        """Take what the rows told, and the scale of their latents out."""
        k = self._table.n_predictors
        drawn = replace(
            self._parameters,
            coefficients=found.coefficients[:k],
            residual=found.residual,
            slopes=found.coefficients[k:],
        )
        self._parameters = drawn.divided(found.scale)
        if self._latents:
            self._divide(levels, len(levels), 0, found.scale)
            self._rows.rescaled(found.scale)

    def _divide(self, levels: list, outside: int, first: int, scale: np.ndarray) -> None:
        """Divide effects of the levels outside by a scale, from a place on, and their priors."""
        for level in range(outside):
            own = _among_ones(scale, first, len(levels[level]))
            levels[level] = levels[level] / own[:, None]
            self._mixed[level] = self._mixed[level].divided(own)

    def _draw_units(self, down: Descended, levels: list[np.ndarray]) -> None:
        """Regressions of the variables of units, and the scale of their latents."""
        rng = self._rng(DrawnFor.UNITS)
        for level, each in self._units.items():
            first, m = each.first, each.size
            mixing = np.zeros((each.depth, m))
            widths = each.widths
            for outer in range(each.depth):
                mixing[outer] = self._mixed[outer].mixing[first : first + m]
            squares = 2.0 * mixing.sum(axis=0) / widths**2
            degrees = np.full(m, float(each.depth))
            around = self._descent.around(level, self._states)
            effects, beside = down.around[level], ScaleMove(squares, degrees)
            state, scale = each.regression_drawn(self._states[level], around, effects, beside, rng)
            self._states[level] = state
            if each.latents:
                self._rescale_units(each.depth, levels, first, scale)

    def _rescale_units(self, depth: int, levels: list, first: int, scale: np.ndarray) -> None:
        """Take a scale of latents of units out of their effects."""
        self._divide(levels, depth, first, scale)
        effects = list(self._parameters.effects)
        for outer in range(depth):
            own = _among_ones(scale, first, len(effects[outer]))
            effects[outer] = effects[outer] / np.outer(own, own)
        self._parameters = replace(self._parameters, effects=tuple(effects))

    def _draw_centres(self, levels: list[np.ndarray]) -> None:
        """Coefficients of what is constant within groups, given the means of the groups."""
        rng = self._rng(DrawnFor.CENTRES)
        found = self._centres.redrawn(self._parameters, self._states, levels, rng)
        self._parameters, self._states = found

    def _whole(self, effects: np.ndarray, states: Mapping[int, UnitState]) -> np.ndarray:
        """What nested levels add to the rows of each lowest group, of effects (D, G) in sum."""
        values = self._descent.values(self._nested - 1, states)
        whole = effects[: self._table.n_responses]
        if not len(values):
            return whole
        return whole + self._parameters.slopes[: len(values)].T @ values

    def _summed(self, levels: Sequence[np.ndarray]) -> JointEffects:
        """Effects of all levels, and what groups add to their rows."""
        d = self._table.n_responses
        nested = summed(self._table, [own[:d] for own in levels[: self._nested]]).whole
        crossed = []
        for level in range(self._nested, len(levels)):
            slopes = self._parameters.slopes[self._descent.slopes_of(level)]
            crossed.append(levels[level] + slopes.T @ self._shown(level))
        whole = self._whole(nested, self._states)
        return JointEffects(tuple(levels), whole, crossed=tuple(crossed))


def _among_ones(scale: np.ndarray, first: int, size: int) -> np.ndarray:
    """A scale (m,) from a place on, among ones (size,): what is not scaled stays."""
    out = np.ones(size)
    out[first : first + scale.size] = scale
    return out
