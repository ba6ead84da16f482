"""Overlap of the categories of a policy that is assigned to units: who has a like in the other."""

from __future__ import annotations

import numpy as np

from mlm.nouns.plan import Plan
from mlm.results.policy import Overlap, RefusedOverlap
from mlm.results.reason import AssignedToRows, Reason, TooFewUnits
from mlm.statistics.answers.policy.balance import Arms, too_few


def overlap_records(plan: Plan, arms: Arms, policy: str) -> tuple[Overlap | RefusedOverlap, ...]:
    """Overlap of each category with the reference, or why it is not known.

    Parameters
    ----------
    plan : Plan
        The analysis.
    arms : Arms
        Units or rows of each category of a policy, with their covariates.
    policy : str
        The policy variable.
    """
    reference, *others = plan.categories[policy]
    return tuple(_record(plan, arms, policy, category, reference) for category in others)


def _record(
    plan: Plan, arms: Arms, policy: str, category: str, reference: str
) -> Overlap | RefusedOverlap:
    if arms.is_of_rows:
        return RefusedOverlap(category=category, reason=AssignedToRows())
    found = overlap(arms, category, reference)
    if found is not None:
        units, inside = found
        return Overlap(category=category, units=units, inside=inside, share=inside / units)
    units = arms.units[category] + arms.units[reference]
    reason: Reason = too_few(plan, arms, policy, category) or TooFewUnits(
        units=units, covariates=len(arms.columns)
    )
    return RefusedOverlap(category=category, reason=reason)


def overlap(arms: Arms, category: str, reference: str) -> tuple[int, int] | None:
    """Units of two categories, and how many of them are alike some unit of the other.

    The covariates are brought to one score, the linear combination that tells the two categories
    apart best; a unit is alike when its score lies where both categories have scores.

    Parameters
    ----------
    arms : Arms
        Units or rows of each category of a policy, with their covariates.
    category : str
        A category of the policy.
    reference : str
        The category that it is set beside.

    Returns
    -------
    units, inside : int
        None where the policy is assigned to rows, a category has too few units, or the units of
        both are fewer than the covariates.
    """
    if category not in arms.values or reference not in arms.values:
        return None
    a, b = arms.values[category], arms.values[reference]
    if len(a) + len(b) <= a.shape[1] + 2:
        return None
    x = np.vstack([a, b])
    design = np.column_stack([np.ones(len(x)), x - x.mean(axis=0)])
    y = np.concatenate([np.ones(len(a)), np.zeros(len(b))])
    score = design @ np.linalg.lstsq(design, y, rcond=1e-10)[0]
    first, second = score[: len(a)], score[len(a) :]
    low, high = max(first.min(), second.min()), min(first.max(), second.max())
    return len(score), int(((score >= low - 1e-9) & (score <= high + 1e-9)).sum())
