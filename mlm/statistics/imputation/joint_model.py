"""The joint model of what is incomplete: which columns answer, which explain, over which levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.columns import Column

LEAST_EXPECTED = 0.01  # of the residual variance, that a prior adds to a variance of effects


@dataclass(frozen=True)
class JointModel:
    """A multivariate normal model with random effects: x = B'q + sum of effects + e.

    Attributes
    ----------
    responses : tuple of Column
        Stored columns that the model explains together; some of them are incomplete.
        An indicator stands for the latent normal variable of its category.
    predictors : tuple of Column
        Complete stored columns q that explain them, the constant first.

    Source
    ------
    Schafer & Yucel (2002), J. Comput. Graph. Stat. 11, 437-457; Quartagno & Carpenter (2016),
    Stat. Med. 35, 2938-2954.
    """

    responses: tuple[Column, ...]
    predictors: tuple[Column, ...]

    @property
    def size(self) -> int:
        """Number of responses d."""
        return len(self.responses)

    @property
    def latents(self) -> dict[str, list[int]]:
        """Places of the latents of each variable that has categories."""
        found: dict[str, list[int]] = {}
        for place, column in enumerate(self.responses):
            if column.indicators:
                found.setdefault(column.indicators[0][0], []).append(place)
        return found


@dataclass(frozen=True)
class Parameters:
    """Parameters of a joint model, in stored columns.

    Attributes
    ----------
    coefficients : ndarray (k, d)
        B, of the predictors.
    residual : ndarray (d, d)
        Covariance of the rows' residuals.
    effects : tuple of ndarray (d, d)
        Covariance of the effects of each level, outermost first.
    """

    coefficients: np.ndarray
    residual: np.ndarray
    effects: tuple[np.ndarray, ...]

    def divided(self, scale: np.ndarray) -> Parameters:
        """The same with responses in units of ``scale`` (d,)."""
        both = np.outer(scale, scale)
        effects = tuple(matrix / both for matrix in self.effects)
        return Parameters(self.coefficients / scale, self.residual / both, effects)

    def traced(self) -> np.ndarray:
        """The numbers whose convergence is looked at: variances by their logarithm.

        Returns
        -------
        ndarray (t,)
            Coefficients, then of each covariance matrix, the residual's first, the logarithms of
            the variances and the correlations.
        """
        parts = [self.coefficients.ravel()]
        for matrix in (self.residual, *self.effects):
            sd = np.sqrt(np.diagonal(matrix))
            rows, columns = np.tril_indices(len(matrix), -1)
            parts += [2.0 * np.log(sd), (matrix / np.outer(sd, sd))[rows, columns]]
        return np.concatenate(parts)


@dataclass(frozen=True)
class Prior:
    """Inverse Wishart priors: each is worth ``degrees`` observations with these mean squares.

    Attributes
    ----------
    degrees : int
        Degrees of freedom, the fewest that are proper: the number of responses.
    residual : ndarray (d, d)
        Scale of the residual covariance, degrees times an expected one.
    effects : tuple of ndarray (d, d)
        Scales of the covariances of effects.
    """

    degrees: int
    residual: np.ndarray
    effects: tuple[np.ndarray, ...]

    @classmethod
    def around(cls, start: Parameters) -> Prior:
        """Priors as light as they can be, around the estimates that the chains start from.

        Effects that are estimated as nothing are expected to have a small variance.
        """
        d = len(start.residual)
        least = LEAST_EXPECTED * np.diag(np.diagonal(start.residual))
        return cls(d, d * start.residual, tuple(d * (matrix + least) for matrix in start.effects))
