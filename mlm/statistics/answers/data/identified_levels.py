"""The levels of an analysis whose variances its data tell apart, found before any fit."""

from __future__ import annotations

import warnings

from mlm.errors import EffectsLeftOut
from mlm.nouns.levels import RESIDUAL, WAVE
from mlm.nouns.model import Model, Term
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel, separable_levels
from mlm.statistics.fitting.solution import ordered_model
from mlm.statistics.likelihood.identification import (
    Confounded,
    NotIdentified,
    identification,
)
from mlm.statistics.likelihood.making import working_statistics


def within(model: Model, stats: CrossProducts) -> Model:
    """The model without random terms over levels that the sample lacks."""
    groups = {level.group for level in stats.all_levels}
    return model.with_random([term for term in model.random if term.group in groups])


def identified_levels(
    plan: Plan, stats: CrossProducts
) -> tuple[CrossProducts, list[MergedLevel | LeftOutLevel]]:
    """The sample with the levels alone whose variances can be told from the others and the rows.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        The sample, with the sums of its units.

    Returns
    -------
    stats : CrossProducts
        Without the inner one of levels that cannot be told apart, and without those of one group or
        between whose groups the terms of the full model leave no differences.
    changes : list of MergedLevel or LeftOutLevel
        What was taken out, and why.

    Raises
    ------
    NotIdentified
        When more than two levels together cannot be told apart.
    OneRowEach
        When units that are crossed with others have one row each.
    """
    stats, changes = separable_levels(plan, stats)
    while stats.all_levels:
        model = ordered_model(within(plan.full_model(), stats), stats)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EffectsLeftOut)  # of columns that others determine
            working = working_statistics(model, stats)
        found = identification(working).confounded
        if not found:
            break
        change = _change(found[0], model.formula, plan, stats)
        stats = stats.without_levels(plan.level_of(_gone(change)).group)
        changes.append(change)
    return stats, changes


def _gone(change: MergedLevel | LeftOutLevel) -> str:
    """The grouping factor that the sample is without."""
    if isinstance(change, LeftOutLevel):
        return change.level
    return change.outer if change.inner == RESIDUAL else change.inner


def _change(
    found: Confounded, formula: str, plan: Plan, stats: CrossProducts
) -> MergedLevel | LeftOutLevel:
    """What becomes of levels that cannot be told apart."""
    order = [*(level.name for level in stats.inwards), RESIDUAL]
    parts = sorted(found.parts, key=lambda part: order.index(part.group))
    if len(parts) == 1:
        return LeftOutLevel(parts[0].group, _constant_terms(plan, parts[0].group))
    if len(parts) > 2:
        raise NotIdentified(formula, (found,))
    outer, inner = parts
    return MergedLevel(outer.group, inner.group, outer.groups, inner.groups)


def _constant_terms(plan: Plan, name: str) -> tuple[Term, ...]:
    """Terms of the full model that do not vary within the groups of a level."""
    group = plan.level_of(name).group
    place = plan.groups.index(group)
    constant = {v for v in plan.variable_levels if plan.depth(v) <= place}
    constant |= {plan.time.name, plan.time.factor} if WAVE in group else set()
    terms = plan.full_model().terms
    return tuple(term for term in terms if term.variables and constant >= set(term.variables))
