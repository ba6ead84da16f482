"""A model fitted again to responses drawn from a fit of it: the optimum alone, begun there."""

from __future__ import annotations

from dataclasses import replace

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.form_search import FormSearch, optimum_of_forms
from mlm.statistics.fitting.newton import Optimum
from mlm.statistics.fitting.optimise import optimum
from mlm.statistics.fitting.search import Search
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
    if any(block.form is not None for block in working.blocks):
        return optimum_of_forms(working, criterion, first)
    return optimum(working, criterion, first)


def refitted_with_zeros(fit: Fit, sample: CrossProducts) -> Optimum:
    """The same by REML, with what degrees of freedom need of variances at zero."""
    working = working_statistics(fit.model, sample)
    best = refitted(fit, working, sample, "REML")
    has_forms = any(block.form is not None for block in working.blocks)
    search = (FormSearch if has_forms else Search)(working, "REML")
    return replace(best, zeros=zero_variances(search, best))
