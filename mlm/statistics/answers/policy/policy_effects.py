"""What a policy does: its effects in the model, by wave too, and those without covariates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.coding import CodedColumn
from mlm.nouns.columns import CONSTANT
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.results.policy import CrudeEffect, Policy, PolicyEffect, WavesApart
from mlm.results.test import RefusedTest, Test
from mlm.statistics.answers.policy.balance import Arms, balance_record, policy_arms
from mlm.statistics.answers.policy.unit_overlap import overlap_records
from mlm.statistics.answers.variables.adjusted_means import time_value, without_time
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_moments, raw_mean
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.f_tests import f_test


def policy_record(plan: Plan, solution: Solution, policy: str) -> Policy:
    """All that is told of one policy.

    Parameters
    ----------
    plan : Plan
        Names the policy, its evidence and the waves.
    solution : Solution
        The final model by REML.
    policy : str
        The variable.

    Returns
    -------
    Policy
        Where a configured product with time left the model, the effects by wave are told from the
        model with it, and so is the test that they are the same in every wave.
    """
    effects = policy_effects(plan, solution, policy)
    by_wave = any(effect.wave is not None for effect in effects)
    apart = None if by_wave or not effects else _with_product(plan, solution, policy)
    arms = policy_arms(plan, solution.stats, policy)
    crude = plan.policy[policy] != "randomised"
    return Policy(
        variable=policy,
        evidence=plan.policy[policy],
        reference=plan.categories[policy][0] if policy in plan.categories else None,
        by_wave=by_wave,
        effects=_standardised(effects, solution),
        time_test=policy_by_time(plan, apart or solution, policy),
        formula=solution.fit.formula,
        waves_apart=_waves_apart(plan, apart, policy) if apart else None,
        balance=balance_record(plan, arms, policy),
        overlap=overlap_records(plan, arms, policy) if isinstance(arms, Arms) else (),
        unadjusted=_unadjusted(plan, solution, policy) if crude else None,
    )


def policy_effects(plan: Plan, solution: Solution, variable: str) -> tuple[CrudeEffect, ...]:
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
    tuple of CrudeEffect
        In units of the outcome; without a wave where the model has no product with time.
    """
    with_time = any(
        variable in column.column.variables and plan.time.name in column.column.variables
        for column in solution.working.fixed
    )
    waves = plan.time.waves if with_time else (None,)
    out = []
    for category in plan.categories.get(variable, (None, None))[1:]:
        for wave in waves:
            weights = np.array(
                [
                    _weight(plan, column, variable, category, wave, solution.stats)
                    for column in solution.working.fixed
                ]
            )
            if weights.any():
                effect = dict(solution.contrast(weights))
                out.append(CrudeEffect(**effect, category=category, wave=wave))
    return tuple(out)


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
    return WavesApart(effects=_standardised(effects, apart), formula=apart.fit.formula)


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
        return solve(larger, solution.stats, "REML", start=solution.fit)
    except MLMError:
        return None


def _standardised(effects: Sequence[CrudeEffect], solution: Solution) -> tuple[PolicyEffect, ...]:
    """Each effect also in standard deviations of the outcome that the model leaves, all levels.

    With random slopes the variance of a level is its mean over the rows.
    """
    fit = solution.fit
    moments = mean_moments(fit.model, solution.stats)
    pairs = zip(fit.covariances, moments, strict=True)
    total = math.sqrt(fit.residual_variance + sum(float(np.sum(c * m)) for c, m in pairs))
    return tuple(
        PolicyEffect(**dict(effect), standardised=effect.estimate / total) for effect in effects
    )


def _unadjusted(plan: Plan, solution: Solution, policy: str) -> tuple[CrudeEffect, ...]:
    """Effects without covariates, random intercepts at the levels of the solution's model.

    Effects of units in each wave stay where that model has them.
    """
    model = solution.fit.model
    inside = {policy, plan.time.name}
    kept = [term for term in model.terms if set(term.variables) <= inside]
    main = Term((Factor(policy),))
    if main.key not in {term.key for term in kept}:
        kept.append(main)
    intercepts = [
        r if all(t.variables == (plan.time.factor,) for t in r.terms) else RandomTerm(r.group)
        for r in model.random
    ]
    crude = solve(model.with_terms(kept).with_random(intercepts), solution.stats, "REML")
    return policy_effects(plan, crude, policy)


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
