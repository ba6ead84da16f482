"""The chart of shrinkage: raw effects of units against those that are reported."""

from __future__ import annotations

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.sections.units.table import points, raw_points, shows_raw
from mlm.pages.text import say
from mlm.pages.words.levels import identifier
from mlm.pages.words.units import unit_name
from mlm.results.reading import At


def shrinkage_figure(context: Context, item: At) -> Block:
    """Raw against shrunken effects."""
    level = item.level.value
    groups = context.labels.plural(level)
    units = [unit for unit in context.rules.named(item.units) if shows_raw(context, unit)]
    data: dict[str, list] = {
        "unit": [unit_name(unit.unit.value) for unit in units],
        "raw": [raw_points(unit) for unit in units],
        "estimate": [points(unit, unit.estimate) for unit in units],
        "n": [unit.n for unit in units],
    }
    how = say(
        _(
            "One mark per {group}: across, how far its mean lies from what the model "
            "expects; upwards, the effect that is reported. The fewer {rows} a {group} "
            "has, the more its reported effect is shrunk towards zero; on the dashed line "
            "there is no shrinkage."
        ),
        group=context.labels.level(level),
        rows=context.rows_word,
    )
    alt = say(
        _(
            "Raw against shrunken effects of {groups}; the numbers are in the table Effects of "
            "{groups}."
        ),
        groups=groups,
    )
    unit = context.labels.unit
    return figure(
        f"shrinkage-{identifier(level)}",
        "shrinkage",
        say(_("Raw against shrunken effects of {groups}"), groups=groups),
        how,
        alt,
        data,
        {
            "x": _("Raw effect ({unit})").format(unit=unit),
            "y": _("Shrunken effect ({unit})").format(unit=unit),
            "level": identifier(level),
            "levels": [identifier(each) for each in context.hierarchy],
        },
        unit=unit,
    )
