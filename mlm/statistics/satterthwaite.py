"""Satterthwaite degrees of freedom of fixed effects, from the cross-products alone."""

from __future__ import annotations

import numpy as np

from mlm.statistics.covariance import block_parts, is_diagonal, level_matrices, theta_gradient
from mlm.statistics.likelihood import evaluate, fixed_covariance, gradient
from mlm.statistics.optimise import BOUND, Optimum
from mlm.statistics.working import Working

STEP = 1e-4  # relative step of central differences


def degrees_of_freedom(
    working: Working, best: Optimum, reml: bool, weights: np.ndarray | None = None
) -> np.ndarray:
    """Degrees of freedom of each raw fixed effect, or of combinations of them.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    best : Optimum
        Its optimum.
    reml : bool
        Criterion of the optimum.
    weights : ndarray (c, p), optional
        Combinations of the raw fixed effects; default: each effect by itself.

    Returns
    -------
    ndarray (c,)
        ``2 v^2 / (g' A g)`` with v the variance of the effect, g its gradient by the variance
        parameters (theta off its bounds, and sigma^2) and A their asymptotic covariance.

    Source
    ------
    Satterthwaite (1946), Biometrics Bulletin 2, 110-114; Giesbrecht and Burns (1985), Biometrics
    41, 477-486, as in Kuznetsova et al. (2017), J. Stat. Softw. 82(13), eq. 7-9.
    """
    if not working.n_fixed:
        return np.zeros(0)
    contrasts = np.linalg.inv(working.transform)
    if weights is not None:
        contrasts = weights @ contrasts
    free = np.flatnonzero(~(is_diagonal(working.blocks) & (best.theta <= BOUND)))
    sigma2 = best.at.sigma2
    variances, slopes, curvature = _differences(working, best, reml, contrasts, free)
    slopes = np.column_stack([slopes, variances / sigma2])
    hessian = _hessian(working, best, reml, free, curvature)
    values, vectors = np.linalg.eigh(hessian)
    usable = values > 1e-10 * values.max()
    projected = slopes @ vectors[:, usable]
    spread = 2.0 * np.sum(projected**2 / values[usable], axis=1)
    return 2.0 * variances**2 / spread


def _variances(working: Working, at, contrasts: np.ndarray, sigma2: float) -> np.ndarray:
    covariance = fixed_covariance(at)
    return sigma2 * np.einsum("ij,jk,ik->i", contrasts, covariance, contrasts)


def _theta_slope(working: Working, theta: np.ndarray, reml: bool, sigma2: float):
    at = evaluate(working, level_matrices(theta, working), reml, sigma2)
    parts = block_parts(gradient(working, at, reml, sigma2), working.blocks)
    return at, theta_gradient(theta, parts, working.blocks)


def _differences(working, best: Optimum, reml: bool, contrasts, free):
    """Variances, their derivatives by free theta, and second derivatives at fixed sigma^2."""
    sigma2 = best.at.sigma2
    variances = _variances(working, best.at, contrasts, sigma2)
    slopes = np.zeros((variances.size, free.size))
    curvature = np.zeros((free.size, free.size))
    for j, position in enumerate(free):
        step = STEP * max(abs(best.theta[position]), 0.1)
        ends = []
        for sign in (1.0, -1.0):
            theta = best.theta.copy()
            theta[position] += sign * step
            at, slope = _theta_slope(working, theta, reml, sigma2)
            ends.append((_variances(working, at, contrasts, sigma2), slope[free]))
        slopes[:, j] = (ends[0][0] - ends[1][0]) / (2.0 * step)
        curvature[j] = (ends[0][1] - ends[1][1]) / (2.0 * step)
    return variances, slopes, 0.5 * (curvature + curvature.T)


def _hessian(working, best: Optimum, reml: bool, free, curvature: np.ndarray) -> np.ndarray:
    """Second derivatives of the criterion by (free theta, sigma^2)."""
    sigma2 = best.at.sigma2
    near = _theta_slope(working, best.theta, reml, sigma2)[1][free]
    far = _theta_slope(working, best.theta, reml, 2.0 * sigma2)[1][free]
    cross = (
        -2.0 * (near - far) / sigma2
    )  # the slope is a + b / sigma^2, so b = 2 sigma^2 (near - far)
    corner = best.at.degrees / sigma2**2
    return np.block([[curvature, cross[:, None]], [cross[None, :], np.array([[corner]])]])
