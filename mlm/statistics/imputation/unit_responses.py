"""Incomplete variables of units, such as schools: a regression on what units have and on effects.

Given the effects u of a level, the variables w of its units are w = b'q + g'u + e, with q complete
columns that do not vary within units and e normal: together with u ~ N(0, Psi) this is their joint
normal model. So w tells of u as well, and u of what is missing in w.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.columns import Column
from mlm.statistics.imputation.joint_model import Prior
from mlm.statistics.imputation.latent_draws import latents_among, redraw_latents
from mlm.statistics.imputation.recursive_regression import regression_of
from mlm.statistics.imputation.tree_effects import OwnEffects


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
        Completed values and latents.
    coefficients : ndarray (k + d, m)
        Of the predictors q, then of the effects u.
    residual : ndarray (m, m)
        Covariance of what is left.
    """

    values: np.ndarray
    coefficients: np.ndarray
    residual: np.ndarray

    def with_effects_over(self, scale: np.ndarray) -> UnitState:
        """The same regression on effects that are divided by a scale (d,)."""
        coefficients = self.coefficients.copy()
        coefficients[-scale.size :] *= scale[:, None]
        return replace(self, coefficients=coefficients)

    def traced(self) -> np.ndarray:
        """Coefficients, then the logarithms of the residual variances."""
        return np.concatenate([self.coefficients.ravel(), np.log(np.diagonal(self.residual))])


class UnitRegression:
    """Draws the variables of units and their regression.

    Parameters
    ----------
    responses : UnitResponses
        The variables.
    scale : ndarray (d, d)
        Scale of the prior of the covariance of the effects, which is that of the coefficients too,
        as if effects and variables had one inverse Wishart prior in which they are independent.
    """

    def __init__(self, responses: UnitResponses, scale: np.ndarray):
        self.responses, self._scale, self._size = responses, scale, len(scale)
        self._latents, self._observed = responses.latents, responses.observed
        is_number = np.array([bool(c.powers) for c in responses.columns])
        self._means, self._spread = np.zeros(is_number.size), np.ones(is_number.size)
        for place in np.flatnonzero(is_number):
            known = responses.values[place, self._observed[place]]
            self._means[place] = known.mean()
            self._spread[place] = max(float(known.var()), np.finfo(float).eps)
        m = self._means.size
        self._prior = Prior(m, m * np.diag(self._spread), ())

    def start(self) -> UnitState:
        """Missing values at the mean, no regression."""
        values = np.where(np.isnan(self.responses.values), self._means[:, None], 0.0)
        values += np.nan_to_num(self.responses.values)
        k = len(self.responses.predictors)
        coefficients = np.zeros((k + self._size, self._means.size))
        coefficients[0] = self._means
        return UnitState(values, coefficients, np.diag(self._spread))

    def known_of_effects(self, state: UnitState, covariance: np.ndarray) -> OwnEffects:
        """What a state says of the effects (d, G) of the level, beside their covariance."""
        k = len(self.responses.predictors)
        slopes = state.coefficients[k:]
        weighted = np.linalg.solve(state.residual, slopes.T)
        left = state.values - state.coefficients[:k].T @ self.responses.known
        return OwnEffects(np.linalg.inv(covariance) + slopes @ weighted, weighted.T @ left)

    def drawn(self, state: UnitState, effects: np.ndarray, rng: np.random.Generator) -> UnitState:
        """The next state given effects.

        Parameters
        ----------
        state : UnitState
            Before.
        effects : ndarray (d, G)
            Of the level.
        rng : Generator
            Random numbers.
        """
        explaining = np.vstack([self.responses.known, effects])
        fixed = state.coefficients.T @ explaining
        values = state.values.copy()
        numbers = rng.random(values.shape)
        noise = rng.standard_normal(values.shape)
        for pattern in np.unique(self._observed, axis=1).T:
            units = np.flatnonzero((self._observed == pattern[:, None]).all(axis=0))
            seen, lacking = np.flatnonzero(pattern), np.flatnonzero(~pattern)
            left = values[np.ix_(seen, units)] - fixed[np.ix_(seen, units)]
            within = state.residual[np.ix_(seen, seen)]
            self._draw_latents(left, fixed, within, seen, units, numbers)
            latent = [i for i in seen.tolist() if self.responses.columns[i].indicators]
            own = left[np.isin(seen, latent)]
            values[np.ix_(latent, units)] = own + fixed[np.ix_(latent, units)]
            across = state.residual[np.ix_(seen, lacking)]
            slopes = np.linalg.solve(within, across)
            rest = state.residual[np.ix_(lacking, lacking)] - across.T @ slopes
            root = np.linalg.cholesky(0.5 * (rest + rest.T)) if lacking.size else rest
            own = slopes.T @ left + root @ noise[np.ix_(lacking, units)]
            values[np.ix_(lacking, units)] = fixed[np.ix_(lacking, units)] + own
        both = np.vstack([explaining, values])
        total, k = both @ both.T, len(self.responses.predictors)
        total[k : k + self._size, k : k + self._size] += self._scale
        found = regression_of(total, both.shape[1], self._latents, len(values), self._prior, rng)
        scale = found.scale
        residual = found.residual / np.outer(scale, scale)
        return UnitState(values / scale[:, None], found.coefficients / scale, residual)

    def _draw_latents(self, left, fixed, within, seen, units, numbers) -> None:
        latents = latents_among(self._latents, seen.tolist())
        if latents:
            codes = {name: self.responses.codes[name][units] for name in latents}
            own = numbers[np.ix_(seen, units)]
            around = fixed[np.ix_(seen, units)]
            redraw_latents(left, around, np.linalg.inv(within), latents, codes, own)
