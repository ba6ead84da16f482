"""New responses of a fitted model, drawn as cross-products, where factors are crossed.

The sums over the tree's groups come first; those over the crossed factors and the stored columns,
given them, are jointly normal with the covariance that the dense block of the likelihood has.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.crossed.basis import candidate_basis
from mlm.statistics.likelihood.drawing import (
    DrawnModel,
    dimensions,
    inverse_root,
    numbers_in,
    places_of,
    remaining_root,
)


class ResponseDrawing:
    """Draws the response of a model beside crossed factors.

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
        self._roots = model.roots
        self._basis = candidate_basis(stats)
        self._tree_noise(stats)
        self._root_noise(stats)

    def _tree_noise(self, stats: CrossProducts) -> None:
        """Factors of what the tree's groups explain: of stored columns and of crossed effects."""
        self._own, self._reach, self._spaces = [], [], []
        for level in stats.levels:
            own = np.asarray(level.sums).transpose(1, 0, 2).copy()
            own[:, :, self.y] = 0.0
            inner = own[:, :, places_of(level, stats)]
            half, space = inverse_root(inner, inner)
            self._own.append(half @ own)
            self._spaces.append(space)
            links = self._basis.links
            self._reach.append([_combined(links, half[:, c]) for c in range(half.shape[1])])

    def _root_noise(self, stats: CrossProducts) -> None:
        """Root of the covariance of what is left, crossed effects before stored columns."""
        basis, width = self._basis, len(self._basis.square)
        left = np.block([[basis.square, basis.sums], [basis.sums.T, stats.total]])
        left[width + self.y] = left[:, width + self.y] = 0.0
        before = np.diagonal(left).copy()
        for own, reach in zip(self._own, self._reach, strict=True):
            for c, links in enumerate(reach):
                cross = links.T @ own[:, c]
                left[:width, :width] -= (links.T @ links).toarray()
                left[:width, width:] -= cross
                left[width:, :width] -= cross.T
                left[width:, width:] -= own[:, c].T @ own[:, c]
        self._left, self._space = remaining_root(left, before)
        self._degrees = stats.n_obs - dimensions(*self._spaces, self._space)

    def draw(self, rng: np.random.Generator) -> CrossProducts:
        """The cross-products of one new response."""
        sizes = [level.size for level in (*self.stats.levels, *self.stats.crossing.factors)]
        effects = [
            rng.standard_normal((size, root.shape[1])) @ root.T
            for size, root in zip(sizes, self._roots, strict=True)
        ]
        trees = len(self.stats.levels)
        tree, crossed = effects[:trees], np.concatenate([e.T.ravel() for e in effects[trees:]])
        signal = self._signal(tree, crossed)
        noise, square = self._noise(rng)
        for factor, (total, sums, around) in ((1.0, signal), (2.0, noise)):
            square += factor * float(self.mean @ total + crossed @ around)
            square += factor * sum(float(np.sum(u * s)) for u, s in zip(tree, sums, strict=True))
        sums = [a + b for a, b in zip(signal[1], noise[1], strict=True)]
        return self._replaced(signal[0] + noise[0], sums, signal[2] + noise[2], square)

    def _signal(self, tree: list[np.ndarray], crossed: np.ndarray):
        """Fixed part and effects, times the stored columns, the tree's and the crossed ones."""
        basis = self._basis
        total = self.stats.total @ self.mean + basis.sums.T @ crossed
        around = basis.sums @ self.mean + basis.square @ crossed
        sums = []
        for level, own in zip(self.stats.levels, tree, strict=True):
            places = places_of(level, self.stats)
            total = total + np.einsum("gc,cgk->k", own, level.sums, optimize=True)
            inside = np.einsum("agb,gb->ga", level.sums[:, :, places], own)
            linked = np.stack([link @ crossed for link in basis.links], axis=1)
            sums.append(np.tensordot(level.sums, self.mean, axes=1).T + inside + linked)
            for c, link in enumerate(basis.links):
                around = around + link.T @ own[:, c]
        return total, sums, around

    def _noise(self, rng: np.random.Generator):
        """The same of the residuals, and the sum of their squares."""
        width = len(self._basis.square)
        numbers = self._space @ rng.standard_normal(len(self._left))
        square = float(numbers @ numbers)
        square += float(rng.chisquare(self._degrees)) if self._degrees else 0.0
        both = numbers @ self._left
        around, total = both[:width], both[width:]
        sums = []
        for level, own, reach, space in zip(
            self.stats.levels, self._own, self._reach, self._spaces, strict=True
        ):
            numbers = numbers_in(space, rng)
            square += float(np.sum(numbers**2))
            part = np.einsum("gc,gck->gk", numbers, own)
            total = total + part.sum(axis=0)
            sums.append(self.sigma * part[:, places_of(level, self.stats)])
            for c, links in enumerate(reach):
                around = around + links.T @ numbers[:, c]
        return (self.sigma * total, sums, self.sigma * around), self.sigma**2 * square

    def _replaced(self, total, sums, around: np.ndarray, square: float) -> CrossProducts:
        matrix = self.stats.total.copy()
        matrix[self.y], matrix[:, self.y], matrix[self.y, self.y] = total, total, square
        levels, factors = [], []
        for level, own in zip(self.stats.levels, sums, strict=True):
            levels.append(replace(level, sums=self._with(level.sums, own.T)))
        crossing = self.stats.crossing
        for factor, part, shape in zip(
            crossing.factors, self._basis.parts, self._basis.sizes, strict=True
        ):
            drawn = self._with(factor.sums, around[part].reshape(shape))
            factors.append(replace(factor, sums=drawn))
        crossing = replace(crossing, factors=tuple(factors))
        return replace(self.stats, total=matrix, levels=tuple(levels), crossing=crossing, parts={})

    def _with(self, sums: np.ndarray, response: np.ndarray) -> np.ndarray:
        """Sums (q, G, k) with those of another response (q, G)."""
        out = sums.copy()
        out[:, :, self.y] = response
        return out


def _combined(links, weights: np.ndarray) -> csr_array:
    """Sum of the links (G, W) of each column of the tree times weights (G, c)."""
    return sum(link.multiply(weights[:, [j]]).tocsr() for j, link in enumerate(links))
