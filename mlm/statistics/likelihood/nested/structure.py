"""The structure of a model in which every level lies inside the one above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.joint_errors import ProductErrors
from mlm.statistics.likelihood.nested import deletion, effects, resampling, weighing
from mlm.statistics.likelihood.nested.clusters import by_cluster, reweighed
from mlm.statistics.likelihood.nested.errors import RowEffects
from mlm.statistics.likelihood.nested.gradient import gradient
from mlm.statistics.likelihood.nested.joint import joint
from mlm.statistics.likelihood.nested.many_weights import eliminated_under
from mlm.statistics.likelihood.nested.spread import unit_sums
from mlm.statistics.likelihood.nested.traces import PlaceTraces
from mlm.statistics.likelihood.nested.waves_merged import MergedWaves
from mlm.statistics.likelihood.pooled.apart import LevelsApart
from mlm.statistics.likelihood.pooled.pool import Pool
from mlm.statistics.likelihood.posterior import EffectPosterior
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.series import Series
from mlm.statistics.likelihood.structure import (
    Eliminated,
    EstimatesWithout,
    Solved,
    StrataParts,
)
from mlm.statistics.likelihood.unit_shares import EffectWeights
from mlm.statistics.likelihood.working_tree import WorkingTree


@dataclass(frozen=True)
class Nested:
    """A tree of levels.

    Attributes
    ----------
    tree : WorkingTree
        The levels.
    pool : Pool or None
        The innermost level with equal groups pooled, where that pays; used instead of its sums.
    merged : MergedWaves or None
        Units and their waves merged and pooled, where that pays; for searches alone.
    """

    tree: WorkingTree
    pool: Pool | None = None
    merged: MergedWaves | None = None

    n_dense = 0

    @property
    def searched(self) -> Nested | MergedWaves:
        """What has the same criterion and derivatives, in less time where units are merged."""
        return self if self.merged is None else self.merged

    @property
    def has_weights(self) -> bool:
        """Whether units have sampling weights."""
        return bool(self.tree.levels) and self.tree.levels[0].weights is not None

    @property
    def outermost_weights(self) -> np.ndarray | None:
        """Sampling weights (G,) of the outermost units; None where units have none."""
        return self.tree.levels[0].weights if self.tree.levels else None

    @property
    def sums_of_outermost(self) -> np.ndarray:
        """Sums (w, q, G) of products of the random columns of the outermost units."""
        return self.tree.levels[0].wide

    @property
    def has_fast_series(self) -> bool:
        """Whether second derivatives by series take no longer than some evaluations."""
        return True

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Id columns of each level."""
        return self.tree.groups

    @property
    def widths(self) -> list[int]:
        """Random columns of each level."""
        return self.tree.widths

    @property
    def columns(self) -> list[np.ndarray]:
        """Working columns (q,) of each level."""
        return [level.columns for level in self.tree.levels]

    @property
    def sizes(self) -> list[int]:
        """Groups of each level."""
        return self.tree.sizes

    @property
    def inwards(self) -> list[int]:
        """Levels from the outermost units to the lowest."""
        return list(range(len(self.tree.levels)))

    @property
    def row_groups(self) -> tuple[tuple[str, ...], ...]:
        """Id columns of the innermost level: the others follow."""
        return self.groups[-1:]

    def inner(self, place: int) -> np.ndarray:
        """Cross-products (q, q, G) of the random columns of a level; one a pattern if pooled."""
        if self.pool is not None and place + 1 == len(self.tree.levels):
            return self.pool.inner
        level = self.tree.levels[place]
        return level.wide[level.columns]

    def _apart(self, at: Evaluation) -> LevelsApart:
        return LevelsApart(self.tree, self.pool, at)

    def weighed(self, parts: StrataParts, weights: np.ndarray) -> Nested:
        """The same with the rows of each stratum times its weight (T,)."""
        pool = None if parts.pooled is None else parts.pooled.pool(weights)
        return Nested(weighing.weighed(self.tree, parts, weights), pool)

    def row_slopes(
        self, parts: StrataParts, weights, at: Evaluation, directions: np.ndarray, scratch: Scratch
    ) -> np.ndarray:
        """``trace(F F' dA) + d log|V|`` (T,) by the weight of each stratum's rows."""
        return weighing.row_slopes(self.tree, parts, weights, at, directions, scratch)

    def eliminate(self, total: np.ndarray, omegas, scratch: Scratch) -> Eliminated:
        """Eliminate all levels, the innermost first."""
        steps = eliminated(self.tree, [[omega] for omega in omegas], scratch, self.pool)
        (matrix,), (logdet,) = left_over(total, steps)
        return Eliminated(matrix, logdet, tuple(step.done for step in steps))

    def gradient(
        self, at: Evaluation, directions: np.ndarray, scratch: Scratch
    ) -> list[np.ndarray]:
        """``D`` (q, q) of each level."""
        return gradient(self.tree, self.pool, at, directions, scratch)

    def by_cluster(
        self,
        at: Evaluation,
        directions: np.ndarray,
        clusters: np.ndarray,
        size: int,
        scratch: Scratch,
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """What each cluster of outermost groups takes from ``A F``, and its derivatives."""
        return by_cluster(self.tree, at, directions, clusters, size, scratch)

    def eliminate_under(
        self, totals: np.ndarray, omegas: Sequence[np.ndarray], factors: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cross-products that are left, and ``log|V|``, under many weightings."""
        gone, logdet = eliminated_under(self.tree, omegas, factors)
        return totals - gone, logdet

    def reweighed(self, factors: np.ndarray) -> Nested:
        """The same with each outermost group so many times as often."""
        return Nested(reweighed(self.tree, factors))

    def series(
        self, total: np.ndarray, omegas: Sequence[Series], scratch: Scratch
    ) -> tuple[Series, Series]:
        """The cross-products and ``log|V|`` to second order."""
        return left_over(total, eliminated(self.tree, omegas, scratch))

    def traces(self, basis: np.ndarray) -> PlaceTraces:
        """Traces of the levels."""
        return PlaceTraces(self.tree, self.pool, basis)

    def means(
        self, at: Evaluation, contrast: np.ndarray, deepest: int | None = None
    ) -> list[np.ndarray]:
        """Posterior means (G, q) of each level, up to the deepest that is asked for."""
        return effects.means(self._apart(at), contrast, deepest)

    def sums_of_means(
        self, at: Evaluation, contrast: np.ndarray, weights: EffectWeights
    ) -> np.ndarray:
        """Sums (K,) of posterior means of several places."""
        return effects.sums_of_means(self._apart(at), contrast, weights)

    def posterior(self, at: Evaluation, contrast: np.ndarray) -> EffectPosterior:
        """Posterior means of each level with their covariances."""
        return effects.posterior(self._apart(at), contrast)

    def joint(self, at: Evaluation, weights: EffectWeights) -> ProductErrors:
        """Errors over sigma^2 of K sums of effects of several places."""
        return joint(self._apart(at), weights)

    def unit_sums(self, at: Evaluation) -> tuple[np.ndarray, np.ndarray]:
        """``z' V^-1`` times the working columns (w, G), and times z (G,)."""
        return unit_sums(self._apart(at))

    def row_effects(self, at: Evaluation) -> RowEffects:
        """What the effects explain of single rows."""
        return RowEffects(self.tree, at)

    def units_apart(
        self, plan: Plan, model: Model, stats: CrossProducts, waves: Mapping[str, np.ndarray]
    ) -> deletion.UnitsApart:
        """The outermost units, ready to be left out."""
        return deletion.UnitsApart(excerpt(model, stats), sum(waves.values()), dict(waves))

    def newton_without(
        self, solved: Solved, units: deletion.UnitsApart, chosen: np.ndarray
    ) -> EstimatesWithout:
        """One Newton step without each of some outermost units."""
        return deletion.newton_without(solved, units, chosen)

    def pieces(
        self, at: Evaluation, totals: np.ndarray, rows: np.ndarray, bundles: Sequence
    ) -> resampling.Pieces | None:
        """Bundles of units that can be drawn again."""
        return resampling.pieces(self._apart(at), totals, rows, bundles)
