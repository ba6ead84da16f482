"""What a policy does in a sample: weighted contrasts, in the settled model and without it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mlm.nouns.plan import Plan
from mlm.results.sampled.balance import AnySampledBalance
from mlm.results.sampled.estimate import SampledEstimate
from mlm.results.sampled.groups_of_rows import CategoryEstimate, OutcomeMeans
from mlm.results.sampled.policy import (
    SampledContrast,
    SampledPolicy,
    UnadjustedSampledContrast,
    WeightedSize,
)
from mlm.results.sampled.selection import SampledTest
from mlm.statistics.answers.policy.policy_effects import (
    assignment_record,
    contrasts_of_policy,
    policy_weights,
)
from mlm.statistics.answers.sampled.balance import sampled_balance
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits
from mlm.statistics.evidence.domain_totals import CovariateTotals, DomainCell, DomainTotals
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.replication.cell_estimates import CellErrors


def policy_records(
    plan: Plan,
    settled: DrawnFits,
    totals: DomainTotals,
    means: OutcomeMeans,
    covariates: CovariateTotals | None,
    errors: CellErrors | None,
) -> tuple[SampledPolicy, ...]:
    """Each policy of the plan.

    Parameters
    ----------
    plan : Plan
        Names the policies, their evidence and the waves.
    settled : DrawnFits
        The settled model.
    totals : DomainTotals
        Sums of the rows, from which the spread of the comparison group comes.
    means : OutcomeMeans
        Weighted means by wave and category.
    covariates : CovariateTotals or None
        Of the categories of policies; None: there are none.
    errors : CellErrors or None
        How the errors of these are found.
    """
    return tuple(
        _policy(
            plan,
            settled,
            totals,
            means,
            variable,
            sampled_balance(plan, variable, covariates, errors),
        )
        for variable in plan.policy
    )


def _policy(
    plan: Plan, settled: DrawnFits, totals, means, variable: str, balance: AnySampledBalance
) -> SampledPolicy:
    effects = _effects(plan, settled, totals, variable)
    return SampledPolicy(
        variable=variable,
        evidence=plan.assignment(variable).evidence,
        assignment=assignment_record(plan, variable),
        reference=plan.categories[variable][0] if variable in plan.categories else None,
        by_wave=any(effect.wave is not None for effect in effects),
        formula=settled.naming.model.formula,
        effects=effects,
        time_test=_time_test(plan, settled, variable),
        balance=balance,
        unadjusted=tuple(_unadjusted(plan, totals, means, variable, effects)),
    )


def _effects(plan: Plan, settled: DrawnFits, totals, variable: str) -> tuple[SampledContrast, ...]:
    out = []
    for category, wave in contrasts_of_policy(plan, settled.first, variable):

        def weights(each: Solution, category=category, wave=wave) -> np.ndarray:
            return policy_weights(plan, each, variable, category, wave)

        if not weights(settled.first).any():
            continue
        found = settled.contrast(weights)
        out.append(
            SampledContrast(
                **dict(found),
                category=category,
                wave=wave,
                standing=plan.assignment(variable).standing(wave, plan.time.waves),
                size=_size(found, comparison_sd(plan, totals, variable, wave)),
            )
        )
    return tuple(out)


def comparison_sd(
    plan: Plan, totals: DomainTotals, variable: str, wave: str | None
) -> float | None:
    """Weighted standard deviation of the outcome in the reference category of a policy.

    Parameters
    ----------
    plan : Plan
        The analysis.
    totals : DomainTotals
        Sums of the rows.
    variable : str
        The policy; of a number all rows are the comparison group.
    wave : str or None
        None: within waves, their variances weighted by their sums of weights.

    Source
    ------
    Glass's delta: Glass (1976), Educational Researcher 5 (10), 3-8.
    """
    waves = plan.time.waves if wave is None else (wave,)
    reference = plan.categories.get(variable, (None,))[0]
    known = None if reference is None else variable
    _, spread = totals.moments
    weights = totals.whole[:, 0]
    places = [totals.cells.index(DomainCell(each, known, reference)) for each in waves]
    places = [at for at in places if np.isfinite(spread[at]) and weights[at] > 0.0]
    if not places:
        return None
    variance = float(np.average(spread[places] ** 2, weights=weights[places]))
    return math.sqrt(variance) if variance > 0.0 else None


def _size(found: SampledEstimate, sd: float | None) -> WeightedSize | None:
    if sd is None:
        return None
    ends = [None if end is None else end / sd for end in (found.lower, found.upper)]
    return WeightedSize(weighted_sd=sd, estimate=found.estimate / sd, lower=ends[0], upper=ends[1])


def _time_test(plan: Plan, settled: DrawnFits, variable: str) -> SampledTest | None:
    """That the effect is the same in every wave; None where the model has one for all."""
    times = {plan.time.name, plan.time.factor}
    columns = [
        i
        for i, column in enumerate(settled.first.working.fixed)
        if variable in column.term.variables and times & set(column.term.variables)
    ]
    return settled.columns_test(columns) if columns else None


def _unadjusted(
    plan: Plan,
    totals: DomainTotals,
    means: OutcomeMeans,
    variable: str,
    effects: Sequence[SampledContrast],
):
    """Differences of weighted means in each wave, beside the effects of the model."""
    own = next((by for by in means.by if by.variable == variable), None)
    for category in own.categories[1:] if own else ():
        for cell in category.waves:
            if cell.gap is None:
                continue
            same = [e for e in effects if e.category == category.category]
            beside = [e for e in same if e.wave in (cell.wave, None)]
            yield UnadjustedSampledContrast(
                **dict(cell.gap),
                category=category.category,
                wave=cell.wave,
                standing=plan.assignment(variable).standing(cell.wave, plan.time.waves),
                size=_size(cell.gap, comparison_sd(plan, totals, variable, cell.wave)),
                apart=_apart(cell, beside[0]) if beside else None,
            )


def _apart(cell: CategoryEstimate, model: SampledEstimate) -> bool:
    """Whether two estimates differ by more than the larger of their standard errors."""
    errors = [e for e in (cell.gap.std_error, model.std_error) if e is not None]
    return bool(errors) and abs(model.estimate - cell.gap.estimate) > max(errors)
