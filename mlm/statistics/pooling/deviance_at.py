"""The deviance of a model at parameters that are not its best ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.nouns.model import INTERCEPT, Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.working import Working


def deviance_at(
    model: Model,
    stats: CrossProducts,
    beta: np.ndarray,
    covariances: Sequence[np.ndarray],
    sigma2: float,
) -> float:
    """-2 log likelihood of a model at given fixed effects and variances, none at its best.

    Parameters
    ----------
    model : Model
        The claim, its random terms in the order of a fit; without forms of covariances.
    stats : CrossProducts
        The sample.
    beta : ndarray (p,)
        Fixed effects of the raw columns, as a fit has them.
    covariances : sequence of ndarray (q, q)
        Of the effects of each random term, in squared units of the response.
    sigma2 : float
        Residual variance.

    Source
    ------
    ``n log(2 pi sigma2) + log|V| + (y - Xb)' V^-1 (y - Xb) / sigma2``, V the covariance of the rows
    over sigma2; Bates et al. (2015), J. Stat. Softw. 67(1), eq. 30.
    """
    working = working_statistics(model, stats)
    relative = [covariance / sigma2 for covariance in covariances]
    omegas = level_matrices(working_theta(relative, working.blocks), working)
    done = working.structure.eliminate(working.total, omegas, Scratch())
    residual = _residual(working, beta)
    p, unit = working.n_fixed, working.response[1]
    kept = np.r_[np.arange(p), done.matrix.shape[0] - 1]
    square = float(residual @ done.matrix[np.ix_(kept, kept)] @ residual) * unit**2
    constant = working.n_obs * np.log(2.0 * np.pi * sigma2)
    return float(constant + done.logdet - working.log_weights + square / sigma2)


def _residual(working: Working, beta: np.ndarray) -> np.ndarray:
    """Working columns, fixed ones and response, that make the residual of raw fixed effects."""
    origin, unit = working.response
    moved = np.array(beta, float)
    if origin:
        moved[[column.name for column in working.fixed].index(INTERCEPT)] -= origin
    return np.r_[-(working.transform @ moved) / unit, 1.0]
