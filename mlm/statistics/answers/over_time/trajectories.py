"""Effects of single units in each wave, read from the settled model."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, kron

from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.results.over_time import Trajectories, Trajectory, TrajectoryQuantile
from mlm.results.storing.table_rows import TableRows
from mlm.statistics.evidence.by_wave import wave_rows
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.effect_sums import EffectSums, effect_sums
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.selection.random_part.forms import columns_over_waves, sample_waves

PROBABILITIES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


def trajectories(plan: Plan, evaluated: Evaluated, group: tuple[str, ...]) -> Trajectories:
    """Posterior means of the units of a level in each wave.

    Parameters
    ----------
    plan : Plan
        The waves.
    evaluated : Evaluated
        The settled model and its sample.
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
    stats, waves = evaluated.stats, sample_waves(plan, evaluated.stats)
    found = [_in_wave(plan, evaluated, group, t) for t in range(len(waves))]
    mean = np.column_stack([sums.mean for sums in found])
    error = np.sqrt(np.column_stack([sums.comparative for sums in found]))
    present = _present(plan, group, stats)
    columns = {
        "unit": stats.level(group).names,
        "estimate": mean,
        "std_error": error,
        "present": present,
    }
    spread = [
        np.quantile(mean[present[:, t], t], PROBABILITIES).tolist() for t in range(present.shape[1])
    ]
    return Trajectories(
        waves=waves,
        units=TableRows(Trajectory, columns),
        quantiles=tuple(
            TrajectoryQuantile(probability=p, estimate=tuple(of_wave[i] for of_wave in spread))
            for i, p in enumerate(PROBABILITIES)
        ),
        present=tuple(present.sum(axis=0).tolist()),
    )


def _in_wave(plan: Plan, evaluated: Evaluated, group: tuple[str, ...], t: int) -> EffectSums:
    """The effects of the units of a level in one wave; one without rows in it is inferred."""
    fit, stats = evaluated.fit, evaluated.stats
    ids, wave = stats.level(group).ids, sample_waves(plan, stats)[t]
    weights: list[csr_array | None] = []
    unseen = np.zeros(len(ids))
    for term, omega in zip(fit.model.random, fit.omegas, strict=True):
        weights.append(None)
        if term.group not in (group, (*group, WAVE)):
            continue
        row = columns_over_waves(plan, term, stats)[t]
        of_wave = term.group != group
        known = {each: i for i, each in enumerate(stats.level(term.group).ids)}
        places = [known.get((*each, wave) if of_wave else each, -1) for each in ids]
        there = np.array(places) >= 0
        at = csr_array(
            (np.ones(there.sum()), (np.flatnonzero(there), np.array(places)[there])),
            shape=(len(ids), len(known)),
        )
        weights[-1] = csr_array(kron(row[None, :], at))
        unseen += np.where(there, 0.0, float(row @ omega @ row) * fit.sigma2)
    return effect_sums(evaluated, weights, unseen)


def _present(plan: Plan, group: tuple[str, ...], stats: CrossProducts) -> np.ndarray:
    """Whether each unit has rows in each wave, shape (G, T)."""
    level, waves = stats.level(group), sample_waves(plan, stats)
    rows = np.stack([wave_rows(plan, level, wave) for wave in waves], axis=1)
    return rows > 0.5
