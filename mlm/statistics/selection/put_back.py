"""The clearest effect that a submodel lacks: each dropped term put back alone.

Read off the estimates of the full model, its variance components held; no model is fitted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from mlm.nouns.model import Term
from mlm.results.coefficient import Term as Coefficient
from mlm.statistics.fitting.fit import Fit

CLEAR_BY_ITSELF = 4.0  # |z| of an effect that no model should lack unnoticed


@dataclass(frozen=True)
class EffectPutBack:
    """An effect that a submodel would have if one of its dropped terms were put back.

    Attributes
    ----------
    coefficient : Coefficient
        Its place among the coefficients of the full model.
    z : float
        Its size over its standard error, in the submodel with that term.
    """

    coefficient: Coefficient
    z: float


class PutBack:
    """Looks for the clearest effect that submodels of a full model lack.

    Parameters
    ----------
    full : Fit
        The full model by ML.
    """

    def __init__(self, full: Fit):
        self._full = full
        self._precision = np.linalg.inv(full.covariance)
        self._score = self._precision @ full.beta
        self._names = np.array(full.terms)

    def clearest(self, dropped: Collection[Term]) -> EffectPutBack | None:
        """The effect with the largest |z| of the terms that could enter a submodel alone.

        A term whose margins are dropped too could not: its margins are put back without it.
        """
        gone = np.isin(self._names, [str(term) for term in dropped])
        kept = np.flatnonzero(~gone)
        best: EffectPutBack | None = None
        for term in dropped:
            if any(term is not other and term.contains(other) for other in dropped):
                continue
            columns = np.flatnonzero(self._names == str(term))
            for column, z in zip(columns, self._z(kept, columns), strict=True):
                if best is None or abs(z) > abs(best.z):
                    best = EffectPutBack(self._full.coefficients[column], float(z))
        return best

    def _z(self, kept: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Of some columns beside those that are kept."""
        p, beside = self._precision, self._precision[kept[:, None], columns]
        solved = np.linalg.solve(p[kept[:, None], kept], beside)
        left = p[columns[:, None], columns] - beside.T @ solved
        beta = np.linalg.solve(left, self._score[columns] - solved.T @ self._score[kept])
        return beta / np.sqrt(np.diagonal(np.linalg.inv(left)))
