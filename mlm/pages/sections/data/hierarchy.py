"""The hierarchy: how many units each level has, how they nest, in how many waves they are found."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import N_, _
from mlm.pages.rounding import (
    NOT_APPLICABLE,
    count,
    decimals_for_size,
    fixed,
    number,
    percent,
    render,
)
from mlm.pages.text import enumerate_words, say
from mlm.results.reading import At

QUARTILES = (2, 3, 4)  # places of 25%, 50% and 75% among the quantiles of the survey

KNOWN_BY = {
    "id": N_("Recognised in another wave by their own id: {units}."),
    "path": N_(
        "Recognised in another wave by their id and those of the units above: {units}; one that "
        "came under another unit would count as new."
    ),
}


def hierarchy_blocks(context: Context) -> list[Block]:
    """Sizes of the groups of the models, of the units of each wave, and waves by unit."""
    blocks = [*_levels(context), *_by_wave(context), *_in_waves(context)]
    return [heading("hierarchy", _("Units and how they nest")), *blocks] if blocks else []


def _levels(context: Context) -> list[Block]:
    entries = list(context.survey.hierarchy)
    rows = [row(_title(context, item), *_size_cells(context, item)) for item in entries]
    if not rows:
        return []
    spread = _("Of these in each unit")
    columns = [
        column(_("Level"), "text"),
        column(_("Units")),
        column(_("Contains"), "text"),
        column(_("Mean"), group=spread),
        *(column(render(share, 0, "percent"), group=spread) for share in (0.25, 0.5, 0.75)),
        column(_("Units with one")),
        column(_("Balance")),
    ]
    notes = [
        _(
            "All rows kept, all waves together. A column with a share: the number that this share "
            "of the units does not exceed. Balance: harmonic over arithmetic mean of the sizes, 1 "
            "where all are the same size."
        )
    ]
    moves = any(item.count.value for item in context.survey.unit_changes)
    if moves and not context.crossed_units:
        notes.append(
            _(
                "A unit that moves is counted here once in each unit above in which it was, as in "
                "the models; the tables by wave count it by its own id."
            )
        )
    return [table("hierarchy", _("Levels of the models and their sizes"), columns, rows, notes)]


def _title(context: Context, item: At) -> str:
    """The units of a level; pairs are named so where a unit that moves is counted in each place."""
    level = item.level.value
    account = context.survey.levels.find(name=level.unit)
    title = context.title_of(level)
    if level.in_wave or account is None or account.distinct.missing or len(level.ids) < 2:
        return title
    if account.distinct.value == item.groups.value:
        return title
    above = context.labels.plural(level.ids[-2])
    return _("{units} (counted in each of their {above})").format(units=title, above=above)


def _size_cells(context: Context, item: At) -> list:
    sizes = item.children
    if sizes.missing:
        return [count(item.groups), *[NOT_APPLICABLE] * 7]
    decimals = min(max(decimals_for_size(sizes.mean.value, 3), 0), 1)
    return [
        count(item.groups),
        context.rows_word if item.child.missing else context.labels.plural(item.child.value),
        number(sizes.mean, decimals=1),
        *(number(sizes.quantiles[place], decimals=decimals) for place in QUARTILES),
        count(sizes.one),
        fixed(sizes.balance, 2),
    ]


def _by_wave(context: Context) -> list[Block]:
    rows = []
    whole = not context.rules.is_public
    for item in context.survey.children:
        for sizes in item.by_wave:
            extremes = [count(sizes.min), count(sizes.max)] if whole else []
            rows.append(
                row(
                    context.title_of(item.level.value),
                    context.labels.wave(sizes.wave.value),
                    count(sizes.groups),
                    context.labels.plural(item.child.value),
                    number(sizes.mean, decimals=1),
                    number(sizes.median, decimals=1),
                    *extremes,
                    count(sizes.one_child),
                )
            )
    if not rows:
        return []
    spread = _("Of these in each unit")
    columns = [column(_("Level"), "text"), column(context.labels.wave_title, "text")]
    columns += [column(_("Units")), column(_("Contains"), "text")]
    columns += [column(_("Mean"), group=spread, follows=True), column(_("Median"), group=spread)]
    if whole:
        columns += [column(_("Fewest"), group=spread), column(_("Most"), group=spread)]
    columns.append(column(_("Units with one")))
    return [table("children", _("Units within units, by wave"), columns, rows)]


def _in_waves(context: Context) -> list[Block]:
    """In how many of the waves the units of each recurring level are found."""
    entries = [item for item in context.survey.levels if not item.in_waves.empty]
    if not entries or not context.is_longitudinal:
        return []
    rows = [
        row(
            context.title_of(item.name.value),
            count(item.distinct),
            *(cell for found in item.in_waves for cell in _found(item, found)),
        )
        for item in entries
    ]
    columns = [column(_("Level"), "text"), column(_("Units"))]
    for found in entries[0].in_waves.value:
        n = found.waves
        title = _("In one wave") if n == 1 else _("In {n} waves").format(n=n)
        columns += [column(_("Units"), group=title), column(_("Share"), group=title, follows=True)]
    caption = _("In how many waves the units are found")
    return [table("in-waves", caption, columns, rows, _known_by(context, entries))]


def _known_by(context: Context, entries: list[At]) -> list:
    """How units of another wave are recognised: by their own id, or by all ids down to it."""
    found: dict[str, list[str]] = {"id": [], "path": []}
    for place, item in enumerate(entries):
        how = item.known_by.value if place else "id"  # nothing is above the first level
        found[how].append(context.labels.plural(item.name.value))
    return [
        say(_(KNOWN_BY[how]), units=enumerate_words(names)) for how, names in found.items() if names
    ]


def _found(item: At, found: At) -> list:
    return [count(found.units), percent(derive("ratio", found.units, item.distinct))]
