"""A correlation below zero that is not told from zero decides nothing between forms over waves.

Effects of units that last and effects of units in waves agree between waves or do not: no variances
make a correlation below zero, which every other form may have. Where the true one is zero the
estimate lies below it in every second survey, and another form fits better for its sign alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import FitError, ModelError
from mlm.nouns.distributions import CHI_SQUARED_95
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Model, Term
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import ordered_model, solve
from mlm.statistics.fitting.starts import Start
from mlm.statistics.pooling.beside import deviances
from mlm.statistics.selection.random_part.catalogue import LevelOverWaves
from mlm.statistics.selection.random_part.crossover import Crossover
from mlm.statistics.selection.random_part.forms import sample_times

HARDLY_ANY = 0.02
"""Variance of what lasts over that of a part by wave, up to which a correlation may be negative."""


def counted_deviances(
    plan: Plan,
    level: LevelOverWaves,
    model: Model,
    at: Start,
    found: np.ndarray,
    stats: CrossProducts,
    others: Sequence[CrossProducts] = (),
) -> np.ndarray:
    """Deviances by REML with which a model is compared with those with other forms of a level.

    Those of variances of what lasts and of a part by wave are those of one correlation of any sign,
    unless a correlation of zero lies outside its 95 % interval.

    Parameters
    ----------
    plan : Plan
        Levels and time.
    level : LevelOverWaves
        The level.
    model : Model
        The model, its random terms in the order of the start.
    at : Start
        Its covariances at the optimum.
    found : ndarray (1 + m,)
        Its deviances in the sample and in others.
    stats : CrossProducts
        The sample.
    others : sequence of CrossProducts
        Other imputations of it.

    Returns
    -------
    ndarray (1 + m,)
    """
    if not level.has_part or not _is_without_what_lasts(level, model, at):
        return found
    free = ordered_model(level.with_covariance(model, "cs"), stats)
    over = Crossover(
        level, sample_times(plan, stats), (model, "part_by_wave"), (free, "variances_by_wave")
    )
    try:
        freed = deviances(solve(free, stats, "REML", over.start(at)), others)
    except (FitError, ModelError):
        return found
    gained = found - freed
    return np.where((gained > 0.0) & (gained <= CHI_SQUARED_95), freed, found)


def _is_without_what_lasts(level: LevelOverWaves, model: Model, at: Start) -> bool:
    """Whether units in waves have a variance beside which that of what lasts is hardly any."""
    variances = {
        term.group: float(covariance[0, 0])
        for term, covariance in zip(model.random, at.covariances, strict=True)
        if covariance is not None and term.terms[0] == Term()
    }
    lasting, part = (variances.get(group) for group in (level.group, (*level.group, WAVE)))
    return lasting is not None and part is not None and lasting <= HARDLY_ANY * part
