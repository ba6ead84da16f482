"""Waves in which a group was seen: differences of others are the model's alone, and not told."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.results.reading import At


def points_seen(context: Context, item: At, group: At) -> list[At]:
    """What is told of a group, wave by wave, where it and the first group have rows.

    Parameters
    ----------
    item : At
        Adjusted means by wave within the groups of a variable.
    group : At
        One of the groups.
    """
    first, variable = item.groups[0], item.variable.value
    return [
        point
        for point in group.rows
        if all(_is_seen(context, variable, each, point.wave.value) for each in (first, group))
    ]


def _is_seen(context: Context, variable: str, group: At, wave: str) -> bool:
    """Whether a category has rows in a wave; a number, and what is not counted, counts as seen."""
    if group.category.missing:
        return True
    account = context.survey.waves.find(wave=wave)
    summary = None if account is None else account.variables.find(variable=variable)
    if summary is None or summary.kind.value != "category":
        return True
    found = summary.counts.find(category=group.category.value)
    return found is None or found.n.value > 0
