"""What rows tell of a category that they lack: the numbers, and categories further on.

Given the class of a row its numbers are normal, and so are the latents of the categories that the
class explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.joint_model import Parameters, Recursion


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
        """Those of some responses."""
        at = np.asarray(explained, dtype=int)
        slopes = parameters.coefficients[recursion.complete :][:, at]
        precision = np.linalg.inv(parameters.residual[np.ix_(at, at)])
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
        others = np.setdiff1d(np.arange(len(shown)), own)
        rest = left - self.slopes[others].T @ shown[others]
        square = np.sum(slopes * self.slopes[own], axis=1)
        gain = slopes @ rest - 0.5 * square[:, None]
        return np.vstack([np.zeros(left.shape[1]), gain])
