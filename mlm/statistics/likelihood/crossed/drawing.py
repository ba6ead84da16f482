"""New responses of a fitted model, drawn as cross-products, where factors are crossed.

The sums over the tree's groups come first; those over the crossed factors and the stored columns,
given them, are jointly normal with the covariance that the dense block of the likelihood has.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.crossed.basis import candidate_basis
from mlm.statistics.likelihood.drawing import (
    DrawnModel,
    Noise,
    noise_of,
    numbers_in,
    places_of,
    stored_tree,
)
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.series import Series


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
        self._basis, self._tree = candidate_basis(stats), stored_tree(stats)
        steps = eliminated(self._tree, [None] * len(stats.levels), Scratch())
        (total,), _ = left_over(stats.total, steps)
        left = _joint(*self._basis.without_tree(steps), total)
        before = _joint([self._basis.square.toarray()], [self._basis.sums], stats.total)
        place = self._basis.n_effects + self.y
        self._noise: Noise = noise_of(steps, left, before, place, stats.n_obs)

    def effects(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Effects (G, c) of the candidates of each level and factor."""
        return [
            rng.standard_normal((level.size, root.shape[1])) @ root.T
            for level, root in zip(self.stats.all_levels, self._roots, strict=True)
        ]

    def draw(
        self, rng: np.random.Generator, effects: list[np.ndarray] | None = None
    ) -> CrossProducts:
        """The cross-products of one new response, with effects that are given or drawn."""
        effects = self.effects(rng) if effects is None else effects
        trees = len(self.stats.levels)
        tree, crossed = effects[:trees], np.concatenate([e.T.ravel() for e in effects[trees:]])
        signal = self._signal(tree, crossed)
        noise, square = self._noise_sums(rng)
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

    def _noise_sums(self, rng: np.random.Generator):
        """The same of the residuals, and the sum of their squares."""
        width = self._basis.n_effects
        both, square = self._noise.rest(rng)
        around, total = both[:width], both[width:]
        sums = []
        for level, step in zip(self._tree.levels, self._noise.steps, strict=True):
            numbers = numbers_in(step.gains.space, rng)
            square += float(np.sum(numbers**2))
            part = batched.contract(numbers.T, step.done.left)
            total = total + part.sum(axis=1)
            sums.append(self.sigma * part[level.columns].T)
            pulled = np.einsum("ga,abg->bg", numbers, step.gains.solver[0])
            for link, own in zip(self._basis.links, pulled, strict=True):
                around = around + link.T @ own
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


def _joint(square: Series, sums: Series, total: np.ndarray) -> np.ndarray:
    """Cross-products of crossed effects and, after them, of stored columns."""
    return np.block([[square[0], sums[0]], [sums[0].T, total]])
