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

from mlm.errors import StatisticsError
from mlm.nouns.coding import model_columns
from mlm.nouns.columns import CONSTANT
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.likelihood.symmetric_root import (
    scaled_inverse_roots,
    scaled_root,
    symmetric_root,
)

# share of a column's square, beyond the columns before it, that counts as rounding
DEPENDENT_SHARE = 1e-10


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


class Drawing:
    """Draws cross-products from a fit.

    Parameters
    ----------
    fit : Fit
        The model, with nested levels, and its parameters.
    stats : CrossProducts
        The sample; only its response is replaced.

    Raises
    ------
    StatisticsError
        When factors are crossed.
    """

    def __init__(self, fit: Fit, stats: CrossProducts):
        if stats.crossing.factors:
            raise StatisticsError("crossed factors: draw with CrossedDrawing.")
        self.stats = stats
        self.y, self.mean, self.sigma = stored_mean(fit, stats)
        self.roots = effect_roots(fit, stats, stats.levels)
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


def stored_mean(fit: Fit, stats: CrossProducts) -> tuple[int, np.ndarray, float]:
    """Place of the response, and the fixed part and residual sd of the stored response.

    The fixed part is a combination (k,) of the stored columns.
    """
    recipe = stats.columns
    fixed, _, response = model_columns(fit.model, recipe.categories)
    origin, unit = recipe.scales[response.column.powers[0][:2]]
    beta = dict(zip(fit.names, fit.beta, strict=True))
    mean = sum(beta[c.name] * raw_vector(c.column, stats) for c in fixed if c.name in beta)
    mean = mean + np.zeros(len(recipe))
    mean[recipe.positions[CONSTANT]] -= origin
    return recipe.positions[response.column], mean / unit, float(np.sqrt(fit.sigma2)) / unit


def effect_roots(fit: Fit, stats: CrossProducts, levels) -> list[np.ndarray]:
    """For each level or factor, a root (c, r) of the covariance of effects on the candidates."""
    _, random, response = model_columns(fit.model, stats.columns.categories)
    unit = stats.columns.scales[response.column.powers[0][:2]][1]
    groups = [level.group for level in levels]
    out: list[list[np.ndarray]] = [[np.zeros((len(level.candidates), 0))] for level in levels]
    for term, coded, omega in zip(fit.model.random, random, fit.omegas, strict=True):
        places = places_of(levels[groups.index(term.group)], stats)
        weights = np.stack([raw_vector(c.column, stats)[places] for c in coded])
        root = symmetric_root(omega * fit.sigma2) / unit
        out[groups.index(term.group)].append(weights.T @ root)
    return [np.hstack(part) for part in out]


def places_of(level, stats: CrossProducts) -> list[int]:
    """Places of a level's candidates among the stored columns."""
    return [stats.columns.positions[c] for c in level.candidates]


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
