"""Fits to other imputations beside that to one, in which a model is searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from mlm.errors import FitError, ModelError
from mlm.nouns.machine.progress import count
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.concluding import concluded, has_forms
from mlm.statistics.fitting.descent import descend_from
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.newton import Optimum, certified
from mlm.statistics.fitting.refit import NEAR_AMONG_DRAWS, descended
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.fitting.solution import Solution, fit_model, ordered_model, solve, told_apart
from mlm.statistics.fitting.starts import Start
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.covariance import THETA_AT_BOUND
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.threads import threads_for
from mlm.statistics.likelihood.working import Working

# deviance that a further step could gain, at which a descent ends; and where a bound is not level
LAST_GAINS = (1e-11, 1e-15)


@dataclass(frozen=True)
class SolutionBeside(Solution):
    """A fit to one imputation, which knows that to the first.

    Attributes
    ----------
    first : Solution or None
        The fit to the first imputation, whose sample remembers the fits of similar models.
    """

    first: Solution | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, solution: Solution, first: Solution) -> SolutionBeside:
        """A fit beside another one."""
        own = {each.name: getattr(solution, each.name) for each in fields(solution)}
        return cls(**own, first=first)

    def start(self, model: Model) -> Fit | Start:
        """That of the model in the first imputation, with its curvature, if it was fitted there."""
        near = self._near(model)
        return self.fit if near is None else near.beside

    def fitted(self, model: Model) -> Solution:
        """A similar model of the sample, its curvature left to the same in the first imputation."""
        near = self._near(model)
        return super().fitted(model) if near is None else solved_alike([near], self.stats)

    def _near(self, model: Model) -> Solution | None:
        """The model as it was fitted to the first imputation; None where it was not, or is this."""
        stats = self.first.stats
        known = stats.fits.get((ordered_model(model, stats), self.fit.criterion))
        return None if known is None or stats is self.stats else Solution(known[0], stats, known[1])


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
    _tell_apart(near, stats)
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


def solved_alike(near: Sequence[Solution], stats: CrossProducts, turn: int = 0) -> Solution:
    """The model of some fits fitted to another imputation, its curvature left to theirs.

    A descent leads to the optimum, and nothing is evaluated around it: degrees of freedom are the
    mean of those of the fits, the certificate takes the curvature of one of them. Where the optimum
    has other variances at zero than each of them, or the columns are others, it is fitted as any.

    Parameters
    ----------
    near : sequence of Solution
        One model fitted to some imputations, with their curvature.
    stats : CrossProducts
        Another one.
    turn : int
        At which of the fits the search begins; counted round.
    """
    first = near[turn % len(near)]
    fit = first.fit
    if (fit.model, fit.criterion) in stats.fits or fit.ratios is not None:
        return solved_near(first, stats)
    try:
        found = _descended_alike(first, near, stats)
    except (FitError, ModelError):
        found = None
    return solved_near(first, stats) if found is None else found


def _descended_alike(
    first: Solution, near: Sequence[Solution], stats: CrossProducts
) -> Solution | None:
    """Where a descent from the first ends; None where no curvature is that of the optimum."""
    model, criterion = first.fit.model, first.fit.criterion
    working = working_statistics(model, stats)
    if not _has_basis_of(working, first.working):
        return None
    _tell_apart(first, stats)
    found, search = told_apart(working, model, stats), search_of(working, criterion)
    with threads_for(working.structure.n_dense):
        point = search.point(first.best.theta)
        for gain in LAST_GAINS:
            point = descend_from(search, point, first.best.hessian, gain)
            best = _certified(search, point, [first, *near])
            if best is None or best.converged:
                break
    if best is None or not best.converged:
        return None
    fit = concluded(model, stats, working, best, criterion, found)
    degrees = np.mean([each.fit.degrees for each in near], axis=0)
    count("models")
    return Solution(replace(fit, degrees=degrees), stats, best, working, tuple(near))


def _certified(search: Search, point: Point, near: Sequence[Solution]) -> Optimum | None:
    """A point with the curvature of the first fit that has the same parameters off their bounds."""
    free = np.flatnonzero(~(search.diagonal & (point.theta <= THETA_AT_BOUND)))
    known = (each.best.curvature for each in near)
    own = next((each for each in known if np.array_equal(each.free, free)), None)
    return None if own is None else certified(search, point, replace(own, theta=point.theta))


def _tell_apart(near: Solution, stats: CrossProducts) -> None:
    """Remember that an imputation tells the variances of a model apart, as another one does."""
    parts = near.fit.model.random, near.fit.model.residual
    if parts not in stats.told and parts in near.stats.told:
        stats.told[parts] = list(near.stats.told[parts])


def _has_basis_of(working: Working, other: Working) -> bool:
    """Whether parameters and fixed effects of two samples stand for the same."""
    pairs = zip(working.blocks, other.blocks, strict=True)
    return (
        [column.name for column in working.fixed] == [column.name for column in other.fixed]
        and np.array_equal(working.transform, other.transform)
        and all(np.array_equal(one.transform, its.transform) for one, its in pairs)
    )


def solved_beside(solution: Solution, others: Sequence[CrossProducts]) -> list[Solution]:
    """The model of a fit fitted to other imputations too, as ``solved_alike``."""
    near = [solution.lightened()]
    return [solved_alike(near, stats) for stats in others]


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
