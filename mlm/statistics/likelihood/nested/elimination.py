"""Elimination of random effects, one level after the other.

For a level with relative covariance Omega and ``C_g = Z_g' V^-1 Z_g`` per group, with V the
covariance of all that lies inside the group,

    Q_g = (Omega^-1 + C_g)^-1,   A <- A - S_g' Q_g S_g,   log|V| <- log|V| + log|I + C_g Omega|,

where ``S_g = Z_g' V^-1 [X Z y]``. With the level's own covariance in V too, the sums are
``S+ = (I + C Omega)^-1 S``; then ``Q S = Omega S+``, and the S of a column of the next outer level
that this one has too are the sums of S+. The gradient, in its own module, goes the way back.
Letters: w working columns, q random columns of a level, G groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.pools import Pool
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.working_tree import WorkingTree


@dataclass(frozen=True)
class EliminatedLevel:
    """What eliminating one level leaves behind.

    Attributes
    ----------
    gain : ndarray (q, q, G)
        ``Q = (Omega^-1 + C)^-1``, the conditional covariance of the effects over sigma^2; one a
        pattern when the level is pooled.
    inner : ndarray (q, q, G)
        ``C``, one a pattern when the level is pooled.
    wide : ndarray (w, q, G) or None
        ``S`` of the level after all inner levels are eliminated; None when it is pooled. Groups run
        along contiguous memory.
    left : ndarray (w, q, G) or None
        ``S+``, the same with the level's own covariance in V.
    """

    gain: np.ndarray
    inner: np.ndarray
    wide: np.ndarray | None = None
    left: np.ndarray | None = None

    @property
    def sums(self) -> np.ndarray | None:
        """``S`` as (q, G, w)."""
        return None if self.wide is None else self.wide.transpose(1, 2, 0)

    @cached_property
    def product(self) -> np.ndarray | None:
        """``Q S`` as (q, G, w)."""
        if self.wide is None:
            return None
        return batched.apply(self.gain, self.wide).transpose(1, 2, 0)


@dataclass(frozen=True)
class InnerSums:
    """What the levels inside a level's groups tell of random columns of that level and outer ones.

    Attributes
    ----------
    left : dict of int to ndarray (w, G)
        By column: its sums with V the covariance of all that lies inside.
    explained : dict of int to ndarray (w, G)
        By column: what those levels take from its sums, where only that is known.
    """

    left: dict[int, np.ndarray]
    explained: dict[int, np.ndarray]

    def sums(self, given: np.ndarray, columns: list[int], scratch: Scratch, i: int) -> np.ndarray:
        """S (w, q, G) of level i, from its sums before any level is eliminated."""
        if not self.left and not self.explained:
            return given
        own = scratch.array(("own", i), given.shape)
        for j, column in enumerate(columns):
            if column in self.left:
                own[:, j] = self.left[column]
            else:
                np.subtract(given[:, j], self.explained[column], out=own[:, j])
        return own


@dataclass(frozen=True)
class EliminationStep:
    """One level eliminated.

    Attributes
    ----------
    omega : ndarray (q, q)
        At which relative covariance.
    done : EliminatedLevel
        What is left behind.
    gone : ndarray (w, w)
        What the level takes from the cross-products.
    logdet : float
        ``log|I + C Omega|``, summed over the groups.
    inside : InnerSums
        For the next outer level.
    """

    omega: np.ndarray
    done: EliminatedLevel
    gone: np.ndarray
    logdet: float
    inside: InnerSums


def eliminated(
    tree: WorkingTree, pool: Pool | None, omegas: Sequence[np.ndarray], scratch: Scratch
) -> list[EliminationStep]:
    """Eliminate all levels of the tree.

    Parameters
    ----------
    tree : WorkingTree
        The levels.
    pool : Pool or None
        The innermost level with equal groups pooled, used instead of its sums.
    omegas : sequence of ndarray (q, q)
        Relative covariance of each level, outermost first.
    scratch : Scratch
        Memory; innermost levels whose covariance is still the same are taken from it.

    Returns
    -------
    list of EliminationStep
        Outermost level first.
    """
    inside, is_same = InnerSums({}, {}), True
    out: list[EliminationStep] = []
    for i in range(len(tree.levels) - 1, -1, -1):
        step = scratch.steps.get(i)
        is_same = is_same and step is not None and np.array_equal(step.omega, omegas[i])
        if not is_same:
            scratch.forget(i)
            if pool is not None and i == len(tree.levels) - 1:
                step = _pool_eliminated(tree, pool, omegas[i])
            else:
                step = _level_eliminated(tree, i, omegas[i], inside, scratch)
            scratch.steps[i] = step
        inside = step.inside
        out.append(step)
    return out[::-1]


def _level_eliminated(
    tree: WorkingTree, i: int, omega, inside: InnerSums, scratch: Scratch
) -> EliminationStep:
    columns = tree.levels[i].columns.tolist()
    own = inside.sums(tree.levels[i].wide, columns, scratch, i)
    inner = own[columns]
    gain, held, logdets = batched.gains(inner, omega)
    left = scratch.array(("left", i), own.shape)
    product = scratch.array("product", own.shape) if len(columns) > 1 else left
    for rows in batched.portions(*own.shape):
        batched.apply(held, own[rows], left[rows])
        if product is not left:
            batched.combine(omega, left[rows], product[rows])
    gone = own.reshape(len(own), -1) @ product.reshape(len(own), -1).T
    if product is left:
        gone *= omega[0, 0]
    done = EliminatedLevel(gain, inner, own, left)
    inner_sums = _passed_on(tree, i, omega, done, inside, scratch)
    return EliminationStep(omega, done, gone, float(logdets.sum()), inner_sums)


def _passed_on(
    tree: WorkingTree,
    i: int,
    omega: np.ndarray,
    done: EliminatedLevel,
    inside: InnerSums,
    scratch: Scratch,
) -> InnerSums:
    """What the levels inside the next outer one tell of its columns, once level i is eliminated."""
    columns = tree.levels[i].columns.tolist()
    out = InnerSums({}, {})
    for column in tree.reach[i]:
        sums = scratch.array(("inside", i, column), (len(done.left), tree.sizes[i - 1]))
        known = inside.left.get(column, inside.explained.get(column))
        weights = omega @ done.wide[column]
        for rows in batched.portions(*done.left.shape):
            if column in columns:
                value = done.left[rows, columns.index(column)]
            else:
                value = batched.contract(weights, done.left[rows])
                if column in inside.left:
                    value = known[rows] - value
                elif known is not None:
                    value += known[rows]
            sums[rows] = tree.families[i].sums(value)
        is_left = column in columns or column in inside.left
        (out.left if is_left else out.explained)[column] = sums
    return out


def _pool_eliminated(tree: WorkingTree, pool: Pool, omega: np.ndarray) -> EliminationStep:
    """The pooled innermost level, eliminated a pattern at a time."""
    gain, _, logdets = batched.gains(pool.inner, omega)
    gone = np.tensordot(gain, pool.moments, axes=3)
    spread = gain[:, :, pool.pattern]
    explained = {}
    for column, cross in zip(tree.reach[-1], pool.crosses, strict=True):
        total = batched.total_product(spread, cross)
        explained[column] = np.add.reduceat(total, pool.starts, axis=1)
    done = EliminatedLevel(gain, pool.inner)
    return EliminationStep(
        omega, done, gone, float(pool.counts @ logdets), InnerSums({}, explained)
    )
