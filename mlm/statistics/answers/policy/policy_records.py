"""Records of a policy beside its effects: balance, overlap, the estimates without adjustment."""

from __future__ import annotations

import math

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.statistics.answers.policy.balance import (
    Arms,
    overlap,
    policy_arms,
    standardised_differences,
)
from mlm.statistics.answers.records import plain, test_or_none
from mlm.statistics.answers.variables.adjusted_means import policy_effects
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_moments
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.f_tests import FComparison, f_test

IMBALANCE = 0.1  # standardised difference beyond which a covariate is called unequal


def policy_record(plan: Plan, solution: Solution, policy: str) -> dict:
    """Effects of one policy, over all waves or by wave, and whether they change.

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
    dict
        ``effects``, in units of the outcome and (``standardised``) of the standard deviation that
        the model leaves; ``by_wave``: whether the model lets them change; ``time_test``: that they
        do not. ``waves_apart``: where a configured product with time left the model, ``effects`` by
        wave with it in the model, and its ``formula``; the test is then of that model.
    """
    effects = policy_effects(plan, solution, policy)
    by_wave = any(effect["wave"] is not None for effect in effects)
    apart = None if by_wave or not effects else _with_product(plan, solution, policy)
    test = policy_by_time(plan, apart or solution, policy)
    return plain(
        {
            "variable": policy,
            "evidence": plan.policy[policy],
            "reference": plan.categories[policy][0] if policy in plan.categories else None,
            "by_wave": by_wave,
            "effects": _standardised(effects, solution),
            "time_test": test_or_none(test),
            "formula": solution.fit.formula,
            "waves_apart": apart
            and {
                "effects": _standardised(policy_effects(plan, apart, policy), apart),
                "formula": apart.fit.formula,
            },
        }
    )


def _with_product(plan: Plan, solution: Solution, policy: str) -> Solution | None:
    """The model with the configured product of a policy and time, which it lacks.

    None where it was not configured, the policy itself is not in the model, or the larger model
    cannot be fitted.
    """
    product = Term((Factor(plan.time.name), Factor(policy)))
    model = solution.fit.model
    known = {term.key for term in model.terms}
    asked = product.key in {term.key for term in plan.time_terms}
    if not asked or not {Term((factor,)).key for factor in product.factors} <= known:
        return None
    try:
        larger = model.with_terms([*model.terms, product])
        return solve(larger, solution.stats, "REML", start=solution.fit)
    except MLMError:
        return None


def _standardised(effects: list[dict], solution: Solution) -> list[dict]:
    """Each effect also in standard deviations of the outcome that the model leaves, all levels.

    With random slopes the variance of a level is its mean over the rows.
    """
    fit = solution.fit
    moments = mean_moments(fit.model, solution.stats)
    pairs = zip(fit.omegas, moments, strict=True)
    total = math.sqrt(fit.sigma2 * (1.0 + sum(float(np.sum(o * m)) for o, m in pairs)))
    return [{**effect, "standardised": effect["estimate"] / total} for effect in effects]


def policy_details(plan: Plan, solution: Solution, policy: str) -> dict:
    """Balance, overlap and the crude estimates of one policy.

    Returns
    -------
    dict
        ``balance``: ``level`` of assignment, ``units`` by category, ``mixed`` units, ``threshold``,
        and ``rows``: one entry a covariate column and category with ``mean``, ``reference_mean``,
        ``standardised``; None for a policy that is a number. ``overlap``: by category ``units``,
        ``inside``, ``share``, or ``reason``. ``unadjusted``: effects from a model of time and the
        policy alone, where the evidence is ``adjusted`` or ``observational``; else None.
    """
    stats = solution.stats
    arms = policy_arms(plan, stats, policy)
    crude = plan.policy[policy] != "randomised"
    return plain(
        {
            "balance": _balance(plan, arms, policy) if arms else None,
            "overlap": _overlaps(plan, arms, policy) if arms else [],
            "unadjusted": _unadjusted(plan, solution, policy, stats) if crude else None,
        }
    )


def _balance(plan: Plan, arms: Arms, policy: str) -> dict:
    reference = plan.categories[policy][0]
    rows = []
    for category in plan.categories[policy][1:]:
        if category not in arms.means or reference not in arms.means:
            continue
        differences = standardised_differences(arms, category, reference)
        for i, column in enumerate(arms.columns):
            rows.append(
                {
                    "category": category,
                    "term": column,
                    "variables": [arms.variables[i]],
                    "mean": arms.means[category][i],
                    "reference_mean": arms.means[reference][i],
                    "standardised": differences[i],
                }
            )
    units = [{"category": c, "n": n} for c, n in arms.units.items()]
    return {
        "level": arms.level,
        "units": units,
        "mixed": arms.mixed,
        "threshold": IMBALANCE,
        "unequal": sum(abs(r["standardised"]) > IMBALANCE for r in rows),
        "rows": rows,
    }


def with_row_overlap(details: list[dict], overlaps: list[dict]) -> list[dict]:
    """The records of policies, with the overlap of those assigned to rows from a pass over rows.

    Parameters
    ----------
    details : list of dict
        ``policy_details`` of the results.
    overlaps : list of dict
        ``overlap`` of ``residuals.json``.
    """
    known = {(found["variable"], found["category"]): found for found in overlaps}

    def filled(policy: str, record: dict) -> dict:
        found = known.get((policy, record["category"]))
        if found is None or record["share"] is not None:
            return record
        values = {"units": found["rows"], "inside": found["inside"], "share": found["share"]}
        return {**record, **values, "reason": None}

    return [
        {**item, "overlap": [filled(item["variable"], record) for record in item["overlap"]]}
        for item in details
    ]


def _overlaps(plan: Plan, arms: Arms, policy: str) -> list[dict]:
    reference, *others = plan.categories[policy]
    out = []
    for category in others:
        found = overlap(arms, category, reference)
        record = {"category": category, "units": None, "inside": None, "share": None}
        if found is None:
            reason = "the policy is assigned to rows; see overlap of the second pass over them"
            if arms.level != "row":
                reason = "there are too few units for the number of covariates"
            out.append({**record, "reason": reason})
        else:
            units, inside = found
            share = inside / units
            out.append({**record, "units": units, "inside": inside, "share": share, "reason": None})
    return out


def _unadjusted(plan: Plan, solution: Solution, policy: str, stats: CrossProducts) -> list[dict]:
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
    crude = solve(model.with_terms(kept).with_random(intercepts), stats, "REML")
    return policy_effects(plan, crude, policy)


def policy_by_time(plan: Plan, solution: Solution, policy: str) -> FComparison | None:
    """Joint test that a policy's effect is the same in every wave; None where it may not differ."""
    timed = {
        str(term)
        for term in solution.fit.model.terms
        if {policy, plan.time.name} <= set(term.variables)
    }
    if not timed:
        return None
    chosen = [i for i, term in enumerate(solution.fit.terms) if term in timed]
    return f_test(solution, np.eye(solution.fit.beta.size)[chosen])
