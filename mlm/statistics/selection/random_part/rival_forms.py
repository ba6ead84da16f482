"""The other form of a level with as many parameters, of which neither holds the other.

Tests lead from a form to those inside it only: which of two such forms is reached depends on the
way. The one that fits better is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlm.errors import FitError, ModelError
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.results.reference import ChiSquared
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.form_search import search_of_terms
from mlm.statistics.fitting.leaving_bounds import near_start
from mlm.statistics.fitting.refit import NEAR_AMONG_DRAWS
from mlm.statistics.fitting.solution import Solution, ordered_model
from mlm.statistics.fitting.starts import start_from
from mlm.statistics.inference.reference import tested
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.pooling.beside import deviances, start_at
from mlm.statistics.selection.random_part.catalogue import LevelOverWaves
from mlm.statistics.selection.random_part.path import TriedForm
from mlm.statistics.selection.random_part.sign_of_correlation import counted_deviances
from mlm.statistics.selection.random_part.trial import certified
from mlm.statistics.selection.sides import SidesOfLimit

CLEARLY_BETTER = 1e-4
"""Deviance by which a form with as many parameters must fit better."""

DOUBT_FROM_AFAR = 100.0
"""Factor by which a fall may be wrong that is foretold far from an optimum."""


def better_rival(
    plan: Plan,
    levels: Sequence[LevelOverWaves],
    forms: Mapping[tuple[str, ...], WaveForm],
    solution: Solution,
    path: Sequence[TriedForm],
    others: Sequence[CrossProducts],
) -> tuple[TriedForm, Solution] | None:
    """A form with as many parameters that fits better than one of the forms, if there is one.

    Those that were compared on the way are not fitted again.

    Parameters
    ----------
    plan : Plan
        Levels and time.
    levels : sequence of LevelOverWaves
        The levels that recur.
    forms : dict of tuple of str to str
        Their forms.
    solution : Solution
        The model with these forms by REML.
    path : sequence of TriedForm
        What was tried on the way.
    others : sequence of CrossProducts
        Other imputations of the sample.

    Returns
    -------
    TriedForm, Solution
        The step and its model; None where no form fits better.
    """
    from_where = {(step.group, step.form): step.before for step in path}
    for level in levels:
        group, form = level.group, forms[level.group]
        other = level.beside(form)
        if other is None:
            continue
        before = from_where.get((group, form))
        if before is not None and before == from_where.get((group, other)):
            continue
        model = level.with_form(solution.fit.model, other)
        free = level.has_part and other == "part_by_wave"
        least = level.with_covariance(model, "cs") if free else model
        if not others and _surely_above(least, solution):
            continue
        found = certified(model, solution.stats, solution)
        if found is None:
            continue
        here, there = (_counted(plan, level, each, others) for each in (solution, found))
        gain = float(np.mean(here - there))
        if gain > CLEARLY_BETTER:
            test = tested(gain, 0, ChiSquared(df=0))
            return TriedForm(group, form, other, test, True), found
    return None


def _counted(
    plan: Plan, level: LevelOverWaves, solution: Solution, others: Sequence[CrossProducts]
) -> np.ndarray:
    found, at = deviances(solution, others), start_at(solution)
    return counted_deviances(plan, level, solution.fit.model, at, found, solution.stats, others)


def _surely_above(model: Model, solution: Solution) -> bool:
    """Whether few evaluations tell that a model does not fit clearly better than another one."""
    stats, fit = solution.stats, solution.fit
    sides = SidesOfLimit(fit.deviance - CLEARLY_BETTER, 0.0, DOUBT_FROM_AFAR)
    try:
        model = ordered_model(model, stats)
        working = working_statistics(model, stats)
        theta = start_from(fit, model, working, stats).parameters(working)
        if theta is None:
            return False
        unknown = np.full((theta.size,) * 2, np.nan)
        search = search_of_terms(working, fit.criterion)
        least = near_start(search, theta, unknown, NEAR_AMONG_DRAWS, sides).at.deviance
    except (FitError, ModelError):
        return False
    is_sure = sides.lower is not None or sides(least, NEAR_AMONG_DRAWS)
    return is_sure and least > fit.deviance
