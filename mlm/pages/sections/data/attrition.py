"""Attrition: who stays from wave to wave, who leaves, who is new, and of which groups."""

from __future__ import annotations

from mlm.pages.blocks import Block, Cell, column, figure, group_row, heading, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import N_, _
from mlm.pages.rounding import NOT_APPLICABLE, count, percent
from mlm.pages.text import say
from mlm.results.reading import At

FLOWS = (
    ("stay", N_("Stay")),
    ("leave", N_("Leave")),
    ("new", N_("New")),
    ("back", N_("Back")),
    ("moved", N_("Moved")),
)


def attrition_blocks(context: Context) -> list[Block]:
    """The flow of units from wave to wave: chart, table, and by category."""
    entries = list(context.survey.attrition)
    if not entries:
        return []
    fields = [
        (key, label)
        for key, label in FLOWS
        if any(not getattr(item, key).missing for item in entries)
    ]
    rows = [
        row(
            context.title_of(item.level.value),
            context.labels.wave(item.wave.value),
            context.labels.wave(item.other.value),
            *(_flow_cell(getattr(item, key)) for key, __ in fields),
        )
        for item in entries
    ]
    columns = [column(_("Units"), "text"), column(_("From"), "text"), column(_("To"), "text")]
    columns += [column(_(label)) for __, label in fields]
    notes = [
        _(
            "Stay: found in both waves. Leave: not found in the later wave. New: not found in the "
            "wave before. Back: those of them whom an earlier wave had."
        )
    ]
    if "moved" in dict(fields):
        notes.append(
            _(
                "Moved: of those who stay, in another unit of the level above; those who come back "
                "to another one are not in this column."
            )
        )
    caption = _("Units that stay, leave and join between waves")
    return [
        heading("attrition", _("Who stays from wave to wave")),
        *_flow_figure(context, entries),
        table("attrition", caption, columns, rows, notes),
        *_by_category(context),
    ]


def _flow_cell(number: At) -> Cell:
    return NOT_APPLICABLE if number.missing else count(number)


def _flow_figure(context: Context, entries: list[At]) -> list[Block]:
    """The chart of the flow, where anyone leaves or joins."""
    moves = any(item.leave.value or item.new.value for item in entries)
    return [attrition_figure(context, entries)] if moves else []


def attrition_figure(context: Context, entries: list[At]) -> Block:
    """The flow of the lowest level that recurs, one bar a step."""
    level = entries[-1].level.value
    steps = [item for item in entries if item.level.value == level]
    groups = context.labels.plural(level)
    data = {"step": [_step(context, item) for item in steps]}
    data |= {key: [getattr(item, key) for item in steps] for key in ("stay", "leave", "new")}
    return figure(
        "attrition",
        "attrition",
        say(_("Who stays, leaves and joins: {groups}"), groups=groups),
        _(
            "One bar per step from wave to wave. To the right of zero: those who stay, then those "
            "who were not there in the wave before, come back or found for the first time. To the "
            "left: those who are not found again in the later wave."
        ),
        say(
            _(
                "Bars of the {groups} that stay, leave and join from wave to wave; the numbers are "
                "in the table below the chart."
            ),
            groups=groups,
        ),
        data,
        {
            "x": _("Number of {groups}").format(groups=groups),
            "names": {"stay": _("Stay"), "leave": _("Leave"), "new": _("New")},
        },
        unit=groups,
    )


def _step(context: Context, item: At) -> str:
    before, after = (context.labels.wave(name.value) for name in (item.wave, item.other))
    return _("{before} to {after}").format(before=before, after=after)


def _by_category(context: Context) -> list[Block]:
    """Those who leave, by the categories of the variables in the models."""
    used = set(context.variables)
    leaving = {item.level.value for item in context.survey.attrition if item.leave.value}
    blocks = []
    for level in dict.fromkeys(item.level.value for item in context.survey.attrition_by):
        entries = [
            item
            for item in context.survey.attrition_by
            if item.level.value == level and item.variable.value in used
        ]
        if level in leaving and entries:
            blocks.append(_category_table(context, level, entries))
    return blocks


def _category_table(context: Context, level: str, entries: list[At]) -> Block:
    rows, current = [], None
    for item in entries:
        title = f"{context.labels.variable(item.variable.value)}, {_step(context, item)}"
        if title != current:
            rows.append(group_row(title))
        current = title
        rows.append(row(_category(context, item), *_flow_cells(item), indented=True))
    columns = [column(_("Category in the wave before"), "text"), column(_("Stay"))]
    columns += [column(_("Leave")), column(_("Leave, of all"))]
    caption = say(_("Who leaves, by category: {groups}"), groups=context.labels.plural(level))
    return table(f"attrition-by-{level}", caption, columns, rows, folded=True)


def _category(context: Context, item: At) -> str:
    if item.category.missing:
        return _("not recorded")
    return context.labels.category(item.variable.value, item.category.value)


def _flow_cells(item: At) -> list:
    whole = derive("sum", item.stay, item.leave)
    return [count(item.stay), count(item.leave), percent(derive("ratio", item.leave, whole))]
