"""Where the search of a neighbour of the settled model begins: at the covariances that are known.

A level whose form changes begins at the covariance of its effects over waves, whatever terms they
were made of. A search that began at a variance of zero would stay there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.nouns.coding import CodedColumn, model_columns
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
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
    fit, wanted = settled.fit, ordered_model(model, stats)
    n_waves, waves = len(sample_waves(plan, stats)), Term((Factor(plan.time.factor),))
    known = dict(zip(fit.model.random, fit.covariances, strict=True))
    columns = model_columns(wanted, stats.columns.categories)[1]
    found = []
    for term, coded in zip(wanted.random, columns, strict=True):
        if term in known and waves not in term.terms:
            own = known[term]
        else:
            units = tuple(name for name in term.group if name != WAVE)
            whole = covariance_over_waves(plan, settled, units)[:n_waves, :n_waves]
            own = _effects(whole, coded, waves, units == term.group) + _slopes(fit, term, coded)
        found.append(own + LEAST_START * fit.sigma2 * np.eye(len(coded)))
    return Start(tuple(found), fit.sigma2)


def _effects(
    whole: np.ndarray, coded: Sequence[CodedColumn], waves: Term, lasting: bool
) -> np.ndarray:
    """Covariance (q, q) of a term's effects in waves, or of what lasts of them, or of the rest."""
    out, size = np.zeros((len(coded),) * 2), len(whole)
    over = [i for i, column in enumerate(coded) if column.term == waves]
    if len(over) == size:
        out[np.ix_(over, over)] = whole
    shared = max((whole.sum() - np.trace(whole)) / (size * max(size - 1, 1)), 0.0)
    for i in (i for i, column in enumerate(coded) if not column.term.factors):
        out[i, i] = shared if lasting else max(np.trace(whole) / size - shared, 0.0)
    return out


def _slopes(fit: Fit, term: RandomTerm, coded: Sequence[CodedColumn]) -> np.ndarray:
    """Covariance (q, q) of a term's slopes as the settled model has them, in whatever term.

    A variable that is coded otherwise there begins with the mean variance of its slopes.
    """
    out = np.zeros((len(coded),) * 2)
    held = zip(
        fit.model.random, fit.random_names, fit.random_coefficients, fit.covariances, strict=True
    )
    for other, names, coefficients, covariance in held:
        slopes = [(i, c) for i, c in enumerate(coded) if c.term in other.terms and c.term.factors]
        if other.group != term.group or not slopes:
            continue
        same = [(i, names.index(c.name)) for i, c in slopes if c.name in names]
        mine, its = ([pair[k] for pair in same] for k in (0, 1))
        out[np.ix_(mine, mine)] = covariance[np.ix_(its, its)]
        for i, column in slopes:
            if i not in mine:
                variables = list(column.term.variables)
                own = [
                    k for k, c in enumerate(coefficients) if [f.variable for f in c] == variables
                ]
                out[i, i] = np.mean(np.diagonal(covariance)[own])
    return out
