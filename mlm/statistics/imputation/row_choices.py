"""Categories that rows lack, drawn given all that they have, latents integrated out.

Given the class of a row its numbers are normal, and so are the latents of the categories that the
class explains. Latents are differences of independent utilities, of variance 1/2 each, and that of
the reference: given the largest utility the others lie below it one by one, so that one integral is
left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from mlm.statistics.imputation.joint_model import Parameters, Recursion
from mlm.statistics.imputation.small_matrices import inverse

NODES = 24  # of the Gauss-Hermite rule
LEAST_PROBABILITY = 1e-300  # probability that none falls below, so that its logarithm is finite
SWEEPS = 10  # draws of each of several categories that a row lacks, given the others


@dataclass(frozen=True)
class RowClasses:
    """How some responses of rows hang on the indicators of their classes.

    Attributes
    ----------
    explained : ndarray of int (e,)
        Places of responses that rows have: numbers, and latents.
    slopes : ndarray (s, e)
        Coefficients of the indicators.
    precision : ndarray (e, e)
        Inverse of the covariance of what is left.
    """

    explained: np.ndarray
    slopes: np.ndarray
    precision: np.ndarray

    @classmethod
    def of(
        cls, parameters: Parameters, recursion: Recursion, explained: Sequence[int]
    ) -> RowClasses:
        """Those of some responses.

        Parameters
        ----------
        parameters : Parameters
            The model.
        recursion : Recursion
            Latents, and what their categories explain.
        explained : sequence of int
            Places of the responses.
        """
        at = np.asarray(explained, dtype=int)
        slopes = parameters.coefficients[recursion.complete :][:, at]
        precision = inverse(parameters.residual[np.ix_(at, at)])
        return cls(at, slopes, precision)

    def logarithms(self, left: np.ndarray, shown: np.ndarray, own: Sequence[int]) -> np.ndarray:
        """What each class of one variable gains (c + 1, n) over the reference, given the others.

        Parameters
        ----------
        left : ndarray (e, n)
            Responses less what all but the indicators explain.
        shown : ndarray (s, n)
            Indicators.
        own : sequence of int
            Places of those of the variable.
        """
        own = list(own)
        slopes = self.slopes[own] @ self.precision
        others = np.delete(np.arange(len(shown)), own)
        rest = left - self.slopes[others].T @ shown[others]
        square = np.sum(slopes * self.slopes[own], axis=1)
        gain = slopes @ rest - 0.5 * square[:, None]
        return np.vstack([np.zeros(left.shape[1]), gain])


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


def class_probabilities(expected: np.ndarray) -> np.ndarray:
    """Probabilities (c + 1, n) of the categories, the reference first.

    Parameters
    ----------
    expected : ndarray (c, n)
        Expectations of the latents.

    Source
    ------
    Hausman & Wise (1978), Econometrica 46, 403-426, for independent utilities.
    """
    if len(expected) == 1:
        above = ndtr(expected[0])
        return np.maximum([ndtr(-expected[0]), above], LEAST_PROBABILITY)
    means = np.sqrt(2.0) * np.vstack([np.zeros(expected.shape[1]), expected])
    at, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    found = np.empty_like(means)
    for own in range(len(means)):
        others = np.delete(means, own, axis=0)
        below = np.ones((NODES, means.shape[1]))
        for other in others:
            below *= ndtr(means[own] - other + at[:, None])
        found[own] = weights @ below
    return np.maximum(found / found.sum(axis=0), LEAST_PROBABILITY)


def drawn_classes(logarithms: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Categories (n,) drawn by the logarithms (c + 1, n) of their weights.

    Parameters
    ----------
    logarithms : ndarray (c + 1, n)
        Up to a constant of each column.
    numbers : ndarray (n,)
        Uniform between 0 and 1.
    """
    weights = np.exp(logarithms - logarithms.max(axis=0))
    reached = np.cumsum(weights, axis=0)
    return np.minimum((numbers * reached[-1] >= reached).sum(axis=0), len(weights) - 1)


def indicators_of(classes: np.ndarray, size: int) -> np.ndarray:
    """Indicators (c, n) of categories (n,), without that of the reference."""
    return (classes == np.arange(1, size + 1)[:, None]).astype(float)
