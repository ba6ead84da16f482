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
            yield from _of_own_clusters(context, told, item)
    for told in results.shares_at:
        for item in told.by:
            yield from _told_again(results.means.by.find(variable=item.variable.value), item)
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


def _of_own_clusters(context: SampledContext, told: At, item: At) -> Iterator[Terms]:
    """Clusters with each category of a variable of theirs, or of none, are all of the wave.

    What is the same for all rows of a cluster gives each cluster one category. A variable that is
    declared at a lower level, but is found so, is taken alike.
    """
    names = context.configuration.level_names
    variable = context.configuration.variables.get(item.variable.value)
    units = context.cluster_level.unit
    above = names[: names.index(units) + 1] if units in names else ()
    for wave in told.waves:
        found = [category.waves.find(wave=wave.wave.value) for category in item.categories]
        own = [group.clusters for group in found if group is not None]
        if not own:
            continue
        rest = derive("difference", wave.clusters, derive("sum", *own))
        is_theirs = variable is not None and variable.level in above
        if rest.value == 0 or (is_theirs and rest.value > 0):
            yield [(1, wave.clusters), *((-1, clusters) for clusters in own), (-1, rest)]
            yield from _lacking(context, item.variable.value, wave.wave.value, rest)


def _lacking(context: SampledContext, variable: str, wave: str, rest: At) -> Iterator[Terms]:
    """Clusters of no category are the units that the account of missing covariates tells of."""
    account = context.survey.missing_covariates.find(outcome=context.labels.analysis.outcome)
    item = None if account is None else account.variables.find(variable=variable)
    found = None if item is None else item.by_wave.find(wave=wave)
    if found is not None:
        yield [(1, rest), (-1, found.groups)]


def _told_again(first: At | None, again: At) -> Iterator[Terms]:
    """Rows and clusters of a category, told with its mean and with its share at a cut."""
    for category in again.categories if first is not None else ():
        own = first.categories.find(category=category.category.value)
        for group in category.waves if own is not None else ():
            same = own.waves.find(wave=group.wave.value)
            if same is not None:
                yield [(1, same.rows), (-1, group.rows)]
                yield [(1, same.clusters), (-1, group.clusters)]


def _recorded(context: SampledContext, variable: str, category: str, group: At) -> Iterator[Terms]:
    """Rows of a category in the models are those of the survey where none of them is left out."""
    ledger = context.survey.waves.find(wave=group.wave.value)
    found = None if ledger is None else ledger.variables.find(variable=variable)
    if found is not None and isinstance(found.value, CategorySummary):
        own = found.counts.find(category=category)
        if own is not None:
            yield [(1, own.n), (-1, group.rows)]
