"""The step that eliminates the random effects of a level, one level after the other.

With C the cross-products of a group's random columns and S their sums with all working columns, V
the covariance of all that lies inside the group,

    C_g = Z_g' V^-1 Z_g,   S_g = Z_g' V^-1 [X Z y],
    A <- A - S_g' Q_g S_g,   log|V| <- log|V| + log|I + C_g Omega|.

The gain Q is made in its own module: at given variances, along a direction of them (then all
numbers are series), or for effects of any size. With the level's own covariance in V too, the sums
are ``S+ = (I + C Omega)^-1 S``; then ``Q S = Omega S+``, and the S of a column of the next outer
level that this one has too are the sums of S+. The gradient, in its own module, goes the way back.

Groups may have sampling weights: what a group takes from A and adds to ``log|V|`` is multiplied by
its overall weight, what it hands to the group around by its weight given that one, as if it were
there so often. Source: Rabe-Hesketh and Skrondal (2006), J. R. Statist. Soc. A 169, 805-827, eq. 3.
Letters: w working columns, q random columns of a level, G groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul

import numpy as np

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.gains import Gains, gains, unbounded_gains, values
from mlm.statistics.likelihood.pooled.pool import Pool
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.series import Series, minus, plus, times
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
        ``S+``, the same with the level's own covariance in V; of effects of any size, the sums of
        columns whose squares are ``S' Q S``.
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
    left : dict of int to list of ndarray (w, G)
        By column: its sums with V the covariance of all that lies inside.
    explained : dict of int to list of ndarray (w, G)
        By column: what those levels take from its sums, where only that is known.
    """

    left: dict[int, Series]
    explained: dict[int, Series]

    def sums(self, given: np.ndarray, columns: list[int], scratch: Scratch, i: int) -> Series:
        """S (w, q, G) of level i, from its sums before any level is eliminated."""
        if not self.left and not self.explained:
            return [given]
        known = [self.left.get(c) or self.explained[c] for c in columns]
        own = [scratch.array(("own", i, k), given.shape) for k in range(max(map(len, known)))]
        for j, column in enumerate(columns):
            if column in self.left:
                for part, found in zip(own, known[j], strict=True):
                    part[:, j] = found
                continue
            np.subtract(given[:, j], known[j][0], out=own[0][:, j])
            for part, found in zip(own[1:], known[j][1:], strict=True):
                np.negative(found, out=part[:, j])
        return own


@dataclass(frozen=True)
class EliminationStep:
    """One level eliminated.

    Attributes
    ----------
    covariance : list of ndarray (q, q) or None
        At which relative covariance; None for effects of any size.
    gains : Gains
        What multiplied the sums.
    done : EliminatedLevel
        What is left behind, at the value of all series.
    wide : list of ndarray (w, q, G)
        ``S``; none when the level is pooled.
    gone : list of ndarray (w, w)
        What the level takes from the cross-products.
    inside : InnerSums
        For the next outer level.
    logdet : list of float
        ``log|I + C Omega|``, summed over the groups.
    """

    covariance: Series | None
    gains: Gains
    done: EliminatedLevel
    wide: Series
    gone: Series
    inside: InnerSums
    logdet: Series

    @property
    def product(self) -> Series:
        """``Q S`` as (q, G, w)."""
        if len(self.wide) == len(self.gains.gain) == 1:
            return [self.done.product]
        product = times(self.gains.gain, self.wide, batched.apply)
        return [part.transpose(1, 2, 0) for part in product]


def eliminated(
    tree: WorkingTree,
    covariances: Sequence[Series | None],
    scratch: Scratch,
    pool: Pool | None = None,
) -> list[EliminationStep]:
    """Eliminate all levels of the tree.

    Parameters
    ----------
    tree : WorkingTree
        The levels.
    covariances : sequence of (list of ndarray (q, q) or None)
        Relative covariance of each level, outermost first: its value, or its series along a
        direction; None for effects of any size.
    scratch : Scratch
        Memory; innermost levels whose covariance is still the same are taken from it.
    pool : Pool, optional
        The innermost level with equal groups pooled, used instead of its sums; values only.

    Returns
    -------
    list of EliminationStep
        Outermost level first.
    """
    inside, is_same = InnerSums({}, {}), True
    out: list[EliminationStep] = []
    for i in range(len(tree.levels) - 1, -1, -1):
        step = scratch.steps.get(i)
        is_same = is_same and step is not None and _is_equal(step.covariance, covariances[i])
        if not is_same:
            scratch.forget(i)
            if pool is not None and i == len(tree.levels) - 1:
                step = _pool_eliminated(tree, pool, covariances[i])
            else:
                step = _level_eliminated(tree, i, covariances[i], inside, scratch)
            scratch.steps[i] = step
        inside = step.inside
        out.append(step)
    return out[::-1]


def _is_equal(a: Series | None, b: Series | None) -> bool:
    if a is None or b is None or len(a) != len(b):
        return a is b
    return all((left == right).all() for left, right in zip(a, b, strict=True))


def left_over(total: np.ndarray, steps: Sequence[EliminationStep]) -> tuple[Series, Series]:
    """Cross-products (w, w) less what the steps take from them, and ``log|V|``."""
    if not steps:
        return [total], [0.0]
    gone, logdet = steps[0].gone, steps[0].logdet
    for step in steps[1:]:
        gone, logdet = plus(gone, step.gone), plus(logdet, step.logdet)
    return minus([total], gone), logdet


def _level_eliminated(
    tree: WorkingTree, i: int, covariance: Series | None, inside: InnerSums, scratch: Scratch
) -> EliminationStep:
    given, columns = tree.levels[i].wide, tree.levels[i].columns.tolist()
    own = inside.sums(given, columns, scratch, i)
    inner = [part[columns] for part in own]
    if covariance is None:
        found = unbounded_gains(inner[0], given[columns])
    else:
        found = gains(inner, covariance)
    left, product = _solved(found, own, scratch, i)
    seen = own if found.space is None else left
    gone = times(_weighed(seen, tree.overall[i]), product, _paired)
    if len(columns) == 1:
        gone = times([part[0, 0] for part in found.covariance], gone, mul)
    done = EliminatedLevel(found.gain[0], inner[0], own[0], left[0])
    inner_sums = _passed_on(tree, i, found.covariance, seen, left, inside, scratch)
    logdet = [float(part.sum()) for part in _weighed(found.logdet, tree.overall[i])]
    return EliminationStep(covariance, found, done, own, gone, inner_sums, logdet)


def _weighed(parts: Series, weights: np.ndarray | None) -> Series:
    """Arrays over groups, their last axis, times sampling weights."""
    return parts if weights is None else [part * weights for part in parts]


def _solved(found: Gains, own: Series, scratch: Scratch, i: int) -> tuple[Series, Series]:
    """``S+`` and ``Omega S+``, which is left as it is where Omega is a number or the identity."""
    shape, orders = own[0].shape, range(max(len(own), len(found.solver)))
    left = [scratch.array(("left", i, k), shape) for k in orders]
    product = left
    if shape[1] > 1 and found.space is None:
        product = [scratch.array(("product", k), shape) for k in orders]
    for groups in batched.portions((shape[0] + shape[1]) * shape[1], shape[2]):
        solver = _some(found.solver, groups)
        solved = times(solver, _some(own, groups), batched.apply, _some(left, groups))
        if product is not left:
            times(found.covariance, solved, batched.combine, _some(product, groups))
    return left, product


def _some(parts: Series, groups: slice) -> Series:
    """Of arrays over groups, their last axis, those of some."""
    return [part[..., groups] for part in parts]


def _paired(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a.reshape(len(a), -1) @ b.reshape(len(b), -1).T


def _passed_on(
    tree: WorkingTree,
    i: int,
    covariance: Series,
    seen: Series,
    left: Series,
    inside: InnerSums,
    scratch: Scratch,
) -> InnerSums:
    """What the levels inside the next outer one tell of its columns, once level i is eliminated."""
    columns = tree.levels[i].columns.tolist() if seen is not left else []
    out, (w, q, size) = InnerSums({}, {}), left[0].shape
    for column in tree.reach[i]:
        known, is_own = inside.left.get(column), column in columns
        add = plus if known is None else minus
        before = known or inside.explained.get(column)
        if is_own:
            found = [part[:, columns.index(column)] for part in left]
        elif q == len(left) == 1 and before is tree.levels[i].weights is None:
            own = covariance[0][0, 0] * seen[0][column, 0]
            out.explained[column] = [tree.families[i].sums(left[0][:, 0], own)]
            continue
        else:
            weights = times(covariance, [part[column] for part in seen], np.matmul)
            found = [scratch.array(("found", k), (w, size)) for k in range(len(left))]
            for groups in batched.portions(w * q, size):
                own = times(_some(weights, groups), _some(left, groups), batched.contract)
                own = own if before is None else add(_some(before, groups), own)
                for part, values in zip(found, own, strict=True):
                    part[:, groups] = values
        found = _weighed(found, tree.levels[i].weights)
        sums = [tree.families[i].sums(part) for part in found]
        (out.explained if known is None and not is_own else out.left)[column] = sums
    return out


def pattern_gains(
    inner: np.ndarray, counts: np.ndarray, omega: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """``Q`` and ``H`` (q, q, P) of patterns of groups, and ``log|I + C Omega|`` of all groups.

    Parameters
    ----------
    inner : ndarray (q, q, P)
        C of each pattern.
    counts : ndarray (P,)
        Groups of each.
    omega : ndarray (q, q)
        Their relative covariance.
    """
    gain, held, logdets = values(inner, omega)
    return gain, held, float(counts @ logdets)


def _pool_eliminated(tree: WorkingTree, pool: Pool, covariance: Series) -> EliminationStep:
    """The pooled innermost level, eliminated a pattern at a time."""
    gain, held, logdet = pattern_gains(pool.inner, pool.counts, covariance[0])
    gone = pool.gone(gain)
    explained, columns, around = {}, tree.reach[-1], pool.around
    if around.known.size:
        handed = pool.cells.handed_on(np.einsum("ijp,cip->cjp", gain, around.values))
        for place, total in zip(around.known.tolist(), handed, strict=True):
            explained[columns[place]] = [total]
    pairs = gain.reshape(1, -1, gain.shape[2])
    for place, cross in zip(around.other.tolist(), around.crosses, strict=True):
        explained[columns[place]] = [cross.handed_on(pairs)[0]]
    return EliminationStep(
        covariance,
        Gains([gain], [held], covariance, []),
        EliminatedLevel(gain, pool.inner),
        [],
        [gone],
        InnerSums({}, explained),
        [logdet],
    )
