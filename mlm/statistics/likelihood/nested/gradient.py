"""Derivative of the criterion by the relative covariance matrices: the elimination's way back.

With P the precision of the rows given the fixed effects (REML) or not (ML) and F such that
``d criterion = trace(F F' dA)`` for the eliminated cross-products A, a level's derivative is the
sum over its groups of

    Z_g' V^-1 Z_g - T_g T_g',   T_g = Z_g' V^-1 [X Z y] F,

with V the whole covariance. From the outermost level inwards, ``Omega T_g`` are the means of the
group's effects given the combinations F of the columns, and both follow from the sums that the
elimination left behind, the means and the covariance R of all effects around the group:

    T_g = S+ F - S+_U B,   Z_g' V^-1 Z_g = C+ - S+_U R S+_U',

where U are the random columns of the levels around and B the means of their effects, those of one
column added up over the levels. Source: Longford (1987), Biometrika 74, 817-827.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mlm.statistics.evidence.tree import Family
from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.elimination import EliminatedLevel
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.pooled.cells import PARENTS_AT_A_TIME
from mlm.statistics.likelihood.pooled.pool import Pool
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.working_tree import WorkingLevel, WorkingTree


def gradient(
    tree: WorkingTree,
    pool: Pool | None,
    at: Evaluation,
    directions: np.ndarray,
    scratch: Scratch,
) -> list[np.ndarray]:
    """Derivative of the criterion by each level's relative covariance matrix.

    Parameters
    ----------
    tree, pool
        As given to ``eliminated``.
    at : Evaluation
        What it left behind.
    directions : ndarray (w, f)
        F with ``d criterion = trace(F F' dA)``.
    scratch : Scratch
        Memory to work in; may be the one of the evaluation.

    Returns
    -------
    list of ndarray (q, q)
        Symmetric ``D`` with ``d criterion = trace(D dOmega)``, outermost level first.
    """
    derivatives: list[np.ndarray] = []
    for step in inwards(tree, at, directions, scratch):
        columns, done = tree.levels[step.place].columns.tolist(), at.remains[step.place]
        if step.seen is None:
            derivatives.append(_pool_derivative(tree, pool, done, directions, step.around))
        else:
            weights = tree.overall[step.place]
            derivatives.append(_derivative(columns, done, step, weights))
    return derivatives


@dataclass(frozen=True)
class LevelSeen:
    """What is seen of one level on the way back.

    Attributes
    ----------
    place : int
        Which level.
    seen : ndarray (f, q, G) or None
        ``T`` of each group; None where the level is pooled.
    around : Around
        Effects of the levels around.
    family : Family or None
        Its groups by those of the level around; None for the outermost level.
    """

    place: int
    seen: np.ndarray | None
    around: Around
    family: Family | None

    @property
    def spread(self) -> dict[tuple[int, int], np.ndarray]:
        """Covariance (G,) of the effects around its groups over sigma^2, by two random columns."""
        return {pair: cell[self.family.parent] for pair, cell in self.around.spread.items()}


def inwards(
    tree: WorkingTree, at: Evaluation, directions: np.ndarray, scratch: Scratch
) -> Iterator[LevelSeen]:
    """The elimination's way back, from the outermost level; arguments as for ``gradient``."""
    around = Around({}, {})
    for i, (level, done) in enumerate(zip(tree.levels, at.remains, strict=True)):
        family = tree.families[i]
        if done.wide is None:
            yield LevelSeen(i, None, around, family)
            continue
        columns, is_last = level.columns.tolist(), i + 1 == len(tree.levels)
        seen = seen_of(done, directions, around.means, family, scratch)
        step = LevelSeen(i, seen, around, family)
        yield step
        if not is_last:
            old = list(around.means)
            means = means_of(level, at.omegas[i], seen, around.means)
            around = Around(means, extended(columns, done, at.omegas[i], old, step.spread))


@dataclass(frozen=True)
class Around:
    """Effects of the levels around the groups of one level, those of one column added up.

    Attributes
    ----------
    means : dict of int to ndarray (f, G)
        By random column: means of its effects given each of the directions.
    spread : dict of (int, int) to ndarray (G,)
        By two random columns, in either order: covariance of their effects over sigma^2.
    """

    means: dict[int, np.ndarray]
    spread: dict[tuple[int, int], np.ndarray]

    def some(self, groups: np.ndarray | slice) -> Around:
        """Those around some groups (n,)."""
        means = {column: mean[:, groups] for column, mean in self.means.items()}
        return Around(means, {pair: cell[groups] for pair, cell in self.spread.items()})


def seen_of(
    done: EliminatedLevel, directions, around: dict, family: Family | None, scratch: Scratch
) -> np.ndarray:
    """``T`` of each group, (f, q, G), from the means around their parents."""
    w, q, size = done.left.shape
    seen = scratch.array("seen", (directions.shape[1], q, size))
    flat = seen.reshape(-1, q * size)
    np.matmul(directions.T, done.left.reshape(w, -1), out=flat)
    if around:
        means, reach = np.stack(list(around.values()), axis=1), done.left[list(around)]
        for groups, found in batched.of_families(family, means, reach):
            seen[:, :, groups] -= found
    return seen


def means_of(level: WorkingLevel, omega, seen, around: dict) -> dict:
    """Means (f, G) of the effects around the groups inside those of a level."""
    columns, means = level.columns.tolist(), {}
    for column in dict.fromkeys((*around, *columns)):
        mean = 0.0
        if column in columns:
            mean = np.matmul(omega[columns.index(column)], seen)
        if column in around:
            mean = mean + np.take(around[column], level.parent, axis=1)
        means[column] = mean
    return means


def _derivative(columns: list[int], done: EliminatedLevel, step: LevelSeen, weights) -> np.ndarray:
    """Derivative by Omega, summed over the groups, each so often as it weighs; shape (q, q)."""
    seen, spread = step.seen, step.around.spread
    if weights is not None:
        return by_group(columns, done, seen, step.spread) @ weights
    out = done.left[columns].sum(axis=2).T
    if spread:
        around = list(step.around.means)
        cells, reach = np.array([[spread[a, b] for b in around] for a in around]), done.left[around]
        for groups, found in batched.of_families(step.family, cells, reach):
            out -= np.matmul(reach[:, :, groups], found.transpose(0, 2, 1)).sum(axis=0)
    out -= np.matmul(seen, seen.transpose(0, 2, 1)).sum(axis=0)
    return np.where(np.tri(len(out), dtype=bool), out, out.T)


def by_group(
    columns: list[int], done: EliminatedLevel, seen: np.ndarray, spread: Mapping
) -> np.ndarray:
    """Derivative by Omega (q, q, G) of each group, none of them weighed."""
    q = len(columns)
    out = np.empty((q, q, seen.shape[2]))
    for j in range(q):
        for k in range(j + 1):
            found = done.left[columns[k], j].copy()
            for (a, b), cell in spread.items():
                found -= done.left[a, j] * cell * done.left[b, k]
            found -= np.einsum("fg,fg->g", seen[:, j], seen[:, k])
            out[j, k] = out[k, j] = found
    return out


def extended(columns: list[int], done: EliminatedLevel, omega: np.ndarray, old: list[int], spread):
    """Covariance of the effects around, with those of the groups themselves."""
    both = list(dict.fromkeys([*old, *columns]))
    size = done.gain.shape[2]
    total = np.zeros((len(both), len(both), size))
    if old:
        pass_on = np.zeros((len(both), len(old), size))
        for b, outer in enumerate(old):
            pass_on[b, b] = 1.0
            for j, column in enumerate(columns):
                pass_on[both.index(column), b] -= omega[j] @ done.left[outer]
        inner = np.array([[spread[a, b] for b in old] for a in old])
        total += batched.multiply(batched.multiply(pass_on, inner), batched.transpose(pass_on))
    places = [both.index(column) for column in columns]
    for j, a in enumerate(places):
        for k, b in enumerate(places):
            total[a, b] += done.gain[j, k]
    return {(a, b): total[i, j] for i, a in enumerate(both) for j, b in enumerate(both)}


def omega_derivative(done: EliminatedLevel, slope: np.ndarray, counts) -> np.ndarray:
    """Derivative by Omega, summed over the groups, from that by Q; shape (q, q)."""
    shrink = -batched.multiply(done.gain, done.inner)
    for i in range(shrink.shape[0]):
        shrink[i, i] += 1.0
    part = batched.multiply(batched.transpose(shrink), batched.multiply(slope, shrink))
    part += counts * batched.multiply(done.inner, shrink)
    total = part.sum(axis=2)
    return 0.5 * (total + total.T)


def _pool_derivative(
    tree: WorkingTree, pool: Pool, done: EliminatedLevel, directions, around: Around
) -> np.ndarray:
    """Derivative by the pooled innermost level's Omega, shape (q, q)."""
    return omega_derivative(done, -pool_seen(tree, pool, directions, around), pool.counts)


def pool_seen(tree: WorkingTree, pool: Pool, directions: np.ndarray, around: Around) -> np.ndarray:
    """``trace(S_i M S_j')`` (q, q, P), summed over the innermost groups of each pattern.

    M (w, w) is the square of what the directions leave over the effects around a group, with the
    covariance of these.

    Parameters
    ----------
    tree, pool
        As given to ``eliminated``.
    directions : ndarray (w, f)
        F.
    around : Around
        Effects of the levels around.
    """
    seen = pool.along(directions @ directions.T)
    outer, half = pool.around, np.zeros_like(seen)
    q, _, size = seen.shape
    columns = tree.reach[-1]
    parents = tree.sizes[-2] if columns else 0
    for first in range(0, parents, PARENTS_AT_A_TIME):  # what reaches them is never all in memory
        some = slice(first, first + PARENTS_AT_A_TIME)
        reaches = _reaching(directions, around.some(some), columns)
        if outer.known.size:
            back = pool.cells.taken_back(reaches[outer.known], (q, size), first)
            half += np.einsum("cip,cjp->ijp", outer.values, back)
        for place, cross in zip(outer.other.tolist(), outer.crosses, strict=True):
            back = cross.taken_back(reaches[place][None], (q * q, size), first)
            half += back.reshape(q, q, size)
    return seen + 0.5 * (half + half.transpose(1, 0, 2))


def _reaching(directions: np.ndarray, around: Around, columns: list[int]) -> np.ndarray:
    """Derivatives (r, w, H) by the sums that enclosing groups' columns are given, from effects."""
    means = np.stack([around.means[column] for column in columns])
    out = np.matmul(directions, -2.0 * means)
    beside = np.einsum("afh,bfh->abh", means, means)
    out[:, columns] += beside + np.array([[around.spread[a, b] for b in columns] for a in columns])
    return out
