"""Units and their waves eliminated together, by pattern of rows a wave.

An intercept of each unit and one of each unit in each wave are one effect a wave, whose covariance
is ``a J + b I``. Units with as many rows in each wave then have one gain, so that an evaluation
costs patterns, not units and waves. Letters: T waves, J the matrix of ones, a and b the relative
variances of both intercepts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.coding import code_terms
from mlm.nouns.columns import CONSTANT
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.statistics.evidence.arrays.distinct_sums import DistinctSums
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.wave_parts import WaveParts
from mlm.statistics.likelihood.basis import WorkingColumns, block_basis, candidate_weights
from mlm.statistics.likelihood.elimination import eliminated, left_over
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.nested.gradient import gradient
from mlm.statistics.likelihood.pooled.pool import Pool
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.structure import Eliminated
from mlm.statistics.likelihood.working_tree import WorkingTree

OF_ONE_CATEGORY = 1e-9  # share of the rows by which groups may miss those of a category

WeighedLevel = tuple[GroupSums, Sequence[int], np.ndarray]


@dataclass(frozen=True)
class MergedWaves:
    """A tree whose two innermost levels are units and their waves, as searches evaluate it.

    Attributes
    ----------
    tree : WorkingTree
        The levels around, and the units with one effect a wave, in the w working columns and,
        behind them, indicators of waves that are not among these.
    pool : Pool
        The units by pattern.
    common, own : ndarray (T, T)
        What the relative variance of the units' intercepts, and that of their waves', adds to the
        covariance of these effects.
    """

    tree: WorkingTree
    pool: Pool
    common: np.ndarray
    own: np.ndarray

    def eliminate(
        self, total: np.ndarray, omegas: Sequence[np.ndarray], scratch: Scratch
    ) -> Eliminated:
        """Eliminate all levels, as :meth:`Nested.eliminate` does."""
        covariances = [[omega] for omega in self._merged(omegas)]
        steps = eliminated(self.tree, covariances, scratch.beside("merged"), self.pool)
        nothing = np.zeros(self.pool.moments.shape[-2:])
        (taken,), (logdet,) = left_over(nothing, steps)
        w = len(total)
        left = total + taken[:w, :w]
        return Eliminated(left, logdet, tuple(step.done for step in steps))

    def gradient(
        self, at: Evaluation, directions: np.ndarray, scratch: Scratch
    ) -> list[np.ndarray]:
        """``D`` of each level, units and waves apart."""
        merged = replace(at, omegas=tuple(self._merged(at.omegas)))
        wider = np.zeros((self.pool.moments.shape[-1], directions.shape[1]))
        wider[: len(directions)] = directions
        beside = scratch.beside("merged")
        *outer, inner = gradient(self.tree, self.pool, merged, wider, beside)
        ends = [np.array([[np.sum(inner * part)]]) for part in (self.common, self.own)]
        return [*outer, *ends]

    def _merged(self, omegas: Sequence[np.ndarray]) -> list[np.ndarray]:
        *outer, units, waves = omegas
        return [*outer, units[0, 0] * self.common + waves[0, 0] * self.own]


def merged_waves(
    levels: Sequence[WeighedLevel],
    matrix: np.ndarray,
    stats: CrossProducts,
    pooled: Callable[[Sequence[WeighedLevel], np.ndarray], tuple[WorkingTree, Pool | None]],
) -> MergedWaves | None:
    """The merged levels of a model; None where they are not such, or where that does not pay.

    Parameters
    ----------
    levels : sequence of (GroupSums, list of int, ndarray)
        Levels of the model, outermost first, with their working columns as places and as
        combinations of the candidates.
    matrix : ndarray (k, w)
        The working columns as combinations of the stored ones.
    stats : CrossProducts
        The sample.
    pooled : callable
        From levels and working columns to their tree, and to the innermost one pooled.
    """
    if len(levels) < 2 or not _are_units_and_waves(levels[-2], levels[-1]):
        return None
    units, waves = levels[-2][0], levels[-1][0]
    for variable, categories in stats.columns.categories.items():
        term = RandomTerm(units.group, (Term((Factor(variable),)),))
        coded = code_terms(term.terms, stats.columns.categories)
        if len(coded) != len(categories) or any(c.column not in units.candidates for c in coded):
            continue
        vectors, transform = block_basis(term, coded, stats)
        key = "categories", waves.group, variable
        if key not in stats.pools:
            stats.pools[key] = _are_categories(waves, np.array(vectors).T @ transform)
        if not stats.pools[key]:
            continue
        basis = WorkingColumns(list(matrix.T))
        places = [basis.position(vector) for vector in vectors]
        known = {*places, *levels[-1][1]}  # the same for all units of a pattern
        if any(not known.issuperset(around) for _, around, _ in levels[:-2]):
            return None
        weights = np.array([candidate_weights(v, units, stats, term) for v in vectors])
        wider = np.column_stack(basis.vectors)
        tree, pool = pooled([*levels[:-2], (units, places, weights)], wider)
        if pool is None:
            return None
        ones = transform.sum(axis=1)
        return MergedWaves(tree, pool, np.outer(ones, ones), transform @ transform.T)
    return None


def _are_units_and_waves(units: WeighedLevel, waves: WeighedLevel) -> bool:
    """Whether the lower of two levels is the waves of the upper one, each with an intercept."""
    inside = waves[0].group == (*units[0].group, WAVE)
    return inside and units[0].weights is None and all(_is_constant(x) for x in (units, waves))


def _is_constant(level: WeighedLevel) -> bool:
    sums, columns, weights = level
    if len(columns) != 1 or CONSTANT not in sums.candidates:
        return False
    return np.array_equal(weights[0], [float(c == CONSTANT) for c in sums.candidates])


def _are_categories(waves: GroupSums, raw: np.ndarray) -> bool:
    """Whether all rows of each group are of one category; raw (k, T) are their indicators."""
    used = np.flatnonzero(raw.any(axis=1))
    first = waves.candidates.index(CONSTANT)
    rows = _sums(waves, first, used) @ raw[used]
    missed = np.abs(rows).sum(axis=1) - waves.rows, rows.max(axis=1) - waves.rows
    return all(bool((np.abs(each) <= OF_ONE_CATEGORY * waves.rows).all()) for each in missed)


def _sums(level: GroupSums, row: int, columns: np.ndarray) -> np.ndarray:
    """Sums (G, j) of one candidate of a level in some columns."""
    if isinstance(level.sums, WaveParts | DistinctSums):
        return level.sums.taken([row], columns)[0]
    return level.sums[row][:, columns]
