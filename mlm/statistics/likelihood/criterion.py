"""ML and REML criteria of a nested model, from working statistics.

Levels are eliminated from the innermost outwards; what is left are the cross-products ``A`` of the
fixed columns and the response with ``V^-1`` between them, from which beta and sigma^2 follow.
Letters: w working columns, q random columns of a level, G groups, p fixed effects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from mlm.errors import FitError
from mlm.statistics.likelihood.crossed.elimination import Root, eliminate_root
from mlm.statistics.likelihood.nested.elimination import Elimination, eliminated
from mlm.statistics.likelihood.scratch import Room
from mlm.statistics.likelihood.working import Working


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
    steps = eliminated(working, omegas[: len(working.levels)], room or Room())
    matrix = working.total - sum(step.gone for step in steps)
    logdet = sum(step.logdet for step in steps)
    root = None
    if working.crossing is not None:
        done = steps[-1].done if steps else None
        gain, product = (done.gain, done.product) if done else (None, None)
        crossed = omegas[len(working.levels) :]
        root, gained = eliminate_root(working.crossing, gain, product, crossed, matrix)
        logdet += gained
    left = (tuple(step.done for step in steps), tuple(omegas), root)
    return _criterion(working, matrix, logdet, reml, left)


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
