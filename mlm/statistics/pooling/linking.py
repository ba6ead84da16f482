"""Linking error: what independent calibrations of the waves add to coefficients of differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.statistics.fitting.fit import Fit
from mlm.statistics.pooling.pooled_fit import PooledFit


def linked(fit: Fit | PooledFit, errors: Sequence[float]) -> Fit | PooledFit:
    """A fit whose standard errors hold the error of the link between the scales of waves.

    Parameters
    ----------
    fit : Fit or PooledFit
        A fit.
    errors : sequence of float
        Standard error of the link that each fixed effect carries, in units of the response; zero
        where it is no difference between waves. Links of several waves are taken as independent.

    Returns
    -------
    Fit or PooledFit
        The degrees of freedom are those of Satterthwaite for the sum, the links' being known.

    Source
    ------
    OECD (2009), PISA Data Analysis Manual, chapter on trends; Satterthwaite (1946), Biometrics
    Bulletin 2, 110-114.
    """
    added = np.asarray(errors, dtype=float) ** 2
    if isinstance(fit, PooledFit):
        found = fit.effects
        total = found.total + np.diag(added)
        df = degrees_with(found.df, np.diagonal(found.total), added)
        fits = tuple(linked(each, errors) for each in fit.fits)  # tests are made of these
        return replace(fit, fits=fits, effects=replace(found, total=total, df=df))
    df = degrees_with(fit.degrees, np.diagonal(fit.covariance), added)
    return replace(fit, covariance=fit.covariance + np.diag(added), degrees=df)


def degrees_with(df: np.ndarray, variances: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Degrees of freedom (p,) of sums of a variance and a known one, Satterthwaite's.

    Parameters
    ----------
    df : ndarray (p,)
        Of the variances that are estimated.
    variances : ndarray (p,)
        Those.
    added : ndarray (p,)
        Known ones.
    """
    share = np.divide(variances + added, variances, out=np.ones_like(added), where=variances > 0.0)
    return df * share**2
