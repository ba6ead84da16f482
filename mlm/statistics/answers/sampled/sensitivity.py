"""The settled model under other scalings of the weights, and of all rows alike."""

from __future__ import annotations

import numpy as np

from mlm.errors import SamplingError
from mlm.nouns.plan import Plan
from mlm.nouns.sampling import OF_ONE_LEVEL, SCALINGS, Scaling
from mlm.results.sampled.models import SettledSampledModel
from mlm.results.sampled.reason import OneLevelOnly
from mlm.results.sampled.sensitivity import (
    LargestDifference,
    OtherWeights,
    RefusedScaling,
    ScaledCoefficient,
    ScaledEstimates,
    ScaledShare,
    ScalingSensitivity,
)
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits, fit_draws
from mlm.statistics.answers.sampled.evidence import Scaled
from mlm.statistics.answers.ties import first_of_largest
from mlm.statistics.evidence.crossproducts import CrossProducts


def scaling_sensitivity(
    plan: Plan,
    settled: DrawnFits,
    record: SettledSampledModel,
    unweighted: DrawnFits,
    scaled: Scaled,
) -> ScalingSensitivity:
    """What the settled model says with its weights scaled otherwise, in its standard errors.

    Parameters
    ----------
    plan : Plan
        The analysis.
    settled : DrawnFits
        The settled model.
    record : SettledSampledModel
        What is told of it.
    unweighted : DrawnFits
        The same of all rows alike.
    scaled : callable
        From a scaling to the sample under it.
    """
    levels = len(settled.model.random)
    chosen = plan.sampling.design.scaling
    found = []
    for scaling in SCALINGS:
        if scaling in OF_ONE_LEVEL and levels != 1:
            reason = OneLevelOnly(levels=levels)
            found.append(RefusedScaling(scaling=scaling, reason=reason))
            continue
        fits = settled
        if scaling != chosen:
            sample = _sample(scaled, scaling, settled)
            if sample is None:
                reason = OneLevelOnly(levels=len(plan.groups))
                found.append(RefusedScaling(scaling=scaling, reason=reason))
                continue
            fits = fit_draws(plan, settled.model, sample, settled)
        found.append(_estimates(scaling, scaling == chosen, fits, record))
    found.append(_estimates("unweighted", False, unweighted, record))
    made = [each for each in found if isinstance(each, ScaledEstimates)]
    unscaled = [each for each in made if each.scaling == "none" and not each.chosen]
    apart = [*unscaled, made[-1]]
    return ScalingSensitivity(
        scalings=tuple(found),
        largest=_largest([each for each in made if each not in apart]),
        largest_unscaled=_largest(unscaled),
        largest_unweighted=_largest(made[-1:]),
    )


def _sample(scaled: Scaled, scaling: Scaling, settled: DrawnFits) -> CrossProducts | None:
    """The sample under a scaling; those of one level are of that of the model, if they can be."""
    if scaling not in OF_ONE_LEVEL:
        return scaled(scaling)
    try:
        return scaled(scaling, [term.group for term in settled.model.random])
    except SamplingError:  # the level that is left has no weight of its own
        return None


def _estimates(
    scaling: OtherWeights, chosen: bool, fits: DrawnFits, record: SettledSampledModel
) -> ScaledEstimates:
    names = list(fits.naming.coefficients)
    beta = np.mean([fit.beta for fit in fits.fits], axis=0)
    shares = {tuple(s.group.split(":")): s.value.estimate for s in fits.shares}
    return ScaledEstimates(
        scaling=scaling,
        chosen=chosen,
        coefficients=tuple(
            ScaledCoefficient(
                term=own.term,
                estimate=float(beta[names.index(own.term)]),
                in_se=_in_se(float(beta[names.index(own.term)]), own),
            )
            for own in record.fixed
            if own.term in names
        ),
        shares=tuple(
            ScaledShare(level=own.level, estimate=value, in_se=_in_se(value, own))
            for own in record.shares
            if (value := shares.get(own.level.ids or ("residual",))) is not None
        ),
    )


def _in_se(value: float, own) -> float | None:
    return (value - own.estimate) / own.std_error if own.std_error else None


def _largest(found: list[ScaledEstimates]) -> LargestDifference | None:
    items = [
        (abs(part.in_se), each.scaling, part)
        for each in found
        for part in (*each.coefficients, *each.shares)
        if part.in_se is not None
    ]
    if not items:
        return None
    _, scaling, part = items[first_of_largest(np.array([size for size, *_ in items]))]
    is_share = isinstance(part, ScaledShare)
    return LargestDifference(
        scaling=scaling,
        term=None if is_share else part.term,
        level=part.level if is_share else None,
        in_se=part.in_se,
    )
