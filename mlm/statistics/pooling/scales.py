"""Scales on which quantities with bounds are pooled: logs, logits and Fisher's z."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from mlm.nouns.distributions import student_quantile
from mlm.statistics.pooling.rubin import pooled

UPPER = 0.975  # tail of a 95 % interval


@dataclass(frozen=True)
class Transformation:
    """A function that takes a bounded quantity to the whole line.

    Attributes
    ----------
    name : str
        ``"identity"``, ``"log"``, ``"logit"`` or ``"fisher_z"``.
    to, back : callable
        The function and its inverse.
    slope : callable
        Derivative of the function, by the quantity.
    holds : callable
        Which values are inside the bounds.
    """

    name: str
    to: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    holds: Callable[[np.ndarray], np.ndarray]


IDENTITY = Transformation("identity", np.asarray, np.asarray, np.ones_like, np.isfinite)
LOG = Transformation("log", np.log, np.exp, lambda v: 1.0 / v, lambda v: v > 0.0)
LOGIT = Transformation(
    "logit", logit, expit, lambda p: 1.0 / (p * (1.0 - p)), lambda p: (p > 0) & (p < 1)
)
FISHER_Z = Transformation(
    "fisher_z", np.arctanh, np.tanh, lambda r: 1.0 / (1.0 - r**2), lambda r: np.abs(r) < 1.0
)


@dataclass(frozen=True)
class PooledQuantity:
    """A variance, share or correlation pooled over imputations, in its own unit.

    Attributes
    ----------
    estimate : float
        Pooled.
    std_error : float or None
        By the delta method; None: the errors inside imputations are not known.
    df : float or None
        Degrees of freedom.
    lower, upper : float or None
        95 % interval, made on the scale.
    scale : str
        On which it was pooled: ``"identity"`` where an imputation lies on a bound.
    on_bound : int
        Imputations that lie on a bound.
    riv, fmi : float or None
        Relative increase of variance, and fraction of missing information, on the scale.
    """

    estimate: float
    std_error: float | None
    df: float | None
    lower: float | None
    upper: float | None
    scale: str
    on_bound: int
    riv: float | None
    fmi: float | None


def pooled_on(
    scale: Transformation,
    values: np.ndarray,
    variances: np.ndarray | None = None,
    df: float = np.inf,
) -> PooledQuantity:
    """A bounded quantity of M imputations, pooled on a scale.

    Parameters
    ----------
    scale : Transformation
        Logs for variances, logits for shares, Fisher's z for correlations.
    values : ndarray (M,)
        Of each imputation, in its own unit.
    variances : ndarray (M,), optional
        Of their errors, in squared units; without them only the estimate is pooled.
    df : float
        Degrees of freedom with complete data.

    Returns
    -------
    PooledQuantity
        Where an imputation lies on a bound, which a scale takes to infinity, the values as they are
        are pooled, and ``on_bound`` says how many do.

    Source
    ------
    Rubin (1987), section 3.2: quantities are pooled where they are near normal; scales of van
    Buuren (2018), Flexible Imputation of Missing Data, table 5.1.
    """
    values = np.asarray(values, float)
    outside = int(np.sum(~scale.holds(values)))
    used = IDENTITY if outside else scale
    moved = used.to(values)
    if variances is None:
        centre = float(used.back(moved.mean()))
        return PooledQuantity(centre, None, None, None, None, used.name, outside, None, None)
    errors = np.asarray(variances, float) * used.slope(values) ** 2
    found = pooled(moved[:, None], errors[:, None, None], df)
    centre, error, nu = (float(v[0]) for v in (found.estimate, found.std_error, found.df))
    reach = float(student_quantile(UPPER, nu)) * error
    value = float(used.back(centre))
    return PooledQuantity(
        value,
        error / float(used.slope(np.float64(value))),
        nu,
        float(used.back(centre - reach)),
        float(used.back(centre + reach)),
        used.name,
        outside,
        float(found.riv[0]),
        float(found.fmi[0]),
    )
