"""How many units of a policy had changed group, from the linked survey."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import _
from mlm.pages.rounding import count, percent
from mlm.pages.text import Run, say
from mlm.results.reading import At


@dataclass(frozen=True)
class Changed:
    """Units with a known group in a wave and in a later one.

    Attributes
    ----------
    level : str
        The units.
    wave, other : str
        The two waves.
    units, changed : At
        How many have a group in both; of these, in another group in the later wave.
    """

    level: str
    wave: str
    other: str
    units: At
    changed: At


def changes(context: Context, item: At) -> list[Changed]:
    """Changes of group between the wave of assignment and each later wave.

    The first wave stands for one that is not said. None where the variable tells the group
    assigned, or where no units recur.
    """
    assignment = item.assignment
    if assignment.groups.value == "assigned":
        return []
    waves = context.results.time.waves.value
    start = assignment.wave.value or waves[0]
    found = []
    for other in waves[waves.index(start) + 1 :]:
        cells = [
            cell
            for cell in context.survey.groups_in_waves
            if (cell.variable.value, cell.wave.value, cell.other.value)
            == (item.variable.value, start, other)
            and None not in (cell.category.value, cell.other_category.value)
        ]
        if cells:
            moved = [c.units for c in cells if c.category.value != c.other_category.value]
            found.append(
                Changed(
                    cells[0].level.value,
                    start,
                    other,
                    derive("sum", *(cell.units for cell in cells)),
                    derive("sum", *moved),
                )
            )
    return found


def changed_words(context: Context, item: At) -> list[Run]:
    """How many had changed group by the last wave, where groups are told as attended."""
    found = changes(context, item)
    if not found or item.evidence.value != "randomised":
        return []
    last = found[-1]
    return say(
        _(
            "{changed} ({share}) of the {n} {units} whose group is known in both {wave} and "
            "{other} had changed group by then."
        ),
        share=percent(derive("ratio", last.changed, last.units), 0),
        n=count(last.units),
        units=context.labels.plural(last.level),
        wave=context.labels.wave(last.wave),
        other=context.labels.wave(last.other),
        changed=count(last.changed).bold(),
    )


def changes_table(context: Context, item: At) -> list[Block]:
    """Changes of group from the wave of assignment to each later wave."""
    found = changes(context, item)
    if not found:
        return []
    rows = [
        row(
            context.labels.wave(each.other),
            count(each.units),
            count(each.changed),
            percent(derive("ratio", each.changed, each.units), 1),
        )
        for each in found
    ]
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("With a known group in both")),
        column(_("In another group")),
        column(_("Share")),
    ]
    caption = say(
        _("{units} in another group of {variable} than in {wave}"),
        units=context.labels.plural(found[0].level).capitalize(),
        variable=context.labels.variable(item.variable.value),
        wave=context.labels.wave(found[0].wave),
    )
    notes = [
        _("Counted over all rows that cleaning kept, also those without a score or a covariate.")
    ]
    return [table(f"changed-{item.variable.value}", caption, columns, rows, notes)]
