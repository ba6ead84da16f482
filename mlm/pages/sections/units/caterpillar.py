"""Effects of units: a caterpillar chart with comparative intervals, and the table of units."""

from __future__ import annotations

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import fixed, tally
from mlm.pages.sections.units.table import points
from mlm.pages.text import say
from mlm.pages.words.levels import identifier
from mlm.pages.words.units import unit_name
from mlm.results.reading import At


def caterpillar_figure(context: Context, item: At) -> Block:
    """Every unit's effect in order of size, with its comparative interval."""
    level = item.level.value
    groups = context.labels.plural(level)
    named = context.rules.named(item.units)
    units = sorted(
        (unit for unit in named if unit.ranked.value), key=lambda unit: unit.value.estimate
    )
    data: dict[str, list] = {
        "unit": [unit_name(unit.unit.value) for unit in units],
        "estimate": [points(unit, unit.estimate) for unit in units],
        "goldstein_lower": [points(unit, unit.goldstein_lower) for unit in units],
        "goldstein_upper": [points(unit, unit.goldstein_upper) for unit in units],
        "lower": [points(unit, unit.lower) for unit in units],
        "upper": [points(unit, unit.upper) for unit in units],
        "side": [unit.side.value for unit in units],
        "reliability": [fixed(unit.reliability, 2) for unit in units],
        "n": [unit.n for unit in units],
    }
    how = say(
        _(
            "One mark per {group}, the highest effect first; zero is what the model expects. The "
            "thick bars are comparative intervals: two {groups} differ at the 5% level, for a "
            "comparison chosen beforehand, when their bars do not overlap. The thin lines are 95% "
            "intervals of single effects. Filled marks lie above or below what is expected, with "
            "one chance of error over all of them."
        ),
        group=context.labels.level(level),
        groups=groups,
    )
    alt = say(
        _(
            "Caterpillar plot of the effects of {n} {groups} from the highest to the lowest with "
            "comparative and 95% intervals; the numbers are in the table Effects of {groups}."
        ),
        n=tally(derive("items", *(unit.n for unit in units))),
        groups=groups,
    )
    return figure(
        f"units-{identifier(level)}",
        "caterpillar",
        say(_("Effects of {groups} with comparative intervals"), groups=groups),
        how,
        alt,
        data,
        {
            "y": _("Effect on {outcome} ({unit})").format(
                outcome=context.labels.outcome, unit=context.labels.unit
            ),
            "x": _("{groups} in order of their effect").format(groups=capitalise(groups)),
            "level": identifier(level),
            "levels": [identifier(each) for each in context.hierarchy],
            "words": {
                "apart": _("above or below expectation"),
                "expected": _("cannot be distinguished from what is expected"),
                "comparative": _("comparative interval"),
                "interval": _("95% interval"),
            },
        },
        unit=context.labels.unit,
    )
