"""Counts of results on a sample: groups of rows add up to those of their wave."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.derived import derive
from mlm.pages.disclosure.check_relations import Terms
from mlm.results.reading import At
from mlm.results.survey.account import CategorySummary


def sampled_relations(context: SampledContext) -> Iterator[Terms]:
    """What counts of rows in means, shares and weights have to do with those of the waves."""
    results = context.results
    for told in (results.means, *results.shares_at):
        for wave in told.waves:
            yield from _same(context, wave)
        for item in told.by:
            yield from _categories(context, told, item)
    if not results.sample.missing:
        for wave in results.sample.by_wave:
            yield from _same(context, wave)


def _same(context: SampledContext, group: At) -> Iterator[Terms]:
    """Rows of a wave, told elsewhere too: those of the models, or all that were kept."""
    for waves, name in ((context.results.waves, "rows"), (context.survey.waves, "rows_kept")):
        wave = waves.find(wave=group.wave.value)
        if wave is not None:
            yield [(1, getattr(wave, name)), (-1, group.rows)]


def _categories(context: SampledContext, told: At, item: At) -> Iterator[Terms]:
    """Rows of the categories of a variable, and those of none that is told, are the wave's."""
    groups: dict[str, list[At]] = {}
    for category in item.categories:
        for group in category.waves:
            groups.setdefault(group.wave.value, []).append(group.rows)
            yield from _recorded(context, item.variable.value, category.category.value, group)
    for wave in told.waves:
        own = groups.get(wave.wave.value, [])
        if own:
            rest = derive("difference", wave.rows, derive("sum", *own))
            yield [(1, wave.rows), *((-1, rows) for rows in own), (-1, rest)]


def _recorded(context: SampledContext, variable: str, category: str, group: At) -> Iterator[Terms]:
    """Rows of a category in the models are those of the survey where none of them is left out."""
    ledger = context.survey.waves.find(wave=group.wave.value)
    found = None if ledger is None else ledger.variables.find(variable=variable)
    if found is not None and isinstance(found.value, CategorySummary):
        own = found.counts.find(category=category)
        if own is not None:
            yield [(1, own.n), (-1, group.rows)]
