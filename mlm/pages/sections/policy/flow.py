"""The flow of units under a randomised policy: allocated, seen again, and with an outcome."""

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
    if item.evidence.value != "randomised":
        return []
    start = item.assignment.wave.value or context.results.time.waves.value[0]
    found = [
        each
        for each in context.survey.groups_followed
        if (each.variable.value, each.wave.value) == (item.variable.value, start)
        and each.category.value is not None
    ]
    is_followed = any(each.other.value != start for each in found)
    return [_figure(context, item, start, found)] if is_followed else []


def _figure(context: Context, item: At, start: str, found: Sequence[At]) -> Block:
    labels, variable = context.labels, item.variable.value
    units = labels.plural(found[0].level.value)
    codes = sorted(
        dict.fromkeys(each.category.value for each in found),
        key=lambda code: labels.place_of(variable, code),
    )
    may_move = item.assignment.groups.value != "assigned"
    words = {
        "units": units,
        "variable": labels.variable(variable),
        "wave": labels.wave(start),
        "outcome": labels.phrase(labels.analysis.outcome),
    }
    return figure(
        f"flow-{variable}",
        "flow",
        say(
            _("{units} of each group of {variable}, from {wave} on"),
            **{**words, "units": capitalise(units)},
        ),
        " ".join(_how(may_move)).format(**words),
        say(
            _(
                "For each group of {variable}: how many {units} it had in {wave}, and in each wave "
                "from there on how many of them were seen, and seen with an outcome."
            ),
            **words,
        ),
        _data(context, start, found, codes, may_move),
        _options(context, item, start, codes),
        unit=units,
        title=changed_words(context, item),
    )


def _how(may_move: bool) -> list[str]:
    """What the numbers in the boxes mean."""
    found = [
        _("Counted over all rows that cleaning kept, by the group in the first box."),
        _("Seen: in the data of that wave. With an outcome: {outcome} is known in that wave."),
    ]
    if may_move:
        found.append(_("In another group: of those seen, with another group in that wave."))
    return found


def _data(
    context: Context, start: str, found: Sequence[At], codes: Sequence[str], may_move: bool
) -> dict[str, list[Any]]:
    """A row for each group and wave, the wave of assignment first."""
    labels = context.labels
    outcome = labels.analysis.outcome
    keys = ["category", "wave", "assigned", "seen", "with_outcome", "moved", "gone"]
    data: dict[str, list[Any]] = {key: [] for key in keys if key != "moved" or may_move}
    for code in codes:
        own = [each for each in found if each.category.value == code]
        first = next(each for each in own if each.other.value == start)
        for each in (first, *(each for each in own if each is not first)):
            is_first = each is first
            moved = {"moved": 0 if is_first else _moved(context, each)} if may_move else {}
            cells = {
                "category": capitalise(labels.category(each.variable.value, code)),
                "wave": labels.wave(each.other.value),
                "assigned": first.seen,
                "seen": each.seen,
                "with_outcome": each.outcomes.find(outcome=outcome).known,
                **moved,
                "gone": 0 if is_first else each.gone,
            }
            for key, cell in cells.items():
                data[key].append(cell)
    return data


def _moved(context: Context, item: At) -> At | int:
    """How many of a group have another one in the other wave."""
    own = ("variable", "level", "wave", "other", "category")
    moved = [
        cell.units
        for cell in context.survey.groups_in_waves
        if all(getattr(cell.value, name) == getattr(item.value, name) for name in own)
        and cell.other_category.value not in (None, item.category.value)
    ]
    return derive("sum", *moved) if moved else 0


def _options(context: Context, item: At, start: str, codes: Sequence[str]) -> dict[str, Any]:
    """Words of the boxes, and the colours of the groups."""
    labels, variable = context.labels, item.variable.value
    return {
        "start": labels.wave(start),
        "allocated": _("{place}: {n} allocated"),
        "seen": _("{place}: {n} seen"),
        "with_outcome": _("{n} with an outcome"),
        "moved": _("{n} in another group"),
        "gone": _("{n} not seen"),
        "places": {
            capitalise(labels.category(variable, code)): labels.place_of(variable, code)
            for code in codes
        },
    }
