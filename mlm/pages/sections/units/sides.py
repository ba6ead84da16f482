"""Groups of units before places: above expectation, as expected, below it."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.derived import number_of
from mlm.pages.language import N_, _
from mlm.pages.rounding import NOT_APPLICABLE, tally
from mlm.pages.sections.units.words import compared_words, names_groups, side_words, units_on
from mlm.pages.text import say
from mlm.pages.words.levels import identifier
from mlm.pages.words.units import unit_name, units_in_order
from mlm.results.reading import At

SIDES = {
    "above": N_("Above expectation"),
    "expected": N_("As expected"),
    "below": N_("Below expectation"),
}


def sides_table(context: Context, item: At) -> Block:
    """How many units lie on each side of what is expected, and which."""
    level = item.level.value
    rows = [_side(context, item, side) for side in SIDES]
    caption = say(
        _("{groups} above and below expectation, compared {what}"),
        groups=context.title_of(level),
        what=compared_words(context, item),
    )
    columns = [column(_("Group"), "text"), column(_("Number"))]
    notes: list[Any] = [side_words(item)]
    if not names_groups(item):
        return table(f"sides-{identifier(level)}", caption, columns, rows, notes)
    columns.append(column(_("Which"), "text"))
    if len(context.rules.named(item.units)) < len(item.units):
        notes.append(
            say(
                _("Units that may have fewer than {least} people are neither listed nor counted."),
                least=str(context.rules.threshold),
            )
        )
    return table(f"sides-{identifier(level)}", caption, columns, rows, notes)


def _side(context: Context, item: At, side: str) -> dict[str, Any]:
    units = units_on(context, item, side)
    number = tally(number_of(units))
    if not names_groups(item):
        return row(_(SIDES[side]), number)
    names = (unit_name(unit.unit.value) for unit in units_in_order(units))
    which = ", ".join(names) if side != "expected" else ""
    return row(_(SIDES[side]), number, which or NOT_APPLICABLE)
