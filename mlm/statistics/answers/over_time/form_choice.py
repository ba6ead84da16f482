"""How sure the correlations over waves are, and which simpler covariances serve as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.nouns.quantiles import TWO_SIDED_95
from mlm.results.reference import ChiSquared
from mlm.results.test import Test
from mlm.statistics.answers.over_time.covariance_forms import FORMS
from mlm.statistics.answers.over_time.frame import FormFit, Frame
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.likelihood_ratio import one_more_variance
from mlm.statistics.inference.reference import tested
from mlm.statistics.likelihood.differences import jacobian, relative_steps

LARGEST = 0.999  # correlations beyond it have no interval by Fisher's z
CORRELATION_STEP = 1e-5  # relative, of the derivatives of correlations by parameters of a form


@dataclass(frozen=True)
class ComparedForm:
    """A form of the covariance, against the first of the list.

    Attributes
    ----------
    fitted : FormFit
    test : Test or None
        Against the unstructured covariance; where that was not fitted, of the straight line against
        compound symmetry, which it contains. None where neither holds the other.
    """

    fitted: FormFit
    test: Test | None


def frame_over_waves(
    plan: Plan,
    model: Model,
    group: tuple[str, ...],
    stats: CrossProducts,
    start: Fit | None = None,
) -> Frame:
    """The model with effects of a level's units in each wave, by REML.

    Parameters
    ----------
    plan : Plan
        The waves and their times.
    model : Model
        The final model with random intercepts.
    group : tuple of str
        Id columns of the units.
    stats : CrossProducts
        The sample; its categories of time may be fewer than the plan's waves.
    start : Fit, optional
        The same model, fitted before.

    Returns
    -------
    Frame
    """
    others = [r for r in model.random if r.group not in (group, (*group, WAVE))]
    term = Term((Factor(plan.time.factor),))
    varying = model.with_random([*others, RandomTerm(group, (term,))])
    waves = stats.columns.categories[plan.time.factor]
    times = [plan.time.times[plan.time.waves.index(wave)] for wave in waves]
    return Frame(solve(varying, stats, "REML", start, frame=True), ":".join(group), times)


def compared_forms(frame: Frame, with_unstructured: bool) -> list[ComparedForm]:
    """Forms of the covariance that the number of waves can tell apart, each fitted.

    Parameters
    ----------
    frame : Frame
        The model.
    with_unstructured : bool
        Whether there are groups enough for the unstructured covariance.

    Returns
    -------
    list of ComparedForm
        Unstructured first where it is carried. With two waves: one variance; with more also
        correlations that decay with time, and a straight line for each unit.

    Raises
    ------
    FitError
        When the data tell the parameters of none of them apart.
    """
    names = [form.name for form in FORMS.values() if form.is_compared(frame.times.size)]
    out = []
    whole = frame.unstructured() if with_unstructured else None
    if whole is not None:
        out.append(ComparedForm(whole, None))
    for name in filter(frame.tells, names):
        fitted = frame.fitted(name)
        test = _against(fitted, whole) if whole else _slope_test(out, fitted)
        out.append(ComparedForm(fitted, test))
    if not out:
        raise FitError("the data tell no form of the covariance over waves from the residual.")
    return out


def _slope_test(before: Sequence[ComparedForm], fitted: FormFit) -> Test | None:
    """Test of the slope in time: without it the straight line is compound symmetry."""
    if fitted.form.name != "linear_trend":
        return None
    if not before or before[0].fitted.form.name != "compound_symmetry":
        return None
    return one_more_variance(before[0].fitted.fit.deviance - fitted.fit.deviance, 1)


def _against(small: FormFit, large: FormFit) -> Test | None:
    df = large.n_params - small.n_params
    if df <= 0:
        return None
    statistic = max(small.fit.deviance - large.fit.deviance, 0.0)
    return tested(statistic, df, ChiSquared(df=df))


def best_form(forms: Sequence[ComparedForm]) -> FormFit:
    """The form with the smallest AIC among those that reach beyond the waves observed."""
    able = [item.fitted for item in forms if item.fitted.form.can_extrapolate]
    return min(able, key=lambda fitted: fitted.aic)


def correlations(matrix: np.ndarray) -> np.ndarray:
    """Correlation matrix of a covariance matrix; NaN beside a variance of zero."""
    sd = np.sqrt(np.diagonal(matrix))
    with np.errstate(invalid="ignore", divide="ignore"):
        out = matrix / np.outer(sd, sd)
    np.fill_diagonal(out, 1.0)
    return np.clip(out, -1.0, 1.0)


def correlation_intervals(fitted: FormFit) -> tuple[np.ndarray, tuple[float, float]]:
    """Intervals of 95 % of the correlations between waves, and of their average.

    Parameters
    ----------
    fitted : FormFit
        A form with the curvature of its criterion.

    Returns
    -------
    ends : ndarray (2, T, T)
        Lower and upper ends; NaN where a correlation is at its bound or not told by the data.
    average : tuple of float
        Ends of the interval of the average of the correlations.

    Source
    ------
    Fisher's z of the estimate with its asymptotic variance, the delta method on the inverse of the
    curvature of the REML criterion with all other parameters estimated too.
    """
    size = fitted.times.size
    pairs = np.tril_indices(size, -1)
    ends = np.full((2, size, size), np.nan)
    if fitted.covariance is None:
        return ends, (np.nan, np.nan)

    def at(p: np.ndarray) -> np.ndarray:
        return correlations(fitted.form.matrix(p, fitted.times))[pairs]

    values = at(fitted.parameters)
    steps = relative_steps(fitted.parameters, CORRELATION_STEP)
    slopes = jacobian(at, fitted.parameters, steps).T
    for row, column, r, slope in zip(*pairs, values, slopes, strict=True):
        ends[:, row, column] = ends[:, column, row] = _fisher(r, slope, fitted.covariance)
    return ends, _fisher(float(values.mean()), slopes.mean(axis=0), fitted.covariance)


def _fisher(r: float, slope: np.ndarray, covariance: np.ndarray) -> tuple[float, float]:
    variance = float(slope @ covariance @ slope)
    if not (abs(r) < LARGEST and variance > 0.0):
        return np.nan, np.nan
    reach = TWO_SIDED_95 * np.sqrt(variance) / (1.0 - r * r)
    z = np.arctanh(r)
    return float(np.tanh(z - reach)), float(np.tanh(z + reach))
