"""From an optimum to what is concluded: coefficients, variances and certificate of a fit."""

from __future__ import annotations

import warnings

import numpy as np

from mlm.errors import NotConverged, SingularFit
from mlm.nouns.model import INTERCEPT, Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import coefficients
from mlm.statistics.fitting.certificate import Certificate
from mlm.statistics.fitting.design.errors import design_errors
from mlm.statistics.fitting.design.record import DesignErrors
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.form_search import FormSearch, search_of_terms
from mlm.statistics.fitting.optimise import Optimum
from mlm.statistics.fitting.satterthwaite import degrees_of_freedom
from mlm.statistics.likelihood.covariance import (
    block_parts,
    is_diagonal,
    raw_derivative,
    raw_omega,
    theta_gradient,
    theta_of,
)
from mlm.statistics.likelihood.evaluation import Criterion, Evaluation, fixed_covariance
from mlm.statistics.likelihood.identification import Identification
from mlm.statistics.likelihood.working import Working

SINGULAR = 1e-4  # relative sd, in the working basis, below which a fit is called singular (as lme4)


def concluded(
    model: Model,
    stats: CrossProducts,
    working: Working,
    best: Optimum,
    criterion: Criterion,
    found: Identification,
    degrees: bool = True,
) -> Fit:
    """What an optimum says of a model, in raw units.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        The evidence.
    working : Working
        Its working statistics.
    best : Optimum
        Where the search ended.
    criterion : {"ML", "REML"}
        What was optimised.
    found : Identification
        How well the variances are told apart.
    degrees : bool
        Whether Satterthwaite's degrees of freedom are needed; otherwise they are NaN.
    """
    unit = working.response[1]
    beta, covariance = raw_fixed_effects(working, best.at)
    names = tuple(column.name for column in working.fixed)
    search = search_of_terms(working, criterion)
    design = design_errors(search, best, stats) if stats.sampled is not None else None
    raw = raw_omegas(best.at, working)
    theta = theta_of(raw)
    gradient, singular = _slope_and_bound(working, best, criterion, theta)
    fit = Fit(
        model=model,
        criterion=criterion,
        deviance=best.at.deviance * (1.0 if design is None else design.unit),
        names=names,
        terms=tuple(str(column.term) for column in working.fixed),
        coefficients=coefficients(working.fixed),
        beta=beta,
        covariance=covariance if design is None else design.fixed_covariance,
        degrees=_degrees(working, best, design, degrees),
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
        ratios=residual_ratios(working),
        design=design,
    )
    warn_of(fit)
    return fit


def raw_fixed_effects(working: Working, at: Evaluation) -> tuple[np.ndarray, np.ndarray]:
    """Fixed effects (p,) of an evaluation and their covariance (p, p), in raw units."""
    origin, unit = working.response
    back = unit * np.linalg.inv(working.transform) if working.n_fixed else np.zeros((0, 0))
    beta = back @ at.beta
    if origin:
        beta[[column.name for column in working.fixed].index(INTERCEPT)] += origin
    return beta, back @ (fixed_covariance(at) * at.sigma2) @ back.T


def _degrees(
    working: Working, best: Optimum, design: DesignErrors | None, are_needed: bool
) -> np.ndarray:
    """Degrees of freedom (p,): those of the design of the sample, or Satterthwaite's if needed."""
    if design is not None:
        return design.degrees[: design.n_fixed]
    return degrees_of_freedom(working, best) if are_needed else np.full(working.n_fixed, np.nan)


def raw_omegas(at: Evaluation, working: Working) -> tuple[np.ndarray, ...]:
    """Covariance (q, q) over sigma^2 of the raw columns of each random term."""
    pairs = zip(block_parts(at.omegas, working.blocks), working.blocks, strict=True)
    return tuple(raw_omega(omega, block) for omega, block in pairs)


def residual_ratios(working: Working) -> dict[str, float] | None:
    """Ratios of the residual variances by category; None where they do not differ."""
    return None if working.strata is None else working.strata.named(working.ratios)


def has_forms(working: Working) -> bool:
    """Whether the covariance of some random term has a form."""
    return any(block.form is not None for block in working.blocks)


def _n_covariance(working: Working, criterion: Criterion) -> int | None:
    """Parameters of the covariance where random terms have forms, one residual variance with it."""
    return search_of_terms(working, criterion).diagonal.size + 1 if has_forms(working) else None


def _slope_and_bound(
    working: Working, best: Optimum, criterion: Criterion, theta: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Derivative by theta (t,), or by the parameters of forms; whether any is on its bound."""
    own = slice(search_of_terms(working, criterion).diagonal.size)
    if has_forms(working):
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
