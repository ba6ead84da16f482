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
            yield from _clusters(context, wave, wave)
        for item in told.by:
            yield from _categories(context, told, item)
    if not results.sample.missing:
        for wave in results.sample.by_wave:
            yield from _same(context, wave)
        yield from _all_clusters(context)


def _all_clusters(context: SampledContext) -> Iterator[Terms]:
    """Clusters of the sample are its units of their level, and those of all waves."""
    results, n = context.results, context.results.sample.clusters.n
    waves = [wave.clusters for wave in results.means.waves]
    yield [(1, n), *((-1, clusters) for clusters in waves)]
    if not results.influence.missing and results.influence.kind.value != "refused":
        yield [(1, results.influence.clusters), (-1, n)]
    units = results.levels.find(level=context.cluster_level)
    if units is not None:
        yield [(1, n), (-1, units.n)]


def _same(context: SampledContext, group: At) -> Iterator[Terms]:
    """Rows of a wave, told elsewhere too: those of the models, or all that were kept."""
    for waves, name in ((context.results.waves, "rows"), (context.survey.waves, "rows_kept")):
        wave = waves.find(wave=group.wave.value)
        if wave is not None:
            yield [(1, getattr(wave, name)), (-1, group.rows)]


def _clusters(context: SampledContext, whole: At | None, group: At) -> Iterator[Terms]:
    """Clusters in which a group has rows, where they are units of a level.

    Those of a category are all of the wave where it is found in each; those of a wave are
    its units but the ones without any value of the outcome, and those of the models if none lacks
    a covariate.
    """
    wave = context.results.waves.find(wave=group.wave.value)
    if whole is None or wave is None:
        return
    if group.source != whole.source:
        yield [(1, whole.clusters), (-1, group.clusters)]
    for used in wave.groups:
        if used.level.value.unit == context.cluster_level.unit:
            yield [(1, used.n), (-1, group.clusters)]
    ledger = context.survey.waves.find(wave=group.wave.value)
    for empty in ledger.empty_groups if ledger is not None else ():
        name = empty.level.value
        is_told = empty.variable.value == context.labels.analysis.outcome
        units = ledger.groups.find(level=name)
        if is_told and name == context.cluster_level.unit and units is not None:
            yield [(1, units.n), (-1, empty.groups), (-1, group.clusters)]


def _categories(context: SampledContext, told: At, item: At) -> Iterator[Terms]:
    """Rows of the categories of a variable, and those of none that is told, are the wave's."""
    groups: dict[str, list[At]] = {}
    for category in item.categories:
        for group in category.waves:
            groups.setdefault(group.wave.value, []).append(group.rows)
            yield from _recorded(context, item.variable.value, category.category.value, group)
            yield from _clusters(context, told.waves.find(wave=group.wave.value), group)
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
