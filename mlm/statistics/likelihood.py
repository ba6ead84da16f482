"""ML and REML criteria of a nested model, from working statistics.

Levels are eliminated from the innermost outwards. For a level with relative covariance Omega and
``C_g = Z_g' V^-1 Z_g`` per group, with V the covariance of all that lies inside the group,

    Q_g = (Omega^-1 + C_g)^-1,   A <- A - S_g' Q_g S_g,   log|V| <- log|V| + log|I + C_g Omega|,

where ``S_g = Z_g' V^-1 [X Z y]``. With the level's own covariance in V too, the sums are
``S+ = (I + C Omega)^-1 S``; then ``Q S = Omega S+``, and the S of a column of the next outer level
that this one has too are the sums of S+. The gradient, in its own module, goes the way back.
Letters: w working columns, q random columns of a level, G groups, p fixed effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from mlm.errors import FitError
from mlm.statistics import batched
from mlm.statistics.room import Room
from mlm.statistics.root import Root, eliminate_root
from mlm.statistics.working import Working


@dataclass(frozen=True)
class Elimination:
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
class Evaluation:
    """The criterion at one value of the relative covariances.

    Attributes
    ----------
    deviance : float
        -2 log likelihood (ML) or the REML criterion, with lme4's constants.
    beta : ndarray (p,)
        Fixed effects in the working basis.
    fixed_root : ndarray (p, p)
        Upper Cholesky factor of ``X' V^-1 X``.
    residual : float
        ``(y - Xb)' V^-1 (y - Xb)`` in squared working units.
    degrees : int
        Divisor of the residual variance: n (ML) or n - p (REML).
    eliminations : tuple of Elimination
        One a level, outermost first.
    omegas : tuple of ndarray (q, q)
        Where the criterion was evaluated.
    root : Root or None
        What is left of crossed factors.
    """

    deviance: float
    beta: np.ndarray
    fixed_root: np.ndarray
    residual: float
    degrees: int
    eliminations: tuple[Elimination, ...]
    omegas: tuple[np.ndarray, ...]
    root: Root | None = None

    @property
    def sigma2(self) -> float:
        """Residual variance in squared working units."""
        return self.residual / self.degrees


def evaluate(
    working: Working, omegas: list[np.ndarray], reml: bool, room: Room | None = None
) -> Evaluation:
    """The criterion at given relative covariance matrices, sigma^2 and beta at their best.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    omegas : list of ndarray (q, q)
        Covariance of the random effects of each level over sigma^2, outermost level first.
    reml : bool
        The REML criterion instead of -2 log likelihood.
    room : Room, optional
        Memory for the eliminations; they hold until it is used again.

    Returns
    -------
    Evaluation

    Raises
    ------
    FitError
        When ``X' V^-1 X`` is not positive definite or no residual variation is left.

    Source
    ------
    Longford (1987), Biometrika 74, 817-827; constants of Bates et al. (2015), J. Stat. Softw.
    67(1), eq. 34 (ML) and 41 (REML).
    """
    matrix = working.total.copy()
    logdet = 0.0
    eliminations: list[Elimination] = []
    inside = Inside({}, {})
    room = room or Room()
    for i in range(len(working.levels) - 1, -1, -1):
        if working.pool is not None and i == len(working.levels) - 1:
            done, gained, inside = _eliminate_pool(working, omegas[i], matrix)
        else:
            done, gained, inside = _eliminate(working, i, omegas[i], matrix, inside, room)
        logdet += gained
        eliminations.append(done)
    root = None
    if working.crossing is not None:
        gain, product = (done.gain, done.product) if working.levels else (None, None)
        crossed = omegas[len(working.levels) :]
        root, gained = eliminate_root(working.crossing, gain, product, crossed, matrix)
        logdet += gained
    left = (tuple(reversed(eliminations)), tuple(omegas), root)
    return _criterion(working, matrix, logdet, reml, left)


@dataclass(frozen=True)
class Inside:
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

    def sums(self, given: np.ndarray, columns: list[int], room: Room, i: int) -> np.ndarray:
        """S (w, q, G) of level i, from its sums before any level is eliminated."""
        if not self.left and not self.explained:
            return given
        own = room.array(("own", i), given.shape)
        for j, column in enumerate(columns):
            if column in self.left:
                own[:, j] = self.left[column]
            else:
                np.subtract(given[:, j], self.explained[column], out=own[:, j])
        return own


def _eliminate(
    working: Working, i: int, omega: np.ndarray, matrix: np.ndarray, inside: Inside, room: Room
) -> tuple[Elimination, float, Inside]:
    """Eliminate level i, from ``matrix`` in place."""
    columns = working.levels[i].columns.tolist()
    own = inside.sums(working.wide[i], columns, room, i)
    inner = own[columns]
    gain, held, logdets = batched.gains(inner, omega)
    left = room.array(("left", i), own.shape)
    product = room.array("product", own.shape) if len(columns) > 1 else left
    for rows in batched.portions(*own.shape):
        batched.apply(held, own[rows], left[rows])
        if product is not left:
            batched.combine(omega, left[rows], product[rows])
    gone = own.reshape(len(own), -1) @ product.reshape(len(own), -1).T
    matrix -= gone if product is not left else omega[0, 0] * gone
    done = Elimination(gain, inner, own, left)
    return done, float(logdets.sum()), _passed_on(working, i, omega, done, inside, room)


def _passed_on(
    working: Working, i: int, omega: np.ndarray, done: Elimination, inside: Inside, room: Room
) -> Inside:
    """What the levels inside the next outer one tell of its columns, once level i is eliminated."""
    columns = working.levels[i].columns.tolist()
    out = Inside({}, {})
    for column in working.reach[i]:
        sums = room.array(("inside", i, column), (len(done.left), working.group_sizes[i - 1]))
        known = inside.left.get(column, inside.explained.get(column))
        for rows in batched.portions(*done.left.shape):
            if column in columns:
                value = done.left[rows, columns.index(column)]
            else:
                value = batched.contract(omega @ done.wide[column], done.left[rows])
                if column in inside.left:
                    value = known[rows] - value
                elif known is not None:
                    value += known[rows]
            sums[rows] = working.families[i].sums(value)
        is_left = column in columns or column in inside.left
        (out.left if is_left else out.explained)[column] = sums
    return out


def _eliminate_pool(
    working: Working, omega: np.ndarray, matrix: np.ndarray
) -> tuple[Elimination, float, Inside]:
    """Eliminate the pooled innermost level in the same way, a pattern at a time."""
    pool = working.pool
    gain, _, logdets = batched.gains(pool.inner, omega)
    matrix -= np.tensordot(gain, pool.moments, axes=3)
    spread = gain[:, :, pool.pattern]
    explained = {}
    for column, cross in zip(working.reach[-1], pool.crosses, strict=True):
        total = batched.total_product(spread, cross)
        explained[column] = np.add.reduceat(total, pool.starts, axis=1)
    done = Elimination(gain, pool.inner)
    return done, float(pool.counts @ logdets), Inside({}, explained)


def _criterion(working: Working, matrix, logdet: float, reml: bool, left: tuple) -> Evaluation:
    p = working.n_fixed
    y = matrix.shape[0] - 1
    try:
        root = cholesky(matrix[:p, :p]) if p else np.zeros((0, 0))
    except (np.linalg.LinAlgError, ValueError) as error:  # ValueError: values that are not finite
        text = "the fixed effects cannot be told apart given the random effects."
        raise FitError(text) from error
    half = solve_triangular(root, matrix[:p, y], trans="T") if p else np.zeros(0)
    beta = solve_triangular(root, half) if p else np.zeros(0)
    residual = float(matrix[y, y] - half @ half)
    if not residual > 0.0:
        raise FitError("no residual variation is left: the model explains the response exactly.")
    degrees = working.n_obs - (p if reml else 0)
    unit = working.response[1]
    deviance = logdet - working.log_weights
    deviance += degrees * (1.0 + np.log(2.0 * np.pi * unit**2 * residual / degrees))
    if reml and p:
        deviance += 2.0 * np.log(np.diagonal(root)).sum()
        deviance += 2.0 * np.linalg.slogdet(working.transform)[1]
    return Evaluation(float(deviance), beta, root, residual, degrees, *left)


def fixed_covariance(at: Evaluation) -> np.ndarray:
    """``(X' V^-1 X)^-1``, the covariance over sigma^2 in the working basis, shape (p, p)."""
    p = at.fixed_root.shape[0]
    return cho_solve((at.fixed_root, False), np.eye(p)) if p else np.zeros((0, 0))
