"""Interval of a correlation over waves that is estimated at its bound, from the profile.

There the curvature of the criterion says nothing; values that cost less than the limit of
chi-squared are in the interval, and it ends at the bound.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlm.errors import FitError
from mlm.nouns.quantiles import CHI_SQUARED_95
from mlm.statistics.answers.over_time.covariance_forms import NEAR_ONE, Form
from mlm.statistics.answers.over_time.frame import FormFit, Frame

END_WIDTH = 1e-3  # to which the ends are found


def bounded_interval(frame: Frame, fitted: FormFit) -> tuple[float, float]:
    """Interval of 95 % of the average correlation, by the profile of the criterion.

    Parameters
    ----------
    frame : Frame
        The model.
    fitted : FormFit
        A form with a single correlation, at its optimum in the frame.

    Returns
    -------
    tuple of float
        NaN where the form has several correlations, or the variance is zero.
    """
    held, low, high = _held(fitted)
    if held is None or not fitted.matrix[0, 0] > 0.0:
        return np.nan, np.nan
    gaps = np.abs(np.subtract.outer(fitted.times, fitted.times))
    pairs = np.triu_indices(fitted.times.size, 1)

    def average(r: float) -> float:
        return float(np.mean(r ** gaps[pairs])) if fitted.form.name == "autoregressive" else r

    def excess(r: float) -> float:
        return frame.lowest(held(r)).fun - fitted.fit.deviance - CHI_SQUARED_95

    found = fitted.matrix
    at = float(np.clip(found[0, 1] / np.sqrt(found[0, 0] * found[1, 1]), low, high))
    if fitted.form.name == "autoregressive":
        at = float(np.clip(fitted.parameters[1], low, high))
    try:
        return average(_end(excess, low, at)), average(_end(excess, high, at))
    except (FitError, ValueError):
        return np.nan, np.nan


def _end(excess: Callable[[float], float], bound: float, inside: float) -> float:
    from scipy.optimize import brentq

    if bound == inside or excess(bound) <= 0.0:
        return bound
    return float(brentq(excess, *sorted((bound, inside)), xtol=END_WIDTH))


def _held(fitted: FormFit) -> tuple[Callable[[float], Form] | None, float, float]:
    """The form with its correlation held at a value, and the bounds of that."""
    name, size = fitted.form.name, fitted.times.size
    if name == "compound_symmetry":
        return _one_variance(lambda r, t: r + (1.0 - r) * np.eye(t.size)), 0.0, 1.0
    if name == "autoregressive":
        return _one_variance(lambda r, t: r ** np.abs(t[:, None] - t)), 0.0, NEAR_ONE
    if name == "unstructured" and size == 2:
        return _two_variances, -1.0, 1.0
    return None, 0.0, 0.0


def _one_variance(correlation: Callable[[float, np.ndarray], np.ndarray]) -> Callable[..., Form]:
    def at(r: float) -> Form:
        return Form(
            "held",
            lambda p, t: p[0] ** 2 * correlation(r, t),
            lambda v, __, t: np.array([np.sqrt(v)]),
            lambda size: [(0.0, None)],
        )

    return at


def _two_variances(r: float) -> Form:
    return Form(
        "held",
        lambda p, t: np.outer(p, p) * np.array([[1.0, r], [r, 1.0]]),
        lambda v, __, t: np.sqrt([v, v]),
        lambda size: [(0.0, None)] * 2,
    )
