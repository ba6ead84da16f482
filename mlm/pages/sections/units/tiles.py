"""The tile map of units: where those above and below expectation lie."""

from __future__ import annotations

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.sections.units.words import names_groups
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.levels import identifier
from mlm.pages.words.units import unit_name, units_in_order
from mlm.results.reading import At

SIDE_WORDS = {
    "above": N_("above expectation"),
    "expected": N_("as expected"),
    "below": N_("below expectation"),
    "unknown": N_("not shown"),
}


def tiles_blocks(context: Context, item: At) -> list[Block]:
    """The map of the units of a level; nothing without a grid, or where none may be named."""
    level = item.level.value
    if len(level.ids) != 1 or level.in_wave or not names_groups(item):
        return []
    tiles = context.configuration.grid(level.unit).tiles
    if not tiles:
        return []
    named = units_in_order(context.rules.named(item.units))
    found = {unit_name(unit.unit.value): unit.side.value for unit in named}
    sides = [found.get(tile.id, "unknown") for tile in tiles]
    groups = context.labels.plural(level)
    block = figure(
        f"map-{identifier(level)}",
        "tiles",
        say(_("{groups} above and below expectation, on a map"), groups=context.title_of(level)),
        _how(groups, [name for name in found if name not in {tile.id for tile in tiles}]),
        _alt(groups, [tile.id for tile in tiles], sides),
        {
            "unit": [tile.id for tile in tiles],
            "column": [tile.column for tile in tiles],
            "row": [tile.row for tile in tiles],
            "side": sides,
        },
        {"words": {side: _(words) for side, words in SIDE_WORDS.items()}},
        unit=_("side of expectation"),
    )
    return [block]


def _how(groups: str, beside: list[str]) -> list[Run]:
    first = say(
        _(
            "One tile per unit, of the same size whatever its own, near where it lies. {groups} "
            "differ from what is expected with one chance of error over all of them."
        ),
        groups=groups[:1].upper() + groups[1:],
    )
    if not beside:
        return first
    return join(first, say(_("Not on the map: {units}."), units=enumerate_words(beside)))


def _alt(groups: str, units: list[str], sides: list[str]) -> list[Run]:
    """Which units lie on each side."""
    parts: list[Run] = []
    for side in ("above", "below"):
        names = [unit for unit, own in zip(units, sides, strict=True) if own == side]
        told = enumerate_words(names) if names else _("none")
        parts = join(parts, say("{side}: {units}.", side=_(SIDE_WORDS[side]), units=told))
    return say(_("Tile map of {groups}; {sides}"), groups=groups, sides=parts)
