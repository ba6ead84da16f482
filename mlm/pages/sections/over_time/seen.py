"""Waves in which few of the units that are followed were seen."""

from __future__ import annotations

from mlm.pages.blocks import Block, note
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import count
from mlm.pages.text import enumerate_words, say
from mlm.results.level import Level
from mlm.results.reading import At

FEW_SEEN = 0.25  # share of the units below which the mean of a wave rests on the other waves


def seen_blocks(context: Context) -> list[Block]:
    """That means of waves with few of the followed units are filled in; nothing where many are."""
    followed = _followed(context)
    if followed is None:
        return []
    level, whole = followed
    few = [
        say(_("{seen} in {wave}"), seen=count(seen), wave=context.labels.wave(wave))
        for wave, seen in _seen(context, level)
        if seen.value < FEW_SEEN * whole.value
    ]
    if not few:
        return []
    words = _(
        "Of {all} {units} few were seen in some waves: {few}. The adjusted means stand "
        "for all of them: what the others would have had is inferred from the waves in "
        "which they were seen, by the covariance of the waves in the model. A mean of "
        "such a wave, and a change since then, depend on it, and differ from the means "
        "of those who were seen."
    )
    units = context.labels.plural(level)
    return [note("caution", say(words, all=count(whole), units=units, few=enumerate_words(few)))]


def _followed(context: Context) -> tuple[Level, At] | None:
    """The level of the units that are followed, and how many there are."""
    if not context.configuration.design.follows_lowest:
        return None
    lowest = context.configuration.level_names[-1]
    found = [(level, n) for level, n in context.sizes if level.ids and level.unit == lowest]
    return found[-1] if found else None


def _seen(context: Context, level: Level) -> list[tuple[str, At]]:
    """Units of a level with a row in each wave; waves without any left out."""
    found = []
    for wave in context.results.waves:
        group = wave.groups.find(level=level)
        if group is not None:
            found.append((wave.wave.value, group.n))
    return found
