"""Incomplete variables of units, such as schools: a model of their own, one level further out.

The variables w of the units of a level are w = b'q + g'v + s + e: q complete columns that do not
vary within units, v the variables of units around them, s the effects of the levels around, which
vary together with those of the rows, and e normal; categories have latent normal variables. The
rows, and the variables of units further in, are explained by numbers and by indicators of the
categories in turn. So w tells of them, and they of what is missing in w.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from mlm.nouns.columns import Column
from mlm.statistics.imputation.joint_model import (
    FURTHER_DEGREES,
    WIDEST_LATENT,
    Prior,
    traced_covariance,
)
from mlm.statistics.imputation.latent_draws import categories_of, sides_of
from mlm.statistics.imputation.latent_moves import LatentMove, OuterEffects
from mlm.statistics.imputation.recursive_regression import ScaleMove, regression_of
from mlm.statistics.imputation.small_matrices import inverse, solved
from mlm.statistics.imputation.tree_effects import UnitInformation
from mlm.statistics.imputation.units.latents import Choice, Inwards, pull_of, with_slopes


@dataclass(frozen=True)
class UnitResponses:
    """Incomplete variables of the units of a level.

    Attributes
    ----------
    level : int
        Place of the level, outermost first.
    columns : tuple of Column
        Stored columns w; an indicator stands for the latent normal variable of its category.
    values : ndarray (m, G)
        Their values; NaN where they are missing, and of latents.
    codes : mapping of str to ndarray of int (G,)
        By variable with latents the position of its category, -1 where it is missing.
    predictors : tuple of Column
        Complete columns q that do not vary within the units,
    known : ndarray (k, G)
        and their values.
    """

    level: int
    columns: tuple[Column, ...]
    values: np.ndarray
    codes: Mapping[str, np.ndarray]
    predictors: tuple[Column, ...]
    known: np.ndarray

    @property
    def latents(self) -> dict[str, list[int]]:
        """Places of the latents of each variable that has categories."""
        found: dict[str, list[int]] = {}
        for place, column in enumerate(self.columns):
            if column.indicators:
                found.setdefault(column.indicators[0][0], []).append(place)
        return found

    @property
    def observed(self) -> np.ndarray:
        """Which values, or categories behind latents, (m, G) of bool are there."""
        out = ~np.isnan(self.values)
        for name, places in self.latents.items():
            out[places] = self.codes[name] >= 0
        return out


@dataclass(frozen=True)
class UnitState:
    """Completed variables of units, and the regression that they follow.

    Attributes
    ----------
    values : ndarray (m, G)
        Completed numbers, and latents.
    shown : ndarray (m, G)
        Completed numbers, and indicators of the categories: what explains others.
    coefficients : ndarray (k, m)
        Of the predictors.
    slopes : ndarray (v, m)
        Of what explains them of the units around.
    residual : ndarray (m, m)
        Covariance of what is left.
    latents : tuple of int
        Places of latents, whose residual scale is set.
    """

    values: np.ndarray
    shown: np.ndarray
    coefficients: np.ndarray
    slopes: np.ndarray
    residual: np.ndarray
    latents: tuple[int, ...] = ()

    def expected(self, known: np.ndarray, around: np.ndarray) -> np.ndarray:
        """What predictors (k, G) and variables of units around (v, G) explain, (m, G)."""
        return self.coefficients.T @ known + self.slopes.T @ around

    def divided(self, scale: np.ndarray) -> UnitState:
        """The same with the variables in units of a scale (m,)."""
        return replace(
            self,
            values=self.values / scale[:, None],
            coefficients=self.coefficients / scale,
            slopes=self.slopes / scale,
            residual=self.residual / np.outer(scale, scale),
        )

    def traced(self) -> np.ndarray:
        """Coefficients, slopes, then standard deviations and correlations of the residuals."""
        told = traced_covariance(self.residual, self.latents)
        return np.concatenate([self.coefficients.ravel(), self.slopes.ravel(), told])


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
        return [place for places in self._latents.values() for place in places]

    def start(self) -> UnitState:
        """Missing values at the mean, latents on the side of their category; no regression."""
        values = np.where(np.isnan(self.responses.values), self._means[:, None], 0.0)
        values += np.nan_to_num(self.responses.values)
        for name, places in self._latents.items():
            for order, place in enumerate(places, start=1):
                values[place] = np.where(self.responses.codes[name] == order, 1.0, -1.0)
                values[place, self.responses.codes[name] < 0] = 0.0
        coefficients = np.zeros((len(self.responses.predictors), self.size))
        coefficients[0] = self._means
        slopes, shown = np.zeros((self._around, self.size)), self._shown(values)
        residual, latents = np.diag(self.spread), tuple(self.latents)
        return UnitState(values, shown, coefficients, slopes, residual, latents)

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
        left = state.values - state.expected(self.responses.known, around)
        return UnitInformation(inverse(state.residual), left)

    def values_drawn(
        self,
        state: UnitState,
        expected: np.ndarray,
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
        inwards : Inwards
            What lies inside the units tells.
        outer : sequence of OuterEffects
            Effects of the levels around; those on latents are moved.
        rng : Generator
            Random numbers.
        """
        own, values, shown = inverse(state.residual), state.values.copy(), state.shown.copy()
        if not self._numbers and not self._latents:
            return state
        numbers = rng.random(values.shape)
        for place in self._numbers:
            at = self._lacking[place]
            precision = own[place, place] + inwards.precision[place, place, at]
            pull = own[place] @ (expected - values)[:, at] + own[place, place] * values[place, at]
            pull += pull_of(inwards, shown, place, at)
            drawn = pull / precision + ndtri(numbers[place, at]) / np.sqrt(precision)
            values[place, at] = shown[place, at] = drawn
        return self._latents_drawn(state, expected.copy(), values, shown, inwards, outer, rng)

    def _latents_drawn(
        self, state: UnitState, expected, values, shown, inwards: Inwards, outer, rng
    ) -> UnitState:
        """The state with its latents drawn, what explains them moved before."""
        b, residual = state.coefficients.copy(), state.residual
        numbers, known = rng.random(values.shape), self.responses.known
        for name, places in self._latents.items():
            code, done = self.responses.codes[name], self._before(name)
            for place in places:
                own = inverse(residual)
                rest = own[place] @ (expected - values) + own[place, place] * values[place]
                mean, spread = rest / own[place, place], own[place, place] ** -0.5
                sides = sides_of(place, places, values, code, spread)
                move = LatentMove(sides, mean, rng)
                slopes = solved(residual[np.ix_(done, done)], residual[done, place])
                further = np.vstack([known, values[done] - expected[done]])
                moved = move.coefficients(further, np.append(b[:, place], slopes), len(known))
                expected[place] += (moved[: len(known)] - b[:, place]) @ known
                b[:, place] = moved[: len(known)]
                residual = with_slopes(residual, done, places, place, moved[len(known) :])
                before = move.expected
                for level in outer:
                    level.place = self.first + place
                    move.effects(level)
                    move.length(level)
                expected[place] += move.expected - before
                drawn = sides.drawn(move.expected, numbers[place])
                at = self._lacking[place]
                if at.size:
                    choice = Choice(place, places, at, move.expected[at], spread)
                    drawn[at] = choice.drawn(values, shown, inwards, numbers[place, at])
                values[place] = drawn
        return replace(state, values=values, shown=shown, coefficients=b, residual=residual)

    def _before(self, name: str) -> list[int]:
        """Latents of other variables that the last variable with latents alone is regressed on.

        What comes after a variable would tell of its latents too: with numbers, or of the
        variables before the last, nothing is moved.
        """
        *others, last = self._latents
        if name != last or len(self.latents) < self.size:
            return []
        return [place for other in others for place in self._latents[other]]

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
        k = len(self.responses.predictors)
        both = np.vstack([self.responses.known, around, state.values - effects])
        found = regression_of(
            both @ both.T,
            both.shape[1],
            self._latents,
            self.size,
            self._prior,
            rng,
            ridged=k,
            beside=beside,
        )
        drawn = replace(
            state,
            coefficients=found.coefficients[:k],
            slopes=found.coefficients[k:],
            residual=found.residual,
        )
        return drawn.divided(found.scale), found.scale


def regressions_of(units: Sequence[UnitResponses], responses: int) -> list[UnitRegression]:
    """Regressions of the variables of units, each explained by those of the units around.

    Parameters
    ----------
    units : sequence of UnitResponses
        The outermost first.
    responses : int
        Responses of rows.
    """
    sizes = [len(each.columns) for each in units]
    return [
        UnitRegression(each, sum(sizes[:i]), responses + sum(sizes[i + 1 :]))
        for i, each in enumerate(units)
    ]
