"""New responses of a fitted model, drawn as cross-products: no row is made.

With y = X b + Z u + e, the sums W'y over stored columns W and Z_g'y over groups are linear in u,
which is drawn, and in W'e and Z_g'e, which are normal with covariance sigma^2 times the
cross-products of the columns. These are drawn from the innermost level outwards, each level's
columns made orthogonal to those inside, by the elimination of effects of any size. What is left of
e'e is sigma^2 chi-squared. The draws have exactly the distribution that simulated rows would give.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.drawing import DrawnModel, Noise, noise_of, numbers_in, stored_tree
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.scratch import Scratch


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
        self.tree = stored_tree(stats)
        steps = eliminated(self.tree, [None] * len(stats.levels), Scratch())
        (left,), _ = left_over(stats.total, steps)
        self.noise: Noise = noise_of(steps, left, stats.total, self.y, stats.n_obs)

    def effects(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Effects (G, c) of the candidates of each level."""
        return [
            rng.standard_normal((level.size, root.shape[1])) @ root.T
            for level, root in zip(self.stats.levels, self.roots, strict=True)
        ]

    def draw(
        self, rng: np.random.Generator, effects: list[np.ndarray] | None = None
    ) -> CrossProducts:
        """The cross-products of one new response, with effects that are given or drawn."""
        effects = self.effects(rng) if effects is None else effects
        total, sums = self._signal([own.T for own in effects])
        noise, noise_sums, square = self._noise_sums(rng)
        square += self._product(effects, total, sums)
        square += 2.0 * self._product(effects, noise, noise_sums)
        both = [a + b for a, b in zip(sums, noise_sums, strict=True)]
        return self._replaced(total + noise, both, square)

    def _product(self, effects, total: np.ndarray, sums: list[np.ndarray]) -> float:
        """Product of the signal with something known by its sums."""
        inner = sum(float(np.sum(v.T * s)) for v, s in zip(effects, sums, strict=True))
        return float(self.mean @ total) + inner

    def _signal(self, effects: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """W' and Z_g' (c, G) times the fixed part and the random effects (c, G)."""
        levels = self.tree.levels
        total = self.stats.total @ self.mean
        sums = [np.tensordot(self.mean, level.wide, axes=1) for level in levels]
        for i, (level, own) in enumerate(zip(levels, effects, strict=True)):
            reach = batched.contract(own, level.wide)
            total = total + reach.sum(axis=1)
            self._add_outwards(sums, reach, i)
            sums[i] += reach[level.columns]
            for m in range(i):
                around = effects[m][:, self.tree.parents[i][m]]
                sums[i] += np.einsum("bag,bg->ag", level.wide[levels[m].columns], around)
        return total, sums

    def _add_outwards(self, sums: list[np.ndarray], reach: np.ndarray, i: int) -> None:
        """Add what the groups of level i have of all columns (k, G) to the sums of outer levels."""
        for m in range(i):
            own = reach[self.tree.levels[m].columns]
            sums[m] += np.add.reduceat(own, self.tree.starts[i][m], axis=1)

    def _noise_sums(self, rng: np.random.Generator):
        """W'e, Z_g'e (c, G) of each level, and e'e."""
        total, square = self.noise.rest(rng)
        sums = [np.zeros(level.wide.shape[1:]) for level in self.tree.levels]
        for i, step in enumerate(self.noise.steps):
            numbers = numbers_in(step.gains.space, rng)
            square += float(np.sum(numbers**2))
            part = batched.contract(numbers.T, step.done.left)
            total = total + part.sum(axis=1)
            sums[i] += part[self.tree.levels[i].columns]
            self._add_outwards(sums, part, i)
        return self.sigma * total, [self.sigma * s for s in sums], self.sigma**2 * square

    def _replaced(self, total: np.ndarray, sums: list[np.ndarray], square: float) -> CrossProducts:
        matrix = self.stats.total.copy()
        matrix[self.y], matrix[:, self.y] = total, total
        matrix[self.y, self.y] = square
        levels = []
        for level, own in zip(self.stats.levels, sums, strict=True):
            drawn = level.sums.copy()
            drawn[:, :, self.y] = own
            levels.append(replace(level, sums=drawn))
        return replace(self.stats, total=matrix, levels=tuple(levels), parts={})
