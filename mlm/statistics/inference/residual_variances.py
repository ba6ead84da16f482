"""Residual variances that differ between strata, such as waves: one parameter a stratum.

Rows of stratum h get the precision 1 / ratio_h; the model is fitted at every step of the ratios.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from mlm.errors import FitError
from mlm.nouns.columns import Columns
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.results.reference import ChiSquared
from mlm.results.test import Test
from mlm.statistics.evidence.by_wave import reweighted
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.weights import stratum_rows, weighted_statistics
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.reference import tested
from mlm.statistics.likelihood.differences import curvature, newton_step
from mlm.statistics.likelihood.evaluation import Criterion

RATIO_STEP = 1e-2  # of the logarithm of a ratio, for differences of the profiled criterion
MAX_HALVINGS = 10
MAX_LOG_RATIO = 30.0  # logarithm of a ratio beyond which one of its variances is taken for zero
NEWTON_GAIN = 1e-7  # deviance that a Newton step over the ratios may still gain
MAX_STEPS = 30
WAVE_GAIN = 1e-3  # deviance to which the variances of waves are settled


@dataclass(frozen=True)
class StrataFit:
    """A fit with a residual variance of its own in every stratum.

    Attributes
    ----------
    variable : str
        The categorical variable that makes the strata.
    fit : Fit
        The model at the best ratios; its ``sigma2`` is the residual variance of the first stratum.
    ratios : dict of str to float
        Residual variance of each stratum over that of the first.
    test : Test
        Against one residual variance for all rows.
    """

    variable: str
    fit: Fit
    ratios: dict[str, float]
    test: Test

    @property
    def variances(self) -> dict[str, float]:
        """Residual variance of each stratum, in squared units of the response."""
        return {name: self.fit.sigma2 * ratio for name, ratio in self.ratios.items()}


def fit_by_stratum(
    model: Model,
    stats: CrossProducts,
    variable: str,
    columns: Columns,
    criterion: Criterion = "REML",
) -> StrataFit:
    """Fit a model with a residual variance for each category of a variable.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        A sample accumulated with ``strata_columns``.
    variable : str
        The variable that makes the strata.
    columns : Columns
        The recipe without the products with strata.
    criterion : {"REML", "ML"}
        What is optimised.

    Returns
    -------
    StrataFit

    Raises
    ------
    FitError
        When the search over the ratios does not converge.
    """
    rows = stratum_rows(stats, variable, stats.columns.categories[variable])
    names = [name for name, count in rows.items() if count > 0.0]

    def fitted(ratios: Mapping[str, float], start: Fit | None) -> Fit:
        weighted = weighted_statistics(stats, variable, ratios, columns)
        return fit_model(model, weighted, criterion, start)

    return _fit_of_strata(variable, names, fitted, NEWTON_GAIN)


def fit_by_wave(plan: Plan, model: Model, stats: CrossProducts) -> StrataFit:
    """Fit a model with random intercepts and a residual variance for each wave, by REML.

    Parameters
    ----------
    plan : Plan
        At least two waves.
    model : Model
        The claim.
    stats : CrossProducts
        The sample, with the waves kept apart.

    Returns
    -------
    StrataFit

    Raises
    ------
    StatisticsError, FitError
        When the waves are not kept apart, or the variances do not settle.
    """

    def fitted(ratios: Mapping[str, float], start: Fit | None) -> Fit:
        weights = {wave: 1.0 / ratio for wave, ratio in ratios.items()}
        return fit_model(model, reweighted(plan, stats, weights), "REML", start)

    return _fit_of_strata(plan.time.factor, plan.time.waves, fitted, WAVE_GAIN)


def _fit_of_strata(
    variable: str,
    names: Sequence[str],
    fitted: Callable[[Mapping[str, float], Fit | None], Fit],
    gain: float,
) -> StrataFit:
    """Search the ratios of some strata, and test them against one variance for all."""

    def ratios_of(logs: np.ndarray) -> dict[str, float]:
        return dict(zip(names, np.exp(np.append(0.0, logs)).tolist(), strict=True))

    def solved(logs: np.ndarray, start: Fit | None) -> Fit:
        return fitted(ratios_of(logs), start)

    zero = np.zeros(len(names) - 1)
    equal = solved(zero, None)
    logs, best = _newton_over_ratios(solved, zero, equal, gain)
    statistic, df = max(equal.deviance - best.deviance, 0.0), len(names) - 1
    return StrataFit(variable, best, ratios_of(logs), tested(statistic, df, ChiSquared(df=df)))


def _newton_over_ratios(solved, logs: np.ndarray, fit: Fit, gain: float) -> tuple[np.ndarray, Fit]:
    """Damped Newton steps over the logarithms of the ratios, each fit started at the last.

    ``gain`` is the deviance that a further step may still gain.
    """
    steps = np.full(logs.size, RATIO_STEP)
    for _ in range(MAX_STEPS):
        criterion = partial(_deviance, solved, fit)
        slope, bend = curvature(criterion, logs, steps, fit.deviance, "forward")
        step, gained = newton_step(bend, slope)
        if gained <= gain:
            return logs, fit
        for halving in range(MAX_HALVINGS):
            moved = logs + 0.5**halving * step
            if np.abs(moved).max() > MAX_LOG_RATIO:
                raise FitError("no residual variance is left in some stratum.")
            candidate = solved(moved, fit)
            if candidate.deviance < fit.deviance:
                break
        else:
            return logs, fit
        logs, fit = moved, candidate
    raise FitError("the search for residual variances by stratum has not converged.")


def _deviance(solved, start: Fit, logs: np.ndarray) -> float:
    return solved(logs, start).deviance
