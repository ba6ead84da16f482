"""Satterthwaite degrees of freedom of fixed effects, from what the search for the optimum saw."""

from __future__ import annotations

import numpy as np

from mlm.statistics.fitting.optimise import Optimum
from mlm.statistics.likelihood.evaluation import fixed_covariance
from mlm.statistics.likelihood.working import Working


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
        derivative of v along the profile and H the curvature of the profiled criterion.

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
    slopes = np.einsum("ci,fij,cj->cf", contrasts, best.curvature.spread, contrasts, optimize=True)
    spread = 2.0 * variances**2 / best.at.degrees
    if best.curvature.free.size:
        values, vectors = np.linalg.eigh(best.curvature.hessian)
        usable = values > 1e-10 * max(values.max(), 0.0)
        projected = slopes @ vectors[:, usable]
        spread = spread + 2.0 * np.sum(projected**2 / values[usable], axis=1)
    return 2.0 * variances**2 / spread
