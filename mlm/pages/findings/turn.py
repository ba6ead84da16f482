"""Turns: a wave between the first and the last whose difference lies outside of both."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.pages.context import Context
from mlm.pages.findings.measure import in_words, measure, sized, told
from mlm.pages.language import _
from mlm.pages.phrases import error_of, excludes_zero, unsigned
from mlm.pages.text import Run, say
from mlm.results.reading import At

PART_OF_WAY = 0.2  # by which a wave lies beyond the outer ones to be told beside their difference


def turn_of(differences: Sequence[At], has_moved: bool = False) -> int | None:
    """Place of the difference that lies farthest above, or below, those of both outer waves.

    None where no estimate between them lies outside of the intervals of both on the same side.
    Where the outer ones clearly differ, so that a reader takes the way between them for straight,
    none that lies beyond both by more than its own error and a fifth of that way.

    Parameters
    ----------
    differences : sequence of At
        Estimates with intervals, one a wave, in the order of the waves.
    has_moved : bool
        Whether the outer ones clearly differ.
    """
    if len(differences) < 3:
        return None
    outer = (differences[0], differences[-1])
    if any(end.missing for row in outer for end in (row.lower, row.upper)):
        return None
    ends = [(row.lower.value, row.upper.value) for row in outer]
    least = 0.0
    if has_moved:
        ends = [(row.estimate.value, row.estimate.value) for row in outer]
        least = PART_OF_WAY * abs(outer[1].estimate.value - outer[0].estimate.value)
    lowest, highest = min(low for low, __ in ends), max(high for __, high in ends)
    beyond = {
        place: max(row.estimate.value - highest, lowest - row.estimate.value)
        - (max(least, error_of(row).value) if has_moved else 0.0)
        for place, row in enumerate(differences[1:-1], start=1)
    }
    place = max(beyond, key=beyond.__getitem__)
    return place if beyond[place] > 0 else None


def turn_words(
    context: Context,
    course: Sequence[tuple[str, At]],
    has_first: bool = True,
    has_moved: bool = False,
) -> list[Run]:
    """``; in Grade 1 the gap was 21.8 points``: what the outer waves would hide.

    Parameters
    ----------
    course : sequence of (str, At)
        Waves and their differences, with intervals.
    has_first : bool
        Whether the sentence tells of the first wave too; otherwise it is told here.
    has_moved : bool
        Whether the outer differences clearly differ.
    """
    differences = [row for __, row in course]
    place = turn_of(differences, has_moved)
    if place is None:
        return []
    row, last = differences[place], differences[-1]
    first = differences[0]
    same = row.estimate.value * last.estimate.value >= 0
    template = (
        _("; in {wave} the gap was {value} the other way")
        if not same
        else _("; in {wave} the gap was {value}")
        if has_first or first.estimate.value * last.estimate.value < 0
        else _(", after {first} and {value} in {start} and {wave}")
    )
    return say(
        template,
        wave=context.labels.wave(course[place][0]),
        value=told(context, row),
        start=context.labels.wave(course[0][0]),
        first=in_words(unsigned(first.estimate), first),
    )


def clear_before(context: Context, course: Sequence[tuple[str, At]]) -> list[Run]:
    """``; in Grade 1 they were 21.8 points below``: the largest clear one before the last.

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
    return say(template, wave=context.labels.wave(wave), value=told(context, row))


def since_words(
    context: Context, course: Sequence[tuple[str, At]], moved: At | None = None
) -> list[Run]:
    """``, 9.1 points (0.8 to 17.5) more than in 2001``; nothing where the difference changed sides.

    Parameters
    ----------
    course : sequence of (str, At)
        Waves and their differences.
    moved : At or None
        The change of the difference since the first wave, with its interval; where it is not known,
        or not clear, the first wave's difference is told: ``, up from 10.0 points in 2001``.
    """
    (start, first), (end, last) = course[0], course[-1]
    if first.estimate.value * last.estimate.value <= 0:
        return []
    grew, wave = abs(last.estimate.value) > abs(first.estimate.value), context.labels.wave(start)
    if moved is not None and not moved.missing and excludes_zero(moved):
        found = measure(context, moved, end)
        template = _(", {size} more than in {wave}") if grew else _(", {size} less than in {wave}")
        size = sized(found.value, found.unit, found.lower, found.upper, None)
        return say(template, size=size, wave=wave)
    template = _(", up from {value} in {wave}") if grew else _(", down from {value} in {wave}")
    return say(template, value=told(context, first), wave=wave)
