"""Scales on which quantities with bounds are pooled: logs, logits and Fisher's z."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from mlm.nouns.distributions import student_quantile
from mlm.statistics.fitting.design.skewness import skewed_reach
from mlm.statistics.pooling.nested import pooled_nested
from mlm.statistics.pooling.rubin import Pooled, observed, pooled

UPPER = 0.975  # tail of a 95 % interval
NO_ORDER = 1e6  # times a variance: an end beyond says that it is known to no order of magnitude


@dataclass(frozen=True)
class Transformation:
    """A function that takes a bounded quantity to the whole line.

    Attributes
    ----------
    name : str
        ``"identity"``, ``"log"``, ``"logit"`` or ``"fisher_z"``.
    lowest, highest : float
        The bounds.
    to, back : callable
        The function and its inverse.
    slope : callable
        Derivative of the function, by the quantity.
    """

    name: str
    lowest: float
    highest: float
    to: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Which values are inside the bounds."""
        return (values > self.lowest) & (values < self.highest)


IDENTITY = Transformation("identity", -np.inf, np.inf, np.asarray, np.asarray, np.ones_like)
LOG = Transformation("log", 0.0, np.inf, np.log, np.exp, lambda v: 1.0 / v)
LOGIT = Transformation("logit", 0.0, 1.0, logit, expit, lambda p: 1.0 / (p * (1.0 - p)))
FISHER_Z = Transformation("fisher_z", -1.0, 1.0, np.arctanh, np.tanh, lambda r: 1.0 / (1.0 - r**2))


@dataclass(frozen=True)
class PooledQuantity:
    """A variance, share or correlation pooled over imputations, in its own unit.

    Attributes
    ----------
    estimate : float
        Mean over the imputations.
    std_error, imputation_error : float
        By Rubin's rules in the quantity's own unit, and what imputation adds to it; NaN where the
        errors inside imputations are not known.
    df : float
        Degrees of freedom, on the scale.
    lower, upper : float
        95 % interval, made on the scale; that of a variance which is known to no order of magnitude
        has no upper end (infinity).
    scale : str
        On which it was made: ``"identity"`` where an imputation lies on a bound.
    on_bound : int
        Imputations that lie on a bound.
    riv, fmi : float
        Relative increase of variance, and fraction of missing information, on the scale.
    """

    estimate: float
    std_error: float = np.nan
    imputation_error: float = np.nan
    df: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    scale: str = "identity"
    on_bound: int = 0
    riv: float = np.nan
    fmi: float = np.nan


def pooled_on(
    scale: Transformation,
    values: np.ndarray,
    variances: np.ndarray | None = None,
    df: float = np.inf,
    skew: float = 0.0,
    on_scale: np.ndarray | None = None,
) -> PooledQuantity:
    """A bounded quantity of M imputations: its mean, with an interval made on a scale.

    Parameters
    ----------
    scale : Transformation
        Logs for variances, logits for shares, Fisher's z for correlations.
    values : ndarray (M,), or (M, N) of nested imputations
        Of each imputation, in its own unit; a single one is taken to be observed.
    variances : ndarray of the same shape, optional
        Of their errors, in squared units; without them only the estimate is pooled.
    df : float
        Degrees of freedom with complete data.
    skew : float
        Skewness of the errors inside imputations; those between them are symmetric.
    on_scale : ndarray of the same shape, optional
        Standard errors on the scale; those that are NaN, or not given, by the delta method.

    Returns
    -------
    PooledQuantity
        Where an imputation lies on a bound, which a scale takes to infinity, the interval is made
        of the values as they are, cut at the bounds, and ``on_bound`` says how many do.

    Source
    ------
    Rubin (1987), section 3.2: inference is made where a quantity is near normal; scales of van
    Buuren (2018), Flexible Imputation of Missing Data, table 5.1; skewness as ``skewed_reach``.
    """
    values = np.asarray(values, float)
    outside = int(np.sum(~scale.holds(values)))
    used = IDENTITY if outside else scale
    first = values.flat[0]
    centre = float(first + np.mean(values - first))
    if variances is None:
        return PooledQuantity(centre, scale=used.name, on_bound=outside)
    errors = np.asarray(variances, float)
    own = _scalar(values, errors, df)
    scaled = errors * used.slope(values) ** 2
    if on_scale is not None and not outside:
        scaled = np.where(np.isnan(on_scale), scaled, on_scale**2)
    found = _scalar(used.to(values), scaled, df)
    skew = 0.0 if outside else skew / (1.0 + float(found.riv[0])) ** 1.5
    reach = skewed_reach(student_quantile(UPPER, found.df[0]), skew)
    below, above = (float(found.std_error[0] * each) for each in reach)
    at = float(used.to(np.float64(centre)))
    with np.errstate(over="ignore"):  # of a variance that is known to no order of magnitude
        ends = [float(used.back(np.float64(end))) for end in (at - below, at + above)]
    lower, upper = (min(max(end, scale.lowest), scale.highest) for end in ends)
    if upper > NO_ORDER * centre > 0.0:
        upper = scale.highest
    return PooledQuantity(
        centre,
        float(own.std_error[0]),
        float(own.imputation_error[0]),
        float(found.df[0]),
        lower,
        upper,
        used.name,
        outside,
        float(found.riv[0]),
        float(found.fmi[0]),
    )


def _scalar(values: np.ndarray, variances: np.ndarray, df: float) -> Pooled:
    """One quantity of M imputations, of M nests of N, or of none."""
    if values.size == 1:
        return observed(values.ravel(), variances.reshape(1, 1), df)
    rule = pooled_nested if values.ndim > 1 else pooled
    return rule(values[..., None], variances[..., None, None], df)
