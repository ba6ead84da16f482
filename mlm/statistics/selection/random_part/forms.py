"""What a model says of the effects of a level's units over waves: their form and covariance."""

from __future__ import annotations

import numpy as np

from mlm.nouns.coding import CodedColumn, code_terms
from mlm.nouns.columns import Column
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.selection.random_part.catalogue import ENGINE_FORMS

OF_ENGINE: dict[str, WaveForm] = {
    **{engine: form for form, engine in ENGINE_FORMS.items()},
    "cs": "part_by_wave",
    "us": "unstructured",
}
"""Forms by the name of their covariance in the engine."""


def form_of(plan: Plan, model: Model, group: tuple[str, ...]) -> WaveForm:
    """The form over waves of the effects of some units in a model.

    Parameters
    ----------
    plan : Plan
        Which variable is time.
    model : Model
        The model; one without such units takes them as constant.
    group : tuple of str
        Id columns of the units.
    """
    number, waves = _number(plan), Term((Factor(plan.time.factor),))
    own = [r for r in model.random if r.group == group]
    over = [r for r in own if waves in r.terms and waves != number]
    if over:
        return OF_ENGINE[over[0].form or "us"]
    if number is not None and any(number in r.terms for r in own):
        return "line"
    in_waves = (r for r in model.random if r.group == (*group, WAVE))
    return "part_by_wave" if any(Term() in r.terms for r in in_waves) else "constant"


def _number(plan: Plan) -> Term | None:
    """Time as a number; None where it is a set of categories."""
    return plan.time.term if plan.time.is_trend else None


def sample_waves(plan: Plan, stats: CrossProducts) -> tuple[str, ...]:
    """Waves of a sample, which may be fewer than those of its plan."""
    return tuple(stats.columns.categories.get(plan.time.factor, plan.time.waves))


def sample_times(plan: Plan, stats: CrossProducts) -> list[float]:
    """Times of the waves of a sample."""
    return [plan.time.time_of(wave) for wave in sample_waves(plan, stats)]


def shares_of_waves(plan: Plan, stats: CrossProducts) -> np.ndarray:
    """Share (T,) of each wave in the rows of a sample."""
    waves, columns = sample_waves(plan, stats), stats.columns
    if len(waves) == 1:
        return np.ones(1)
    names = [f"{plan.time.factor}[{wave}]" for wave in waves]
    rows = np.array([stats.total[0, columns.names.index(name)] for name in names])
    return rows / rows.sum()


def weights_of_covariances(plan: Plan, model: Model, stats: CrossProducts) -> list[np.ndarray]:
    """For each random term the weights of its covariances in each wave, (T, q, q).

    Their sums of products are the variance that the term gives the response in a wave, variables
    with slopes at their mean.

    Parameters
    ----------
    plan : Plan
        Which variable is time, and its values.
    model : Model
        The model.
    stats : CrossProducts
        The sample.
    """
    designs = (columns_over_waves(plan, random, stats) for random in model.random)
    return [design[:, :, None] * design[:, None, :] for design in designs]


def covariance_over_waves(
    plan: Plan, solution: Solution | Evaluated, group: tuple[str, ...]
) -> np.ndarray:
    """Covariance of the effects of a level's units between waves.

    From all random terms of the units and of the units in waves, variables with slopes at their
    mean over the rows. A term in the residual's place has its whole covariance.

    Parameters
    ----------
    plan : Plan
        Which variable is time, and its values.
    solution : Solution or Evaluated
        A model with its sample.
    group : tuple of str
        Id columns of the units.

    Returns
    -------
    ndarray (T, T)
        In squared units of the response, in the order of the sample's waves. Zero where the model
        has no such units.
    """
    own, part = (covariance_of_terms(plan, solution, g) for g in (group, (*group, WAVE)))
    return own + part


def covariance_of_terms(
    plan: Plan, solution: Solution | Evaluated, group: tuple[str, ...]
) -> np.ndarray:
    """The part of ``covariance_over_waves`` that comes from the terms over some groups alone.

    Parameters
    ----------
    plan, solution
        As there.
    group : tuple of str
        Id columns; groups of one wave are uncorrelated between waves.

    Returns
    -------
    ndarray (T, T)
    """
    fit, stats = solution.fit, solution.stats
    size = len(sample_waves(plan, stats))
    out = np.zeros((size, size))
    for random, covariance in zip(fit.model.random, fit.covariances, strict=True):
        if random.group == group:
            design = columns_over_waves(plan, random, stats)
            found = design @ covariance @ design.T
            out += np.diag(np.diagonal(found)) if WAVE in group else found
    return out


def columns_over_waves(plan: Plan, random: RandomTerm, stats: CrossProducts) -> np.ndarray:
    """Columns of a random term in each wave, variables other than time at their mean.

    Parameters
    ----------
    plan : Plan
        Which variable is time, and its values.
    random : RandomTerm
        The term.
    stats : CrossProducts
        The sample.

    Returns
    -------
    ndarray (T, q)
        In the order of the sample's waves.
    """
    coded, waves = code_terms(random.terms, stats.columns.categories), sample_waves(plan, stats)
    return np.array([[_value(plan, column, stats, wave) for column in coded] for wave in waves])


def _value(plan: Plan, coded: CodedColumn, stats: CrossProducts, wave: str) -> float:
    """Mean of a raw column over the rows, with time as it is in one wave."""
    rest, of_wave = coded.column.split(plan.time.factor)
    if any(category != wave for _, category in of_wave.indicators):
        return 0.0
    rest, of_time = rest.split(plan.time.name)
    time = plan.time.time_of(wave)
    value = float(np.prod([time**exponent for _, _, exponent in of_time.powers]))
    return value * _mean(rest, stats)


def _mean(column: Column, stats: CrossProducts) -> float:
    positions = stats.columns.positions
    parts = stats.columns.expansion(column).items()
    return sum(w * stats.total[0, positions[part]] for part, w in parts) / stats.total[0, 0]
