"""The flow of units under a randomised policy: assigned, seen again, in another group by then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.sections.policy.changes import changed_words
from mlm.pages.text import say
from mlm.results.reading import At


def flow_blocks(context: Context, item: At) -> list[Block]:
    """The flow of each group from the wave of assignment; nothing of groups that are not drawn."""
    assignment, waves = item.assignment, context.results.time.waves.value
    if item.evidence.value != "randomised" or assignment.groups.value == "assigned":
        return []
    start = assignment.wave.value or waves[0]
    cells = [
        cell
        for cell in context.survey.groups_in_waves
        if (cell.variable.value, cell.wave.value) == (item.variable.value, start)
        and cell.category.value is not None
    ]
    return [_figure(context, item, start, cells)] if cells else []


def _figure(context: Context, item: At, start: str, cells: Sequence[At]) -> Block:
    labels, variable = context.labels, item.variable.value
    units = labels.plural(cells[0].level.value)
    codes = sorted({cell.category.value for cell in cells}, key=_order(context, variable))
    keys = ("category", "wave", "assigned", "seen", "moved", "gone")
    data: dict[str, list[Any]] = {key: [] for key in keys}
    for code in codes:
        for other in dict.fromkeys(cell.other.value for cell in cells):
            own = [c for c in cells if (c.category.value, c.other.value) == (code, other)]
            there = [c for c in own if c.other_category.value is not None]
            moved = [c for c in there if c.other_category.value != code]
            data["category"].append(capitalise(labels.category(variable, code)))
            data["wave"].append(labels.wave(other))
            for key, part in (
                ("assigned", own),
                ("seen", there),
                ("moved", moved),
                ("gone", [c for c in own if c.other_category.value is None]),
            ):
                data[key].append(derive("sum", *(c.units for c in part)) if part else 0)
    return figure(
        f"flow-{variable}",
        "flow",
        say(
            _("{units} of each group of {variable}, from {wave} on"),
            units=capitalise(units),
            variable=labels.variable(variable),
            wave=labels.wave(start),
        ),
        _(
            "Counted over all rows that cleaning kept, by the group in the first box. Seen: with a "
            "known group in that wave; of these, how many were in another group then. Not seen: "
            "not there, or without a known group."
        ),
        say(
            _(
                "For each group of {variable}: how many {units} it had in {wave}, and in each "
                "later wave how many of them were seen, in another group, or not seen."
            ),
            variable=labels.variable(variable),
            units=units,
            wave=labels.wave(start),
        ),
        data,
        {
            "start": _("{n} {units} in {wave}").format(
                n="{n}", units=units, wave=labels.wave(start)
            ),
            "seen": _("{place}: {n} seen"),
            "moved": _("{n} of them in another group"),
            "gone": _("{n} not seen"),
            "places": {
                capitalise(labels.category(variable, code)): labels.place_of(variable, code)
                for code in codes
            },
        },
        unit=units,
        title=changed_words(context, item),
    )


def _order(context: Context, variable: str):
    """Categories in the order of the codebook, the reference first."""
    return lambda code: context.labels.place_of(variable, code)
