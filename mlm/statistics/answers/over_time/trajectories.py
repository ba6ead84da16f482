"""Effects of single units in each wave, under the model of their covariance over the waves."""

from __future__ import annotations

import numpy as np

from mlm.nouns.plan import Plan
from mlm.results.over_time import Trajectories, Trajectory, TrajectoryQuantile
from mlm.statistics.evidence.by_wave import wave_sums
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.effects import posterior_means
from mlm.statistics.fitting.evaluated import Evaluated

PROBABILITIES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


def trajectories(plan: Plan, evaluated: Evaluated, group: tuple[str, ...]) -> Trajectories:
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
    Trajectories
        Effects with their comparative errors, in units of the outcome. That of a unit without rows
        in a wave is inferred from the other waves; it is not among the quantiles.

    Source
    ------
    Joint posterior means over waves, as Leckie (2018), J. Educ. Behav. Statist. 43, 333-359.
    """
    stats = evaluated.stats
    effects = posterior_means(evaluated).of(":".join(group))
    present = _present(plan, group, stats)
    error = np.sqrt(np.diagonal(effects.comparative, axis1=1, axis2=2))
    rows = zip(
        stats.level(group).ids,
        effects.mean.tolist(),
        error.tolist(),
        present.tolist(),
        strict=True,
    )
    spread = [
        np.quantile(effects.mean[present[:, t], t], PROBABILITIES).tolist()
        for t in range(present.shape[1])
    ]
    return Trajectories(
        waves=tuple(stats.columns.categories[plan.time.factor]),
        units=tuple(
            Trajectory(unit=unit, estimate=mean, std_error=errors, present=there)
            for unit, mean, errors, there in rows
        ),
        quantiles=tuple(
            TrajectoryQuantile(probability=p, estimate=tuple(of_wave[i] for of_wave in spread))
            for i, p in enumerate(PROBABILITIES)
        ),
        present=tuple(present.sum(axis=0).tolist()),
    )


def _present(plan: Plan, group: tuple[str, ...], stats: CrossProducts) -> np.ndarray:
    """Whether each unit has rows in each wave, shape (G, T)."""
    level, waves = stats.level(group), stats.columns.categories[plan.time.factor]
    rows = np.stack([wave_sums(plan, level, wave)[:, 0] for wave in waves], axis=1)
    return rows > 0.5
