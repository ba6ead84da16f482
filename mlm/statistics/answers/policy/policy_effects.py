"""What a policy does: its effects in the model, by wave too, and those without covariates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.coding import CodedColumn
from mlm.nouns.columns import CONSTANT
from mlm.nouns.model import Term
from mlm.nouns.plan import Plan
from mlm.results.policy import (
    Policy,
    PolicyAssignment,
    PolicyEffect,
    PolicyInRows,
    WavesApart,
)
from mlm.results.test import RefusedTest, Test
from mlm.statistics.answers.policy.balance import (
    Arms,
    assigned_unit,
    balance_record,
    policy_arms,
)
from mlm.statistics.answers.policy.sizes import comparison_sd, size_in_sd
from mlm.statistics.answers.policy.unadjusted import (
    unadjusted_effects,
    wave_records,
    waves_alone,
)
from mlm.statistics.answers.policy.unit_overlap import overlap_records
from mlm.statistics.answers.variables.adjusted_means import time_value, without_time
from mlm.statistics.answers.variables.course import course_of_time, told_within
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_mean
from mlm.statistics.evidence.names import named_level
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.f_tests import f_test


def policy_record(plan: Plan, settled: Solution, policy: str) -> Policy:
    """All that is told of one policy.

    Parameters
    ----------
    plan : Plan
        Names the policy, its evidence and the waves.
    settled : Solution
        The settled model by REML.
    policy : str
        The variable.

    Returns
    -------
    Policy
        Told with the waves as categories where a line or curve of time does not fit them. Where a
        configured product with time left the model, the effects by wave are told from the model
        with it, and so is the test that they are the same in every wave.
    """
    told = policy_in_model(plan, settled, policy)
    return Policy(**told, **dict(policy_in_rows(plan, settled.stats, policy, told["effects"])))


def policy_in_model(plan: Plan, settled: Solution, policy: str) -> dict[str, object]:
    """The fields of a policy that are told from the settled model.

    Parameters
    ----------
    plan : Plan
        Names the policy, its evidence and the waves.
    settled : Solution
        The settled model by REML, or all that is concluded of its fixed effects.
    policy : str
        The variable.
    """
    solution = told_within(plan, course_of_time(plan, settled), policy)
    effects = policy_effects(plan, solution, policy)
    by_wave = any(effect.wave is not None for effect in effects)
    apart = None if by_wave or not effects else _with_product(plan, solution, policy)
    return {
        "variable": policy,
        "evidence": plan.assignment(policy).evidence,
        "assignment": assignment_record(plan, policy),
        "reference": plan.categories[policy][0] if policy in plan.categories else None,
        "by_wave": by_wave,
        "effects": effects,
        "time_test": policy_by_time(plan, apart or solution, policy),
        "formula": solution.fit.formula,
        "waves_apart": _waves_apart(plan, apart, policy) if apart else None,
    }


def policy_in_rows(
    plan: Plan, stats: CrossProducts, policy: str, effects: Sequence[PolicyEffect]
) -> PolicyInRows:
    """What rows and units tell of a policy without the settled model.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        Its sample.
    policy : str
        The variable.
    effects : sequence of PolicyEffect
        In the model, beside which those of each wave stand.
    """
    arms = policy_arms(plan, stats, policy)
    alone = waves_alone(plan, stats, policy)
    return PolicyInRows(
        balance=balance_record(plan, arms, policy_arms(plan, stats, policy, of_rows=True), policy),
        overlap=overlap_records(plan, arms, policy) if isinstance(arms, Arms) else (),
        unadjusted=unadjusted_effects(plan, stats, policy, alone, effects),
        unadjusted_waves=wave_records(alone),
    )


def policy_effects(plan: Plan, solution: Solution, variable: str) -> tuple[PolicyEffect, ...]:
    """Effect of each category of a policy against the reference, by wave where it differs.

    Parameters
    ----------
    plan : Plan
        The analysis.
    solution : Solution
        The model.
    variable : str
        The policy variable.

    Returns
    -------
    tuple of PolicyEffect
        In units of the outcome; without a wave where the model has no product with time.
    """
    return tuple(
        _effect(plan, solution, variable, category, wave, weights)
        for category, wave in contrasts_of_policy(plan, solution, variable)
        if (weights := policy_weights(plan, solution, variable, category, wave)).any()
    )


def contrasts_of_policy(
    plan: Plan, solution: Solution, variable: str
) -> list[tuple[str | None, str | None]]:
    """Category, None of a number, and wave, None where they are one, of each effect of a policy.

    Parameters
    ----------
    plan : Plan
        The analysis.
    solution : Solution
        The model.
    variable : str
        The policy.
    """
    with_time = any(
        variable in column.column.variables and plan.time.name in column.column.variables
        for column in solution.fixed
    )
    waves = plan.time.waves if with_time else (None,)
    return [(c, wave) for c in plan.categories.get(variable, (None, None))[1:] for wave in waves]


def policy_weights(
    plan: Plan, solution: Solution, variable: str, category: str | None, wave: str | None
) -> np.ndarray:
    """Weights (p,) of the fixed effects in the effect of a category of a policy.

    Parameters
    ----------
    plan : Plan
        The analysis.
    solution : Solution
        The model.
    variable : str
        The policy.
    category, wave : str or None
        As ``contrasts_of_policy`` gives them.
    """
    fixed = solution.fixed
    return np.array(
        [_weight(plan, column, variable, category, wave, solution.stats) for column in fixed]
    )


def _effect(plan: Plan, solution: Solution, variable: str, category, wave, weights) -> PolicyEffect:
    found = solution.contrast(weights)
    return PolicyEffect(
        **dict(found),
        category=category,
        wave=wave,
        standing=plan.assignment(variable).standing(wave, plan.time.waves),
        size=size_in_sd(found, comparison_sd(plan, solution.stats, variable, wave)),
    )


def _weight(
    plan: Plan,
    column: CodedColumn,
    variable: str,
    category: str | None,
    wave: str | None,
    stats: CrossProducts,
) -> float:
    """Weight of a fixed effect in the effect of a category."""
    rest, part = column.column.split(variable)
    if part == CONSTANT or (category is not None and part.indicators != ((variable, category),)):
        return 0.0
    time = 1.0 if wave is None else time_value(plan, rest, wave)
    return time * raw_mean(without_time(plan, rest), stats)


def _waves_apart(plan: Plan, apart: Solution, policy: str) -> WavesApart:
    effects = policy_effects(plan, apart, policy)
    return WavesApart(effects=effects, formula=apart.fit.formula)


def _with_product(plan: Plan, solution: Solution, policy: str) -> Solution | None:
    """The model with the configured product of a policy and time, which it lacks.

    None where it was not configured, the policy itself is not in the model, or the larger model
    cannot be fitted.
    """
    products = plan.time.products(policy)
    model = solution.fit.model
    known = {term.key for term in model.terms}
    asked = {term.key for term in plan.time_terms} >= {term.key for term in products}
    mains = {Term((factor,)).key for term in products for factor in term.factors}
    if not products or not asked or not mains <= known:
        return None
    try:
        larger = model.with_terms([*model.terms, *products])
        return solution.fitted(larger)
    except MLMError:
        return None


def assignment_record(plan: Plan, policy: str) -> PolicyAssignment:
    """How units came under a policy, as far as the configuration says."""
    claim = plan.assignment(policy)
    level = None if claim.level is None else named_level(plan, assigned_unit(plan, policy))
    return PolicyAssignment(level=level, wave=claim.wave, groups=claim.groups)


def policy_by_time(plan: Plan, solution: Solution, policy: str) -> Test | RefusedTest | None:
    """Joint test that a policy's effect is the same in every wave; None where it may not differ.

    Parameters
    ----------
    plan : Plan
        The analysis.
    solution : Solution
        The model.
    policy : str
        The policy variable.
    """
    times = {plan.time.name, plan.time.factor}
    timed = {
        str(term)
        for term in solution.fit.model.terms
        if policy in term.variables and times & set(term.variables)
    }
    if not timed:
        return None
    chosen = [i for i, term in enumerate(solution.fit.terms) if term in timed]
    return f_test(solution, np.eye(solution.fit.beta.size)[chosen])
