"""Counts of results on rows that count alike, and of their residuals, told in several places."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.pages.contexts.analysis import AnalysisContext
from mlm.pages.disclosure.check_relations import Terms
from mlm.results.over_time import EstimatedStability, StabilityDetails
from mlm.results.reading import At
from mlm.results.reason import TooFewGroups


def analysis_relations(context: AnalysisContext) -> Iterator[Terms]:
    """What counts of the answers and the residuals have to do with those of the survey."""
    yield from _residuals(context)
    yield from _present(context)
    yield from _reasons(context)


def _present(context: AnalysisContext) -> Iterator[Terms]:
    """The units whose effect in a wave is estimated from rows of it are those of the wave."""
    for item in context.results.over_time.levels:
        if not isinstance(item.value, EstimatedStability):
            continue
        if not isinstance(item.details.value, StabilityDetails):
            continue
        found = item.details.trajectories
        for position, wave in enumerate(found.waves.value):
            used = context.results.waves.find(wave=wave)
            same = used.groups.find(level=item.level.value) if used is not None else None
            if same is not None:
                yield [(1, found.present[position]), (-1, same.n)]


def _reasons(context: AnalysisContext) -> Iterator[Terms]:
    """Groups that are too few for an answer are those of the level."""
    sizes = {item.level.value: item.n for item in context.levels}
    results = context.results
    for item in (*results.over_time.levels, *results.slopes, results.diagnostics.deletion):
        reason = _reason(item)
        if reason is None or not isinstance(reason.value, TooFewGroups):
            continue
        if item.level.value in sizes:
            yield [(1, reason.groups), (-1, sizes[item.level.value])]


def _reason(item: At) -> At | None:
    """Why a slope or a covariance over waves was refused."""
    return item.reason if item.kind.value == "refused" else None


def _residuals(context: AnalysisContext) -> Iterator[Terms]:
    """Rows with a residual are those of the models; those of the waves add up to them."""
    found = context.residuals
    if found.missing:
        return
    yield [(1, context.results.n_obs), (-1, found.rows)]
    for wave in found.waves:
        used = context.results.waves.find(wave=wave.wave.value)
        if used is not None:
            yield [(1, used.rows), (-1, wave.rows)]
    yield [(1, found.beyond[1].rows), *((-1, wave.beyond) for wave in found.waves)]
    for parts in (found.fitted, *(item.parts for item in found.variables)):
        yield [(1, found.rows), *((-1, part.rows) for part in parts)]
