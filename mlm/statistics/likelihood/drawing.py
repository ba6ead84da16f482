"""What draws of a response need in every structure: the model in stored columns, and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.basis import working_level
from mlm.statistics.likelihood.elimination import EliminationStep
from mlm.statistics.likelihood.gains import DEPENDENT_SHARE
from mlm.statistics.likelihood.symmetric_root import scaled_root
from mlm.statistics.likelihood.working_tree import WorkingTree


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


def stored_tree(stats: CrossProducts) -> WorkingTree:
    """The levels of a sample with all their candidates as random columns, in the stored columns."""
    identity = np.eye(len(stats.columns))
    return WorkingTree(
        tuple(
            working_level(
                level, np.array(places_of(level, stats)), np.eye(len(level.candidates)), identity
            )
            for level in stats.levels
        )
    )


@dataclass(frozen=True)
class Noise:
    """How sums of the residuals come from standard normal numbers.

    Attributes
    ----------
    steps : list of EliminationStep
        The levels with effects of any size: what a level's columns explain has the factors
        ``left``, one a group.
    root : ndarray (m, m)
        Factor of what all levels leave.
    projector : ndarray (m, m)
        On the space in which its numbers have their values.
    degrees : int
        Dimensions of the residuals that no column reaches.
    """

    steps: list[EliminationStep]
    root: np.ndarray
    projector: np.ndarray
    degrees: int

    def rest(self, rng: np.random.Generator) -> tuple[np.ndarray, float]:
        """Sums (m,) of what is orthogonal to all levels, and its square, over sigma."""
        numbers = self.projector @ rng.standard_normal(len(self.root))
        square = float(numbers @ numbers)
        square += float(rng.chisquare(self.degrees)) if self.degrees else 0.0
        return numbers @ self.root, square


def noise_of(
    steps: list[EliminationStep], left: np.ndarray, before: np.ndarray, y: int, n_obs: int
) -> Noise:
    """The factors of all sums of the residuals.

    Parameters
    ----------
    steps : list of EliminationStep
        The levels, eliminated with effects of any size.
    left, before : ndarray (m, m)
        Cross-products once they are eliminated, and before.
    y : int
        Place of the response, which is left out.
    n_obs : int
        Rows.
    """
    left, square = left.copy(), np.diagonal(before).copy()
    left[y], left[:, y], square[y] = 0.0, 0.0, 0.0
    scale = np.sqrt(np.where(square > 0.0, square, 1.0))
    root, space = scaled_root(left, scale, DEPENDENT_SHARE * len(left))
    used = _dimensions(*(step.gains.space for step in steps), space)
    return Noise(steps, root, space, n_obs - used)


def numbers_in(spaces: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Standard normal numbers (G, c) in the spaces of projectors (G, c, c)."""
    return np.einsum("gab,gb->ga", spaces, rng.standard_normal(spaces.shape[:2]))


def _dimensions(*projectors: np.ndarray) -> int:
    """Dimensions of the spaces of projectors (..., c, c), added up."""
    return sum(round(float(np.trace(space, axis1=-2, axis2=-1).sum())) for space in projectors)
