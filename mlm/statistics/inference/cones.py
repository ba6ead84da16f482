"""Projections of normal vectors on products of cones of covariance matrices."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

WEIGHT_PROJECTIONS = 100_000  # projections that give weights
ROOT_HALF = np.sqrt(0.5)
STEPS = 400  # steps of the accelerated projected gradient
LENGTH_ROUNDING = 1e-9  # relative, of squared lengths


@dataclass(frozen=True)
class Cone:
    """A product of cones of positive semidefinite matrices, and a metric.

    Attributes
    ----------
    sizes : tuple of int
        Rows of each matrix; 1 is a variance.
    n_free : int
        Further parameters of any sign, already taken out of the information.
    information : ndarray (d, d)
        Metric over the lower triangles of the matrices, row by row, one matrix after the other.
    """

    sizes: tuple[int, ...]
    n_free: int
    information: np.ndarray


def cone_weights(cone: Cone, rng: np.random.Generator) -> dict[int, float] | None:
    """Weights of chi-squared distributions; None where they are not known.

    Variances alone: one, ``1/2, 1/2``; two, with r the correlation of their estimates,
    ``1/4 - asin(r) / 2 pi, 1/2, 1/4 + asin(r) / 2 pi``; more, the shares of simulated projections
    that end on faces of each dimension. One 2 x 2 matrix: the probabilities that the vector lies in
    the cone and in its polar cone are simulated, the others follow from the law that even and odd
    weights both add to one half.
    """
    if not cone.sizes:
        return {0: 1.0}
    if cone.sizes == (1,):
        return {0: 0.5, 1: 0.5}
    if cone.sizes == (1, 1):
        inverse = np.linalg.inv(cone.information)
        turn = np.arcsin(inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1])) / (2.0 * np.pi)
        return {0: 0.25 - turn, 1: 0.5, 2: 0.25 + turn}
    if set(cone.sizes) == {1}:
        return _orthant_weights(cone, rng)
    if cone.sizes == (2,):
        return _matrix_weights(cone, rng)
    return None


def _drawn(cone: Cone, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Normal vectors (draws, d) whose precision is the information."""
    root = np.linalg.cholesky(cone.information)
    return np.linalg.solve(root.T, rng.standard_normal((len(root), draws))).T


def _orthant_weights(cone: Cone, rng: np.random.Generator) -> dict[int, float]:
    size, z = len(cone.sizes), _drawn(cone, rng, WEIGHT_PROJECTIONS)
    counts = dict.fromkeys(range(size + 1), 0)
    for dimension in range(size + 1):
        for face in combinations(range(size), dimension):
            counts[dimension] += int(_on_face(cone.information, z, list(face)).sum())
    total = sum(counts.values())
    return {dimension: count / total for dimension, count in counts.items()}


def _on_face(information: np.ndarray, z: np.ndarray, face: list[int]) -> np.ndarray:
    """Which vectors (draws,) have their projection on the orthant inside one of its faces."""
    off = [i for i in range(len(information)) if i not in face]
    pull = z @ information
    inside = np.zeros_like(z)
    if face:
        inside[:, face] = np.linalg.solve(information[np.ix_(face, face)], pull[:, face].T).T
    left = pull - inside @ information
    return (inside[:, face] > 0.0).all(axis=1) & (left[:, off] <= 0.0).all(axis=1)


def _matrix_weights(cone: Cone, rng: np.random.Generator) -> dict[int, float]:
    z = _drawn(cone, rng, WEIGHT_PROJECTIONS)
    whole = np.mean(_is_semidefinite(z))
    pull = -z @ cone.information
    pull[:, 1] *= 0.5  # the trace product counts a covariance twice
    none = np.mean(_is_semidefinite(pull))
    return {0: none, 1: 0.5 - whole, 2: 0.5 - none, 3: whole}


def _is_semidefinite(triangles: np.ndarray) -> np.ndarray:
    """Which 2 x 2 matrices, given as variance, covariance, variance, are semidefinite."""
    first, covariance, second = triangles.T
    return (first >= 0.0) & (second >= 0.0) & (first * second >= covariance**2)


@dataclass(frozen=True)
class Projections:
    """Normal vectors and their projections on a cone, which are found when they are asked for.

    Attributes
    ----------
    cone : Cone
        The cone and its metric.
    vectors : ndarray (draws, d)
        The vectors.
    beside : ndarray (draws,)
        Squared lengths in further directions, in which nothing is bounded.
    """

    cone: Cone
    vectors: np.ndarray
    beside: np.ndarray

    @classmethod
    def drawn(cls, cone: Cone, rng: np.random.Generator, draws: int, extra: int = 0) -> Projections:
        """Those of normal vectors whose precision is the metric.

        Parameters
        ----------
        cone : Cone
            The cone and its metric.
        rng : Generator
            Makes the random numbers.
        draws : int
            Number of vectors.
        extra : int
            Further directions.
        """
        vectors = _drawn(cone, rng, draws)
        return cls(cone, vectors, rng.chisquare(extra, draws) if extra else np.zeros(draws))

    def squared_lengths(self, least: float = 0.0) -> np.ndarray:
        """Squared lengths (draws,); below ``least`` bounds from above that are below it too.

        No projection is longer than its vector, so that only vectors as long as that are projected.

        Parameters
        ----------
        least : float
            From which squared length on they are to be known.
        """
        out = np.einsum("di,ij,dj->d", self.vectors, self.cone.information, self.vectors)
        out += self.beside
        near = out >= (1.0 - LENGTH_ROUNDING) * least
        out[near] = _squared_lengths(self.cone, self.vectors[near]) + self.beside[near]
        return out


def _squared_lengths(cone: Cone, vectors: np.ndarray) -> np.ndarray:
    """Squared lengths (draws,) of projections on the cone, by accelerated projected gradients."""
    if not len(vectors):
        return np.zeros(0)
    scale = _scales(cone)
    metric, z = cone.information * np.outer(scale, scale), vectors / scale
    step = 1.0 / np.linalg.eigvalsh(metric).max()
    at = ahead = np.zeros_like(z)
    speed = 1.0
    for _ in range(STEPS):
        moved = _nearest(ahead - step * (ahead - z) @ metric, cone.sizes)
        faster = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * speed**2))
        ahead = moved + (speed - 1.0) / faster * (moved - at)
        at, speed = moved, faster
    return np.einsum("di,ij,dj->d", at, metric, at)


def _scales(cone: Cone) -> np.ndarray:
    """Units in which variances have information one and distances are those of the matrices."""
    out, start = np.empty(len(cone.information)), 0
    for size in cone.sizes:
        rows, columns = np.tril_indices(size)
        part = np.arange(start, start + rows.size)
        own = np.diagonal(cone.information)[part[rows == columns]] ** -0.25
        out[part] = own[rows] * own[columns] * np.where(rows == columns, 1.0, ROOT_HALF)
        start += rows.size
    return out


def _nearest(values: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Each matrix without its negative eigenvalues."""
    out, start = values.copy(), 0
    for size in sizes:
        rows, columns = np.tril_indices(size)
        part = slice(start, start + rows.size)
        start += rows.size
        if size == 1:
            out[:, part] = np.maximum(values[:, part], 0.0)
            continue
        share = np.where(rows == columns, 1.0, ROOT_HALF)
        matrices = np.zeros((len(values), size, size))
        matrices[:, rows, columns] = matrices[:, columns, rows] = values[:, part] * share
        roots, vectors = np.linalg.eigh(matrices)
        kept = np.maximum(roots, 0.0)[:, None, :] * vectors
        out[:, part] = (kept @ vectors.transpose(0, 2, 1))[:, rows, columns] / share
    return out
