"""New responses of a fitted model, drawn as cross-products: no row is made.

With y = X b + Z u + e, the sums W'y over stored columns W and Z_g'y over groups are linear in u,
which is drawn, and in W'e and Z_g'e, which are normal with covariance sigma^2 times the
cross-products of the columns. These are drawn from the innermost level outwards, each level's
columns made orthogonal to those inside. What is left of e'e is sigma^2 chi-squared. The draws have
exactly the distribution that simulated rows would give.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.drawing import (
    DrawnModel,
    dimensions,
    inverse_root,
    numbers_in,
    places_of,
    remaining_root,
)


@dataclass(frozen=True)
class _Noise:
    """How W'e comes from standard normal numbers.

    Attributes
    ----------
    levels : list of ndarray (G, c, k)
        For each level, a factor B_g of what its columns explain: ``sum over g of z_g' B_g``.
    projectors : list of ndarray (G, c, c)
        On the space in which z_g has its values.
    root : ndarray (k, k)
        Factor of what all levels leave.
    projector : ndarray (k, k)
        On the space in which its numbers have their values.
    degrees : int
        Dimensions of e that no column reaches.
    """

    levels: list[np.ndarray]
    projectors: list[np.ndarray]
    root: np.ndarray
    projector: np.ndarray
    degrees: int


class ResponseDrawing:
    """Draws the response of a model over nested levels.

    Parameters
    ----------
    model : DrawnModel
        The model and its parameters.
    stats : CrossProducts
        The sample; only its response is replaced.
    """

    def __init__(self, model: DrawnModel, stats: CrossProducts):
        self.stats = stats
        self.y, self.mean, self.sigma = model.response, model.mean, model.sigma
        self.roots = model.roots
        self.places = [places_of(level, stats) for level in stats.levels]
        self.noise = _noise(stats, self.y, self.places)

    def draw(self, rng: np.random.Generator) -> CrossProducts:
        """The cross-products of one new response."""
        effects = [
            rng.standard_normal((level.size, root.shape[1])) @ root.T
            for level, root in zip(self.stats.levels, self.roots, strict=True)
        ]
        total, sums = self._signal(effects)
        noise, noise_sums, square = self._noise_sums(rng)
        square += self._product(effects, total, sums)
        square += 2.0 * self._product(effects, noise, noise_sums)
        both = [a + b for a, b in zip(sums, noise_sums, strict=True)]
        return self._replaced(total + noise, both, square)

    def _product(self, effects, total: np.ndarray, sums: list[np.ndarray]) -> float:
        """Product of the signal with something known by its sums."""
        inner = sum(float(np.sum(v * s)) for v, s in zip(effects, sums, strict=True))
        return float(self.mean @ total) + inner

    def _signal(self, effects: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """W' and Z_g' (G, c) times the fixed part and the random effects."""
        levels = self.stats.levels
        total = self.stats.total @ self.mean
        sums = [np.tensordot(level.sums, self.mean, axes=1).T for level in levels]
        for i, (level, own) in enumerate(zip(levels, effects, strict=True)):
            reach = np.einsum("gc,cgk->gk", own, level.sums)
            total = total + reach.sum(axis=0)
            for m in range(i):
                sums[m] += self._summed(reach[:, self.places[m]], i, m)
            for m in range(i + 1):
                around = effects[m][self._around(i, m)]
                sums[i] += np.einsum("agb,gb->ga", level.sums[:, :, self.places[m]], around)
        return total, sums

    def _summed(self, values: np.ndarray, i: int, m: int) -> np.ndarray:
        """Sums over the groups of level i inside each group of level m, an outer one."""
        starts = np.flatnonzero(np.diff(self._around(i, m), prepend=-1))
        return np.add.reduceat(values, starts, axis=0)

    def _around(self, i: int, m: int) -> np.ndarray:
        """Group of level m around each group of level i."""
        parent = np.arange(self.stats.levels[i].size)
        for level in self.stats.levels[i:m:-1]:
            parent = level.parent[parent]
        return parent

    def _noise_sums(self, rng: np.random.Generator):
        """W'e, Z_g'e (G, c) of each level, and e'e."""
        noise, levels = self.noise, self.stats.levels
        sums = [np.zeros((level.size, len(level.candidates))) for level in levels]
        numbers = noise.projector @ rng.standard_normal(len(noise.root))
        total = numbers @ noise.root
        square = float(numbers @ numbers) + (rng.chisquare(noise.degrees) if noise.degrees else 0.0)
        for i, (factor, space) in enumerate(zip(noise.levels, noise.projectors, strict=True)):
            numbers = numbers_in(space, rng)
            square += float(np.sum(numbers**2))
            part = np.einsum("gc,gck->gk", numbers, factor)
            total = total + part.sum(axis=0)
            sums[i] += part[:, self.places[i]]
            for m in range(i):
                sums[m] += self._summed(part[:, self.places[m]], i, m)
        return self.sigma * total, [self.sigma * s for s in sums], self.sigma**2 * square

    def _replaced(self, total: np.ndarray, sums: list[np.ndarray], square: float) -> CrossProducts:
        matrix = self.stats.total.copy()
        matrix[self.y], matrix[:, self.y] = total, total
        matrix[self.y, self.y] = square
        levels = []
        for level, own in zip(self.stats.levels, sums, strict=True):
            drawn = level.sums.copy()
            drawn[:, :, self.y] = own.T
            levels.append(replace(level, sums=drawn))
        return replace(self.stats, total=matrix, levels=tuple(levels), parts={})


def _noise(stats: CrossProducts, y: int, places: list[list[int]]) -> _Noise:
    """Factors of the covariance of the sums of e, level by level; the response is left out."""
    total = stats.total.copy()
    total[y] = total[:, y] = 0.0
    sums = [np.asarray(level.sums).transpose(1, 0, 2).copy() for level in stats.levels]
    before = np.diagonal(total).copy()
    levels, spaces = [], []
    for own in sums:
        own[:, :, y] = 0.0
    squares = [s[:, :, p].copy() for s, p in zip(sums, places, strict=True)]
    for i in range(len(sums) - 1, -1, -1):
        half, space = inverse_root(sums[i][:, :, places[i]], squares[i])
        factor = half @ sums[i]
        total -= np.einsum("gck,gcl->kl", factor, factor, optimize=True)
        parent = np.arange(len(factor))
        for m in range(i - 1, -1, -1):
            parent = stats.levels[m + 1].parent[parent]
            gone = np.einsum("gca,gck->gak", factor[:, :, places[m]], factor, optimize=True)
            np.subtract.at(sums[m], parent, gone)
        levels.insert(0, factor)
        spaces.insert(0, space)
    root, space = remaining_root(total, before)
    used = dimensions(*spaces, space)
    return _Noise(levels, spaces, root, space, stats.n_obs - used)
