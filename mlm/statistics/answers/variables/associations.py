"""Joint tests of all that each variable does in the settled model, the clearest first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlm.nouns.columns import CONSTANT
from mlm.nouns.plan import Plan
from mlm.results.selection import Association, LatestEffect
from mlm.results.test import RefusedTest, Test
from mlm.statistics.answers.variables.adjusted_means import time_value, without_time
from mlm.statistics.evidence.names import term_records
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.f_tests import f_test
from mlm.statistics.inference.holm import holm

LEAST_TOLD = 1e-12  # p-value below which one is as small as another


def associations(plan: Plan, full: Fit, settled: Solution) -> tuple[Association, ...]:
    """Joint tests of the variables of the full model, time and policies apart.

    All terms that hold a variable are tested at once: its powers, its products with other
    variables and with time. The test depends on no reference category.

    Parameters
    ----------
    plan : Plan
        Names time and the policies.
    full : Fit
        The full model, whose variables are the family: those that were dropped count as tests.
    settled : Solution
        The settled model by REML.

    Returns
    -------
    tuple of Association
        The clearest first; p-values adjusted by Holm over the family.

    Source
    ------
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    apart = {plan.time.name, plan.time.factor, *plan.policy}
    names = dict.fromkeys(v for term in full.model.terms for v in term.variables if v not in apart)
    tests = {name: _test(settled, name) for name in names}
    adjusted = holm([t.p_value if isinstance(t, Test) else 1.0 for t in tests.values()])
    found = [
        Association(
            variable=name,
            terms=term_records(t for t in settled.fit.model.terms if name in t.variables),
            latest=latest_effects(plan, settled, name),
            test=test.adjusted(p) if isinstance(test, Test) else test,
        )
        for (name, test), p in zip(tests.items(), adjusted, strict=True)
    ]
    return tuple(sorted(found, key=lambda item: clearness(item.test)))


def _test(settled: Solution, variable: str) -> Test | RefusedTest:
    holding = {str(term) for term in settled.fit.model.terms if variable in term.variables}
    chosen = [i for i, name in enumerate(settled.fit.terms) if name in holding]
    return f_test(settled, np.eye(settled.fit.beta.size)[chosen])


def latest_effects(plan: Plan, settled: Solution, variable: str) -> tuple[LatestEffect, ...]:
    """What a variable does in the latest wave, other variables at zero or their reference.

    Parameters
    ----------
    plan : Plan
        Names time and its waves.
    settled : Solution
        The model.
    variable : str
        The variable.

    Returns
    -------
    tuple of LatestEffect
        One a category, or one for a number; none where it is a curve, or has no effect by itself.
    """
    return tuple(
        LatestEffect(**dict(settled.contrast(own.weights)), category=own.category, wave=own.wave)
        for own in latest_weights(plan, settled, variable)
    )


@dataclass(frozen=True)
class LatestWeights:
    """Weights (p,) of the fixed effects in what a variable does in the latest wave.

    Attributes
    ----------
    weights : ndarray (p,)
    category : str or None
        Compared with the reference; None of a number.
    wave : str or None
        The latest one; None: the effect is the same in every wave.
    """

    weights: np.ndarray
    category: str | None
    wave: str | None


def latest_weights(plan: Plan, settled: Solution, variable: str) -> list[LatestWeights]:
    """What a variable does in the latest wave, as combinations of the fixed effects.

    Parameters
    ----------
    plan, settled : Plan, Solution
        As for ``latest_effects``.
    variable : str
        The variable.
    """
    waves = plan.time.waves
    fixed, latest = settled.fixed, waves[-1] if waves else None
    parts = [column.column.split(variable) for column in fixed]
    own = list(dict.fromkeys(part for rest, part in parts if part != CONSTANT and rest == CONSTANT))
    mine = [f for c in fixed for f in c.term.factors if f.variable == variable]
    if len({(f.function, f.exponent) for f in mine}) > 1 or any(f.exponent > 1 for f in mine):
        return []
    found = []
    for category in own:
        weights, by_wave = np.zeros(len(fixed)), False
        for i, (rest, part) in enumerate(parts):
            if part == category and without_time(plan, rest) == CONSTANT:
                weights[i] = 1.0 if rest == CONSTANT else time_value(plan, rest, latest)
                by_wave |= rest != CONSTANT
        name = category.indicators[0][1] if category.indicators else None
        found.append(LatestWeights(weights, name, latest if by_wave else None))
    return found


def clearness(test: Test | RefusedTest) -> tuple[float, float]:
    """What associations are ordered by, the clearest first: a p-value, then the statistic.

    Denominators of F are approximations, which say nothing of p-values as small as 1e-12: such
    associations are ordered by the statistic times its degrees of freedom. A refused test comes
    last.
    """
    if not isinstance(test, Test):
        return math.inf, 0.0
    return max(test.p_value, LEAST_TOLD), -test.df * test.statistic
