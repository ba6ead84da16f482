"""Which model tells what changes over time, where the effects of units change with the waves.

A design without a level for units in waves (followed pupils) takes the effects of its schools as
the same in every wave. Where they are not, the mean of a wave, and all that schools have in common
in it, rest on as many schools as there are, not on as many rows: such effects are then told from
the final model with an effect of each unit in each wave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlm.errors import MLMError
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.results.test import Test
from mlm.statistics.answers.over_time.stability import Stability
from mlm.statistics.fitting.solution import Solution, solve


@dataclass(frozen=True)
class ModelsOverTime:
    """Models that effects over time are told from.

    Attributes
    ----------
    with_slopes : Solution
        The final model with the random slopes that it keeps, reduced once more.
    with_waves : Solution or None
        The final model with effects of units in each wave, where these are needed and told by the
        data.
    groups : tuple of tuple of str
        Id columns of these units.
    """

    with_slopes: Solution
    with_waves: Solution | None = None
    groups: tuple[tuple[str, ...], ...] = ()

    @property
    def mean(self) -> Solution:
        """The model of the mean of each wave."""
        return self.with_waves or self.with_slopes

    def of(self, plan: Plan, variable: str) -> Solution:
        """The model of a variable's effect over time.

        With effects of units in each wave where the variable describes such units or larger ones.
        """
        places = [level.group for level in plan.levels]
        deepest = max((places.index(group) for group in self.groups), default=-1)
        return self.mean if plan.depth(variable) <= deepest else self.with_slopes


def is_constant(plan: Plan, solution: Solution, group: tuple[str, ...]) -> bool:
    """Whether a model takes the effects of units as the same in every wave.

    It does not where units in waves are a level, or the units have slopes on time.

    Parameters
    ----------
    plan : Plan
        The analysis.
    solution : Solution
        The model.
    group : tuple of str
        Id columns of the units.
    """
    random = solution.fit.model.random
    sloped = {v for r in random if r.group == group for term in r.terms for v in term.variables}
    timed = sloped & {plan.time.name, plan.time.factor}
    return (*group, WAVE) not in {term.group for term in random} and not timed


def needs_waves(plan: Plan, final: Solution, group: tuple[str, ...], steady: Stability) -> bool:
    """Whether the effects of units change over waves that the final model takes as constant.

    Parameters
    ----------
    plan : Plan
        The analysis.
    final : Solution
        The final model.
    group : tuple of str
        Id columns of the units.
    steady : Stability
        Stability of the effects, estimated by waves.
    """
    return (
        steady.form == "constant"
        and isinstance(steady.test, Test)
        and steady.test.p_value < plan.alpha
        and is_constant(plan, final, group)
    )


def with_waves(plan: Plan, model: Model, groups: Sequence[tuple[str, ...]]) -> Model:
    """A model with random intercepts, with effects of some units in each wave instead.

    Parameters
    ----------
    plan : Plan
        The analysis.
    model : Model
        The model.
    groups : sequence of tuple of str
        Id columns of the levels whose effects are by wave.
    """
    waves = Term((Factor(plan.time.factor),))
    return model.with_random(
        [RandomTerm(r.group, (waves,)) if r.group in groups else r for r in model.random]
    )


def models_over_time(
    plan: Plan,
    final: Solution,
    with_slopes: Solution,
    found: Sequence[tuple[tuple[str, ...], Stability]],
) -> ModelsOverTime:
    """The models of change, from the stability of each level of units.

    Parameters
    ----------
    plan : Plan
        The waves, and the level of tests.
    final, with_slopes : Solution
        The final model by REML, without and with random slopes.
    found : sequence of (tuple of str, Stability)
        Id columns of the units, outermost first, and what was found of them.

    Returns
    -------
    ModelsOverTime
        With effects by wave of all units that need them; of the innermost of these alone where the
        model of all is singular; of none where that is singular as well.
    """
    changing = tuple(group for group, steady in found if needs_waves(plan, final, group, steady))
    for chosen in dict.fromkeys((changing, changing[-1:])):  # else those of the innermost units
        made = _solved(plan, final, with_slopes, chosen) if chosen else None
        if made is not None:
            return ModelsOverTime(with_slopes, made, chosen)
    return ModelsOverTime(with_slopes)


def _solved(plan: Plan, final: Solution, sloped: Solution, groups) -> Solution | None:
    """The model with effects by wave of some units; None where it is singular."""
    model = final.fit.model.with_terms(sloped.fit.model.terms)
    try:
        made = solve(with_waves(plan, model, groups), final.stats, "REML")
    except MLMError:
        return None
    return made if made.fit.converged and not made.fit.is_singular else None
