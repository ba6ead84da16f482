"""A model fitted again to responses drawn from a fit of it: the optimum alone, begun there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.descent import descend
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.form_search import FormSearch, search_of_terms
from mlm.statistics.fitting.newton import Optimum, polished
from mlm.statistics.fitting.optimise import optimum, quasi_newton
from mlm.statistics.fitting.starts import start_from
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.fitting.zero_variances import zero_variances
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.working import Working

NEAR_AMONG_DRAWS = (
    1e-6  # deviance that a further step could gain, at which a search among draws ends
)


def refitted(fit: Fit, working: Working, sample: CrossProducts, criterion: Criterion) -> Optimum:
    """The optimum of the model of a fit on another sample of the same design.

    Parameters
    ----------
    fit : Fit
        A fit whose variances the search begins with, unless one of them is zero.
    working : Working
        The model's statistics on the sample.
    sample : CrossProducts
        The sample.
    criterion : {"ML", "REML"}
        What is optimised.

    Raises
    ------
    FitError
        When the criterion cannot be evaluated.
    """
    first = None
    if not fit.is_singular:
        first = start_from(fit, working.model, working, sample).parameters(working)
    if all(block.form is None for block in working.blocks):
        return optimum(working, criterion, first)
    search = FormSearch(working, criterion)  # a correlation beside a variance of zero is no matter
    point, _ = quasi_newton(search, search.start() if first is None else first)
    return polished(search, point)


def lowest(
    fit: Fit,
    working: Working,
    sample: CrossProducts,
    criterion: Criterion,
    hessian: np.ndarray | None,
) -> tuple[float, np.ndarray | None]:
    """The criterion at the optimum of the model of a fit on another sample, and its curvature.

    Where random terms have forms and the curvature on a sample before is known, the search descends
    from the fit with it, to ``NEAR_AMONG_DRAWS`` of the optimum.

    Parameters
    ----------
    fit, working, sample, criterion
        As for ``refitted``.
    hessian : ndarray (t, t) or None
        The curvature on a sample before.
    """
    has_forms = any(block.form is not None for block in working.blocks)
    if hessian is not None and not fit.is_singular:
        first = start_from(fit, working.model, working, sample).parameters(working)
        point = descend(search_of(working, criterion), first, hessian, NEAR_AMONG_DRAWS)
        return point.at.deviance, hessian
    best = refitted(fit, working, sample, criterion)
    return best.at.deviance, best.hessian if has_forms else None


def refitted_with_zeros(fit: Fit, sample: CrossProducts) -> Optimum:
    """The same by REML, with what degrees of freedom need of variances at zero.

    Parameters
    ----------
    fit : Fit
        A fit by REML.
    sample : CrossProducts
        Another sample of the same design.
    """
    working = working_statistics(fit.model, sample)
    best = refitted(fit, working, sample, "REML")
    return replace(best, zeros=zero_variances(search_of_terms(working, "REML"), best))
