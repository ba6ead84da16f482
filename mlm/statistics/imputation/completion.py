"""Completed cross-products, drawn without a row.

Given parameters and effects, what a pattern lacks is linear in what it has, plus errors whose sums
are drawn with the distribution that rows would give. So the sums of products of all columns, in
total and by group, are exact draws of those of row by row imputation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.columns import Column
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.tree import Family
from mlm.statistics.imputation.aligned import Aligned, AlignedPattern
from mlm.statistics.imputation.conditionals import regression
from mlm.statistics.imputation.gibbs import State
from mlm.statistics.imputation.joint_model import JointModel
from mlm.statistics.imputation.pattern_noise import PatternNoise


@dataclass
class Sums:
    """Sums that are filled in pattern by pattern.

    Attributes
    ----------
    total : ndarray (k, k)
        Over all rows.
    levels : list of ndarray (c, G, k)
        For each level, by group.
    """

    total: np.ndarray
    levels: list[np.ndarray]

    def copy(self) -> Sums:
        """The same sums in arrays of their own."""
        return Sums(self.total.copy(), [sums.copy() for sums in self.levels])


class Completion:
    """Draws completed cross-products.

    Parameters
    ----------
    aligned : Aligned
        Sums by pattern. Their levels may have complete candidates.
    model : JointModel
        The model whose states are given.
    """

    def __init__(self, aligned: Aligned, model: JointModel):
        self._aligned, self._model = aligned, model
        first = aligned.patterns[0].stats
        self._first = first
        k = len(aligned.sums.columns)
        self._base = Sums(
            np.zeros((k, k)),
            [
                np.zeros((len(level.candidates), size, k))
                for level, size in zip(first.levels, aligned.sizes, strict=True)
            ],
        )
        self._incomplete = []
        for pattern in aligned.patterns:
            self._add_known(pattern)
            if pattern.missing:
                self._incomplete.append(_Lacking(pattern, aligned, model))

    def _add_known(self, pattern: AlignedPattern) -> None:
        at = pattern.columns
        self._base.total[np.ix_(at, at)] += pattern.stats.total
        for sums, places, level in zip(
            self._base.levels, pattern.places, pattern.stats.levels, strict=True
        ):
            sums[:, places[:, None], at] += level.sums

    def draw(self, state: State, rng: np.random.Generator) -> CrossProducts:
        """The completed cross-products of one imputation.

        Parameters
        ----------
        state : State
            Parameters and effects, drawn from their distribution given what is observed.
        rng : Generator
            Random numbers.
        """
        out = self._base.copy()
        for lacking in self._incomplete:
            lacking.add_to(out, state, rng)
        levels = tuple(
            GroupSums(level.group, keys, parent, level.candidates, sums)
            for level, keys, parent, sums in zip(
                self._first.levels,
                self._aligned.keys,
                self._aligned.parents,
                out.levels,
                strict=True,
            )
        )
        return CrossProducts(self._aligned.sums.columns, out.total, levels, self._dropped)

    @property
    def _dropped(self) -> dict[str, int]:
        names = {name for each in self._aligned.patterns for name in each.stats.dropped}
        return {
            name: sum(each.stats.dropped.get(name, 0) for each in self._aligned.patterns)
            for name in sorted(names)
        }


class _Lacking:
    """The rows of one pattern that lacks something, while its completed sums are drawn."""

    def __init__(self, pattern: AlignedPattern, aligned: Aligned, model: JointModel):
        self._pattern, self._model, stats = pattern, model, pattern.stats
        whole, own = aligned.sums.columns.positions, stats.columns.positions
        self._seen = np.array([i for i, c in enumerate(model.responses) if c in own], dtype=int)
        self._lacking = np.array([i for i, c in enumerate(model.responses) if c not in own])
        self._missing = np.array([whole[model.responses[i]] for i in self._lacking])
        known: list[Column] = [*model.predictors, *(model.responses[i] for i in self._seen)]
        self._places = np.array([own[column] for column in known])
        self._noise = PatternNoise(stats, self._lacking.size)
        self._families = [
            [Family(level.parent) for level in stats.levels[i + 1 :]]
            for i in range(len(stats.levels))
        ]
        self._candidates = [[own[c] for c in level.candidates] for level in stats.levels]

    def add_to(self, out: Sums, state: State, rng: np.random.Generator) -> None:
        """Add a draw of the sums that these rows lack."""
        stats, parameters = self._pattern.stats, state.parameters
        b, residual = parameters.coefficients, parameters.residual
        loads, root = regression(b, residual, self._seen, self._lacking)
        slopes = loads[len(self._model.predictors) :]
        mean = np.zeros((len(stats.columns), self._lacking.size))
        mean[self._places] = loads
        effects = state.effects.whole[:, self._pattern.places[-1]]
        effects = effects[self._lacking] - slopes.T @ effects[self._seen]
        noise = self._noise.draw(rng).times(root)
        lowest = stats.levels[-1].sums[0]
        reach = lowest.T @ effects.T
        total = stats.total @ mean + reach
        inner = mean.T @ reach + (mean.T @ noise.total) + effects @ noise.levels[-1][0]
        squares = mean.T @ stats.total @ mean + inner + inner.T + noise.squares
        squares += (effects * lowest[:, 0]) @ effects.T
        at, missing = self._pattern.columns, self._missing
        out.total[np.ix_(at, missing)] += total + noise.total
        out.total[np.ix_(missing, at)] += (total + noise.total).T
        out.total[np.ix_(missing, missing)] += squares
        for i, (sums, places) in enumerate(zip(out.levels, self._pattern.places, strict=True)):
            own = stats.levels[i].sums @ mean + self._reach(i, effects) + noise.levels[i]
            sums[:, places[:, None], missing] += own

    def _reach(self, i: int, effects: np.ndarray) -> np.ndarray:
        """Sums (c, G, m) over the groups of a level of its candidates times effects of rows."""
        lowest = self._pattern.stats.levels[-1].sums[0]
        rows = lowest[:, self._candidates[i]].T[:, None] * effects
        found = rows.reshape(-1, rows.shape[2])
        for family in reversed(self._families[i]):
            found = family.sums(found)
        return found.reshape(*rows.shape[:2], -1).transpose(0, 2, 1)
