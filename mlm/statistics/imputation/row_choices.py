"""Categories that rows lack, drawn given all that they have, latents integrated out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlm.statistics.imputation.class_probabilities import (
    class_probabilities,
    drawn_classes,
    indicators_of,
)
from mlm.statistics.imputation.joint_model import Parameters, Recursion
from mlm.statistics.imputation.row_classes import RowClasses

SWEEPS = 10  # draws of each of several categories that a row lacks, given the others


class RowChoice:
    """Draws the categories of some rows that lack the same.

    Parameters
    ----------
    parameters : Parameters
        The model.
    recursion : Recursion
        Latents, and what their categories explain.
    around : ndarray (d, n)
        What complete predictors and effects explain.
    seen : sequence of int
        Places of the numbers that the rows have.
    given : ndarray (s, n)
        These numbers.
    """

    def __init__(
        self,
        parameters: Parameters,
        recursion: Recursion,
        around: np.ndarray,
        seen: Sequence[int],
        given: np.ndarray,
    ):
        self._told, self._around = recursion, around
        self._slopes = parameters.coefficients[recursion.complete :]
        self._numbers = RowClasses.of(parameters, recursion, seen)
        self._left = given - around[self._numbers.explained]

    def drawn(self, codes: Mapping[str, np.ndarray], numbers: np.ndarray) -> np.ndarray:
        """Indicators (i, n) of all categories, those that are missing drawn.

        One category that is missing has its distribution given all else; several are drawn one
        after the other, again and again.

        Parameters
        ----------
        codes : mapping of str to ndarray of int (n,)
            By variable the position of each row's category, -1 in all rows where it is missing.
        numbers : ndarray (SWEEPS d, n)
            Uniform between 0 and 1.
        """
        shown = np.zeros((self._told.indicators, self._around.shape[1]))
        missing = []
        for name in self._told.latents:
            own = self._own(name)
            if codes[name].size and codes[name][0] >= 0:
                shown[own] = indicators_of(codes[name], len(own))
            else:
                missing.append(name)
        d = len(self._around)
        for sweep in range(SWEEPS if len(missing) > 1 else 1):
            for name in missing:
                own, first = self._own(name), self._told.latents[name][0]
                chosen = drawn_classes(self._weights(name, shown), numbers[sweep * d + first])
                shown[own] = indicators_of(chosen, len(own))
        return shown

    def _own(self, name: str) -> list[int]:
        """Places of the indicators of a variable among all indicators."""
        return [place - self._told.complete for place in self._told.shown[name]]

    def _weights(self, name: str, shown: np.ndarray) -> np.ndarray:
        """Logarithms (c + 1, n) of the weights of the categories of a variable."""
        own, names = self._own(name), list(self._told.latents)
        found = np.log(self._probabilities(name, shown))
        found += self._numbers.logarithms(self._left, shown, own)
        for other in names[names.index(name) + 1 :]:
            there = np.vstack([np.zeros(shown.shape[1]), shown[self._own(other)]])
            position, rows = there.argmax(axis=0), np.arange(shown.shape[1])
            for chosen in range(len(own) + 1):
                tried = shown.copy()
                tried[own] = indicators_of(np.full(rows.size, chosen), len(own))
                found[chosen] += np.log(self._probabilities(other, tried)[position, rows])
        return found

    def _probabilities(self, name: str, shown: np.ndarray) -> np.ndarray:
        latents = self._told.latents[name]
        return class_probabilities(self._around[latents] + self._slopes[:, latents].T @ shown)
