"""The structure of a model whose factors are crossed with one level, or with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossing import MAX_EFFECTS
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.crossed import deletion, effects, resampling, weighing
from mlm.statistics.likelihood.crossed.clusters import by_cluster, reweighed
from mlm.statistics.likelihood.crossed.errors import RowEffects
from mlm.statistics.likelihood.crossed.fronts import effects as front_effects
from mlm.statistics.likelihood.crossed.fronts.elimination import FrontSums, RemainsOfFronts
from mlm.statistics.likelihood.crossed.fronts.elimination import eliminate as eliminate_fronts
from mlm.statistics.likelihood.crossed.fronts.gradient import gradient as front_gradient
from mlm.statistics.likelihood.crossed.fronts.joint import FrontErrors
from mlm.statistics.likelihood.crossed.fronts.placing import front_sums
from mlm.statistics.likelihood.crossed.gradient import gradient
from mlm.statistics.likelihood.crossed.joint import joint
from mlm.statistics.likelihood.crossed.many_weights import eliminated_under
from mlm.statistics.likelihood.crossed.root import (
    CrossedRemains,
    WorkingCrossing,
    eliminated_root,
    root_series,
)
from mlm.statistics.likelihood.crossed.spread import unit_sums
from mlm.statistics.likelihood.crossed.traces import PlaceTraces
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.joint_errors import JointErrors
from mlm.statistics.likelihood.nested.weighing import weighed as weighed_tree
from mlm.statistics.likelihood.posterior import EffectPosterior
from mlm.statistics.likelihood.refusals import NotWhereCrossed
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.series import Series, minus, plus
from mlm.statistics.likelihood.structure import (
    Eliminated,
    EstimatesWithout,
    Solved,
    StrataParts,
)
from mlm.statistics.likelihood.unit_shares import EffectWeights, whole_weights
from mlm.statistics.likelihood.working_tree import WorkingTree

MOST_BY_SERIES = 300  # crossed effects up to which the series of one dense block are fast
MAX_MULTIPLICATIONS = 10**11  # of the evaluations without units, in one dense block
MAX_GROUPS = 250_000  # of all samples without a unit together, effects in fronts
FEWEST_UNITS = 3  # that are left out


@dataclass(frozen=True)
class Crossed:
    """Crossed factors beside a tree of one level, or of none.

    Attributes
    ----------
    tree : WorkingTree
        The level that the factors are crossed with, if there is one.
    crossing : WorkingCrossing
        The crossed factors.
    fronts : FrontSums or None
        The same effects in the order of their containers, where that is faster.
    """

    tree: WorkingTree
    crossing: WorkingCrossing
    fronts: FrontSums | None = None

    @property
    def searched(self) -> Crossed:
        """What searches evaluate: this."""
        return self

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Id columns of the tree's level and of each factor."""
        return (*self.tree.groups, *self.crossing.groups)

    @property
    def widths(self) -> list[int]:
        """Random columns of each place."""
        return self.tree.widths + [q for q, _ in self.crossing.sizes]

    @property
    def columns(self) -> list[np.ndarray]:
        """Working columns (q,) of each place."""
        return [*(level.columns for level in self.tree.levels), *self.crossing.columns]

    @property
    def sizes(self) -> list[int]:
        """Groups of each place."""
        return self.tree.sizes + [size for _, size in self.crossing.sizes]

    @property
    def inwards(self) -> list[int]:
        """The crossed factors, and the tree's level as the lowest units."""
        trees = len(self.tree.levels)
        return [*range(trees, len(self.groups)), *range(trees)]

    @property
    def row_groups(self) -> tuple[tuple[str, ...], ...]:
        """Id columns of all places."""
        return self.groups

    @property
    def has_fast_series(self) -> bool:
        """Whether second derivatives by series take no longer than some evaluations."""
        return self.n_dense <= MOST_BY_SERIES

    has_weights = False
    outermost_weights = None

    @property
    def n_dense(self) -> int:
        """Effects of all crossed factors together."""
        return sum(q * size for q, size in self.crossing.sizes)

    def inner(self, place: int) -> np.ndarray:
        """Cross-products (q, q, G) of the random columns of a place."""
        trees = len(self.tree.levels)
        if place < trees:
            return self.tree.levels[place].wide[self.columns[place]]
        own, (q, size) = self.crossing.parts[place - trees], self.crossing.sizes[place - trees]
        sums = self.crossing.sums[own].reshape(q, size, -1)
        return sums[:, :, self.columns[place]].transpose(2, 0, 1)

    def weighed(self, parts: StrataParts, weights: np.ndarray) -> Crossed:
        """The same with the rows of each stratum times its weight (T,)."""
        tree = weighed_tree(self.tree, parts, weights)
        crossing = weighing.weighed(parts.crossings, weights)
        level = tree.levels[-1] if tree.levels else None
        fronts = front_sums(crossing, level, replace(parts.evidence, placed={}))
        return Crossed(tree, crossing, fronts)

    def row_slopes(
        self, parts: StrataParts, weights, at: Evaluation, directions: np.ndarray, scratch: Scratch
    ) -> np.ndarray:
        """Refuse: the effects of a row are in no one dense block.

        Raises
        ------
        NotWhereCrossed
            Always.
        """
        raise NotWhereCrossed("exact derivatives by residual variances", self.n_dense)

    def eliminate(self, total: np.ndarray, omegas, scratch: Scratch) -> Eliminated:
        """Eliminate the effects in fronts, or the tree and then one dense block of the others."""
        if self.fronts is not None:
            matrix, logdet, done = eliminate_fronts(self.fronts, total, omegas, scratch)
            dense = partial(self._dense, total, omegas)
            return Eliminated(matrix, logdet, RemainsOfFronts(done, dense))
        return self._dense(total, omegas, scratch)

    def _dense(self, total: np.ndarray, omegas, scratch: Scratch | None = None) -> Eliminated:
        """Eliminate the tree's level, then the crossed effects in one dense block."""
        self._check_dense()
        scratch = scratch or Scratch()
        trees = len(self.tree.levels)
        steps = eliminated(self.tree, [[omega] for omega in omegas[:trees]], scratch)
        (matrix,), (logdet,) = left_over(total, steps)
        (square,), (sums,) = self.crossing.without_tree(steps)
        root, gone, gained = eliminated_root(self.crossing, square, sums, omegas[trees:])
        done = tuple(step.done for step in steps)
        return Eliminated(matrix - gone, logdet + gained, CrossedRemains(done, root))

    def _check_dense(self) -> None:
        if self.n_dense > MAX_EFFECTS:
            what = "answers that need the covariance of all crossed effects"
            raise NotWhereCrossed(what, self.n_dense, MAX_EFFECTS)

    def gradient(
        self, at: Evaluation, directions: np.ndarray, scratch: Scratch
    ) -> list[np.ndarray]:
        """``D`` (q, q) of each place."""
        if self.fronts is not None:
            return front_gradient(self.fronts, at, directions)
        return gradient(self.crossing, at, directions)

    def series(
        self, total: np.ndarray, omegas: Sequence[Series], scratch: Scratch
    ) -> tuple[Series, Series]:
        """The cross-products and ``log|V|`` to second order.

        Raises
        ------
        NotWhereCrossed
            When there are more crossed effects than one dense block holds.
        """
        self._check_dense()
        trees = len(self.tree.levels)
        steps = eliminated(self.tree, omegas[:trees], scratch)
        matrix, logdet = left_over(total, steps)
        square, sums = self.crossing.without_tree(steps)
        gone, gained = root_series(self.crossing, square, sums, omegas[trees:])
        return minus(matrix, gone), plus(logdet, gained)

    def by_cluster(self, at: Evaluation, directions, clusters, size: int, scratch: Scratch) -> None:
        """Refuse: crossed units do not split into clusters.

        Raises
        ------
        NotWhereCrossed
            Always.
        """
        by_cluster(self.n_dense)

    @property
    def sums_of_outermost(self) -> None:
        """Refuse: crossed units have no outermost ones.

        Raises
        ------
        NotWhereCrossed
            Always.
        """
        eliminated_under(self.n_dense)

    def eliminate_under(self, totals, omegas, factors: np.ndarray) -> None:
        """Refuse: crossed units have no outermost ones.

        Raises
        ------
        NotWhereCrossed
            Always.
        """
        eliminated_under(self.n_dense)

    def reweighed(self, factors: np.ndarray) -> None:
        """Refuse: crossed units have no outermost ones.

        Raises
        ------
        NotWhereCrossed
            Always.
        """
        reweighed(self.n_dense)

    def traces(self, basis: np.ndarray) -> PlaceTraces:
        """Traces of the tree's level and the factors."""
        return PlaceTraces(self.tree, self.crossing, basis)

    def means(
        self, at: Evaluation, contrast: np.ndarray, deepest: int | None = None
    ) -> list[np.ndarray]:
        """Posterior means (G, q) of each place."""
        if self.fronts is not None:
            return front_effects.means(self.fronts, at, contrast, self.sizes)
        return effects.means(self.crossing, at, contrast)

    def sums_of_means(
        self, at: Evaluation, contrast: np.ndarray, weights: EffectWeights
    ) -> np.ndarray:
        """Sums (K,) of posterior means of several places."""
        found = self.means(at, contrast)
        return sum(whole_weights(own) @ found[i].T.ravel() for i, own in weights.items())

    def posterior(self, at: Evaluation, contrast: np.ndarray) -> EffectPosterior:
        """Posterior means of each place with their covariances."""
        given, compared = (self._covariances(at, with_fixed) for with_fixed in (False, True))
        return EffectPosterior(self.means(at, contrast), given, compared)

    def _covariances(self, at: Evaluation, with_fixed: bool) -> list[np.ndarray]:
        if self.fronts is not None:
            return front_effects.covariances(self.fronts, at, with_fixed, self.sizes)
        return effects.covariances(self.crossing, at, with_fixed)

    def joint(self, at: Evaluation, weights: EffectWeights) -> JointErrors:
        """Errors over sigma^2 of K sums of effects of several places."""
        weights = {i: whole_weights(own) for i, own in weights.items()}
        of_tree = bool(self.tree.levels) and 0 in weights
        if self.fronts is not None and not of_tree:
            return FrontErrors(self.fronts, at, weights)
        return joint(self.crossing, at, weights)

    def unit_sums(self, at: Evaluation) -> tuple[np.ndarray, np.ndarray]:
        """``z' V^-1`` times the working columns (w, G), and times z (G,)."""
        return unit_sums(self.crossing, at)

    def row_effects(self, at: Evaluation) -> RowEffects:
        """What the effects explain of single rows."""
        return RowEffects(self.tree, self.crossing, at)

    def units_apart(
        self, plan: Plan, model: Model, stats: CrossProducts, waves: Mapping[str, np.ndarray]
    ) -> deletion.UnitsApart:
        """The units of the first factor, ready to be left out.

        Raises
        ------
        NotWhereCrossed
            When evaluations without each of them would take long.
        UnitsInSeveral
            When a lowest unit was in two of them in one wave.
        """
        totals = sum(waves.values())
        effects_each = sum(size for _, size in self.crossing.sizes)
        if self.fronts is not None:
            most = MAX_GROUPS // sum(self.sizes)
        else:
            most = MAX_MULTIPLICATIONS // effects_each**3
        if most < FEWEST_UNITS:
            limit = int((MAX_MULTIPLICATIONS / FEWEST_UNITS) ** (1.0 / 3.0))
            raise NotWhereCrossed("samples without each unit", effects_each, limit)
        return deletion.UnitsApart.of(plan, model, stats, totals, most)

    def newton_without(
        self, solved: Solved, units: deletion.UnitsApart, chosen: np.ndarray
    ) -> EstimatesWithout:
        """One Newton step without each of some units of the first factor."""
        return deletion.newton_without(solved, units, chosen)

    def pieces(
        self, at: Evaluation, totals: np.ndarray, rows: np.ndarray, bundles: Sequence
    ) -> None:
        """Refuse: units that are drawn again would share lower units.

        Raises
        ------
        NotWhereCrossed
            Always.
        """
        return resampling.pieces(self.crossing)
