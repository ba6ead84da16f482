"""Means that are quotients of two counts: mean sizes of units."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.disclosure.check_relations import units_in
from mlm.results.reading import At, Source

CLOSE = 1e-9  # relative: a mean that is this quotient and no other


def quotient_of(source: Source, context: Context) -> tuple[At, At] | None:
    """The two counts whose quotient a mean size is, and readers know both by name.

    Returns
    -------
    tuple of At or None
        What is in the units, and the units; None where the number is no such mean, or where no
        count of the survey is its numerator.
    """
    if not isinstance(source, str) or not source.endswith("/mean"):
        return None
    steps = source.partition("#/")[2].split("/")
    if source.startswith("survey#/hierarchy/"):
        item = context.survey.hierarchy[int(steps[1])]
        return _matching(item.children.mean, item.groups, _below(item, context))
    if source.startswith("survey#/children/"):
        item = context.survey.children[int(steps[1])]
        sizes = item.by_wave[int(steps[3])]
        wave = context.survey.waves.find(wave=sizes.wave.value)
        tops = [] if wave is None else [wave.rows_kept]
        if not item.child.missing:
            tops.insert(0, units_in(context.survey, item.child.value, sizes.wave.value))
        return _matching(sizes.mean, sizes.groups, tops)
    return None


def _below(item: At, context: Context) -> list[At]:
    """Counts of what the units of a level of the models may hold."""
    entries = list(context.survey.hierarchy)
    found = context.survey.hierarchy.find(level=item.child.value)
    lowest = [entries[-1].groups]  # the rows of all waves
    return lowest if found is None else [found.groups, *lowest]


def _matching(mean: At, units: At, tops: list[At]) -> tuple[At, At] | None:
    for top in tops:
        if top.value is None or not units.value:
            continue
        if abs(top.value - mean.value * units.value) <= CLOSE * top.value:
            return top, units
    return None
