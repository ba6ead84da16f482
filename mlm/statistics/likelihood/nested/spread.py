"""Sums over units with the errors of effects, levels nested."""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.elimination import EliminatedLevel
from mlm.statistics.likelihood.pooled.apart import LevelsApart


def unit_sums(apart: LevelsApart) -> tuple[np.ndarray, np.ndarray]:
    """``z' V^-1`` times the working columns (w, G), and times z (G,), z an outermost unit."""
    sums = np.concatenate([_unit_sums(some.done) for some in apart.of(0)], axis=1)
    return sums, sums[int(apart.tree.levels[0].columns[0])]


def _unit_sums(done: EliminatedLevel) -> np.ndarray:
    return done.wide[:, 0, :] * (1.0 - done.inner[0, 0] * done.gain[0, 0])
