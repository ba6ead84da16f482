"""Effects of single units in each wave, under the model of their covariance over the waves."""

from __future__ import annotations

import numpy as np

from mlm.nouns.plan import Plan
from mlm.statistics.evidence.by_wave import wave_sums
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.effects import GroupEffects, posterior_means
from mlm.statistics.fitting.evaluated import Evaluated

PROBABILITIES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


def trajectories(plan: Plan, evaluated: Evaluated, group: tuple[str, ...]) -> dict:
    """Posterior means of the units of a level in each wave.

    Parameters
    ----------
    plan : Plan
        The waves.
    evaluated : Evaluated
        A model with an effect of each unit in each wave, and its sample.
    group : tuple of str
        Id columns of the units.

    Returns
    -------
    dict
        ``waves``; ``units``: by unit ``estimate`` and ``std_error`` (comparative) of each wave, in
        units of the outcome, and ``present``: whether it has rows in the wave (else its effect is
        inferred from the other waves); ``quantiles``: by probability (``PROBABILITIES``) those of
        the units present, by wave; ``present``: the number of these by wave.

    Source
    ------
    Joint posterior means over waves, as Leckie (2018), J. Educ. Behav. Statist. 43, 333-359.
    """
    stats = evaluated.stats
    effects = posterior_means(evaluated).of(":".join(group))
    present = _present(plan, effects, group, stats)
    error = np.sqrt(np.diagonal(effects.comparative, axis1=1, axis2=2))
    units = [
        {
            "unit": str(unit),
            "estimate": effects.mean[i],
            "std_error": error[i],
            "present": present[i],
        }
        for i, unit in enumerate(effects.units)
    ]
    spread = [
        np.quantile(effects.mean[present[:, t], t], PROBABILITIES) for t in range(present.shape[1])
    ]
    return {
        "waves": list(stats.columns.categories[plan.time.factor]),
        "units": units,
        "quantiles": [
            {"probability": p, "estimate": [of_wave[i] for of_wave in spread]}
            for i, p in enumerate(PROBABILITIES)
        ],
        "present": present.sum(axis=0),
    }


def _present(
    plan: Plan, effects: GroupEffects, group: tuple[str, ...], stats: CrossProducts
) -> np.ndarray:
    """Whether each unit has rows in each wave, shape (G, T)."""
    level = stats.level(group)
    place = {label: i for i, label in enumerate(level.labels)}
    at = [place[unit] for unit in effects.units]
    waves = stats.columns.categories[plan.time.factor]
    rows = np.stack([wave_sums(plan, level, wave)[:, 0] for wave in waves], axis=1)
    return rows[at] > 0.5
