"""From the null model to the settled one: random part under the full mean, then the mean.

Source
------
Verbeke and Molenberghs (2000), Linear Mixed Models for Longitudinal Data, section 9.1: the random
part is chosen under a rich mean, then the mean is reduced under that random part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import solve
from mlm.statistics.selection.backward import reduce
from mlm.statistics.selection.bound import BOUND_DRAWS
from mlm.statistics.selection.random_part.path import RandomPath
from mlm.statistics.selection.random_part.rows import settled_residual
from mlm.statistics.selection.random_part.search import looked_at_again, settled_forms
from mlm.statistics.selection.random_part.slopes import SlopeTrial, keep_slopes, tried_slopes
from mlm.statistics.selection.settled import Settled


def settle(
    plan: Plan, null: Model, full: Model, stats: CrossProducts, draws: int = BOUND_DRAWS
) -> Settled:
    """The settled model of an analysis.

    Parameters
    ----------
    plan : Plan
        Levels, time, slopes, protected terms, and the level of the tests.
    null, full : Model
        Time alone, and every configured term, with the intercepts of the levels of the sample.
    stats : CrossProducts
        The sample.
    draws : int
        Behind the simultaneous bound, as for :func:`reduce`.

    Returns
    -------
    Settled

    Raises
    ------
    ModelError, FitError
        When a model cannot be identified or fitted.
    """
    first = solve(null, stats, "ML")
    pair = first, solve(null, stats, "REML", start=first.fit)
    path, slopes = settled_random_part(plan, full, stats)
    whole = solve(path.reml.fit.model, stats, "ML", start=path.reml.fit), path.reml
    reduction = reduce(whole[0].fit.model, stats, plan.alpha, plan.protected, draws)
    ml = solve(reduction.reduced.model, stats, "ML", start=reduction.reduced)
    return Settled(
        null=pair,
        full=whole,
        random=path,
        slopes=tuple(slopes),
        reduction=reduction,
        ml=ml,
        reml=reduction.path[-1].reml,
    )


def settled_random_part(
    plan: Plan, full: Model, stats: CrossProducts, others: Sequence[CrossProducts] = ()
) -> tuple[RandomPath, list[SlopeTrial]]:
    """Forms over waves, slopes inside them, the forms once more, then those of the residual.

    Parameters
    ----------
    plan : Plan
        Levels, time, slopes and the level of the tests.
    full : Model
        Every configured term, with the intercepts of the levels of the sample.
    stats : CrossProducts
        The sample.
    others : sequence of CrossProducts
        Other imputations of it: of all tests that with the median p-value counts.
    """
    path = settled_forms(plan, full, stats, plan.alpha, others)
    before = path.reml.fit
    slopes = tried_slopes(plan, before.model, stats, before, others)
    kept = keep_slopes(slopes, before.model, stats, plan.alpha, before, others)
    if kept.fit.model != before.model:
        path = looked_at_again(plan, path, kept, stats, plan.alpha, others)
    rows, last = settled_residual(plan, path.reml, stats, plan.alpha, others)
    tried = path.tried if rows is None else (*path.tried, replace(rows, round=path.rounds + 1))
    return replace(path, tried=tried, reml=last), slopes
