"""Fits to other imputations beside that to one, in which a model is searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.concluding import has_forms
from mlm.statistics.fitting.refit import NEAR_AMONG_DRAWS, descended
from mlm.statistics.fitting.solution import Solution, fit_model, solve
from mlm.statistics.fitting.starts import Start
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.making import working_statistics


def start_at(solution: Solution) -> Start:
    """The covariances of a fit with the curvature of its criterion, for a sample much like its."""
    fit = solution.fit
    return Start(fit.covariances, fit.sigma2, solution.best.hessian)


def solved_near(near: Solution, stats: CrossProducts) -> Solution:
    """The model of a fit fitted to another imputation, its search begun with that fit's curvature.

    Parameters
    ----------
    near : Solution
        The model fitted to one imputation.
    stats : CrossProducts
        Another one.
    """
    fit, start = near.fit, start_at(near)
    if fit.n_covariance is not None and fit.ratios is None:
        found = solve(fit.model, stats, fit.criterion, start)
        if found.fit.converged:
            return found
        lifted = _lifted(fit.model, start, stats, fit.criterion)
        if lifted is not None:  # a variance that is zero there stays so, certified or not
            found = solve(fit.model, stats, fit.criterion, lifted)
            if found.fit.converged:
                return found
    return solve(fit.model, stats, fit.criterion, fit)


def _lifted(model: Model, start: Start, stats: CrossProducts, criterion: Criterion) -> Start | None:
    """Where a descent ends that begins with some variance wherever the start has none."""
    working = working_statistics(model, stats)
    found = descended(start, working, criterion, start.hessian, NEAR_AMONG_DRAWS)
    if found is None:
        return None
    point, search = found
    return replace(start, covariances=tuple(search.covariances(point.theta)), residual=1.0)


def solved_beside(solution: Solution, others: Sequence[CrossProducts]) -> list[Solution]:
    """The model of a fit fitted to other imputations too; errors as ``solve``."""
    return [solved_near(solution, stats) for stats in others]


def deviance_near(model: Model, start: Start, stats: CrossProducts, criterion: Criterion) -> float:
    """The deviance of a model in another imputation, by a descent where its terms have forms.

    Parameters
    ----------
    model : Model
        The claim, its random terms in the order of the start.
    start : Start
        With the curvature of the criterion in one imputation.
    stats : CrossProducts
        Another one.
    criterion : {"ML", "REML"}
        What is optimised.
    """
    known = stats.fits.get((model, criterion))
    if known is not None:
        return known[0].deviance
    working = working_statistics(model, stats)
    if has_forms(working) and working.strata is None and start.hessian is not None:
        found = descended(start, working, criterion, start.hessian, NEAR_AMONG_DRAWS)
        if found is not None:
            return found[0].at.deviance
    return fit_model(model, stats, criterion, start).deviance


def deviances(solution: Solution, others: Sequence[CrossProducts]) -> np.ndarray:
    """Deviance (1 + m,) of a fit, and of its model in m other imputations."""
    fit, start = solution.fit, start_at(solution)
    beside = [deviance_near(fit.model, start, stats, fit.criterion) for stats in others]
    return np.array([fit.deviance, *beside])
