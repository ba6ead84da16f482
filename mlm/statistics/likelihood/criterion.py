"""ML and REML criteria of a model, from working statistics.

Random effects are eliminated as the structure of the model has it; what is left are the
cross-products ``A`` of the fixed columns and the response with ``V^-1`` between them, from which
beta and sigma^2 follow. Letters: w working columns, q random columns of a level, G groups, p fixed
effects.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack

from mlm.errors import FitError
from mlm.statistics.likelihood.evaluation import Criterion, Evaluation, n_integrated
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.structure import Eliminated
from mlm.statistics.likelihood.working import Working


def evaluate(
    working: Working, omegas: list[np.ndarray], criterion: Criterion, scratch: Scratch | None = None
) -> Evaluation:
    """The criterion at given relative covariance matrices, sigma^2 and beta at their best.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    omegas : list of ndarray (q, q)
        Covariance of the random effects of each place of the structure over sigma^2.
    criterion : {"ML", "REML"}
        -2 log likelihood, or the REML criterion.
    scratch : Scratch, optional
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
    done = working.structure.eliminate(working.total, omegas, scratch or Scratch())
    return _profiled(working, done, omegas, criterion)


def _profiled(working: Working, done: Eliminated, omegas, criterion: Criterion) -> Evaluation:
    matrix = done.matrix
    p = working.n_fixed
    y = matrix.shape[0] - 1
    root = _upper_root(matrix[:p, :p]) if p else np.zeros((0, 0))
    half = _solved(root, matrix[:p, y], transposed=True) if p else np.zeros(0)
    beta = _solved(root, half) if p else np.zeros(0)
    residual = float(matrix[y, y] - half @ half)
    if not residual > 0.0:
        raise FitError("no residual variation is left: the model explains the response exactly.")
    integrated = n_integrated(criterion, p)
    degrees = working.n_obs - integrated
    unit = working.response[1]
    deviance = done.logdet - working.log_weights
    deviance += degrees * (1.0 + np.log(2.0 * np.pi * unit**2 * residual / degrees))
    if integrated:
        deviance += 2.0 * np.log(np.diagonal(root)).sum()
        deviance += 2.0 * working.log_transform
    return Evaluation(float(deviance), beta, root, residual, degrees, tuple(omegas), done.remains)


def gradient(
    working: Working, at: Evaluation, criterion: Criterion, scratch: Scratch | None = None
) -> list[np.ndarray]:
    """Derivative of the criterion by each relative covariance matrix.

    Parameters
    ----------
    working, at, criterion
        As given to, and returned by, ``evaluate``.
    scratch : Scratch, optional
        Memory to work in; may be the one of the evaluation.

    Returns
    -------
    list of ndarray (q, q)
        Symmetric ``D`` with ``d criterion = trace(D dOmega)``, in the order of the structure.
    """
    directions = directions_of(working, at, criterion)
    return working.structure.gradient(at, directions, scratch or Scratch())


def directions_of(working: Working, at: Evaluation, criterion: Criterion) -> np.ndarray:
    """F (w, f): the residual over sigma; for REML, the root of the fixed effects' covariance."""
    p, w = working.n_fixed, working.total.shape[0]
    integrated = n_integrated(criterion, p)
    directions = np.zeros((w, 1 + integrated))
    directions[:p, 0], directions[w - 1, 0] = -at.beta, 1.0
    directions[:, 0] /= np.sqrt(at.sigma2)
    if integrated:
        directions[:p, 1:] = _solved(at.fixed_root, np.eye(p))
    return directions


def _upper_root(matrix: np.ndarray) -> np.ndarray:
    """Upper triangular R (p, p) with ``R'R`` the matrix; LAPACK's own, as it is small."""
    root, info = lapack.dpotrf(matrix, clean=1) if np.isfinite(matrix).all() else (matrix, 1)
    if info:
        raise FitError("the fixed effects cannot be told apart given the random effects.")
    return root


def _solved(root: np.ndarray, right: np.ndarray, transposed: bool = False) -> np.ndarray:
    """Solutions (p,) or (p, k) of ``R x = right``, or ``R'x = right``, with such an R."""
    return lapack.dtrtrs(root, right, trans=int(transposed))[0]
