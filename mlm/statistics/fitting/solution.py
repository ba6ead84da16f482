"""Fitting: a model and its evidence to a fit; the two kept together for questions that need both.

``Fit`` is the conclusion alone and can be stored; a ``Solution`` lives in memory only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from mlm.nouns.coding import CodedColumn
from mlm.nouns.machine.progress import count
from mlm.nouns.model import Model
from mlm.results.coefficient import Estimate
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.at_parameters import evaluated_at
from mlm.statistics.fitting.concluding import concluded, has_forms, warn_of
from mlm.statistics.fitting.design.refusals import check_weighted
from mlm.statistics.fitting.evaluated import Evaluated, evaluation_of, working_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.form_search import optimum_of_forms
from mlm.statistics.fitting.optimise import Optimum, optimum
from mlm.statistics.fitting.satterthwaite import degrees_of_freedom, estimate_record
from mlm.statistics.fitting.search import Search
from mlm.statistics.fitting.starts import (
    Start,
    start_from,
    start_from_parts,
    with_curvature,
)
from mlm.statistics.fitting.strata_search import StrataSearch, optimum_of_strata, search_of
from mlm.statistics.fitting.told_forms import check_told
from mlm.statistics.fitting.zero_variances import zero_variances
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.identification import Identification, identification, identified
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.working import Working

NOT_LOOKED_AT = Identification((), (), 1.0)  # the parameters of forms have their own check
KEPT = 50  # fits that a sample remembers


@dataclass(frozen=True)
class Solution:
    """A fit, its evidence, and the point of the likelihood where they meet.

    Attributes
    ----------
    fit : Fit
        The conclusion.
    stats : CrossProducts
        The evidence.
    best : Optimum
        Where the search ended.
    given : Working or None
        What it was fitted to; None: made when it is asked for.
    curved : tuple of Solution
        Fits of the model to samples much like this one, where the curvature is theirs: degrees of
        freedom are the mean of theirs. Empty: the curvature is its own.
    """

    fit: Fit
    stats: CrossProducts
    best: Optimum
    given: Working | None = field(default=None, repr=False, compare=False)
    curved: tuple[Solution, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def working(self) -> Working:
        """The working statistics of the model."""
        return working_of(self.fit, self.stats) if self.given is None else self.given

    @property
    def beside(self) -> Fit | Start:
        """Where a fit of the model to a sample much like this one begins.

        With the curvature, but where a variance is zero without forms: there a search looks around.
        """
        is_at_bound = self.fit.n_covariance is None and not self.best.is_inside
        if self.fit.ratios is not None or is_at_bound:
            return self.fit
        return Start(self.fit.covariances, self.fit.sigma2, self.best.hessian)

    def released(self) -> Solution:
        """The same without its working statistics, which are large: they are made when needed."""
        return replace(self, given=None)

    def with_degrees(self) -> Solution:
        """The same with degrees of freedom, if they were not asked for."""
        if not np.isnan(self.fit.degrees).any():
            return self
        fit, best, _ = _solved(self.fit.model, self.stats, self.fit.criterion, self.fit)
        return replace(self, fit=fit, best=best)

    def lightened(self) -> Solution:
        """The same with what combinations of its fixed effects need of its working statistics.

        Their sums, many times larger, are left out; ``released`` has them made again.
        """
        known = self.working
        light = replace(known, structure=None, total=known.total[:0])
        return replace(self, given=light)

    @cached_property
    def evaluated(self) -> Evaluated:
        """The criterion at the estimates, from which effects are read."""
        known = self.given if self.given is not None and self.given.structure is not None else None
        return evaluation_of(self.fit, self.stats, working=known)

    def evaluated_at(self, theta: np.ndarray) -> Evaluated:
        """The criterion at other variance parameters.

        Parameters
        ----------
        theta : ndarray (t,)
            In the place of those of ``best``.

        Raises
        ------
        FitError
            When it cannot be evaluated there.
        """
        return evaluated_at(self.evaluated, theta)

    @cached_property
    def search(self) -> Search:
        """The criterion as a function of the variance parameters of ``best``."""
        return search_of(self.working, self.fit.criterion)

    @property
    def fixed(self) -> tuple[CodedColumn, ...]:
        """The columns of the fixed part, in the order of ``fit.names``."""
        return tuple(self.working.fixed)

    def start(self, model: Model) -> Fit | Start:
        """Where a fit of a similar model to the same sample begins."""
        return self.fit

    def fitted(self, model: Model) -> Solution:
        """A similar model of the same sample by the same criterion; errors as ``solve``."""
        return solve(model, self.stats, self.fit.criterion, self.start(model))

    def contrast(self, weights: np.ndarray) -> Estimate:
        """A linear combination of the fixed effects.

        Parameters
        ----------
        weights : ndarray (p,)
            One weight a fixed effect, in the order of ``fit.names``.

        Returns
        -------
        Estimate
            In units of the response, with Satterthwaite's degrees of freedom, or those of the
            design of the sample, and a 95 % interval.
        """
        fit = self.fit
        estimate = float(weights @ fit.beta)
        error = float(np.sqrt(weights @ fit.covariance @ weights))
        return estimate_record(estimate, error, float(self.degrees_of(weights[None, :])[0]))

    def degrees_of(self, weights: np.ndarray) -> np.ndarray:
        """Degrees of freedom (c,) of combinations (c, p): Satterthwaite's, or of the design."""
        if self.curved:
            return np.mean([each.degrees_of(weights) for each in self.curved], axis=0)
        if self.fit.design is None:
            return degrees_of_freedom(self.working, self.with_degrees().best, weights)
        one_by_one = (self.fit.degrees_of(own[None]) for own in weights)
        return np.array(list(one_by_one))


def fit_model(
    model: Model,
    stats: CrossProducts,
    criterion: Criterion = "REML",
    start: Fit | Start | None = None,
    degrees: bool = True,
) -> Fit:
    """Fit a model to cross-products.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        The evidence; holds every column and candidate of the model.
    criterion : {"REML", "ML"}
        What is optimised.
    start : Fit or Start, optional
        A fit of a similar model, whose variances are tried first where both have them; or the
        covariances to begin with.
    degrees : bool
        As for ``solve``.

    Returns
    -------
    Fit

    Raises
    ------
    NotIdentified
        When the data cannot tell its variances apart.
    StatisticsError, ModelError, FitError
        When the sample lacks what the model needs, or no optimum exists.
    """
    return _solved(model, stats, criterion, start, degrees=degrees)[0]


def solve(
    model: Model,
    stats: CrossProducts,
    criterion: Criterion = "REML",
    start: Fit | Start | None = None,
    frame: bool = False,
    degrees: bool = True,
) -> Solution:
    """Fit a model and keep what it was fitted to; errors as ``fit_model``.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        The evidence.
    criterion : {"REML", "ML"}
        What is optimised.
    start : Fit or Start, optional
        A fit of a similar model, or the covariances to begin with.
    frame : bool
        Whether some of its covariances will be held at values: that the data cannot tell them
        apart at the optimum is no error then.
    degrees : bool
        Whether degrees of freedom are needed. Otherwise they are NaN until they are asked for: what
        the data say of variances at zero takes evaluations of its own.
    """
    fit, best, working = _solved(model, stats, criterion, start, frame, degrees)
    return Solution(fit, stats, best, working)


def _solved(
    model: Model,
    stats: CrossProducts,
    criterion: Criterion,
    start: Fit | Start | None,
    frame: bool = False,
    degrees: bool = True,
) -> tuple[Fit, Optimum, Working | None]:
    """Fit, optimum and, unless both were remembered, the working statistics.

    The stages of an analysis ask for some models again; a certified fit is kept with its sample.
    """
    if criterion not in ("ML", "REML"):
        raise ValueError(f"criterion {criterion!r}: expected 'ML' or 'REML'")
    model = ordered_model(model, stats)
    known = stats.fits
    if _is_enough(known.get((model, criterion)), degrees):
        fit, best = known[model, criterion]
        if degrees and fit.design is None and np.isnan(fit.degrees).any():
            fit, best = known[model, criterion] = _with_degrees(fit, best, stats)
        warn_of(fit)
        return fit, best, None
    if stats.sampled is not None:
        check_weighted(model, criterion)
    working = working_statistics(model, stats)
    origin = start
    if isinstance(start, Fit):
        start = _with_curvature(start_from(start, model, working, stats), start, working, stats)
    is_frame = frame and not has_forms(working)
    found = identification(working) if is_frame else told_apart(working, model, stats)
    search = search_of(working, criterion)
    if start is None and search.is_costly and not has_forms(working):
        start = start_from_parts(model, stats, criterion)
    first = None if start is None else start.parameters(working)
    hessian, bend = (None, None) if start is None else (start.hessian, start.bend)
    if working.strata is not None:
        best = _optimum_of_strata(model, stats, search, origin, first, frame)
        working = search.working_at(best.theta)
    elif has_forms(working):
        best = optimum_of_forms(working, criterion, first, hessian, frame, bend, not degrees)
    else:
        best = optimum(working, criterion, first, hessian, bend)
    if stats.sampled is None:  # what Satterthwaite's degrees of freedom need
        best = replace(best, zeros=zero_variances(search, best) if degrees else None)
    fit = concluded(model, stats, working, best, criterion, found, degrees)
    count("models")
    if fit.converged and not found.confounded and not frame:
        while len(known) >= KEPT:
            del known[next(iter(known))]
        known[model, criterion] = fit, best
    return fit, best, working


def _is_enough(known: tuple[Fit, Optimum] | None, degrees: bool) -> bool:
    """Whether a fit that is remembered, if any, is all that is asked for.

    Degrees of freedom come from curvature that was taken at the optimum.
    """
    return known is not None and not (degrees and known[1].curvature.is_foretold)


def _with_degrees(fit: Fit, best: Optimum, stats: CrossProducts) -> tuple[Fit, Optimum]:
    """A fit that has no degrees of freedom yet, with them."""
    working = working_of(fit, stats)
    best = replace(best, zeros=zero_variances(search_of(working, fit.criterion), best))
    return replace(fit, degrees=degrees_of_freedom(working, best)), best


def told_apart(working: Working, model: Model, stats: CrossProducts) -> Identification:
    """What the data tell of the variances of a model, before it is fitted.

    With fewer fixed terms they tell all the better: what they tell of a model with more is taken,
    unless they hardly tell something apart there.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    model : Model
        The model.
    stats : CrossProducts
        The sample, which remembers what was told.

    Raises
    ------
    NotIdentified
        When they do not tell them apart.
    """
    terms, parts = frozenset(term.key for term in model.terms), (model.random, model.residual)
    known = stats.told.setdefault(parts, [])
    for larger, found in known:
        if terms <= larger:
            return found
    found = NOT_LOOKED_AT
    if has_forms(working):
        check_told(working)
    else:
        found = identified(working)
    if not found.weak:
        known.append((terms, found))
    return found


def _optimum_of_strata(
    model: Model, stats: CrossProducts, search: StrataSearch, start, first, frame: bool
) -> Optimum:
    """The optimum over variances and ratios, from a fit with such or with one residual variance."""
    strata = search.working.strata
    ratios, logs = start.ratios if isinstance(start, Fit) else None, None
    if ratios is not None and ratios.keys() == strata.rows.keys():
        known = np.log(strata.ordered(ratios))
        logs = known[1:] - known[0]
    own, hessian = first if logs is not None else None, None
    if own is None:
        best = _solved(model.with_residual(None), stats, search.criterion, start, frame)[1]
        own, hessian = best.theta, best.hessian if best.is_inside else None

    def inner(held: Working, own: np.ndarray) -> Optimum:
        if has_forms(held):
            return optimum_of_forms(held, search.criterion, own, frame=frame)
        return optimum(held, search.criterion, own)

    return optimum_of_strata(search, inner, own, logs, hessian)


def _with_curvature(start: Start, fit: Fit, working: Working, stats: CrossProducts) -> Start:
    """The start with what is known of the optimum of a fit of this sample."""
    known = stats.fits.get((fit.model, fit.criterion))
    if known is None or fit.model.residual != working.model.residual:
        return start
    return with_curvature(start, fit, known[1], working)


def ordered_model(model: Model, stats: CrossProducts) -> Model:
    """The model with its random terms from the most groups to the fewest, as lme4 orders them."""
    sizes = stats.n_groups
    return replace(model, random=tuple(sorted(model.random, key=lambda r: -sizes.get(r.name, 0))))
