"""A model fitted again to responses drawn from a fit of it: the optimum alone, begun there."""

from __future__ import annotations

from dataclasses import replace

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.form_search import FormSearch, search_of_terms
from mlm.statistics.fitting.newton import Optimum, polished
from mlm.statistics.fitting.optimise import optimum, quasi_newton
from mlm.statistics.fitting.starts import start_from
from mlm.statistics.fitting.zero_variances import zero_variances
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.working import Working


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
