"""The settled model as a record: its formula, the path of its random part, its variances."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlm.nouns.levels import RESIDUAL, WAVE
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.results.random_part import (
    FormStep,
    FreedForm,
    LevelForm,
    RandomPartPath,
    SettledModel,
    SettledVariance,
    WaveShare,
)
from mlm.results.record import finite
from mlm.statistics.answers.models import model_record
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.profile import Ends
from mlm.statistics.inference.variance_intervals import VarianceIntervals
from mlm.statistics.selection.random_part.forms import (
    covariance_of_terms,
    form_of,
    sample_waves,
    shares_of_waves,
    weights_of_covariances,
)
from mlm.statistics.selection.random_part.path import RandomPath
from mlm.statistics.selection.settled import Settled

SAME_IN_WAVES = 1e-9  # relative difference between waves that is rounding


@dataclass(frozen=True)
class VarianceOverWaves:
    """The variance of a level in a model.

    Attributes
    ----------
    key : str
        Grouping factor, or ``residual``.
    holds : tuple of str
        Levels of the sample whose variation it includes.
    by_wave : ndarray (T,)
        In each wave, variables with slopes at their mean, in squared units of the response.
    mean : float
        Over the rows of the waves.
    """

    key: str
    holds: tuple[str, ...]
    by_wave: np.ndarray
    mean: float


def variances_over_waves(plan: Plan, solution: Solution) -> list[VarianceOverWaves]:
    """The variance of each level of a sample in a model, outermost first, that of the rows last.

    Parameters
    ----------
    plan : Plan
        Levels and waves.
    solution : Solution
        The model.
    """
    fit, stats = solution.fit, solution.stats
    present = {term.group for term in fit.model.random}
    sample = [group for group in plan.groups if group in {x.group for x in stats.all_levels}]
    weights = shares_of_waves(plan, stats)
    out = []
    for group in sample:
        if group not in present:
            continue
        part = (*group, WAVE)
        holds = [":".join(part)] if part in sample and part not in present else []
        holds += [RESIDUAL] if fit.residual == ":".join(group) else []
        found = np.diagonal(covariance_of_terms(plan, solution, group))
        mean = float(weights @ found)
        out.append(VarianceOverWaves(":".join(group), tuple(holds), found, mean))
    if fit.residual is None:
        by_wave = fit.residual_variances
        waves = sample_waves(plan, stats)
        rows = np.array([by_wave.get(wave, fit.sigma2) for wave in waves])
        out.append(VarianceOverWaves(RESIDUAL, (), rows, fit.sigma2))
    return out


def settled_record(plan: Plan, settled: Settled, intervals: VarianceIntervals) -> SettledModel:
    """The settled model with the path of its random part.

    Parameters
    ----------
    plan : Plan
        The analysis.
    settled : Settled
        The model.
    intervals : VarianceIntervals
        Of its variances.
    """
    return SettledModel(
        **dict(model_record(plan, settled.pair)),
        random_part=random_part_record(plan, settled.reml.fit.model, settled.random),
        intervals=intervals.method,
        variances=settled_variances(plan, settled.null[1].fit, settled.reml, intervals),
    )


def settled_variances(
    plan: Plan, null: Fit | None, settled: Solution, intervals: VarianceIntervals
) -> tuple[SettledVariance, ...]:
    """The variance of each level in the settled model.

    Parameters
    ----------
    plan : Plan
        Levels and waves.
    null : Fit or None
        The null model by REML, whose variances they are compared with; None: with nothing.
    settled : Solution
        The settled model by REML.
    intervals : VarianceIntervals
        Of its shares.
    """
    before = {}
    if null is not None:
        levels = (*(r.name for r in null.model.random), RESIDUAL)
        before = {key: null.variance(key) for key in levels}
    found = variances_over_waves(plan, settled)
    shares = _shares(plan, settled, intervals, any(_differs(item) for item in found))
    return tuple(_variance(plan, item, shares, before) for item in found)


def _differs(found: VarianceOverWaves) -> bool:
    """Whether the variance of a level differs between waves."""
    return bool(np.ptp(found.by_wave) > SAME_IN_WAVES * found.by_wave.max(initial=0.0))


def _shares(
    plan: Plan, solution: Solution, intervals: VarianceIntervals, by_wave: bool
) -> tuple[dict[str, Ends], list[dict[str, Ends]]]:
    """Shares of the levels over all rows, and in each wave where a variance differs.

    Those of the waves are many: the same draws serve them all, where each profile is a search.
    """
    model, stats = solution.fit.model, solution.stats
    weights, rows = weights_of_covariances(plan, model, stats), shares_of_waves(plan, stats)
    whole = intervals.shares([np.tensordot(rows, own, axes=1) for own in weights])
    if not by_wave:
        return whole, []
    strata = list(solution.fit.ratios or ())
    in_waves = [
        intervals.shares(
            [own[i] for own in weights], strata.index(wave) if strata else None, "draws"
        )
        for i, wave in enumerate(sample_waves(plan, stats))
    ]
    return whole, in_waves


def _variance(
    plan: Plan,
    found: VarianceOverWaves,
    shares: tuple[dict[str, Ends], list[dict[str, Ends]]],
    before: dict[str, float],
) -> SettledVariance:
    null = sum(before.get(key, 0.0) for key in (found.key, *found.holds))
    whole, in_waves = shares[0][found.key], [each[found.key] for each in shares[1]]
    return SettledVariance(
        level=level_record(plan, found.key),
        holds=tuple(level_record(plan, key) for key in found.holds),
        variance=found.mean,
        sd=math.sqrt(found.mean),
        by_wave=tuple(found.by_wave.tolist()) if _differs(found) else None,
        share=whole.value,
        lower=finite(whole.lower),
        upper=finite(whole.upper),
        shares_by_wave=tuple(
            WaveShare(share=each.value, lower=finite(each.lower), upper=finite(each.upper))
            for each in in_waves
        )
        or None,
        reduction=1.0 - found.mean / null if null > 0.0 else None,
    )


def random_part_record(plan: Plan, model: Model, path: RandomPath) -> RandomPartPath:
    """The random part of the settled model, and the path to it.

    Parameters
    ----------
    plan : Plan
        Levels and waves.
    model : Model
        The settled model.
    path : RandomPath
        How its forms were settled.
    """
    levels = tuple(
        LevelForm(
            level=level_record(plan, ":".join(term.group)),
            start=path.start.get(term.group, form_of(plan, model, term.group)),
            form=form_of(plan, model, term.group),
            recurs=term.group in path.forms,
        )
        for term in sorted(
            {term.group: term for term in model.random}.values(),
            key=lambda term: plan.groups.index(term.group),
        )
    )
    steps = tuple(
        FormStep(
            round=step.round,
            level=level_record(plan, ":".join(step.group) or RESIDUAL),
            before=step.before,
            form=step.form,
            taken=step.taken,
            beside_slopes=step.beside_slopes,
            test=step.test,
        )
        for step in path.tried
    )
    freed = tuple(
        FreedForm(level=level_record(plan, ":".join(group)), before=before, form=form)
        for group, (before, form) in path.freed.items()
    )
    return RandomPartPath(formula=path.reml.fit.formula, levels=levels, path=steps, freed=freed)
