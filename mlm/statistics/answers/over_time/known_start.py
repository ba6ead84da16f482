"""Where the search of a neighbour of the settled model begins: at the covariances that are known.

A level whose form changes begins at the covariance of its effects over waves, whatever terms they
were made of. A search that began at a variance of zero would stay there.
"""

from __future__ import annotations

import numpy as np

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import Solution, ordered_model
from mlm.statistics.fitting.starts import Start
from mlm.statistics.selection.random_part.forms import covariance_over_waves, sample_waves

LEAST_START = 1e-3
"""Of the residual variance, that the variance of an effect begins with at least."""


def known_start(plan: Plan, settled: Solution, model: Model, stats: CrossProducts) -> Start:
    """The covariances of a model's random terms that the settled model tells.

    Parameters
    ----------
    plan : Plan
        The waves.
    settled : Solution
        The settled model.
    model : Model
        A model with other forms over waves, or of fewer waves.
    stats : CrossProducts
        Its sample, which may be of the first waves only.
    """
    fit, n_waves = settled.fit, len(sample_waves(plan, stats))
    known = dict(zip(fit.model.random, fit.covariances, strict=True))
    floor = LEAST_START * fit.sigma2
    waves = Term((Factor(plan.time.factor),))

    def of(term: RandomTerm) -> np.ndarray | None:
        units = tuple(name for name in term.group if name != WAVE)
        if term in known and waves not in term.terms:
            return known[term] + floor * np.eye(len(known[term]))
        whole = covariance_over_waves(plan, settled, units)[:n_waves, :n_waves]
        if term.terms == (waves,):
            return whole + floor * np.eye(n_waves)
        if term.terms != (Term(),) or not whole.any():
            return None
        shared = max((whole.sum() - np.trace(whole)) / (n_waves * max(n_waves - 1, 1)), 0.0)
        own = np.trace(whole) / n_waves - shared if units != term.group else shared
        return np.array([[max(own, floor)]])

    found = tuple(of(term) for term in ordered_model(model, stats).random)
    return Start(found, fit.sigma2)
