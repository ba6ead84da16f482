"""Plausible values: draws of true scores given measurements with errors and a conditioning model.

The scores of a row follow a linear model with normal residuals, with a normal effect of each unit
where the model has units; the measurements are scores plus errors of known variance. Each set of
draws has coefficients and covariances of its own, drawn from their posterior.
"""

from __future__ import annotations

import numpy as np

from mlm.errors import ConfigurationError
from mlm.rows.simulating.conditioning import Conditioning


def plausible_values(
    measured: np.ndarray,
    errors: np.ndarray,
    model: Conditioning,
    count: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Draws (M, n, k) of true scores.

    Parameters
    ----------
    measured : ndarray (n, k)
        Scores with errors, k outcomes.
    errors : ndarray (k,)
        Variances of the errors, which are independent.
    model : Conditioning
        The conditioning model of the same rows.
    count : int
        Draws M.
    random : Generator
        Random numbers.

    Raises
    ------
    ConfigurationError
        When rows or units are too few for the model, or the residuals of the measurements vary
        less than their errors.

    Source
    ------
    Mislevy (1991), Psychometrika 56, 177-196; OECD (2020), PISA 2018 Technical Report, ch. 9.
    """
    posterior = model.posterior(measured)
    draws = np.empty((count, *measured.shape))
    for m in range(count):
        expected, covariance = posterior.drawn(random)
        draws[m] = _scores(measured, expected, covariance, errors, random)
    return draws


def _scores(
    measured: np.ndarray,
    expected: np.ndarray,
    covariance: np.ndarray,
    errors: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Scores (n, k) given measurements, and their expectations and residual covariance (k, k)."""
    error = np.diag(errors)
    if np.linalg.eigvalsh(covariance - error).min() <= 0.0:
        raise ConfigurationError(
            "simulate.plausible_values: the conditioning model leaves no more variance to the "
            "measurements than their errors have; raise the reliability, or leave out covariates "
            "or units"
        )
    left = np.linalg.cholesky(error - error @ np.linalg.solve(covariance, error))
    mean = measured - np.linalg.solve(covariance, (measured - expected).T).T @ error
    return mean + random.standard_normal(measured.shape) @ left.T
