"""ML and REML criteria of a nested model, from working statistics.

Levels are eliminated from the innermost outwards. For a level with relative covariance Omega and
``C_g = Z_g' V^-1 Z_g`` per group, with V the covariance of all that lies inside the group,

    Q_g = (Omega^-1 + C_g)^-1,   A <- A - S_g' Q_g S_g,   log|V| <- log|V| + log|I + C_g Omega|,

where ``S_g = Z_g' V^-1 [X Z y]``. The gradient, in its own module, runs this computation backwards.
Letters: w working columns, q random columns of a level, G groups, p fixed effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from mlm.errors import FitError
from mlm.statistics import batched
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
    """

    gain: np.ndarray
    inner: np.ndarray
    wide: np.ndarray | None = None

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


def evaluate(working: Working, omegas: list[np.ndarray], reml: bool) -> Evaluation:
    """The criterion at given relative covariance matrices, sigma^2 and beta at their best.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    omegas : list of ndarray (q, q)
        Covariance of the random effects of each level over sigma^2, outermost level first.
    reml : bool
        The REML criterion instead of -2 log likelihood.

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
    sums = list(working.wide)
    matrix = working.total.copy()
    logdet = 0.0
    eliminations: list[Elimination] = []
    for i in range(len(working.levels) - 1, -1, -1):
        if working.pool is not None and i == len(working.levels) - 1:
            done, gained = _eliminate_pool(working, omegas[i], matrix, sums)
        else:
            done, gained = _eliminate(working, i, omegas[i], matrix, sums)
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


def _eliminate(
    working: Working, i: int, omega: np.ndarray, matrix: np.ndarray, sums: list[np.ndarray]
) -> tuple[Elimination, float]:
    """Eliminate level i: from ``matrix`` in place, and from the sums of the levels around it."""
    own = sums[i]
    inner = own[working.levels[i].columns]
    half, logdets = batched.gains(inner, omega)
    spread = batched.apply_lower(half, own)
    flat = spread.reshape(len(own), -1)
    matrix -= flat @ flat.T
    if i:
        starts = working.starts[i][-1]
        whole = {column: batched.contract(spread[column], spread) for column in working.reach[i]}
        _pass_on(working, i, {c: np.add.reduceat(w, starts, 1) for c, w in whole.items()}, sums)
    return Elimination(batched.square(half), inner, own), float(logdets.sum())


def _eliminate_pool(
    working: Working, omega: np.ndarray, matrix: np.ndarray, sums: list[np.ndarray]
) -> tuple[Elimination, float]:
    """Eliminate the pooled innermost level in the same way, a pattern at a time."""
    pool = working.pool
    half, logdets = batched.gains(pool.inner, omega)
    gain = batched.square(half)
    matrix -= np.tensordot(gain, pool.moments, axes=3)
    spread = gain[:, :, pool.pattern]
    explained = {}
    for column, cross in zip(working.reach[-1], pool.crosses, strict=True):
        total = batched.total_product(spread, cross)
        explained[column] = np.add.reduceat(total, pool.starts, axis=1)
    _pass_on(working, len(working.levels) - 1, explained, sums)
    return Elimination(gain, pool.inner), float(pool.counts @ logdets)


def _pass_on(
    working: Working, i: int, explained: dict[int, np.ndarray], sums: list[np.ndarray]
) -> None:
    """Take what level i explains from the sums of the levels around it.

    ``explained`` holds, for each random column of those levels, its (w, G) in the groups of the
    next outer one.
    """
    for m in range(i - 1, -1, -1):
        own = np.stack([explained[column] for column in working.levels[m].columns.tolist()], axis=1)
        sums[m] = sums[m] - own
        if m:
            starts = working.starts[m][-1]
            explained = {c: np.add.reduceat(explained[c], starts, 1) for c in working.reach[m]}


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
