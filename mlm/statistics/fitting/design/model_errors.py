"""Errors of variances and shares as far as weights alone make them: those of normal effects.

The sample tells how much the squares of its clusters vary; of few clusters of large weight it tells
so badly, and mostly too little. If effects are normal and independent of the weights, a score has
the expected square of its information times its weight, whatever the sample happened to hold.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.evidence.sampling import Clusters
from mlm.statistics.likelihood.covariance import level_matrices
from mlm.statistics.likelihood.curvature.information import expected_information
from mlm.statistics.likelihood.working import Working

MOST_CLUSTERS = 1000
"""Clusters from which the sample alone tells the errors well."""


def normal_covariance(
    working: Working, theta: np.ndarray, clusters: Clusters
) -> tuple[dict[tuple[int, int, int] | None, int], np.ndarray] | None:
    """Covariance of (co)variances, over the residual variance, of normal effects.

    ``I^-1 J I^-1``, I the expected information of the weighted likelihood and J that in which the
    outermost units count the square of their weight.

    Parameters
    ----------
    working : Working
        Statistics of a weighted model.
    theta : ndarray (t,)
        Parameters of its covariance.
    clusters : Clusters
        Of the sample.

    Returns
    -------
    places : dict
        By block, row and column of each (co)variance, None for the residual's: its place.
    covariance : ndarray (c, c)
        None where there are many clusters, no units, or no information on a variance.

    Source
    ------
    Binder (1983), Int. Statist. Rev. 51, 279-292, with the variance of the scores under the model;
    so the one-sided tests of a variance have it.
    """
    structure, weights = working.structure, working.structure.outermost_weights
    if clusters.size > MOST_CLUSTERS or weights is None:
        return None
    omegas = level_matrices(theta, working)
    entries, bread = expected_information(working, omegas, "ML")
    units = np.maximum(np.bincount(clusters.of_outermost, minlength=clusters.size), 1)
    mean = np.bincount(clusters.of_outermost, weights, clusters.size) / units
    rows = clusters.weights / clusters.weights.sum() * working.n_obs
    squared = replace(working, structure=structure.reweighed(weights), n_obs=float(mean @ rows))
    _, middle = expected_information(squared, omegas, "ML")
    if not np.linalg.eigvalsh(_scaled(bread)).min() > 1e-10:
        return None
    outside = np.linalg.inv(bread)
    places = {entry: i for i, entry in enumerate(entries)} | {None: len(entries)}
    return places, outside @ middle @ outside


def _scaled(matrix: np.ndarray) -> np.ndarray:
    """The matrix with ones on its diagonal, as far as this is above zero."""
    size = np.sqrt(np.maximum(np.diagonal(matrix), 0.0))
    size = np.where(size > 0.0, size, 1.0)
    return matrix / np.outer(size, size)


def composite(errors: np.ndarray, of_normal: np.ndarray) -> np.ndarray:
    """Errors (k,), or where those of normal effects are larger the root of the mean square of both.

    NaN stays NaN.

    Source
    ------
    Composite estimates of variances, as in Wolter (2007), Introduction to Variance Estimation,
    ch. 7; that half of each is right for variances of schools is a finding of simulations.
    """
    larger = np.sqrt(0.5 * (errors**2 + of_normal**2))
    return np.where(of_normal > errors, larger, errors)
