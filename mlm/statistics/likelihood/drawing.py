"""What draws of a response need in every structure: the model in stored columns, and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.symmetric_root import scaled_inverse_roots, scaled_root

# share of a column's square, beyond the columns before it, that counts as rounding
DEPENDENT_SHARE = 1e-10


@dataclass(frozen=True)
class DrawnModel:
    """A model with its parameters, in the stored columns of a sample.

    Attributes
    ----------
    response : int
        Place of the response among the stored columns.
    mean : ndarray (k,)
        Fixed part of the stored response, as a combination of the stored columns.
    sigma : float
        Residual standard deviation of the stored response.
    roots : list of ndarray (c, r)
        For each level and then each crossed factor, a root of the covariance of the effects of its
        candidates.
    """

    response: int
    mean: np.ndarray
    sigma: float
    roots: list[np.ndarray]


def places_of(level, stats: CrossProducts) -> list[int]:
    """Places of a level's candidates among the stored columns."""
    return [stats.columns.positions[c] for c in level.candidates]


def inverse_root(inner: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """H (G, c, c) with ``H'H = C^-`` of matrices C (G, c, c), and projectors on what counts.

    ``squares`` are the matrices before others were made orthogonal, against which rounding is told.
    """
    diagonal = np.diagonal(squares, axis1=1, axis2=2)
    scale = np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    return scaled_inverse_roots(inner, scale, 10.0 * DEPENDENT_SHARE)


def remaining_root(left: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A root (m, m) of what is left of a matrix (m, m) whose diagonal was ``before``; projector."""
    scale = np.sqrt(np.where(before > 0.0, before, 1.0))
    return scaled_root(left, scale, DEPENDENT_SHARE * len(left))


def numbers_in(spaces: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Standard normal numbers (G, c) in the spaces of projectors (G, c, c)."""
    return np.einsum("gab,gb->ga", spaces, rng.standard_normal(spaces.shape[:2]))


def dimensions(*projectors: np.ndarray) -> int:
    """Dimensions of the spaces of projectors (..., c, c), added up."""
    return sum(round(float(np.trace(space, axis1=-2, axis2=-1).sum())) for space in projectors)
