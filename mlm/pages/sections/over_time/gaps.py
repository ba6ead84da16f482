"""Gaps between groups over waves: one panel a variable whose differences change."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import error_of
from mlm.pages.rounding import drawn, number
from mlm.pages.sections.over_time.trends import (
    gap_title,
    gaps_of,
    group_name,
    group_places,
    groups_seen,
    last_gap,
    short_name,
)
from mlm.pages.text import Run, say
from mlm.pages.words.seen_groups import points_seen
from mlm.results.reading import At

MOST_PANELS = 6  # one a variable


def gaps_figure(context: Context, identifier: str = "gaps") -> Block | None:
    """How far groups lie apart in each wave, the widest gap of the last wave first.

    Parameters
    ----------
    context : Context
        The report.
    identifier : str
        Name of the figure, unique in the document.

    Returns
    -------
    Block or None
        None where no difference between groups changes over waves.
    """
    seen = [item for item in context.results.over_time.by if groups_seen(context, item)]
    items = sorted(seen, key=lambda each: last_gap(context, each), reverse=True)[:MOST_PANELS]
    if not items:
        return None
    keys = ("variable", "reference", "group", "wave", "estimate", "lower", "upper")
    data: dict[str, list[Any]] = {key: [] for key in keys}
    places: dict[str, dict[str, int]] = {}
    for item in items:
        label = context.labels.variable(item.variable.value)
        places[label] = group_places(context, item)
        for group in groups_seen(context, item):
            for point in points_seen(context, item, group):
                _add(context, data, item, group, point)
    outcome, unit = context.labels.outcome, context.labels.unit
    return figure(
        identifier,
        "gaps",
        say(_("Gaps in {outcome} between groups, by wave"), outcome=outcome),
        _(
            "One panel per variable, the widest gap of the last wave first. Zero is the mean of "
            "the group that the others are compared with, among cases alike in the other "
            "variables; upright lines are 95% intervals."
        ),
        _alt(context, items),
        data,
        {
            "unit": unit,
            "between": _("{group} minus {reference}"),
            "against": _("Difference from {reference}"),
            "x": context.labels.below_waves,
            "places": places,
        },
        unit=unit,
        title=gap_title(context, items[0]),
    )


def _add(context: Context, data: dict[str, list[Any]], item: At, group: At, point: At) -> None:
    difference = point.difference
    data["variable"].append(context.labels.variable(item.variable.value))
    data["reference"].append(short_name(context, item, item.groups[0]))
    data["group"].append(short_name(context, item, group))
    data["wave"].append(context.labels.wave(point.wave.value))
    for end in ("estimate", "lower", "upper"):
        data[end].append(drawn(getattr(difference, end), difference.std_error))


def _alt(context: Context, items: list[At]) -> list[Run]:
    """The gaps of the last wave, group by group."""
    parts: list[Run] = []
    for item in items:
        for group in groups_seen(context, item):
            last = gaps_of(context, item, group)[-1]
            parts += say(
                _("{group} against {reference}: {value}. "),
                group=group_name(context, item, group),
                reference=group_name(context, item, item.groups[0]),
                value=number(last.estimate, error_of(last)),
            )
    wave = context.labels.wave(list(items[0].groups[0].rows)[-1].wave.value)
    return say(
        _("Differences between groups by wave with 95% intervals. In {wave}: {gaps}"),
        wave=wave,
        gaps=parts,
    )
