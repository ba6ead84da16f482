"""The spread of the outcome in the comparison group of a policy, by wave, and sizes in it."""

from __future__ import annotations

import math

import numpy as np

from mlm.nouns.columns import CONSTANT, Column
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Estimate
from mlm.results.policy import Size
from mlm.statistics.evidence.crossproducts import CrossProducts


def comparison_sd(
    plan: Plan, stats: CrossProducts, policy: str, wave: str | None = None
) -> float | None:
    """Standard deviation of the outcome in the reference category of a policy, all levels together.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        Its sample.
    policy : str
        The policy variable; of a number all rows are the comparison group.
    wave : str, optional
        The wave; default: within waves, their variances weighted by their degrees of freedom.

    Returns
    -------
    float or None
        In units of the outcome, divisor n - 1; None where fewer than two rows tell it, or the
        sample does not keep the waves, or the squares of the outcome by category, apart.

    Source
    ------
    Glass's delta: Glass (1976), Educational Researcher 5 (10), 3-8.
    """
    waves = plan.time.waves if wave is None else (wave,)
    found = [_moments(plan, stats, policy, each) for each in waves]
    known = [moments for moments in found if moments is not None]
    squares = sum(s for s, _ in known)
    degrees = sum(n - 1.0 for _, n in known if n > 1.0)
    return math.sqrt(squares / degrees) if degrees > 0.0 and squares > 0.0 else None


def size_in_sd(estimate: Estimate, sd: float | None) -> Size | None:
    """An estimate and its interval in standard deviations of the outcome; None where none is known.

    Parameters
    ----------
    estimate : Estimate
        In units of the outcome.
    sd : float or None
        As ``comparison_sd`` gives it; its own error is not counted.
    """
    if sd is None:
        return None
    ends = [None if end is None else end / sd for end in (estimate.lower, estimate.upper)]
    return Size(sd=sd, estimate=estimate.estimate / sd, lower=ends[0], upper=ends[1])


def _moments(
    plan: Plan, stats: CrossProducts, policy: str, wave: str
) -> tuple[float, float] | None:
    """Sum of squares around the mean, and number of rows, of the comparison group in a wave."""
    total = stats.parts.get(wave)
    if total is None and len(plan.time.waves) == 1:
        total = stats.total
    outcome = Column(powers=((plan.outcome, "identity", 1),))
    if total is None or outcome not in stats.columns.positions:
        return None
    others = plan.categories[policy][1:] if policy in plan.categories else ()
    moments = _uncentred(stats, total, CONSTANT, outcome)
    for category in others:
        group = Column(indicators=((policy, category),))
        if not {group, group.times(outcome)} <= stats.columns.positions.keys():
            return None
        moments = moments - _uncentred(stats, total, group, outcome)
    n, s, ss = moments
    if n < 0.5:
        return None
    unit = stats.columns.scales[plan.outcome, "identity"][1]
    return float(unit**2 * max(ss - s**2 / n, 0.0)), round(float(n))


def _uncentred(
    stats: CrossProducts, total: np.ndarray, group: Column, outcome: Column
) -> np.ndarray:
    """Rows of a group, and sums of the stored outcome and of its square, shape (3,)."""
    places = stats.columns.positions
    own = outcome if group == CONSTANT else group.times(outcome)
    row = total[places[own]]
    return np.array([total[0, places[group]], row[0], row[places[outcome]]])
