"""Turns: a wave between the first and the last whose difference lies outside of both."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.pages.context import Context
from mlm.pages.findings.measure import in_words
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, unsigned
from mlm.pages.text import Run, say
from mlm.results.reading import At


def turn_of(differences: Sequence[At]) -> int | None:
    """Place of the difference that lies farthest above, or below, those of both outer waves.

    None where no estimate between them lies outside of the intervals of both on the same side.

    Parameters
    ----------
    differences : sequence of At
        Estimates with intervals, one a wave, in the order of the waves.
    """
    if len(differences) < 3:
        return None
    outer = (differences[0], differences[-1])
    if any(end.missing for row in outer for end in (row.lower, row.upper)):
        return None
    highest = max(row.upper.value for row in outer)
    lowest = min(row.lower.value for row in outer)
    beyond = {
        place: max(row.estimate.value - highest, lowest - row.estimate.value)
        for place, row in enumerate(differences[1:-1], start=1)
    }
    place = max(beyond, key=beyond.__getitem__)
    return place if beyond[place] > 0 else None


def turn_words(
    context: Context, waves: Sequence[str], differences: Sequence[At], has_first: bool = True
) -> list[Run]:
    """``; in Grade 1 it was 21.8``: what comparing the first wave and the last would hide.

    Parameters
    ----------
    waves : sequence of str
        Their names.
    differences : sequence of At
        Estimates with intervals, one a wave.
    has_first : bool
        Whether the sentence tells of the first wave too; otherwise it is told here.
    """
    place = turn_of(differences)
    if place is None:
        return []
    row, last = differences[place], differences[-1]
    first = differences[0]
    same = row.estimate.value * last.estimate.value >= 0
    template = (
        _("; in {wave} it was {value} the other way")
        if not same
        else _("; in {wave} it was {value}")
        if has_first or first.estimate.value * last.estimate.value < 0
        else _(", after {first} in {start} and {value} in {wave}")
    )
    return say(
        template,
        wave=context.labels.wave(waves[place]),
        value=in_words(unsigned(row.estimate), row),
        start=context.labels.wave(waves[0]),
        first=in_words(unsigned(first.estimate), first),
    )


def clear_before(context: Context, course: Sequence[tuple[str, At]]) -> list[Run]:
    """``; in Grade 1 they were 21.8 below``: the largest difference that is clear, before the last.

    Parameters
    ----------
    course : sequence of (str, At)
        Waves and their differences, of which the last is not clear.
    """
    clear = [(wave, row) for wave, row in course[:-1] if excludes_zero(row)]
    if not clear:
        return []
    wave, row = max(clear, key=lambda pair: abs(pair[1].estimate.value))
    template = (
        _("; in {wave} they were {value} above")
        if row.estimate.value > 0
        else _("; in {wave} they were {value} below")
    )
    value = in_words(unsigned(row.estimate), row)
    return say(template, wave=context.labels.wave(wave), value=value)


def since_words(context: Context, wave: str, first: At, last: At) -> list[Run]:
    """``, up from 10 in 2001``: the first wave's difference; nothing where it changed sides."""
    if first.estimate.value * last.estimate.value <= 0:
        return []
    grew = abs(last.estimate.value) > abs(first.estimate.value)
    return say(
        _(", up from {value} in {wave}") if grew else _(", down from {value} in {wave}"),
        value=in_words(unsigned(first.estimate), first),
        wave=context.labels.wave(wave),
    )
