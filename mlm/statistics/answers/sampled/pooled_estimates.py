"""Estimates of several draws as one, and as records: both parts of the error, links, intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.nouns.distributions import student_quantile, student_tail
from mlm.results.record import finite
from mlm.results.sampled.estimate import SampledChange, SampledEstimate
from mlm.statistics.pooling.linking import degrees_with
from mlm.statistics.pooling.nested import pooled_nested
from mlm.statistics.pooling.rubin import Pooled, observed, pooled


def pooled_draws(
    estimates: np.ndarray, covariances: np.ndarray, df, shape: tuple[int, ...]
) -> Pooled:
    """Estimates of some draws as one, by the rule of their draws: none, some, or nests.

    Parameters
    ----------
    estimates : ndarray (M, c)
        Of each draw.
    covariances : ndarray (M, c, c)
        Of their errors.
    df : float or ndarray (c,)
        Degrees of freedom with complete data.
    shape : tuple of int
        (M,), or (nests, M / nests).
    """
    if len(estimates) == 1:
        found = observed(estimates[0], covariances[0])
        return replace(found, df=np.broadcast_to(np.asarray(df, float), found.df.shape).copy())
    if len(shape) == 1:
        return pooled(estimates, covariances, df)
    c = estimates.shape[1]
    return pooled_nested(estimates.reshape(*shape, c), covariances.reshape(*shape, c, c), df)


def estimate_of(
    found: Pooled, drawn: bool, place: int = 0, design_effect: float | None = None
) -> SampledEstimate:
    """A pooled estimate as a record, with its t test and its 95 % interval.

    Parameters
    ----------
    found : Pooled
        Estimates.
    drawn : bool
        Whether the outcome is known by draws; else there is no error of measurement.
    place : int
        Which of them.
    design_effect : float, optional
        Of its sampling variance.
    """
    estimate, df = float(found.estimate[place]), float(found.df[place])
    error = float(found.std_error[place])
    ratio = abs(estimate) / error if error > 0.0 else np.inf
    reach = float(student_quantile(0.975, df)) * error
    return SampledEstimate(
        estimate=estimate,
        std_error=finite(error),
        sampling_error=finite(float(found.sampling_error[place])),
        measurement_error=finite(float(found.imputation_error[place])) if drawn else None,
        df=finite(df),
        p_value=finite(float(2.0 * student_tail(ratio, df))) if np.isfinite(ratio) else None,
        lower=finite(estimate - reach),
        upper=finite(estimate + reach),
        missing_information=finite(float(found.fmi[place])) if drawn else None,
        design_effect=None if design_effect is None else finite(design_effect),
    )


def change_of(found: Pooled, link: float | None, drawn: bool) -> SampledChange:
    """A pooled difference between waves as a record, its error with that of the link.

    Parameters
    ----------
    found : Pooled
        One estimate.
    link : float or None
        Standard error of the link between the scales of both waves; None: none is known.
    drawn : bool
        As for ``estimate_of``.
    """
    own = found if link is None else with_link(found, np.array([link]))
    return SampledChange(**dict(estimate_of(own, drawn)), linking_error=link)


def with_link(found: Pooled, errors: np.ndarray) -> Pooled:
    """Estimates whose variances hold those of links, which no sample of rows shows.

    Parameters
    ----------
    found : Pooled
        c estimates.
    errors : ndarray (c,)
        Standard error of the link that each of them carries.
    """
    added = errors**2
    total = found.total + np.diag(added)
    return replace(found, total=total, df=degrees_with(found.df, np.diagonal(found.total), added))
