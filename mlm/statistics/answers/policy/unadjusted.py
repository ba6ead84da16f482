"""What the groups of a policy differ by in one wave alone, without covariates."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import EffectsLeftOut, MLMError
from mlm.nouns.hierarchy import are_one
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Estimate
from mlm.results.policy import CrudeEffect, PolicyEffect, UnadjustedEffect, UnadjustedWave
from mlm.statistics.answers.policy.sizes import comparison_sd, size_in_sd
from mlm.statistics.evidence.by_wave import has_waves_apart, reweighted
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import group_level
from mlm.statistics.fitting.solution import Solution, solve


@dataclass(frozen=True)
class WaveAlone:
    """A model of a policy alone, fitted to the rows of one wave.

    Attributes
    ----------
    wave : str
        The wave.
    solution : Solution
        By REML, with random intercepts of all units that share rows of the wave.
    """

    wave: str
    solution: Solution


def waves_alone(plan: Plan, stats: CrossProducts, policy: str) -> tuple[WaveAlone, ...]:
    """The policy alone in each wave, from the sums of that wave's rows.

    Random intercepts stand for the units that are assigned, for those they lie in, and for those
    inside them, so that the error counts assigned units.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        Its sample: the rows of the other models.
    policy : str
        The policy variable.

    Returns
    -------
    tuple of WaveAlone
        Without waves whose rows are all in one group, and without those that cannot be fitted.
    """
    if len(plan.time.waves) > 1 and not has_waves_apart(plan, stats):
        return ()
    found = (_alone(plan, stats, policy, wave) for wave in plan.time.waves)
    return tuple(each for each in found if each is not None)


def _alone(plan: Plan, stats: CrossProducts, policy: str, wave: str) -> WaveAlone | None:
    if len(plan.time.waves) > 1:
        if stats.parts[wave][0, 0] < 0.5:
            return None
        stats = reweighted(plan, stats, {each: float(each == wave) for each in plan.time.waves})
    groups = units_sharing_rows(stats)
    stats = stats.without_levels(*(g.group for g in stats.all_levels if g.group not in groups))
    terms = (Term(), Term((Factor(policy),)))
    while True:
        model = Model(plan.outcome, terms, tuple(RandomTerm(group) for group in groups))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", EffectsLeftOut)  # where all are in one group
                solution = solve(model, stats, "REML")
        except MLMError:
            if not groups:
                return None
            stats = stats.without_levels(groups[-1])
            groups = groups[:-1]  # the innermost units, whose variance the wave does not tell
            continue
        return WaveAlone(wave, solution)


def units_sharing_rows(stats: CrossProducts) -> list[tuple[str, ...]]:
    """Levels of one wave with several units of several rows; of two that are one, the outer."""
    kept = []
    for level in stats.inwards:
        outer = [other for other in kept if _inside(level.group, other.group)]
        same = any(are_one(other.size, level.size) for other in outer)
        if level.size > 1 and not are_one(level.size, stats.n_obs) and not same:
            kept.append(level)
    return [level.group for level in kept]


def _inside(group: tuple[str, ...], outer: tuple[str, ...]) -> bool:
    own = tuple(name for name in group if name != WAVE)
    around = tuple(name for name in outer if name != WAVE)
    return own[: len(around)] == around


def unadjusted_effects(
    plan: Plan,
    stats: CrossProducts,
    policy: str,
    alone: Sequence[WaveAlone],
    effects: Sequence[PolicyEffect],
) -> tuple[UnadjustedEffect, ...]:
    """Differences in each wave alone, beside those of a model of all waves.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        Its sample.
    policy : str
        The policy variable.
    alone : sequence of WaveAlone
        The policy alone in each wave.
    effects : sequence of PolicyEffect
        Of the model; one of all waves stands beside each wave.
    """
    return tuple(
        _effect(plan, stats, policy, each, category, effects)
        for each in alone
        for category in plan.categories.get(policy, (None, None))[1:]
        if _place(each.solution, policy, category) is not None
    )


def _place(solution: Solution, policy: str, category: str | None) -> int | None:
    """Place of the coefficient of a category, or of the policy as a number."""
    wanted = ((policy, category),) if category is not None else ()
    for place, column in enumerate(solution.fixed):
        if policy in column.column.variables and column.column.indicators == wanted:
            return place
    return None


def _effect(
    plan: Plan, stats: CrossProducts, policy: str, each: WaveAlone, category, effects
) -> UnadjustedEffect:
    place = _place(each.solution, policy, category)
    found = each.solution.contrast(np.eye(each.solution.fit.beta.size)[place])
    beside = [
        effect
        for effect in effects
        if effect.category == category and effect.wave in (each.wave, None)
    ]
    crude = CrudeEffect(
        **dict(found),
        category=category,
        wave=each.wave,
        standing=plan.assignment(policy).standing(each.wave, plan.time.waves),
        size=size_in_sd(found, comparison_sd(plan, stats, policy, each.wave)),
    )
    return UnadjustedEffect(**dict(crude), apart=_apart(found, beside[0]) if beside else None)


def _apart(alone: Estimate, model: Estimate) -> bool:
    """Whether two estimates differ by more than the larger of their standard errors."""
    errors = [error for error in (alone.std_error, model.std_error) if error is not None]
    return bool(errors) and abs(model.estimate - alone.estimate) > max(errors)


def wave_records(alone: Sequence[WaveAlone]) -> tuple[UnadjustedWave, ...]:
    """The models of each wave alone.

    Parameters
    ----------
    alone : sequence of WaveAlone
        The policy alone in each wave.
    """
    return tuple(
        UnadjustedWave(
            wave=each.wave,
            rows=each.solution.fit.n_obs,
            formula=each.solution.fit.formula,
            levels=tuple(group_level(term.group) for term in each.solution.fit.model.random),
        )
        for each in alone
    )
