"""The latent normal variables of the categories of units, and categories that are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.statistics.imputation.latent_draws import chosen_anew
from mlm.statistics.imputation.latents.moved_latents import MovedLatents
from mlm.statistics.imputation.latents.moves import OuterEffects
from mlm.statistics.imputation.row_choices import RowClasses, indicators_of
from mlm.statistics.imputation.small_matrices import inverse
from mlm.statistics.imputation.units.inwards import Inwards
from mlm.statistics.imputation.units.responses import UnitResponses, UnitState


class UnitLatents:
    """Latents of the variables of units while they are drawn, and what explains them.

    Parameters
    ----------
    responses : UnitResponses
        The variables.
    state : UnitState
        Before.
    expected : ndarray (m, G)
        What predictors, units around and effects explain.
    first : int
        Place of the effects on the first variable among those of the levels around.
    rng : Generator
        Random numbers.
    """

    def __init__(
        self,
        responses: UnitResponses,
        state: UnitState,
        expected: np.ndarray,
        first: int,
        rng: np.random.Generator,
    ):
        self._responses, self._told, self._first, self._rng = (
            responses,
            state.recursion,
            first,
            rng,
        )
        self._state = replace(
            state,
            values=state.values.copy(),
            shown=state.shown.copy(),
            coefficients=state.coefficients.copy(),
            slopes=state.slopes.copy(),
        )
        self._expected = expected + state.reach

    @property
    def state(self) -> UnitState:
        """The state as it is now."""
        return self._state

    def moved(self, name: str, around: np.ndarray, outer: Sequence[OuterEffects]) -> None:
        """Draw the latents of one variable given its categories; move what explains them before.

        Parameters
        ----------
        name : str
            The variable.
        around : ndarray (v, G)
            Variables of the units around.
        outer : sequence of OuterEffects
            Effects of the levels around; those on the latents are moved.
        """
        state, told, places = self._state, self._told, self._told.latents[name]
        known = self._responses.known
        rows = np.flatnonzero(told.explains[:, places[0]])
        shown = state.shown[[told.behind[row - told.complete] for row in rows[len(known) :]]]
        latents = MovedLatents(
            state.values[places],
            self._expected[places],
            (np.arange(1.0, len(places) + 1.0) @ state.shown[places]).astype(int),
            np.vstack([known, shown, around]),
            np.vstack([state.coefficients[np.ix_(rows, places)], state.slopes[:, places]]),
            rows.size,
        )
        variance = float(state.residual[places[0], places[0]])
        latents.moved(variance, outer, self._first + places[0], self._rng)
        state.values[places], self._expected[places] = latents.values, latents.expected
        state.coefficients[np.ix_(rows, places)] = latents.coefficients[: rows.size]
        state.slopes[:, places] = latents.coefficients[rows.size :]

    def drawn(self, name: str, inwards: Inwards) -> None:
        """Draw the categories of one variable that are missing, and latents behind them.

        Parameters
        ----------
        name : str
            The variable.
        inwards : Inwards
            What lies inside the units tells.
        """
        at = np.flatnonzero(self._responses.codes[name] < 0)
        if not at.size:
            return
        state, places = self._state, self._told.latents[name]
        gains = self._logarithms(name, at) + inwards.logarithms(state.shown, places, at)
        precision = inverse(state.residual[np.ix_(places, places)])
        values, expected = state.values[np.ix_(places, at)], self._expected[np.ix_(places, at)]
        chosen = chosen_anew(values, expected, precision, gains, self._rng)
        state.values[np.ix_(places, at)] = values
        shown = indicators_of(chosen, len(places))
        own = state.coefficients[self._told.shown[name]]
        self._expected[:, at] += own.T @ (shown - state.shown[np.ix_(places, at)])
        state.shown[np.ix_(places, at)] = shown

    def _logarithms(self, name: str, at: np.ndarray) -> np.ndarray:
        """What the other variables of some units tell of each category (c + 1, n)."""
        state, told = self._state, self._told
        others = np.delete(np.arange(len(state.values)), told.latents[name])
        slopes = state.coefficients[told.complete :][:, others]
        classes = RowClasses(others, slopes, inverse(state.residual[np.ix_(others, others)]))
        shown = state.shown[np.ix_(told.behind, at)]
        left = state.values[np.ix_(others, at)] - self._expected[np.ix_(others, at)]
        left += slopes.T @ shown
        own = [place - told.complete for place in told.shown[name]]
        return classes.logarithms(left, shown, own)
