"""The correlation over waves of a level whose form has one, with its interval by profile.

Constant effects are the case of a correlation that is one: their interval comes from the settled
model with one correlation more, by the same rule as that of a correlation that was found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.distributions import CHI_SQUARED_95
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.statistics.answers.over_time.known_start import known_start
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.profile_of_correlation import (
    CorrelationProfile,
    profile_of_correlation,
)
from mlm.statistics.selection.random_part.catalogue import ENGINE_FORMS, LevelOverWaves
from mlm.statistics.selection.random_part.forms import OF_ENGINE

PROFILED: dict[WaveForm, str] = {"constant": "cs", "part_by_wave": "cs", **ENGINE_FORMS}
"""Covariance of the engine in which the one correlation of a form is a parameter."""

DECAYING = ("ar1", "ar1h")


@dataclass(frozen=True)
class OneCorrelation:
    """A model in which the effects of a level's units have one correlation over waves.

    Attributes
    ----------
    solution : Solution
        The model by REML.
    term : int
        Place of the effects in it.
    form : str
        Covariance of the effects: ``cs``, ``csh``, ``ar1`` or ``ar1h``.
    profile : CorrelationProfile
        Of the correlation of neighbouring waves.
    """

    solution: Solution
    term: int
    form: str
    profile: CorrelationProfile

    def released(self) -> OneCorrelation:
        """The same without the working statistics of the model."""
        return replace(self, solution=self.solution.released())

    @property
    def named(self) -> WaveForm:
        """The form over waves with this covariance and any correlation."""
        return OF_ENGINE[self.form]

    def matrix(self, r: float, n_waves: int) -> np.ndarray:
        """Correlations (T, T) where those of neighbouring waves are r."""
        apart = np.abs(np.subtract.outer(np.arange(n_waves), np.arange(n_waves)))
        return np.where(apart == 0, 1.0, r ** (apart if self.form in DECAYING else 1.0))


def profiled_form(form: WaveForm, n_waves: int) -> str | None:
    """Covariance of the engine whose one correlation is that of a form; None: it has several."""
    if form == "unstructured" and n_waves == 2:
        return "csh"
    return PROFILED.get(form)


def one_correlation(
    plan: Plan, settled: Solution, level: LevelOverWaves, form: str
) -> OneCorrelation:
    """The settled model with one correlation over waves of a level, and its profile.

    Parameters
    ----------
    plan : Plan
        The waves.
    settled : Solution
        The settled model by REML.
    level : LevelOverWaves
        The level.
    form : str
        Covariance of the engine.

    Raises
    ------
    ModelError, FitError
        When the data do not tell the correlation, or no optimum is found.
    """
    solution = _with_covariance(plan, settled, level, form)
    term = place_of(solution.fit.model, level, form)
    assert term is not None
    of_variances = form == "cs" and level.has_part  # that make no correlation below zero
    least = 0.0 if of_variances else -1.0
    return OneCorrelation(solution, term, form, profile_of_correlation(solution, term, least))


def rival_correlation(
    plan: Plan, settled: Solution, level: LevelOverWaves, one: OneCorrelation
) -> OneCorrelation | None:
    """The correlation under the other form with as many parameters, where the data allow both.

    Which of two such forms fits better is partly chance: an interval under one of them holds the
    truth less often than it says where it was chosen for its fit.

    Parameters
    ----------
    plan : Plan
        The waves.
    settled : Solution
        The settled model by REML.
    level : LevelOverWaves
        The level.
    one : OneCorrelation
        The correlation under the form that was chosen.

    Returns
    -------
    OneCorrelation or None
        None where there is no other form, or its criterion is higher by more than the quantile of
        chi-squared with one degree of freedom.
    """
    other = level.beside(one.named)
    if other is None:
        return None
    form = PROFILED[other]
    try:
        solution = _with_covariance(plan, settled, level, form)
        if solution.fit.deviance - one.solution.fit.deviance > CHI_SQUARED_95:
            return None
        return one_correlation(plan, solution, level, form)
    except MLMError:
        return None


def _with_covariance(plan: Plan, settled: Solution, level: LevelOverWaves, form: str) -> Solution:
    """The settled model with a covariance of the engine over waves of a level, fitted."""
    if place_of(settled.fit.model, level, form) is not None:
        return settled
    model = level.with_covariance(settled.fit.model, form)
    start = known_start(plan, settled, model, settled.stats)
    return solve(model, settled.stats, "REML", start, frame=True)


def place_of(model: Model, level: LevelOverWaves, form: str) -> int | None:
    """Place of the term of a level with a covariance of the engine; None where there is none.

    Parameters
    ----------
    model : Model
        The model.
    level : LevelOverWaves
        The level.
    form : str
        Name of the covariance.
    """
    places = (i for i, r in enumerate(model.random) if (r.group, r.form) == (level.group, form))
    return next(places, None)
