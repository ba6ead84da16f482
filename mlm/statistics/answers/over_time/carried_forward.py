"""The effects of units carried one wave beyond the waves of a sample, by the form that they have.

A wave to come has the standard deviation of the last one where these differ by wave, times a factor
of which no more is known than by how much they changed before. Unstructured effects say nothing of
it: they are carried by the better of two forms with as many parameters as each other, one
correlation for all pairs of waves or correlations that decay with time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import csr_array, eye_array, kron

from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.statistics.answers.over_time.known_start import known_start
from mlm.statistics.answers.over_time.one_correlation import (
    DECAYING,
    PROFILED,
    OneCorrelation,
    one_correlation,
    profiled_form,
)
from mlm.statistics.fitting.at_parameters import evaluated_at
from mlm.statistics.fitting.effect_sums import Weights
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.likely_parameters import likely_parameters
from mlm.statistics.pooling.beside import solved_alike, solved_near
from mlm.statistics.selection.random_part.catalogue import LevelOverWaves
from mlm.statistics.selection.random_part.forms import (
    columns_over_waves,
    form_of,
)

SCENARIOS = 16
"""Covariances as likely as the data make them, that errors of predictions are taken over."""

MOST_UNITS = 1500
"""Units beyond which the error of a covariance is so small that its estimate stands for it."""

LARGEST_CHANGE = 0.5
"""Largest change of the logarithm of a standard deviation that is foreseen of a wave to come."""


@dataclass(frozen=True)
class CarriedModel:
    """A model whose effects of a level's units reach beyond its waves.

    Attributes
    ----------
    solution : Solution
        The model by REML.
    group : tuple of str
        Id columns of the units.
    form : str
        Form over waves of their effects.
    one : OneCorrelation or None
        Where they have one correlation.
    engines : dict of str to Solution
        Of unstructured effects, the models that were compared.
    """

    solution: Solution
    group: tuple[str, ...]
    form: WaveForm
    one: OneCorrelation | None = None
    engines: dict[str, Solution] = field(default_factory=dict, repr=False)

    def released(self) -> CarriedModel:
        """The same without the working statistics of its models."""
        one = None if self.one is None else self.one.released()
        return replace(self, solution=self.solution.released(), one=one)

    @property
    def is_large(self) -> bool:
        """Whether there are so many units that the error of the covariance is left out."""
        return self.solution.fit.n_groups[":".join(self.group)] > MOST_UNITS

    @property
    def n_scenarios(self) -> int:
        """How many covariances errors of predictions are taken over."""
        return 1 if self.is_large else SCENARIOS

    def scenarios(self, every: int = 1) -> Iterator[Evaluated]:
        """The model at covariances as likely as the data make them, each made when its turn comes.

        What answers ask of one of them may be large.

        Parameters
        ----------
        every : int
            Of the covariances, one out of so many.
        """
        evaluated = self.solution.evaluated
        if self.is_large:
            yield evaluated
            return
        profile = self.one.profile if self.one else None
        likely = likely_parameters(self.solution, SCENARIOS, profile)
        for theta in likely[::every]:
            yield evaluated_at(evaluated, theta)


def carried_model(
    plan: Plan,
    settled: Solution,
    level: LevelOverWaves,
    one: OneCorrelation | None = None,
    near: CarriedModel | None = None,
) -> CarriedModel:
    """A model with effects of a level's units that reach beyond the waves.

    Parameters
    ----------
    plan : Plan
        The waves.
    settled : Solution
        The settled model by REML.
    level : LevelOverWaves
        The level.
    one : OneCorrelation, optional
        The model with one correlation, where it is known.
    near : CarriedModel, optional
        The same of another imputation of the sample, with whose curvature searches begin.

    Raises
    ------
    ModelError, FitError
        When no such model is told by the data.
    """
    form = form_of(plan, settled.fit.model, level.group)
    if form == "line":
        return CarriedModel(settled, level.group, form)
    engines: dict[str, Solution] = {}
    if one is None:
        engine = profiled_form(form, level.n_waves)
        if engine is None and level.equal_steps:
            engines = _engines(plan, settled, level, {} if near is None else near.engines)
            engine = min(engines, key=lambda name: engines[name].fit.deviance)
            if engines[engine].curved:  # its curvature is needed, and kept with the sample
                engines[engine] = solved_near(engines[engine].curved[0], settled.stats)
        one = one_correlation(plan, settled, level, engine or "csh")
    return CarriedModel(one.solution, level.group, one.named, one, engines)


def _engines(
    plan: Plan, settled: Solution, level: LevelOverWaves, near: dict[str, Solution]
) -> dict[str, Solution]:
    """The models of two covariances with as many parameters, which carry unstructured effects."""

    def of(engine: str) -> Solution:
        if engine in near:
            return solved_alike([near[engine]], settled.stats).lightened()
        model = level.with_covariance(settled.fit.model, engine)
        start = known_start(plan, settled, model, settled.stats)
        return solve(model, settled.stats, "REML", start).lightened()

    return {engine: of(engine) for engine in ("csh", "ar1h")}


@dataclass(frozen=True)
class Carry:
    """The effect of a unit in the wave to come, from its effects in a model.

    Attributes
    ----------
    onto : ndarray (q,)
        Weights of the effects of a random term.
    variance : float
        Of the true effect in that wave, in squared units of the response.
    left : float
        What of it the effects of the model do not hold.
    change : float
        Variance of the factor, one on average, that the standard deviation of the wave may have
        over that of the last one; 0 where the waves have the same.
    """

    onto: np.ndarray
    variance: float
    left: float
    change: float = 0.0


def carry(plan: Plan, evaluated: Evaluated, place: int) -> Carry:
    """How the effects of one random term reach the wave after the last.

    Parameters
    ----------
    plan : Plan
        The waves.
    evaluated : Evaluated
        A model and its sample.
    place : int
        Place of the term: one over units that recur, not unstructured over the waves.
    """
    fit = evaluated.fit
    term, held = fit.model.random[place], fit.omegas[place] * fit.sigma2
    if term.form in PROFILED.values():
        own = fit.sigma2 if term.name == fit.residual else 0.0
        whole = held + own * np.eye(len(held))
        new, variance = _next(whole, term.form in DECAYING)
        onto = new @ np.linalg.pinv(held, rcond=1e-10, hermitian=True)
        left = max(variance - float(onto @ held @ onto), 0.0)
        return Carry(onto, variance, left, _change(np.sqrt(np.diagonal(whole))))
    values = columns_over_waves(plan, term, evaluated.stats)
    row = 2.0 * values[-1] - values[-2]
    return Carry(row, float(row @ held @ row), 0.0)


def _next(covariance: np.ndarray, decays: bool) -> tuple[np.ndarray, float]:
    """Covariances (T,) of a wave to come with those before it, and its variance."""
    size, sds = len(covariance), np.sqrt(np.diagonal(covariance))
    between = sds[0] * sds[1]
    r = float(np.clip(covariance[0, 1] / between, -1.0, 1.0)) if between > 0.0 else 0.0
    apart = size - np.arange(size)
    correlations = r**apart if decays else np.full(size, max(r, -1.0 / size))
    return sds[-1] * sds * correlations, float(sds[-1] ** 2)


def _change(sds: np.ndarray) -> float:
    """Variance of a factor whose logarithm is as far from zero as those of waves (T,) changed."""
    least = np.exp(-LARGEST_CHANGE) * sds.max()
    if not least > 0.0:
        return 0.0
    changes = np.diff(np.log(np.maximum(sds, least)))
    return math.expm1(float(np.mean(changes**2)))


@dataclass(frozen=True)
class NextEffects:
    """The effects of a level's units in the wave to come, at one covariance.

    Attributes
    ----------
    weights : list of csr_array (G, q G) or None
        Of the effects of each random term.
    variance, left : float
        Of the true effects, and what of it no effect of the model holds.
    change : float
        Variance of the factor that all of them may have beside that.
    """

    weights: Weights
    variance: float
    left: float
    change: float


def next_effects(plan: Plan, evaluated: Evaluated, group: tuple[str, ...]) -> NextEffects:
    """The effects of a level's units in the wave after the last.

    Parameters
    ----------
    plan : Plan
        The waves.
    evaluated : Evaluated
        A model that reaches beyond its waves.
    group : tuple of str
        Id columns of the units.
    """
    fit = evaluated.fit
    size = fit.n_groups[":".join(group)]
    weights: list[csr_array | None] = []
    variance = left = change = 0.0
    for place, term in enumerate(fit.model.random):
        weights.append(None)
        if term.group == group:
            found = carry(plan, evaluated, place)
            weights[-1] = csr_array(kron(found.onto[None, :], eye_array(size)))
            variance, left = variance + found.variance, left + found.left
            change = max(change, found.change)
        elif term.group == (*group, WAVE):
            row = columns_over_waves(plan, term, evaluated.stats)[-1]
            own = float(row @ fit.omegas[place] @ row) * fit.sigma2
            variance, left = variance + own, left + own
    return NextEffects(weights, variance, left, change)


def next_time(times: Sequence[float]) -> float:
    """Time of the wave after the last, one more step of the last length."""
    return float(2.0 * times[-1] - times[-2])
