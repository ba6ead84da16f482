"""Effects of a sample within units and between their means."""

from __future__ import annotations

from mlm.pages.blocks import Block, Cell, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import p_value
from mlm.pages.sections.sampled.error_parts import Told, errors_table
from mlm.pages.sections.sampled.estimates import (
    SIGNED,
    df_cell,
    estimate_cells,
    estimate_columns,
    interval_note,
)
from mlm.pages.sections.variables.within_between import split_name, split_words
from mlm.pages.text import say
from mlm.results.reading import At


def within_between_blocks(context: Context) -> list[Block]:
    """Effects within and between units of the variables that are split."""
    items = _items(context)
    if not items:
        return []
    rows = []
    for item in items:
        names = (split_name(context, item), _model(item))
        rows.append(row(*names, _("Within units"), *_cells(item.within)))
        for mean in item.means:
            units = context.title_of(mean.level.value)
            between = _("Between: {units}").format(units=units)
            contextual = _("Contextual: {units}").format(units=units)
            rows.append(row(*names, between, *_cells(mean.between)))
            rows.append(row(*names, contextual, *_cells(mean.contextual)))
    columns = [
        column(_("Variable"), "text"),
        column(_("Model"), "text"),
        column(_("Effect"), "text", main=True),
        *estimate_columns(_("Estimate")),
        column(_("df")),
        column("p"),
    ]
    caption = say(
        _("Effects within and between units, in {unit}, with the errors of the sample"),
        unit=context.labels.unit,
    )
    return [
        heading("between", _("Within and between units")),
        paragraph(split_words()),
        table("between", caption, columns, rows, [interval_note()]),
    ]


def within_between_errors(context: Context) -> list[Block]:
    """What the errors of these effects are made of."""
    told: list[Told] = []
    for item in _items(context):
        told.append(Told(f"{split_name(context, item)}, {_model(item)}"))
        told.append(Told(_("Within units"), item.within, SIGNED))
        for mean in item.means:
            units = context.title_of(mean.level.value)
            told.append(Told(_("Between: {units}").format(units=units), mean.between, SIGNED))
            name = _("Contextual: {units}").format(units=units)
            told.append(Told(name, mean.contextual, SIGNED))
    if not told:
        return []
    caption = say(
        _("Effects within and between units: what the errors are made of, in {unit}"),
        unit=context.labels.unit,
    )
    return errors_table("errors-between", caption, told)


def _items(context: Context) -> list[At]:
    return [item for item in context.results.within_between if not item.means.empty]


def _cells(item: At) -> list[Cell]:
    return [*estimate_cells(item, SIGNED), df_cell(item), p_value(item.p_value)]


def _model(item: At) -> str:
    return _("Full model") if item.model.value == "full" else _("Settled model")
