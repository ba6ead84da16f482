"""Fitting: a model and its evidence to a fit; the two kept together for questions that need both.

``Fit`` is the conclusion alone and can be stored; a ``Solution`` lives in memory only.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mlm.errors import NotConverged, SingularFit
from mlm.nouns.model import INTERCEPT, Model
from mlm.results.coefficient import Estimate
from mlm.results.record import finite
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import coefficients
from mlm.statistics.fitting.certificate import Certificate
from mlm.statistics.fitting.evaluated import Evaluated, evaluation_of, working_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.form_search import (
    FormSearch,
    check_told,
    optimum_of_forms,
    search_of_terms,
)
from mlm.statistics.fitting.optimise import Optimum, optimum
from mlm.statistics.fitting.satterthwaite import degrees_of_freedom
from mlm.statistics.fitting.search import Search
from mlm.statistics.fitting.starts import Start, start_from
from mlm.statistics.fitting.strata_search import StrataSearch, optimum_of_strata, search_of
from mlm.statistics.fitting.zero_variances import zero_variances
from mlm.statistics.likelihood.covariance import (
    block_parts,
    is_diagonal,
    raw_derivative,
    raw_omega,
    theta_gradient,
    theta_of,
)
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.evaluation import Criterion, Evaluation, fixed_covariance
from mlm.statistics.likelihood.identification import Identification, identification, identified
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.working import Working

NOT_LOOKED_AT = Identification((), (), 1.0)  # the parameters of forms have their own check
KEPT = 50  # fits that a sample remembers
SINGULAR = 1e-4  # relative sd, in the working basis, below which a fit is called singular (as lme4)


@dataclass(frozen=True)
class Solution:
    """A fit, its evidence, and the point of the likelihood where they meet."""

    fit: Fit
    stats: CrossProducts
    working: Working
    best: Optimum

    @cached_property
    def evaluated(self) -> Evaluated:
        """The criterion at the estimates with groups apart, from which effects are read."""
        return evaluation_of(self.fit, self.stats)

    def evaluated_at(self, theta: np.ndarray) -> Evaluated:
        """The criterion at other variance parameters, with groups apart.

        Parameters
        ----------
        theta : ndarray (t,)
            In the place of those of ``best``.

        Raises
        ------
        FitError
            When it cannot be evaluated there.
        """
        known = self.evaluated
        search = search_of(known.working, self.fit.criterion)
        working = search.working_at(theta)
        at = evaluate(working, search.omegas(theta), self.fit.criterion)
        fit = replace(
            self.fit,
            omegas=_raw_omegas(at, working),
            sigma2=at.sigma2 * working.response[1] ** 2,
            ratios=_ratios(working),
        )
        return replace(known, fit=fit, working=working, at=at)

    @cached_property
    def search(self) -> Search:
        """The criterion as a function of the variance parameters of ``best``."""
        return search_of(self.working, self.fit.criterion)

    def contrast(self, weights: np.ndarray) -> Estimate:
        """A linear combination of the fixed effects.

        Parameters
        ----------
        weights : ndarray (p,)
            One weight a fixed effect, in the order of ``fit.names``.

        Returns
        -------
        Estimate
            In units of the response, with Satterthwaite's degrees of freedom and a 95 % interval.
        """
        from scipy.stats import t as student

        fit = self.fit
        estimate = float(weights @ fit.beta)
        error = float(np.sqrt(weights @ fit.covariance @ weights))
        df = float(degrees_of_freedom(self.working, self.best, weights[None, :])[0])
        reach = float(student.ppf(0.975, df)) * error
        with np.errstate(invalid="ignore", divide="ignore"):
            p_value = float(2.0 * student.sf(np.abs(estimate) / np.float64(error), df))
        return Estimate(
            estimate=estimate,
            std_error=finite(error),
            df=finite(df),
            p_value=finite(p_value),
            lower=finite(estimate - reach),
            upper=finite(estimate + reach),
        )


def fit_model(
    model: Model,
    stats: CrossProducts,
    criterion: Criterion = "REML",
    start: Fit | Start | None = None,
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
    return _solved(model, stats, criterion, start)[0]


def solve(
    model: Model,
    stats: CrossProducts,
    criterion: Criterion = "REML",
    start: Fit | Start | None = None,
    frame: bool = False,
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
    """
    fit, best, working = _solved(model, stats, criterion, start, frame)
    if working is None:
        working = working_of(fit, stats)
    return Solution(fit, stats, working, best)


def _solved(
    model: Model,
    stats: CrossProducts,
    criterion: Criterion,
    start: Fit | Start | None,
    frame: bool = False,
) -> tuple[Fit, Optimum, Working | None]:
    """Fit, optimum and, unless both were remembered, the working statistics.

    The stages of an analysis ask for some models again; a certified fit is kept with its sample.
    """
    if criterion not in ("ML", "REML"):
        raise ValueError(f"criterion {criterion!r}: expected 'ML' or 'REML'")
    model = ordered_model(model, stats)
    known = stats.fits
    if (model, criterion) in known:
        fit, best = known[model, criterion]
        warn_of(fit)
        return fit, best, None
    working = working_statistics(model, stats)
    origin = start
    if isinstance(start, Fit):
        hessian = _hessian_at(start, model, stats)
        start = replace(start_from(start, model, working, stats), hessian=hessian)
    first = None if start is None else start.parameters(working)
    if _has_forms(working):
        _check_told_once(working, model, stats)
        found = NOT_LOOKED_AT
    else:
        found = identification(working) if frame else identified(working)
    search = search_of(working, criterion)
    if working.strata is not None:
        best = _optimum_of_strata(model, stats, search, origin, first, frame)
        working = search.working_at(best.theta)
    elif _has_forms(working):
        bend = None if start is None else start.hessian
        best = optimum_of_forms(working, criterion, first, bend, frame)
    else:
        best = optimum(working, criterion, first)
    best = replace(best, zeros=zero_variances(search, best))
    fit = _conclude(model, stats, working, best, criterion, found)
    if fit.converged and not found.confounded and not frame:
        while len(known) >= KEPT:
            del known[next(iter(known))]
        known[model, criterion] = fit, best
    return fit, best, working


def _check_told_once(working: Working, model: Model, stats: CrossProducts) -> None:
    """Refuse parameters that are not told apart; with fewer fixed terms they are all the better."""
    terms, parts = frozenset(term.key for term in model.terms), (model.random, model.residual)
    known = stats.told.setdefault(parts, [])
    if not any(terms <= larger for larger in known):
        check_told(working)
        known.append(terms)


def _optimum_of_strata(
    model: Model, stats: CrossProducts, search: StrataSearch, start, first, frame: bool
) -> Optimum:
    """The optimum over variances and ratios, from a fit with such or with one residual variance."""
    strata = search.working.strata
    ratios, logs = start.ratios if isinstance(start, Fit) else None, None
    if ratios is not None and ratios.keys() == strata.rows.keys():
        known = np.log(strata.ordered(ratios))
        logs = known[1:] - known[0]
    own = first if logs is not None else None
    if own is None:
        own = _solved(model.with_residual(None), stats, search.criterion, start, frame)[1].theta

    def inner(held: Working, own: np.ndarray) -> Optimum:
        if _has_forms(held):
            return optimum_of_forms(held, search.criterion, own, frame=frame)
        return optimum(held, search.criterion, own)

    return optimum_of_strata(search, inner, own, logs)


def _hessian_at(start: Fit, model: Model, stats: CrossProducts) -> np.ndarray | None:
    """Curvature at the optimum of a fit of this sample with the same random part; None: unknown."""
    alike = start.model.random == model.random and start.model.residual == model.residual
    if not alike or (start.model, start.criterion) not in stats.fits:
        return None
    return stats.fits[start.model, start.criterion][1].hessian


def ordered_model(model: Model, stats: CrossProducts) -> Model:
    """The model with its random terms from the most groups to the fewest, as lme4 orders them."""
    sizes = stats.n_groups
    return replace(model, random=tuple(sorted(model.random, key=lambda r: -sizes.get(r.name, 0))))


def _conclude(
    model,
    stats,
    working: Working,
    best: Optimum,
    criterion: Criterion,
    found: Identification,
) -> Fit:
    origin, unit = working.response
    back = unit * np.linalg.inv(working.transform) if working.n_fixed else np.zeros((0, 0))
    beta = back @ best.at.beta
    names = tuple(column.name for column in working.fixed)
    if origin:
        beta[names.index(INTERCEPT)] += origin
    inner = fixed_covariance(best.at) * best.at.sigma2
    raw = _raw_omegas(best.at, working)
    theta = theta_of(raw)
    gradient, singular = _slope_and_bound(working, best, criterion, theta)
    fit = Fit(
        model=model,
        criterion=criterion,
        deviance=best.at.deviance,
        names=names,
        terms=tuple(str(column.term) for column in working.fixed),
        coefficients=coefficients(working.fixed),
        beta=beta,
        covariance=back @ inner @ back.T,
        degrees=degrees_of_freedom(working, best),
        random_names=tuple(block.names for block in working.blocks),
        random_coefficients=tuple(coefficients(block.columns) for block in working.blocks),
        omegas=raw,
        theta=theta,
        gradient=gradient,
        sigma2=best.at.sigma2 * unit**2,
        n_obs=stats.n_obs,
        n_groups={r.name: stats.n_groups[r.name] for r in model.random},
        categories=_categories(model, stats),
        is_singular=singular,
        converged=best.converged,
        certificate=Certificate.of(best, found),
        aliased=tuple(column.name for column in working.aliased),
        aliased_coefficients=coefficients(working.aliased),
        dropped=dict(stats.dropped),
        fingerprint=stats.fingerprint(model.response),
        precision=stats.precision,
        n_covariance=_n_covariance(working, criterion),
        residual=_in_place_of_residual(model, working),
        ratios=_ratios(working),
    )
    warn_of(fit)
    return fit


def _raw_omegas(at: Evaluation, working: Working) -> tuple[np.ndarray, ...]:
    """Covariance (q, q) over sigma^2 of the raw columns of each random term."""
    pairs = zip(block_parts(at.omegas, working.blocks), working.blocks, strict=True)
    return tuple(raw_omega(omega, block) for omega, block in pairs)


def _ratios(working: Working) -> dict[str, float] | None:
    """Ratios of the residual variances by category; None where they do not differ."""
    return None if working.strata is None else working.strata.named(working.ratios)


def _has_forms(working: Working) -> bool:
    return any(block.form is not None for block in working.blocks)


def _n_covariance(working: Working, criterion: Criterion) -> int | None:
    """Parameters of the covariance where random terms have forms, one residual variance with it."""
    return search_of_terms(working, criterion).diagonal.size + 1 if _has_forms(working) else None


def _slope_and_bound(
    working: Working, best: Optimum, criterion: Criterion, theta: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Derivative by theta (t,), or by the parameters of forms; whether any is on its bound."""
    own = slice(search_of_terms(working, criterion).diagonal.size)
    if _has_forms(working):
        bounded = FormSearch(working, criterion).diagonal
        return best.gradient[own], bool((best.theta[own][bounded] < SINGULAR).any())
    parts = zip(best.derivatives, working.blocks, strict=True)
    gradient = theta_gradient(theta, [raw_derivative(d, b) for d, b in parts], working.blocks)
    return gradient, bool((best.theta[own][is_diagonal(working.blocks)] < SINGULAR).any())


def _in_place_of_residual(model: Model, working: Working) -> str | None:
    """Grouping factor of the term that takes the residual's place."""
    pairs = zip(model.random, working.blocks, strict=True)
    return next((term.name for term, block in pairs if block.is_residual), None)


def _categories(model: Model, stats: CrossProducts) -> dict[str, tuple[str, ...]]:
    terms = [*model.terms, *(t for r in model.random for t in r.terms)]
    used = {v for term in terms for v in term.variables}
    return {v: c for v, c in stats.columns.categories.items() if v in used}


def warn_of(fit: Fit) -> None:
    """Warn of a fit without a certificate, and of one on a bound."""
    if not fit.converged:
        warnings.warn(
            f"{fit.formula}: the optimum could not be certified (a further step could gain "
            f"{fit.certificate.decrement:.1e} in deviance, slope at a bound "
            f"{fit.certificate.boundary_slope:.1e}).",
            NotConverged,
            stacklevel=4,
        )
    if fit.is_singular:
        warnings.warn(
            f"{fit.formula}: a variance is estimated as zero, or a correlation as plus or minus "
            "one. The estimates are usable; say so rather than dropping what the design implies.",
            SingularFit,
            stacklevel=4,
        )
