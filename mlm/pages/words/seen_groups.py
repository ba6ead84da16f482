"""Waves in which a group was seen: differences of others are the model's alone, and not told."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.text import enumerate_words, plain_text
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
    names = [each.category.value for each in (item.groups[0], group)]
    seen = waves_seen(context, item.variable.value, names)
    return [point for point in group.rows if point.wave.value in seen]


def waves_seen(context: Context, variable: str, categories: Sequence[str | None]) -> list[str]:
    """Waves in which all of some categories have rows, or in which a number varies.

    Parameters
    ----------
    categories : sequence of str or None
        Those that are compared; None: of a number. What is not counted counts as seen.
    """
    waves = context.results.time.waves.value
    return [
        wave
        for wave in waves
        if all(_is_seen(context, variable, category, wave) for category in categories)
    ]


def _is_seen(context: Context, variable: str, category: str | None, wave: str) -> bool:
    account = context.survey.waves.find(wave=wave)
    summary = None if account is None else account.variables.find(variable=variable)
    if summary is None:
        return True
    if summary.kind.value != "category":
        return category is not None or summary.sd.value != 0
    found = None if category is None else summary.counts.find(category=category)
    return found is None or found.n.value > 0


def seen_words(context: Context, seen: Sequence[str]) -> str:
    """``Grade 1 to Grade 3``: waves in their order, one by one where others lie between them."""
    waves, labels = list(context.results.time.waves.value), context.labels
    places = [waves.index(wave) for wave in seen]
    names = [labels.wave(wave) for wave in seen]
    if len(seen) > 1 and places[-1] - places[0] == len(places) - 1:
        return _("{start} to {end}").format(start=names[0], end=names[-1])
    return plain_text(enumerate_words(names))
