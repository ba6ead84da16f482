"""The regression of the variables of units, and draws of what they lack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from mlm.statistics.imputation.joint_model import FURTHER_DEGREES, WIDEST_LATENT, Prior
from mlm.statistics.imputation.latent_draws import categories_of
from mlm.statistics.imputation.latents.moves import OuterEffects
from mlm.statistics.imputation.recursive_regression import ScaleMove, regression_of, utilities
from mlm.statistics.imputation.small_matrices import inverse
from mlm.statistics.imputation.tree_effects import UnitInformation
from mlm.statistics.imputation.units.inwards import Inwards
from mlm.statistics.imputation.units.latents import UnitLatents
from mlm.statistics.imputation.units.responses import (
    UnitResponses,
    UnitState,
    innermost_first,
)


class UnitRegression:
    """Draws the variables of units and their regression.

    Parameters
    ----------
    responses : UnitResponses
        The variables.
    around : int
        Variables of units around that explain them, v.
    first : int
        Place of the effects on the first of them among those of the levels around.
    """

    def __init__(self, responses: UnitResponses, around: int = 0, first: int = 0):
        self.responses, self._around, self.first = responses, around, first
        self.level, self._latents = responses.level, responses.latents
        self.recursion = responses.recursion
        self._observed = responses.observed
        is_number = np.array([bool(c.powers) for c in responses.columns])
        self._means, self.spread = np.zeros(is_number.size), np.ones(is_number.size)
        for place in np.flatnonzero(is_number):
            known = responses.values[place, self._observed[place]]
            self._means[place] = known.mean()
            self.spread[place] = max(float(known.var()), np.finfo(float).eps)
        m = self._means.size
        self._prior = Prior(m + FURTHER_DEGREES, np.diag(self.spread), np.zeros(m))
        self._lacking = [np.flatnonzero(~own) for own in self._observed]
        self._numbers = [i for i in np.flatnonzero(is_number) if self._lacking[i].size]

    @property
    def depth(self) -> int:
        """Nested levels around the units."""
        return self.responses.depth

    @property
    def size(self) -> int:
        """Variables m."""
        return self._means.size

    @property
    def widths(self) -> np.ndarray:
        """Scales (m,) of the priors of standard deviations of effects on the variables."""
        found = np.sqrt(self.spread)
        found[self.latents] = WIDEST_LATENT
        return found

    @property
    def latents(self) -> list[int]:
        """Places of latents among the variables."""
        return self.recursion.behind

    def start(self) -> UnitState:
        """Missing values at the mean, latents on the side of their category; no regression."""
        values = np.where(np.isnan(self.responses.values), self._means[:, None], 0.0)
        values += np.nan_to_num(self.responses.values)
        for name, places in self._latents.items():
            for order, place in enumerate(places, start=1):
                values[place] = np.where(self.responses.codes[name] == order, 1.0, -1.0)
                values[place, self.responses.codes[name] < 0] = 0.0
        coefficients = np.zeros((len(self.recursion.explains), self.size))
        coefficients[0] = self._means
        slopes, shown = np.zeros((self._around, self.size)), self._shown(values)
        residual = np.diag(self.spread)
        for places in self._latents.values():
            residual[np.ix_(places, places)] = utilities(len(places))
        return UnitState(values, shown, coefficients, slopes, residual, self.recursion)

    def _shown(self, values: np.ndarray) -> np.ndarray:
        """Numbers, and indicators of what latents stand for."""
        out = values.copy()
        for places in self._latents.values():
            found = categories_of(values[places])
            out[places] = found == np.arange(1, len(places) + 1)[:, None]
        return out

    def information(self, state: UnitState, around: np.ndarray) -> UnitInformation:
        """What a state tells of the effects of the levels around.

        Parameters
        ----------
        state : UnitState
            The state.
        around : ndarray (v, G)
            Variables of the units around.
        """
        left = state.values - state.expected(self.responses.known, around) - state.reach
        return UnitInformation(inverse(state.residual), left)

    def values_drawn(
        self,
        state: UnitState,
        expected: np.ndarray,
        around: np.ndarray,
        inwards: Inwards,
        outer: Sequence[OuterEffects],
        rng: np.random.Generator,
    ) -> UnitState:
        """The state with what is missing, and latents, drawn one after the other.

        What explains a latent is moved before it is drawn: coefficients, and effects in place.

        Parameters
        ----------
        state : UnitState
            Before.
        expected : ndarray (m, G)
            What predictors, units around and effects explain.
        around : ndarray (v, G)
            Variables of the units around.
        inwards : Inwards
            What lies inside the units tells.
        outer : sequence of OuterEffects
            Effects of the levels around; those on latents are moved.
        rng : Generator
            Random numbers.
        """
        values, shown = state.values.copy(), state.shown.copy()
        if self._numbers:
            own, numbers = inverse(state.residual), rng.random(values.shape)
            fixed = expected + state.reach
            for place in self._numbers:
                at = self._lacking[place]
                precision = own[place, place] + inwards.precision[place, place, at]
                pull = own[place] @ (fixed - values)[:, at] + own[place, place] * values[place, at]
                pull += inwards.pull(shown, place, at)
                drawn = pull / precision + ndtri(numbers[place, at]) / np.sqrt(precision)
                values[place, at] = shown[place, at] = drawn
        drawn = UnitLatents(
            self.responses, replace(state, values=values, shown=shown), expected, self.first, rng
        )
        for name in self._latents:
            drawn.moved(name, around, outer)
            drawn.drawn(name, inwards)
        return drawn.state

    def regression_drawn(
        self,
        state: UnitState,
        around: np.ndarray,
        effects: np.ndarray,
        beside: ScaleMove,
        rng: np.random.Generator,
    ) -> tuple[UnitState, np.ndarray]:
        """The state with its regression drawn, and the scale (m,) that was taken out of latents.

        Parameters
        ----------
        state : UnitState
            Before.
        around : ndarray (v, G)
            Variables of the units around.
        effects : ndarray (m, G)
            Of the levels around, in sum.
        beside : ScaleMove
            What tells of the scale of latents beside the units.
        rng : Generator
            Random numbers.
        """
        k, first = len(self.responses.predictors), len(self.recursion.explains)
        known = self.responses.known
        both = np.vstack([known, state.indicators, around, state.values - effects])
        found = regression_of(
            both @ both.T,
            both.shape[1],
            self._latents,
            self.size,
            self._prior,
            rng,
            ridged=k,
            beside=beside,
            recursion=self.recursion,
        )
        drawn = replace(
            state,
            coefficients=found.coefficients[:first],
            slopes=found.coefficients[first:],
            residual=found.residual,
        )
        return drawn.divided(found.scale), found.scale


def regressions_of(units: Sequence[UnitResponses], responses: int) -> list[UnitRegression]:
    """Regressions of the variables of units, each explained by those of the units around.

    Parameters
    ----------
    units : sequence of UnitResponses
        Nested ones, the outermost first, then crossed ones.
    responses : int
        Responses of rows.
    """
    first, done = {}, responses
    for each in innermost_first(units):
        first[each.level] = done
        done += len(each.columns)
    nested = [each for each in units if each.around is None]
    return [
        UnitRegression(
            each,
            sum(len(outer.columns) for outer in nested if outer.level < each.depth),
            first[each.level],
        )
        for each in units
    ]
