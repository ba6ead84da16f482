"""ML and REML criteria of a nested model and their gradient, from working statistics.

Levels are eliminated from the innermost outwards. For a level with relative covariance Omega and
``C_g = Z_g' V^-1 Z_g`` per group, with V the covariance of all that lies inside the group,

    Q_g = (Omega^-1 + C_g)^-1,   A <- A - S_g' Q_g S_g,   log|V| <- log|V| + log|I + C_g Omega|,

where ``S_g = Z_g' V^-1 [X Z y]``. The gradient is the same computation run backwards.
Letters: w working columns, q random columns of a level, G groups, p fixed effects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from mlm.errors import FitError
from mlm.statistics.pooling import Pool
from mlm.statistics.working import Working


@dataclass(frozen=True)
class Elimination:
    """What eliminating one level leaves behind.

    Attributes
    ----------
    gain : ndarray (G, q, q)
        ``Q = (Omega^-1 + C)^-1``, the conditional covariance of the effects over sigma^2; one a
        pattern when the level is pooled.
    sums : ndarray (q, G, w) or None
        ``S`` of the level after all inner levels are eliminated; None when it is pooled.
    product : ndarray (q, G, w) or None
        ``Q S``.
    """

    gain: np.ndarray
    sums: np.ndarray | None = None
    product: np.ndarray | None = None


@dataclass(frozen=True)
class Evaluation:
    """The criterion at one value of the relative covariances.

    Attributes
    ----------
    deviance : float
        -2 log likelihood (ML) or the REML criterion, with lme4's constants.
    beta : ndarray (p,)
        Fixed effects in the working basis.
    root : ndarray (p, p)
        Upper Cholesky factor of ``X' V^-1 X``.
    residual : float
        ``(y - Xb)' V^-1 (y - Xb)`` in squared working units.
    degrees : int
        Divisor of the residual variance: n (ML) or n - p (REML).
    eliminations : tuple of Elimination
        One a level, outermost first.
    """

    deviance: float
    beta: np.ndarray
    root: np.ndarray
    residual: float
    degrees: int
    eliminations: tuple[Elimination, ...]

    @property
    def sigma2(self) -> float:
        """Residual variance in squared working units."""
        return self.residual / self.degrees


def evaluate(
    working: Working, omegas: list[np.ndarray], reml: bool, sigma2: float | None = None
) -> Evaluation:
    """The criterion at given relative covariance matrices.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    omegas : list of ndarray (q, q)
        Covariance of the random effects of each level over sigma^2, outermost level first.
    reml : bool
        The REML criterion instead of -2 log likelihood.
    sigma2 : float, optional
        Residual variance in squared working units; profiled out when it is not given.

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
    sums = [level.sums for level in working.levels]
    matrix = working.total.copy()
    logdet = 0.0
    eliminations: list[Elimination] = []
    for i in range(len(working.levels) - 1, -1, -1):
        if working.pool is not None and i == len(working.levels) - 1:
            done, gained = _eliminate_pool(working, omegas[i], matrix, sums)
            logdet += gained
            eliminations.append(done)
            continue
        done, gained = _eliminate(sums[i], working.levels[i].columns, omegas[i])
        logdet += gained
        matrix -= np.tensordot(done.sums, done.product, axes=([0, 1], [0, 1]))
        _pass_outwards(working, i, done, sums)
        eliminations.append(done)
    return _criterion(working, matrix, logdet, reml, sigma2, tuple(reversed(eliminations)))


def _eliminate(
    sums: np.ndarray, columns: np.ndarray, omega: np.ndarray
) -> tuple[Elimination, float]:
    inner = np.ascontiguousarray(sums[:, :, columns].transpose(1, 0, 2))
    gain, logdets = _gain(inner, omega)
    if len(columns) == 1:
        product = sums * gain[None, :, 0]
    else:
        product = np.einsum("gij,jgw->igw", gain, sums)
    return Elimination(gain, sums, product), float(logdets.sum())


def _eliminate_pool(
    working: Working, omega: np.ndarray, matrix: np.ndarray, sums: list[np.ndarray]
) -> tuple[Elimination, float]:
    """Eliminate the pooled innermost level: from ``matrix`` in place, and from the outer sums."""
    pool = working.pool
    gain, logdets = _gain(pool.inner, omega)
    matrix -= np.tensordot(gain, pool.moments, axes=3)
    spread = gain[pool.pattern]
    for m, (parent, cross) in enumerate(zip(pool.parents, pool.crosses, strict=True)):
        explained = np.einsum("nij,naijw->anw", spread, cross, optimize=True)
        starts = np.flatnonzero(np.diff(parent, prepend=-1))
        sums[m] = sums[m] - np.add.reduceat(explained, starts, axis=1)
    return Elimination(gain), float(pool.counts @ logdets)


def _gain(inner: np.ndarray, omega: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Q (G, q, q) and log|I + C Omega| (G,) of each group or pattern."""
    if omega.shape[0] == 1:
        scale = 1.0 + omega[0, 0] * inner
        return omega[0, 0] / scale, np.log(scale[:, 0, 0])
    if omega.shape[0] == 2:
        return _gain_of_two(inner, omega)
    values, vectors = np.linalg.eigh(omega)
    factor = vectors * np.sqrt(np.clip(values, 0.0, None))
    middle = np.eye(omega.shape[0]) + factor.T @ inner @ factor
    root = np.linalg.cholesky(middle)
    half = np.linalg.solve(root, np.broadcast_to(factor.T, middle.shape))
    gain = half.transpose(0, 2, 1) @ half
    return gain, 2.0 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)


def _gain_of_two(inner: np.ndarray, omega: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b, c = inner[:, 0, 0], inner[:, 0, 1], inner[:, 1, 1]
    determinant = max(omega[0, 0] * omega[1, 1] - omega[0, 1] ** 2, 0.0)
    scale = 1.0 + omega[0, 0] * a + 2.0 * omega[0, 1] * b + omega[1, 1] * c
    scale = scale + np.maximum(a * c - b * b, 0.0) * determinant
    gain = np.empty_like(inner)
    gain[:, 0, 0] = (omega[0, 0] + c * determinant) / scale
    gain[:, 1, 1] = (omega[1, 1] + a * determinant) / scale
    gain[:, 0, 1] = gain[:, 1, 0] = (omega[0, 1] - b * determinant) / scale
    return gain, np.log(scale)


def _pass_outwards(working: Working, i: int, done: Elimination, sums: list[np.ndarray]) -> None:
    """Take what a level explains from the sums of all levels around it."""
    parent = None
    for m in range(i - 1, -1, -1):
        link = working.levels[m + 1].parent
        parent = link if parent is None else link[parent]
        outer = working.levels[m]
        starts = np.searchsorted(parent, np.arange(outer.sums.shape[1]))
        reduced = sums[m].copy() if sums[m] is outer.sums else sums[m]
        for a, column in enumerate(outer.columns):
            explained = (done.sums[:, :, column, None] * done.product).sum(axis=0)
            reduced[a] -= np.add.reduceat(explained, starts, axis=0)
        sums[m] = reduced


def _criterion(working, matrix, logdet, reml, sigma2, eliminations) -> Evaluation:
    p = working.n_fixed
    y = matrix.shape[0] - 1
    try:
        root = cholesky(matrix[:p, :p]) if p else np.zeros((0, 0))
    except np.linalg.LinAlgError as error:
        raise FitError(
            "the fixed effects cannot be told apart given the random effects."
        ) from error
    half = solve_triangular(root, matrix[:p, y], trans="T") if p else np.zeros(0)
    beta = solve_triangular(root, half) if p else np.zeros(0)
    residual = float(matrix[y, y] - half @ half)
    if not residual > 0.0:
        raise FitError("no residual variation is left: the model explains the response exactly.")
    degrees = working.n_obs - (p if reml else 0)
    deviance = logdet + degrees * np.log(2.0 * np.pi * working.response[1] ** 2)
    if sigma2 is None:
        deviance += degrees * (1.0 + np.log(residual / degrees))
    else:
        deviance += degrees * np.log(sigma2) + residual / sigma2
    if reml and p:
        deviance += 2.0 * np.log(np.diagonal(root)).sum()
        deviance += 2.0 * np.linalg.slogdet(working.transform)[1]
    return Evaluation(float(deviance), beta, root, residual, degrees, eliminations)


def gradient(
    working: Working, at: Evaluation, reml: bool, sigma2: float | None = None
) -> list[np.ndarray]:
    """Derivative of the criterion by each level's relative covariance matrix.

    Parameters
    ----------
    working, at, reml, sigma2
        As given to, and returned by, ``evaluate``.

    Returns
    -------
    list of ndarray (q, q)
        Symmetric ``D`` with ``d criterion = trace(D dOmega)``, outermost level first.
    """
    factor = _adjoint_factor(working, at, reml, sigma2)
    derivatives: list[np.ndarray] = []
    adjoints: list[np.ndarray] = []
    for i, (level, done) in enumerate(zip(working.levels, at.eliminations, strict=True)):
        if done.sums is None:
            derivatives.append(_pool_derivative(working.pool, done.gain, factor, adjoints))
            continue
        outer = _expanded(working, i, adjoints)
        slope = _gain_adjoint(done, factor, outer)
        inner = done.sums[:, :, level.columns].transpose(1, 0, 2)
        shrink = np.eye(len(level.columns)) - done.gain @ inner
        derivative = shrink.transpose(0, 2, 1) @ slope @ shrink + inner @ shrink
        total = derivative.sum(axis=0)
        derivatives.append(0.5 * (total + total.T))
        if i + 1 < len(working.levels):
            adjoints.append(_sums_adjoint(level.columns, done, factor, outer, slope))
    return derivatives


def _pool_derivative(
    pool: Pool, gain: np.ndarray, factor: np.ndarray, adjoints: list[np.ndarray]
) -> np.ndarray:
    """Derivative of the criterion by the pooled level's Omega, shape (q, q)."""
    slope = -np.tensordot(pool.moments, factor @ factor.T, axes=2)
    for parent, cross, adjoint in zip(pool.parents, pool.crosses, adjoints, strict=True):
        reach = np.einsum("naijw,anw->nij", cross, adjoint[:, parent], optimize=True)
        half = np.zeros_like(slope)
        np.add.at(half, pool.pattern, reach)
        slope -= 0.5 * (half + half.transpose(0, 2, 1))
    shrink = np.eye(gain.shape[1]) - gain @ pool.inner
    derivative = shrink.transpose(0, 2, 1) @ slope @ shrink
    derivative += pool.counts[:, None, None] * (pool.inner @ shrink)
    total = derivative.sum(axis=0)
    return 0.5 * (total + total.T)


def _adjoint_factor(
    working: Working, at: Evaluation, reml: bool, sigma2: float | None
) -> np.ndarray:
    """F (w, f) with ``d criterion = trace(F F' dA)``, A the eliminated cross-products."""
    p, w = working.n_fixed, working.total.shape[0]
    contrast = np.zeros((w, 1 + (p if reml else 0)))
    contrast[:p, 0], contrast[w - 1, 0] = -at.beta, 1.0
    contrast[:, 0] /= np.sqrt(at.sigma2 if sigma2 is None else sigma2)
    if reml and p:
        contrast[:p, 1:] = solve_triangular(at.root, np.eye(p))
    return contrast


def _expanded(working: Working, i: int, adjoints: list[np.ndarray]):
    """Adjoints of the outer levels' sums, repeated for the groups of level i."""
    outer = []
    parent = None
    for m in range(i - 1, -1, -1):
        link = working.levels[m + 1].parent
        parent = link if parent is None else link[parent]
        outer.append((working.levels[m].columns, adjoints[m][:, parent]))
    return outer


def _gain_adjoint(done: Elimination, factor: np.ndarray, outer) -> np.ndarray:
    """Derivative of the criterion by Q, shape (G, q, q)."""
    projected = done.sums @ factor
    slope = -np.einsum("igf,jgf->gij", projected, projected)
    for columns, adjoint in outer:
        for a, column in enumerate(columns):
            reach = (done.sums * adjoint[a]).sum(axis=2)
            half = done.sums[:, :, column].T[:, :, None] * reach.T[:, None, :]
            slope -= 0.5 * (half + half.transpose(0, 2, 1))
    return slope


def _sums_adjoint(columns, done: Elimination, factor: np.ndarray, outer, slope) -> np.ndarray:
    """Derivative of the criterion by the sums S of a level, shape (q, G, w)."""
    adjoint = -2.0 * ((done.product @ factor) @ factor.T)
    for outer_columns, outer_adjoint in outer:
        for a, column in enumerate(outer_columns):
            adjoint -= done.product[:, :, column, None] * outer_adjoint[a]
            adjoint[:, :, column] -= (done.product * outer_adjoint[a]).sum(axis=2)
    inner = done.gain - done.gain @ slope @ done.gain
    for j, column in enumerate(columns):
        adjoint[:, :, column] += inner[:, :, j].T
    return adjoint


def fixed_covariance(at: Evaluation) -> np.ndarray:
    """``(X' V^-1 X)^-1`` over sigma^2 in the working basis, shape (p, p)."""
    p = at.root.shape[0]
    return cho_solve((at.root, False), np.eye(p)) if p else np.zeros((0, 0))
