"""Sums of independent errors over the rows of one pattern, in total and by group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.imputation.random_matrices import wishart
from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.drawing import Noise, noise_of, stored_tree
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.working_tree import WorkingTree


@dataclass(frozen=True)
class NoiseSums:
    """Sums of m columns of errors E.

    Attributes
    ----------
    total : ndarray (k, m)
        W'E over the stored columns W.
    levels : list of ndarray (c, G, m)
        For each level, Z'E over its candidates in each group.
    squares : ndarray (m, m)
        E'E.
    """

    total: np.ndarray
    levels: list[np.ndarray]
    squares: np.ndarray

    def times(self, root: np.ndarray) -> NoiseSums:
        """Sums of E times a matrix (m, m)."""
        levels = [sums @ root for sums in self.levels]
        return NoiseSums(self.total @ root, levels, root.T @ self.squares @ root)


class PatternNoise:
    """Draws the sums of errors with the exact distribution that rows would give.

    Parameters
    ----------
    stats : CrossProducts
        The rows of a pattern.
    size : int
        Columns of errors m.
    """

    def __init__(self, stats: CrossProducts, size: int):
        self._size = size
        self._tree: WorkingTree = stored_tree(stats)
        steps = eliminated(self._tree, [None] * len(stats.levels), Scratch())
        (left,), _ = left_over(stats.total, steps)
        self._noise: Noise = noise_of(steps, left, stats.total, [], stats.n_obs)

    def draw(self, rng: np.random.Generator) -> NoiseSums:
        """Sums of independent standard normal errors."""
        noise, m = self._noise, self._size
        numbers = noise.projector @ rng.standard_normal((len(noise.root), m))
        squares = numbers.T @ numbers + wishart(noise.degrees, m, rng)
        total = noise.root.T @ numbers
        levels = [np.zeros((*level.wide.shape[1:], m)) for level in self._tree.levels]
        for i, step in enumerate(noise.steps):
            space = step.gains.space
            own = space @ rng.standard_normal((*space.shape[:2], m))
            flat = own.reshape(-1, m)
            squares += flat.T @ flat
            for j in range(m):
                part = batched.contract(own[:, :, j].T, step.done.left)
                total[:, j] += part.sum(axis=1)
                self._add(levels, part, i, j)
        return NoiseSums(total, levels, squares)

    def _add(self, levels: list[np.ndarray], part: np.ndarray, i: int, j: int) -> None:
        """Add what groups of level i have of all columns (k, G) to it and to the levels around."""
        tree = self._tree
        levels[i][:, :, j] += part[tree.levels[i].columns]
        for outer in range(i):
            own = part[tree.levels[outer].columns]
            levels[outer][:, :, j] += np.add.reduceat(own, tree.starts[i][outer], axis=1)
