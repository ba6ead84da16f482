"""Gibbs sampling of a joint model on sums: each iteration costs what the groups cost.

Effects are drawn given the parameters with the missing values integrated out, then the completed
sums given both, then the parameters given these: two blocks. Because effects hold their level's
mean fast, the coefficients of what is constant within the groups of a level are drawn a second time
given the groups' means (interweaving).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mlm.statistics.imputation.completed_totals import drawn_total, residual_totals
from mlm.statistics.imputation.conditionals import Conditionals
from mlm.statistics.imputation.group_means import GroupMeans
from mlm.statistics.imputation.joint_model import Parameters, Prior
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.random_matrices import inverse_wishart
from mlm.statistics.imputation.recursive_regression import Regression, regression_of
from mlm.statistics.imputation.streams import DrawnFor, stream
from mlm.statistics.imputation.tree_effects import (
    JointEffects,
    OwnEffects,
    drawn_effects,
    messages,
)
from mlm.statistics.imputation.unit_responses import UnitRegression, UnitState


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
        Completed variables of units.
    """

    parameters: Parameters
    effects: JointEffects
    units: tuple[UnitState, ...] = ()

    def traced(self) -> np.ndarray:
        """All numbers whose convergence is looked at."""
        return np.concatenate([self.parameters.traced(), *(unit.traced() for unit in self.units)])


class LatentSums(Protocol):
    """Rows with categories, whose latent normal variables are drawn in every iteration."""

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

    def copy(self) -> LatentSums:
        """The same rows for another chain."""


class GibbsChain:
    """One chain of the sampler.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    start : Parameters
        Where it starts.
    prior : Prior
        Priors of the covariances; coefficients have flat ones.
    seed, number : int
        Of the stream of random numbers, and of the chain.
    latents : mapping of str to sequence of int
        By variable with categories the places of its latents.
    rows : LatentSums, optional
        The rows, where there are latents.
    units : sequence of UnitRegression
        Of the levels whose units have incomplete variables.

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
        latents: Mapping[str, Sequence[int]] | None = None,
        rows: LatentSums | None = None,
        units: Sequence[UnitRegression] = (),
    ):
        self._units, self._of_units = units, [each.start() for each in units]
        self._latents, self._rows = latents or {}, rows
        self._effects = no_effects(table)
        self._table, self._prior = table, prior
        self._seed, self._number = seed, number
        self._means = [GroupMeans.of(table, level) for level in range(len(table.parents))]
        self._parameters = start

    def states(self, iterations: int) -> Iterator[State]:
        """The states after each iteration."""
        for iteration in range(iterations):
            yield self._next(iteration)

    def _rng(self, iteration: int, step: DrawnFor) -> np.random.Generator:
        return stream(self._seed, self._number, iteration, step)

    def _next(self, iteration: int) -> State:
        parameters = self._parameters
        if self._rows is not None:
            rng = self._rng(iteration, DrawnFor.LATENTS)
            self._table = self._rows.redrawn(parameters, self._effects, rng)
        table = self._table
        known = messages(table, parameters, self._beside(parameters.effects))
        effects = drawn_effects(table, known, self._rng(iteration, DrawnFor.EFFECTS))
        totals = residual_totals(table, effects)
        conditionals = Conditionals.of(table, parameters)
        total = drawn_total(table, totals, conditionals, self._rng(iteration, DrawnFor.VALUES))
        rng = self._rng(iteration, DrawnFor.RESIDUAL)
        found = self._regression(total, rng)
        coefficients = found.coefficients
        rng = self._rng(iteration, DrawnFor.EFFECT_COVARIANCES)
        covariances = tuple(
            inverse_wishart(own.shape[1] + self._prior.degrees, own @ own.T + scale, rng)
            for own, scale in zip(effects.levels, self._prior.effects, strict=True)
        )
        rng = self._rng(iteration, DrawnFor.CENTRES)
        levels = list(effects.levels)
        beside = self._beside(covariances)
        for level, means in enumerate(self._means):
            follows = beside.get(level) or OwnEffects(np.linalg.inv(covariances[level]))
            coefficients, levels[level] = means.redrawn(coefficients, levels[level], follows, rng)
        drawn = Parameters(coefficients, found.residual, covariances)
        self._parameters = drawn.divided(found.scale)
        self._effects = summed(table, [own / found.scale[:, None] for own in levels])
        rng = self._rng(iteration, DrawnFor.UNITS)
        self._of_units = [
            each.drawn(
                own.with_effects_over(found.scale),
                self._effects.levels[each.responses.level],
                rng,
            )
            for each, own in zip(self._units, self._of_units, strict=True)
        ]
        return State(self._parameters, self._effects, tuple(self._of_units))

    def _beside(self, covariances: Sequence[np.ndarray]) -> dict[int, OwnEffects]:
        """What the variables of units say of the effects of their level."""
        return {
            each.responses.level: each.known_of_effects(own, covariances[each.responses.level])
            for each, own in zip(self._units, self._of_units, strict=True)
        }

    def _regression(self, total: np.ndarray, rng: np.random.Generator) -> Regression:
        """Coefficients and residual covariance given the completed sums."""
        rows, size = int(self._table.rows.sum()), self._table.n_responses
        return regression_of(total, rows, self._latents, size, self._prior, rng)


def no_effects(table: PatternTable) -> JointEffects:
    """Effects of nothing."""
    sizes = [parent.size for parent in table.parents]
    return summed(table, [np.zeros((table.n_responses, size)) for size in sizes])


def summed(table: PatternTable, levels: list[np.ndarray]) -> JointEffects:
    """Effects of all levels, with their sums at the lowest one."""
    whole = levels[0]
    for parent, own in zip(table.parents[1:], levels[1:], strict=True):
        whole = whole[:, parent] + own
    return JointEffects(tuple(levels), whole)
