"""Satterthwaite degrees of freedom, from what the search for the optimum saw, and their t tests."""

from __future__ import annotations

import numpy as np

from mlm.nouns.distributions import student_quantile, student_tail
from mlm.results.coefficient import Estimate
from mlm.results.record import finite
from mlm.statistics.fitting.optimise import Optimum
from mlm.statistics.likelihood.evaluation import fixed_covariance
from mlm.statistics.likelihood.working import Working

WITHOUT_CURVATURE = 1e-10  # eigenvalue of a curvature, over the largest, that counts as zero


def degrees_of_freedom(
    working: Working, best: Optimum, weights: np.ndarray | None = None
) -> np.ndarray:
    """Degrees of freedom of each raw fixed effect, or of combinations of them.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    best : Optimum
        Its optimum.
    weights : ndarray (c, p), optional
        Combinations of the raw fixed effects; default: each effect by itself.

    Returns
    -------
    ndarray (c,)
        ``2 v^2 / (g' A g)`` with v the variance of the effect, g its gradient by the variance
        parameters (theta off its bounds, and sigma^2) and A their asymptotic covariance. With
        sigma^2 profiled out, ``g' A g`` is ``2 s' H^-1 s + 2 v^2 / degrees``, where s is the
        derivative of v along the profile and H the curvature of the profiled criterion. Variances
        at zero count too, by what ``best.zeros`` holds: the degrees of freedom are the smaller of
        those without and with them, and do not jump when an estimate leaves zero.

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
    covariance = best.at.sigma2 * fixed_covariance(best.at)
    variances = np.einsum("ci,ij,cj->c", contrasts, covariance, contrasts)
    along = np.einsum("ci,fij,cj->cf", contrasts, variance_slopes(best), contrasts, optimize=True)
    spread = 2.0 * variances**2 / best.at.degrees + np.sum(along**2, axis=1)
    return 2.0 * variances**2 / spread


def variance_slopes(best: Optimum) -> np.ndarray:
    """Changes of the fixed effects' covariance along the errors of the relative variances.

    Parameters
    ----------
    best : Optimum
        An optimum.

    Returns
    -------
    ndarray (f, p, p)
        Along f independent errors, each one standard error long, in squared working units.
    """
    hessian, changes, zeros = best.curvature.hessian, best.curvature.spread, best.zeros
    if zeros is not None:
        hessian, changes = hessian[np.ix_(zeros.free, zeros.free)], changes[zeros.free]
    values, vectors = np.linalg.eigh(hessian)
    usable = values > WITHOUT_CURVATURE * max(values.max(initial=0.0), 0.0)
    values, vectors = values[usable], vectors[:, usable]
    free = np.tensordot(vectors.T, changes, axes=1)
    slopes = np.sqrt(2.0 / values)[:, None, None] * free
    if zeros is None:
        return slopes
    beside = zeros.mixed @ vectors / values
    own, left = zeros.own - beside * values @ beside.T, zeros.spread - np.tensordot(beside, free, 1)
    return np.concatenate([slopes, _gained(own, left)])


def _gained(information: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """Changes (z, p, p) along independent errors, over the directions with information (z, z)."""
    scale = np.sqrt(np.abs(np.diagonal(information)))
    scale = np.where(scale > 0.0, scale, 1.0)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    usable = values > WITHOUT_CURVATURE
    weights = vectors[:, usable] * np.sqrt(2.0 / values[usable]) / scale[:, None]
    return np.tensordot(weights.T, changes, axes=1)


def estimate_record(
    estimate: float, error: float, df: float, missing: float | None = None
) -> Estimate:
    """An estimate with its t test and its 95 % interval.

    Parameters
    ----------
    estimate, error : float
        With its standard error.
    df : float
        Degrees of freedom.
    missing : float, optional
        Fraction of missing information, where values were imputed.
    """
    reach = float(student_quantile(0.975, df)) * error
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = float(2.0 * student_tail(np.abs(estimate) / np.float64(error), df))
    return Estimate(
        estimate=estimate,
        std_error=finite(error),
        df=finite(df),
        p_value=finite(p_value),
        lower=finite(estimate - reach),
        upper=finite(estimate + reach),
        missing_information=missing,
    )
