"""Gibbs sampling of a joint model on sums: each iteration costs what the groups cost.

Effects, and what is missing of units, are drawn given the parameters with the missing values of
rows integrated out, then the completed sums given both, then the parameters given these. Because
effects hold their level's mean fast, the coefficients of what is constant within the groups of a
level are drawn a second time given the groups' means (interweaving).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mlm.statistics.imputation.completed_totals import drawn_total, residual_totals
from mlm.statistics.imputation.conditionals import Conditionals
from mlm.statistics.imputation.descent import Descended, Descent
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.group_means import GroupMeans
from mlm.statistics.imputation.joint_model import Parameters, Prior, Recursion
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.recursive_regression import Regression, ScaleMove, regression_of
from mlm.statistics.imputation.small_matrices import inverse
from mlm.statistics.imputation.streams import DrawnFor, stream
from mlm.statistics.imputation.tree_effects import (
    JointEffects,
    OwnEffects,
    messages,
    no_effects,
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
        Completed variables of units, the outermost first.
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
        Incomplete variables of units, a level each, the outermost first.

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
        self._descent = Descent(table.parents, self._units)
        complete = None if self._recursion is None else recursion.complete
        levels = range(len(table.parents))
        self._means = [GroupMeans.of(table, level, complete) for level in levels]
        self._unit_means = {
            (each.level, outer): GroupMeans.of_units(
                each.responses.known, table.families[outer + 1 : each.level + 1], each.size
            )
            for each in regressions
            for outer in range(each.level)
        }
        self._states = {level: each.start() for level, each in self._units.items()}
        self._parameters, self._mixed = self._begun(start)
        sizes = [parent.size for parent in table.parents]
        pairs = zip(self._parameters.effects, sizes, strict=True)
        levels = tuple(np.zeros((len(own), size)) for own, size in pairs)
        self._effects = replace(no_effects(table), levels=levels)

    def states(self, iterations: int) -> Iterator[State]:
        """The states after each of the next iterations."""
        for _ in range(iterations):
            yield self._next()

    def _begun(self, start: Parameters) -> tuple[Parameters, list[MixedPrior]]:
        """Parameters with those of variables of units, and priors of the effects."""
        covariances, mixed = [], []
        for level, matrix in enumerate(start.effects):
            inner = [self._units[i] for i in sorted(self._units, reverse=True) if i > level]
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
        """Effects, variables of units and covariances, drawn together."""
        parameters, values = self._parameters, self._values()
        reach = parameters.slopes.T @ values if len(values) else None
        informed = {
            level: each.information(self._states[level], self._descent.around(level, self._states))
            for level, each in self._units.items()
        }
        known = messages(self._table, parameters, reach, informed)
        slopes = {level: self._slopes_inwards(level) for level in self._units}
        rng = self._rng(DrawnFor.EFFECTS)
        effects = parameters.effects
        return self._descent.drawn(known, self._states, slopes, effects, self._mixed, rng)

    def _slopes_inwards(self, level: int) -> np.ndarray:
        """What variables of the units of a level explain (m, D): rows, then units further in."""
        outer = sum(self._units[i].size for i in self._units if i < level)
        own = slice(outer, outer + self._units[level].size)
        inner = [
            self._states[i].slopes[own] for i in sorted(self._units, reverse=True) if i > level
        ]
        return np.hstack([self._parameters.slopes[own], *inner])

    def _regression(self, down: Descended) -> Regression:
        """Coefficients and residual covariance of the rows given the completed sums."""
        table, values, d = self._table, self._values(), self._table.n_responses
        totals = residual_totals(table, JointEffects((), down.sums[-1][:d]), values)
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
            mixing = np.zeros((level, m))
            widths = each.widths
            for outer in range(level):
                mixing[outer] = self._mixed[outer].mixing[first : first + m]
            squares = 2.0 * mixing.sum(axis=0) / widths**2
            degrees = np.full(m, float(level))
            around = self._descent.around(level, self._states)
            effects = down.sums[level][first : first + m]
            beside = ScaleMove(squares, degrees)
            state, scale = each.regression_drawn(self._states[level], around, effects, beside, rng)
            self._states[level] = state
            if each.latents:
                self._rescale_units(level, levels, first, scale)

    def _rescale_units(self, level: int, levels: list, first: int, scale: np.ndarray) -> None:
        """Take a scale of latents of units out of their effects."""
        self._divide(levels, level, first, scale)
        effects = list(self._parameters.effects)
        for outer in range(level):
            own = _among_ones(scale, first, len(effects[outer]))
            effects[outer] = effects[outer] / np.outer(own, own)
        self._parameters = replace(self._parameters, effects=tuple(effects))

    def _draw_centres(self, levels: list[np.ndarray]) -> None:
        """Coefficients of what is constant within groups, given the means of the groups."""
        rng, d, k = self._rng(DrawnFor.CENTRES), self._table.n_responses, self._table.n_predictors
        b = self._parameters.all_coefficients
        latent = [place for places in self._latents.values() for place in places]
        ridged = _ridged(b.shape, k, latent)
        for level, means in enumerate(self._means):
            wide = means.with_units(self._descent.values(level, self._states), k, d)
            precision = inverse(self._parameters.effects[level])
            b, own = self._recentred(wide, b, levels[level], np.arange(d), precision, rng, ridged)
            levels[level] = own
            for inner in sorted(self._units, reverse=True):
                if inner > level:
                    self._recentre_units(inner, level, levels, precision, rng)
        self._parameters = replace(self._parameters, coefficients=b[:k], slopes=b[k:])

    def _recentre_units(self, inner: int, level: int, levels, precision, rng) -> None:
        """The same of variables of units further in."""
        each, state, m = self._units[inner], self._states[inner], self._units[inner].size
        k, at = len(state.coefficients), each.first + np.arange(m)
        b = np.vstack([state.coefficients, state.slopes])
        means = self._unit_means[inner, level]
        means = means.with_units(self._descent.values(level, self._states), k, m)
        ridged = _ridged(b.shape, k, each.latents)
        b, levels[level] = self._recentred(means, b, levels[level], at, precision, rng, ridged)
        self._states[inner] = replace(state, coefficients=b[:k], slopes=b[k:])

    @staticmethod
    def _recentred(means: GroupMeans, b, effects, at, precision, rng, ridged):
        """Coefficients (k, m) and effects (D, G), those at some places drawn given the others."""
        others = np.delete(np.arange(len(effects)), at)
        linear = -precision[at[:, None], others] @ effects[others]
        follows = OwnEffects(precision[at[:, None], at], linear)
        b, own = means.redrawn(b, effects[at], follows, rng, ridged)
        effects = effects.copy()
        effects[at] = own
        return b, effects

    def _summed(self, levels: list[np.ndarray]) -> JointEffects:
        """Effects of all levels, and what groups add to their rows."""
        d, values = self._table.n_responses, self._values()
        whole = summed(self._table, [own[:d] for own in levels]).whole
        if len(values):
            whole = whole + self._parameters.slopes.T @ values
        return JointEffects(tuple(levels), whole)


def _among_ones(scale: np.ndarray, first: int, size: int) -> np.ndarray:
    """A scale (m,) from a place on, among ones (size,): what is not scaled stays."""
    out = np.ones(size)
    out[first : first + scale.size] = scale
    return out


def _ridged(shape: tuple[int, int], k: int, latents: Sequence[int]) -> np.ndarray | None:
    """Which coefficients have a prior: of the first k predictors, of latents; None: none."""
    if not len(latents):
        return None
    out = np.zeros(shape, dtype=bool)
    out[np.ix_(np.arange(k), list(latents))] = True
    return out
