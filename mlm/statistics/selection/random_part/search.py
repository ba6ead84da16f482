"""The forms over waves of all levels, settled together under the full mean.

From the richest form that each level carries, all at once; at each step the level whose next
simpler form loses least by the REML likelihood-ratio test becomes simpler, until no test allows it.

Source
------
Verbeke and Molenberghs (2000), Linear Mixed Models for Longitudinal Data, sections 9.2 and 9.3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

import numpy as np

from mlm.errors import FitError, ModelError
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import Solution, ordered_model, solve
from mlm.statistics.inference.reference import tested
from mlm.statistics.likelihood.working import TAKES_LONG
from mlm.statistics.pooling.beside import deviance_near, deviances
from mlm.statistics.pooling.median_test import median_test
from mlm.statistics.selection.random_part.catalogue import LevelOverWaves, recurring_levels
from mlm.statistics.selection.random_part.crossover import Crossover
from mlm.statistics.selection.random_part.forms import form_of, sample_times
from mlm.statistics.selection.random_part.path import RandomPath, TriedForm
from mlm.statistics.selection.random_part.rival_forms import better_rival
from mlm.statistics.selection.random_part.sign_of_correlation import counted_deviances
from mlm.statistics.selection.random_part.trial import TriedModel, certified, tried

CLEAR = 1e-6
"""p-value below which a simpler form is not tried again once other levels are simpler."""

DIGITS_COMPARED = 4
"""Of p-values that are compared: those of forms that lose as much differ by rounding."""

NOTHING_LOST = 0.98
"""P-value from which forms lose as good as nothing, so that the first of them is taken."""

Group = tuple[str, ...]
Forms = dict[Group, WaveForm]
Step = tuple[Group, WaveForm, WaveForm]


def settled_forms(
    plan: Plan,
    model: Model,
    stats: CrossProducts,
    alpha: float,
    others: Sequence[CrossProducts] = (),
) -> RandomPath:
    """The forms over waves of the levels that recur, under the mean of a model.

    Parameters
    ----------
    plan : Plan
        Levels and time.
    model : Model
        The full model with random intercepts.
    stats : CrossProducts
        The sample.
    alpha : float
        Level of the tests.
    others : sequence of CrossProducts
        Other imputations of the sample, whose tests count as much.

    Returns
    -------
    RandomPath

    Raises
    ------
    ModelError, FitError
        When not even the model with the simplest forms can be fitted.
    """
    levels = recurring_levels(plan, stats)
    richest = _richest(model, levels, stats, others)
    return simplified(plan, richest, stats, alpha, others=others)


def looked_at_again(
    plan: Plan,
    path: RandomPath,
    sloped: Solution,
    stats: CrossProducts,
    alpha: float,
    others: Sequence[CrossProducts] = (),
) -> RandomPath:
    """The forms once more, beside random slopes; what was refused for certain stays so.

    Parameters
    ----------
    plan : Plan
        Levels and time.
    path : RandomPath
        How the forms were settled without slopes.
    sloped : Solution
        The model with the slopes that hold, by REML.
    stats : CrossProducts
        The sample.
    alpha : float
        Level of the tests.
    others : sequence of CrossProducts
        As for ``settled_forms``.
    """
    again = simplified(plan, sloped, stats, alpha, path.tried, others)
    beside = tuple(replace(step, beside_slopes=True) for step in again.tried)
    moved = {group: (form, again.start[group]) for group, form in path.forms.items()}
    return replace(
        again,
        start=path.start,
        tried=(*path.tried, *beside),
        freed={group: ends for group, ends in moved.items() if ends[0] != ends[1]},
    )


def simplified(
    plan: Plan,
    solution: Solution,
    stats: CrossProducts,
    alpha: float,
    before: Sequence[TriedForm] = (),
    others: Sequence[CrossProducts] = (),
) -> RandomPath:
    """Simpler forms than those of a model, as far as the tests allow.

    Parameters
    ----------
    plan : Plan
        Levels and time.
    solution : Solution
        A model by REML, whose random slopes stay.
    stats : CrossProducts
        The sample.
    alpha : float
        Level of the tests.
    before : sequence of TriedForm
        What was tried before.
    others : sequence of CrossProducts
        As for ``settled_forms``.
    """
    levels = recurring_levels(plan, stats)
    forms = {level.group: form_of(plan, solution.fit.model, level.group) for level in levels}
    start, path = forms, []
    for number in count(1 + max((step.round for step in before), default=0)):
        refused = {_step(step) for step in (*before, *path) if step.test.p_value < CLEAR}
        found = list(_next_simpler(plan, levels, forms, solution, refused, others))
        chosen, moved = _taken(found, stats, alpha, bool(others))
        path += [
            replace(step, round=number, taken=i == chosen) for i, (step, _) in enumerate(found)
        ]
        if chosen is None or moved is None:
            beside = better_rival(plan, levels, forms, solution, path, others)
            if beside is None:
                break
            step, moved = beside
            path.append(replace(step, round=number))
        else:
            step = found[chosen][0]
        forms, solution = {**forms, step.group: step.form}, moved
    return RandomPath(start, forms, tuple(path), solution.with_degrees())


def _step(tried: TriedForm) -> Step:
    return tried.group, tried.before, tried.form


def _next_simpler(
    plan: Plan,
    levels: Sequence[LevelOverWaves],
    forms: Forms,
    solution: Solution,
    refused: Collection[Step],
    others: Sequence[CrossProducts],
) -> Iterator[tuple[TriedForm, TriedModel]]:
    """The next simpler forms of each level, all others as they are, with what they lose.

    Of several imputations the test is that with the median p-value, the trial that of the first.
    """
    stats, large = solution.stats, solution.fit.model
    deviance = deviances(solution, others)
    for level in levels:
        before = forms[level.group]
        for form in level.simpler(before):
            is_refused = (level.group, before, form) in refused
            if is_refused or not level.has_room(form, large):
                continue
            try:
                trial = tried_form(plan, solution, level, before, form)
                small = trial.model
                rest = [deviance_near(small, trial.start, other, "REML") for other in others]
                after = counted_deviances(
                    plan,
                    level,
                    small,
                    trial.start,
                    np.array([trial.deviance, *rest]),
                    stats,
                    others,
                )
            except (FitError, ModelError, np.linalg.LinAlgError):
                continue
            df = level.n_parameters(before) - level.n_parameters(form)
            reference = level.reference(before, form)
            lost = np.maximum(after - deviance, 0.0)
            test = median_test([tested(each, df, reference) for each in lost.tolist()])
            yield TriedForm(level.group, before, form, test, False), trial


def tried_form(
    plan: Plan, solution: Solution, level: LevelOverWaves, before: WaveForm, form: WaveForm
) -> TriedModel:
    """What a simpler form of a level loses, by a descent from the model that has the richer one.

    Parameters
    ----------
    plan : Plan
        Levels and time.
    solution : Solution
        The model with the richer form, at its optimum.
    level : LevelOverWaves
        The level.
    before, form : str
        Its form there, and the simpler one.

    Raises
    ------
    ModelError, FitError
        When the model with the simpler form cannot be evaluated.
    """
    stats, large = solution.stats, solution.fit.model
    times = sample_times(plan, stats)
    small = ordered_model(level.with_form(large, form), stats)
    ends = (large, before), (small, form)
    down, up = (Crossover(level, times, *pair) for pair in (ends, ends[::-1]))
    return tried(solution, small, down, up, stats)


def _taken(
    found: Sequence[tuple[TriedForm, TriedModel]],
    stats: CrossProducts,
    alpha: float,
    degrees: bool,
) -> tuple[int | None, Solution | None]:
    """Place of the step that loses least of those that the tests allow, and its model.

    Where that model is refused the next one is taken: another level may still be simpler.
    """
    allowed = [i for i, (step, _) in enumerate(found) if step.test.p_value > alpha]
    kept = [min(round(step.test.p_value, DIGITS_COMPARED), NOTHING_LOST) for step, _ in found]
    for i in sorted(allowed, key=lambda i: -kept[i]):
        moved = _fitted(found[i][1], stats, degrees)
        if moved is not None:
            return i, moved
    return None, None


def _fitted(trial: TriedModel, stats: CrossProducts, degrees: bool) -> Solution | None:
    """The model of a trial at its optimum; None where it is refused."""
    try:
        return solve(trial.model, stats, "REML", trial.start, degrees=degrees)
    except (FitError, ModelError):
        return None


def _richest(
    model: Model,
    levels: Sequence[LevelOverWaves],
    stats: CrossProducts,
    others: Sequence[CrossProducts],
) -> Solution:
    """The model with the richest forms that can be fitted, of several by AIC.

    Innermost levels first where not all can be fitted at once.
    """
    tops = {level.group: level.outermost(level.forms) for level in levels}
    first = _with_forms(model, levels, {g: top[0] for g, top in tops.items()})
    groups = sum(stats.n_groups[name] for name in {term.name for term in first.random})
    is_long = groups >= TAKES_LONG  # a start pays
    near = solve(model, stats, "REML", degrees=False) if is_long else None
    best = certified(first, stats, near, degrees=bool(others) or not is_long)
    if best is not None:
        for level in levels:
            best = _by_aic(best, level, tops[level.group][1:], stats, others)
        return best
    best = solve(_with_forms(model, levels, {x.group: x.simplest for x in levels}), stats, "REML")
    for level in reversed(levels):
        best = _richest_of(best, level, stats, others)
    return best


def _richest_of(
    before: Solution,
    level: LevelOverWaves,
    stats: CrossProducts,
    others: Sequence[CrossProducts],
) -> Solution:
    """The richest forms of one level that can be fitted, beside what the others have."""
    left = [form for form in level.forms if form != level.simplest]
    while left:
        tops = level.outermost(left)
        found = _by_aic(None, level, tops, stats, others, before)
        if found is not None:
            return found
        left = [form for form in left if form not in tops]
    return before


def _by_aic(best, level: LevelOverWaves, forms: Sequence[WaveForm], stats, others, beside=None):
    """The best by AIC, the mean over imputations, of a model and of those with other forms."""
    around = beside or best
    for form in forms:
        found = certified(level.with_form(around.fit.model, form), stats, around)
        if found is None:
            continue
        if best is None or 2 * (found.fit.n_params - best.fit.n_params) < _mean_gain(
            best, found, others
        ):
            best = found
    return best


def _mean_gain(before: Solution, after: Solution, others: Sequence[CrossProducts]) -> float:
    """By how much one model's deviance lies below another's, the mean over imputations."""
    return float(np.mean(deviances(before, others) - deviances(after, others)))


def _with_forms(model: Model, levels: Sequence[LevelOverWaves], forms: Mapping) -> Model:
    for level in levels:
        model = level.with_form(model, forms[level.group])
    return model
