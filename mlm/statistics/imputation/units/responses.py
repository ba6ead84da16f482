"""Incomplete variables of units, such as schools: a model of their own, one level further out.

The variables w of the units of a level are w = b'q + g'v + s + e: q complete columns that do not
vary within units, v the variables of units around them, s the effects of the levels around, which
vary together with those of the rows, and e normal; categories have latent normal variables, and
explain, as among rows, the latents of those after them and all numbers. The rows, and the variables
of units further in, are explained by numbers and by indicators of the categories in turn. So w
tells of them, and they of what is missing in w.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.columns import Column
from mlm.statistics.imputation.joint_model import Recursion, traced_covariance


@dataclass(frozen=True)
class UnitResponses:
    """Incomplete variables of the units of a level.

    Attributes
    ----------
    level : int
        Place of the level: nested ones come first, the outermost before all, then crossed ones.
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
    around : int or None
        Of crossed units, the nested levels that they lie in; None: the units are nested.
    """

    level: int
    columns: tuple[Column, ...]
    values: np.ndarray
    codes: Mapping[str, np.ndarray]
    predictors: tuple[Column, ...]
    known: np.ndarray
    around: int | None = None

    @property
    def depth(self) -> int:
        """Nested levels around the units."""
        return self.level if self.around is None else self.around

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

    @property
    def recursion(self) -> Recursion:
        """Which predictors and categories explain what."""
        return Recursion.of(self.latents, len(self.predictors), len(self.columns))


def innermost_first(units: Iterable[UnitResponses]) -> list[UnitResponses]:
    """Variables of units in the order of the effects on them, which levels around have."""
    return sorted(units, key=lambda each: (-each.depth, each.around is not None, each.level))


@dataclass(frozen=True)
class UnitState:
    """Completed variables of units, and the regression that they follow.

    Attributes
    ----------
    values : ndarray (m, G)
        Completed numbers, and latents.
    shown : ndarray (m, G)
        Completed numbers, and indicators of the categories: what explains others.
    coefficients : ndarray (k + s, m)
        Of the predictors, and of indicators of the categories.
    slopes : ndarray (v, m)
        Of what explains them of the units around.
    residual : ndarray (m, m)
        Covariance of what is left.
    recursion : Recursion
        Latents, whose residual covariances are set, and what categories explain.
    """

    values: np.ndarray
    shown: np.ndarray
    coefficients: np.ndarray
    slopes: np.ndarray
    residual: np.ndarray
    recursion: Recursion

    @property
    def indicators(self) -> np.ndarray:
        """Indicators (s, G) of the categories."""
        return self.shown[self.recursion.behind]

    def expected(self, known: np.ndarray, around: np.ndarray) -> np.ndarray:
        """What predictors (k, G) and variables of units around (v, G) explain, (m, G)."""
        return self.coefficients[: len(known)].T @ known + self.slopes.T @ around

    @property
    def reach(self) -> np.ndarray:
        """What the categories explain beside that, (m, G)."""
        return self.coefficients[self.recursion.complete :].T @ self.indicators

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
        told, free = self.recursion, self.coefficients[self.recursion.explains]
        residual = traced_covariance(self.residual[np.ix_(told.numbers, told.numbers)])
        return np.concatenate([free, self.slopes.ravel(), residual])
