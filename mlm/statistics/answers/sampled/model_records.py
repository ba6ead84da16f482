"""Models of a sample as records: coefficients, variances and shares with both parts of errors."""

from __future__ import annotations

import math

import numpy as np

from mlm.nouns.plan import Plan
from mlm.results.coefficient import Term
from mlm.results.record import finite
from mlm.results.sampled.estimate import SampledEstimate
from mlm.results.sampled.models import (
    DrawnFit,
    RefittedRatio,
    SampledCoefficient,
    SampledComponent,
    SampledModel,
    SampledShare,
    SettledSampledModel,
)
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits
from mlm.statistics.answers.sampled.pooled_estimates import estimate_of, with_link
from mlm.statistics.evidence.names import level_record, term_records
from mlm.statistics.pooling.scales import PooledQuantity
from mlm.statistics.replication.refitted_errors import RefittedErrors


def model_parts(plan: Plan, fits: DrawnFits, unweighted: DrawnFits | None) -> dict:
    """What every record of a model holds.

    Parameters
    ----------
    plan : Plan
        The analysis.
    fits : DrawnFits
        The model.
    unweighted : DrawnFits or None
        The same of all rows alike; None where rows have no weights.
    """
    return {
        "formula": fits.naming.model.formula,
        "terms": term_records(fits.naming.model.terms),
        "fits": tuple(_drawn_fit(i, fit) for i, fit in enumerate(fits.fits, start=1)),
        "errors": fits.first.fit.design.method if fits.is_weighted else None,
        "refits": fits.refits,
        "n_params": fits.first.fit.n_params,
        "n_obs": fits.first.fit.n_obs,
        "fixed": coefficients(plan, fits),
        "variance_components": components(plan, fits),
        "shares": shares(plan, fits, unweighted),
    }


def model_record(plan: Plan, fits: DrawnFits, unweighted: DrawnFits | None) -> SampledModel:
    """A model of the sample as a record.

    Parameters
    ----------
    plan : Plan
        The analysis.
    fits : DrawnFits
        The model.
    unweighted : DrawnFits or None
        The same of all rows alike.
    """
    return SampledModel(**model_parts(plan, fits, unweighted))


def settled_record(
    plan: Plan,
    fits: DrawnFits,
    unweighted: DrawnFits | None,
    refitted: tuple[RefittedErrors, ...],
) -> SettledSampledModel:
    """The settled model, with the ratio of refitted errors over linearised ones.

    Parameters
    ----------
    plan : Plan
        The analysis.
    fits : DrawnFits
        The model.
    unweighted : DrawnFits or None
        The same of all rows alike.
    refitted : tuple of RefittedErrors
        Of each draw; none where no replicate was fitted.
    """
    return SettledSampledModel(**model_parts(plan, fits, unweighted), refitted=_ratio(refitted))


def _ratio(refitted: tuple[RefittedErrors, ...]) -> RefittedRatio | None:
    if not refitted:
        return None
    ratios = np.concatenate([each.ratio for each in refitted])
    known = ratios[np.isfinite(ratios)]
    if not known.size:
        return None
    return RefittedRatio(
        lowest=float(known.min()),
        highest=float(known.max()),
        by_search=sum(each.by_search for each in refitted),
    )


def _drawn_fit(draw: int, fit) -> DrawnFit:
    return DrawnFit(
        draw=draw,
        deviance=fit.deviance,
        converged=fit.converged,
        is_singular=fit.is_singular,
        max_scaled_gradient=finite(fit.certificate.max_scaled_gradient),
    )


def coefficients(plan: Plan, fits: DrawnFits) -> tuple[SampledCoefficient, ...]:
    """The fixed effects; those that are changes since the first wave hold the linking error."""
    p = fits.first.fit.beta.size
    naming, drawn = fits.naming, bool(fits.scores)
    links = np.array([_link_of(plan, term) for term in naming.coefficients])
    found = with_link(fits.pooled(np.eye(p)), links) if p else None
    effects = [None] * p
    if fits.is_weighted:
        effects = np.mean([fit.design.design_effect for fit in fits.fits], axis=0).tolist()
    out = []
    for i, term in enumerate(naming.coefficients):
        own = estimate_of(found, drawn, i, effects[i])
        t = own.estimate / own.std_error if own.std_error else None
        link = float(links[i]) or None
        out.append(SampledCoefficient(**dict(own), term=term, t=t, linking_error=link))
    return tuple(out)


def _link_of(plan: Plan, term: Term) -> float:
    """Linking error of a coefficient that is a change since the first wave; zero of others."""
    is_wave = len(term) == 1 and term[0].variable == plan.time.factor and term[0].category
    if not is_wave or plan.time.is_trend:
        return 0.0
    return plan.sampling.linking_errors.get((plan.time.waves[0], term[0].category), 0.0)


def estimate_from(
    value: PooledQuantity, drawn: bool, design_effect: float | None = None
) -> SampledEstimate:
    """A pooled variance, share or mean as a record; nothing is tested.

    Parameters
    ----------
    value : PooledQuantity
        Its interval is made on a scale of its own.
    drawn : bool
        Whether the outcome is known by draws.
    design_effect : float, optional
        Of its sampling variance.
    """
    error, part = value.std_error, value.imputation_error
    sampling = math.sqrt(max(error**2 - part**2, 0.0)) if math.isfinite(error) else math.nan
    return SampledEstimate(
        estimate=value.estimate,
        std_error=finite(error),
        sampling_error=finite(sampling),
        measurement_error=finite(part) if drawn else None,
        df=finite(value.df),
        p_value=None,
        lower=finite(value.lower),
        upper=finite(value.upper),
        missing_information=finite(value.fmi) if drawn else None,
        design_effect=design_effect,
    )


def components(plan: Plan, fits: DrawnFits) -> tuple[SampledComponent, ...]:
    """Variances and covariances of each random term, the residual variance last."""
    corrected = _corrected(fits)
    names = fits.naming.random_names
    terms = [
        dict(zip(own, columns, strict=True))
        for own, columns in zip(names, fits.first.fit.random_coefficients, strict=True)
    ]
    out = []
    for i, part in enumerate(fits.components):
        entry = part.entry
        known = {} if entry.place is None else terms[entry.place[0]]
        own = estimate_from(part.value, bool(fits.scores))
        is_zero = entry.term2 is not None and not math.isfinite(part.sd)
        out.append(
            SampledComponent(
                **dict(own),
                level=level_record(plan, entry.group),
                term1=known.get(entry.term2 or entry.term1, ()),
                term2=known[entry.term1] if entry.term2 is not None else None,
                sd=None if is_zero else finite(part.sd),
                corrected=None if corrected is None else float(corrected[i]),
                on_bound=part.value.on_bound,
            )
        )
    return tuple(out)


def _corrected(fits: DrawnFits) -> np.ndarray | None:
    """Variances (v,) without the bias of few clusters, means over the draws."""
    found = [None if fit.design is None else fit.design.corrected for fit in fits.fits]
    return None if any(each is None for each in found) else np.mean(found, axis=0)


def shares(plan: Plan, fits: DrawnFits, unweighted: DrawnFits | None) -> tuple[SampledShare, ...]:
    """Shares of the levels, outermost first, the rows last.

    Parameters
    ----------
    plan : Plan
        The analysis.
    fits : DrawnFits
        The model.
    unweighted : DrawnFits or None
        The same of all rows alike.
    """
    beside = {} if unweighted is None else {s.group: s.value for s in unweighted.shares}
    order = [level.key for level in plan.levels]
    found = {share.group: share.value for share in fits.shares}
    own = _by_design(fits)
    out = []
    for key in sorted(found, key=order.index):
        record = estimate_from(found[key], bool(fits.scores))
        if key in own:
            share = own[key]
            record = record.model_copy(
                update={
                    "std_error": share.std_error,
                    "sampling_error": share.std_error,
                    "lower": share.lower,
                    "upper": share.upper,
                }
            )
        out.append(
            SampledShare(
                **dict(record),
                level=level_record(plan, key),
                unweighted=beside[key].estimate if key in beside else None,
            )
        )
    return tuple(out)


def _by_design(fits: DrawnFits) -> dict:
    """Shares of a single weighted fit, of which each replicate has had its own."""
    if len(fits.solutions) > 1 or not fits.is_weighted:
        return {}
    return {share.group: share for share in fits.first.fit.design.shares}
