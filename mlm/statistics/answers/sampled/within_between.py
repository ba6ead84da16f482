"""Effects within units and between them in a sample: contrasts of fixed effects, by its errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mlm.nouns.plan import Plan
from mlm.results.reason import NotInModel
from mlm.results.sampled.within_between import SampledUnitMean, SampledWithinBetween
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits
from mlm.statistics.answers.variables.within_between import effect_weights, over_means
from mlm.statistics.evidence.names import variable_level


def within_between(
    plan: Plan, models: Sequence[tuple[Literal["full", "settled"], DrawnFits]]
) -> tuple[SampledWithinBetween, ...]:
    """Effects within and between units of the variables that the plan splits.

    Slopes are averaged over the rows as they weigh in the models; the effect between units is that
    within plus the contextual effects of the units inside. Errors are those of the design, and over
    draws of scores.

    Parameters
    ----------
    plan : Plan
        Names the variables and their unit means, which for a category are its shares.
    models : sequence of (str, DrawnFits)
        Models by name.

    Source
    ------
    Mundlak (1978), Econometrica 46, 69-85; Bell, Fairbrother and Jones (2019), Qual. Quant. 53,
    1051-1074.
    """
    return tuple(
        _split(plan, name, fits, variable, category)
        for variable in plan.unit_means
        for category in plan.categories.get(variable, (None, None))[1:]
        for name, fits in models
    )


def _split(
    plan: Plan,
    name: Literal["full", "settled"],
    fits: DrawnFits,
    variable: str,
    category: str | None,
) -> SampledWithinBetween:
    known = {"variable": variable, "category": category, "model": name}
    first, means = fits.first, plan.unit_means[variable]
    present = {v for column in first.fixed for v in column.column.variables}
    own = _read(fits, variable)
    if own not in present:
        return SampledWithinBetween(
            **known, within=None, means=(), reason=NotInModel(what="variable")
        )
    within = effect_weights(first, own, category)
    read = {m: _read(fits, m) for m in means if plan.unit_shares.get(m) == category}
    rows = [
        SampledUnitMean(
            term=mean,
            level=variable_level(plan, mean),
            between=fits.contrast(between),
            contextual=fits.contrast(contextual),
        )
        for mean, between, contextual in over_means(
            first, within, {mean: column for mean, column in read.items() if column in present}
        )
    ]
    return SampledWithinBetween(
        **known,
        within=fits.contrast(within),
        means=tuple(rows),
        reason=None if rows else NotInModel(what="unit_mean"),
    )


def _read(fits: DrawnFits, name: str) -> str:
    """The column of the first draw of a score; of another variable its name."""
    score = next((s for s in fits.scores if s.name == name), None)
    return name if score is None else score.columns[0]
