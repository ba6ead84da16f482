"""Which variables are needed: the reduction with its bound, the other models that would do."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.nouns.model import Term
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Term as Coefficient
from mlm.results.record import finite
from mlm.results.selection import (
    AdequateModel,
    Bound,
    EstimatedEffect,
    Frequencies,
    Inclusion,
    LackingEffect,
    MinimalModels,
    TermCount,
    TermInclusion,
    UnitFrequencies,
)
from mlm.results.selection import Reduction as ReductionRecord
from mlm.statistics.answers.models import path_record
from mlm.statistics.evidence.names import group_level, term_record, term_records
from mlm.statistics.fitting.estimates import ModelEstimates
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.selection.backward import Reduction
from mlm.statistics.selection.inclusion import InclusionShares, inclusion
from mlm.statistics.selection.put_back import CLEAR_BY_ITSELF, EffectPutBack, PutBack
from mlm.statistics.selection.unit_resampling import resampled


def reduction_record(
    plan: Plan, found: Reduction, by_reml: Sequence[ModelEstimates]
) -> ReductionRecord:
    """The path, the simultaneous bound and the minimal adequate subsets, these by REML too.

    Parameters
    ----------
    plan : Plan
        The analysis.
    found : Reduction
        The reduction.
    by_reml : sequence of ModelEstimates
        Those of its adequate models by REML, in their order.
    """
    full = found.full
    put_back = PutBack(full)
    adequate = tuple(
        AdequateModel(
            terms=term_records(subset.fit.model.terms),
            dropped=term_records(subset.dropped),
            deviance=subset.fit.deviance,
            statistic=subset.fit.deviance - full.deviance,
            df=full.n_params - subset.fit.n_params,
            n_params=subset.fit.n_params,
            lacks=_lacks(put_back, subset.dropped),
            fixed=_estimates(effects),
        )
        for subset, effects in zip(found.adequate, by_reml, strict=True)
    )
    return ReductionRecord(
        alpha=found.alpha,
        protected=term_records(plan.protected),
        path=path_record(found.path),
        bound=_bound(found),
        adequate=adequate,
        minimal=_minimal(found, put_back),
        complete=found.minimal.complete,
    )


def _estimates(effects: ModelEstimates) -> tuple[EstimatedEffect, ...]:
    rows = zip(effects.coefficients, effects.beta.tolist(), effects.std_errors, strict=True)
    return tuple(
        EstimatedEffect(term=term, estimate=estimate, std_error=finite(error))
        for term, estimate, error in rows
    )


def _lacks(put_back: PutBack, dropped: Sequence[Term]) -> LackingEffect | None:
    found = put_back.clearest(dropped)
    return None if found is None else LackingEffect(term=found.coefficient, z=abs(found.z))


def _minimal(found: Reduction, put_back: PutBack) -> MinimalModels:
    """What all minimal adequate models have in common."""
    gone = [frozenset(term.key for term in dropped) for dropped in found.minimal.dropped]
    effects = [put_back.clearest(dropped) for dropped in found.minimal.dropped]
    left = frozenset(term.key for step in found.path for term in step.dropped)
    stepwise = "larger" if any(left < other for other in gone) else "other"
    return MinimalModels(
        models=len(gone),
        lacking=sum(e is not None and abs(e.z) > CLEAR_BY_ITSELF for e in effects),
        limit=CLEAR_BY_ITSELF,
        lacked=_lacked(effects),
        settled=found.is_settled,
        stepwise="minimal" if left in gone else stepwise,
        kept=tuple(
            TermCount(
                term=term_record(term), models=sum(term.key not in dropped for dropped in gone)
            )
            for term in found.full.model.terms
            if term.factors
        ),
    )


def _lacked(effects: Sequence[EffectPutBack | None]) -> tuple[LackingEffect, ...]:
    """Effects that are clear by themselves and that some model lacks, the clearest first."""
    largest: dict[Coefficient, float] = {}
    for effect in effects:
        if effect is not None and abs(effect.z) > CLEAR_BY_ITSELF:
            z = max(largest.get(effect.coefficient, 0.0), abs(effect.z))
            largest[effect.coefficient] = z
    ordered = sorted(largest.items(), key=lambda item: -item[1])
    return tuple(LackingEffect(term=term, z=z) for term, z in ordered)


def _bound(found: Reduction) -> Bound:
    bound = found.bound
    return Bound(
        statistic=found.excess,
        df=bound.df,
        terms_df=found.full.n_params - found.reduced.n_params,
        critical=bound.critical,
        reference=bound.reference,
        factor=bound.factor,
        draws=bound.draws,
        error=bound.error,
        is_narrow=bound.is_narrow,
        p_value=bound.p_value(found.excess),
        adequate=found.excess <= bound.critical,
    )


def inclusion_record(plan: Plan, full: Solution, settled: Solution) -> Inclusion:
    """How often each term is kept when the reduction is made again under its random part.

    Parameters
    ----------
    plan : Plan
        The level of the tests and the terms that stay.
    full, settled : Solution
        The full model and what the reduction kept, by ML.
    """
    found = inclusion(full.fit, full.stats, plan.alpha, plan.protected)
    end = frozenset(term.key for term in settled.fit.model.terms if term.factors)
    drawn = resampled(plan, full.fit, full.stats, plan.protected)
    units = None
    if drawn is not None:
        units = UnitFrequencies(
            **dict(_frequencies(drawn.inclusion, end)),
            level=group_level(drawn.group),
            bundles=drawn.bundles,
            failed=drawn.failed,
        )
    return Inclusion(
        **dict(_frequencies(found, end)),
        refitted=found.is_refitted,
        method="parametric",
        resampled=units,
    )


def _frequencies(found: InclusionShares, settled: frozenset) -> Frequencies:
    terms = tuple(
        TermInclusion(term=term_record(term), kept=share, in_settled=term.key in settled)
        for term, share in zip(found.terms, found.kept.tolist(), strict=True)
    )
    return Frequencies(
        replicates=found.replicates,
        models=len(found.models),
        same_model=found.models.get(settled, 0.0),
        terms=terms,
    )
