"""Effects of variables within units and between their means."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import error_of
from mlm.pages.rounding import number, p_value, signed
from mlm.pages.text import Run, say
from mlm.results.reading import At


def within_between_blocks(context: Context) -> list[Block]:
    """Effects within and between units of the variables that are split."""
    items = [item for item in context.results.within_between if not item.means.empty]
    if not items:
        return []
    rows = []
    for item in items:
        for mean in item.means:
            cells = []
            for part in (item.within, mean.between, mean.contextual):
                cells += [
                    signed(part.estimate, error_of(part)),
                    number(error_of(part), error_of(part)),
                ]
            rows.append(
                row(
                    split_name(context, item),
                    context.title_of(mean.level.value),
                    _("Full model") if item.model.value == "full" else _("Settled model"),
                    *cells,
                    p_value(mean.contextual.p_value),
                )
            )
    columns = [
        column(_("Variable"), "text"),
        column(_("Units"), "text"),
        column(_("Model"), "text"),
    ]
    for group in (_("Within units"), _("Between units"), _("Contextual")):
        columns += [column(_("Effect"), group=group), column(_("SE"), group=group)]
    columns.append(column("p", group=_("Contextual")))
    caption = _("Effects within and between units (REML)")
    return [
        heading("between", _("Within and between units")),
        paragraph(split_words()),
        table("between", caption, columns, rows),
    ]


def split_words() -> list[Run]:
    """What the effects within and between units are."""
    return say(
        _(
            "A unit's mean, of a category its share of the unit's rows, is separated from the "
            "variable itself. Between units: from a share of none to one of all. Contextual: "
            "between units minus within units, the difference that comes with a higher mean of "
            "the unit among cases alike in the variable. The means are over the rows at hand, "
            "not over the whole unit."
        )
    )


def split_name(context: Context, item: At) -> str:
    """The number, or the category with its reference."""
    labels, name, category = context.labels, item.variable.value, item.category.value
    if category is None:
        return labels.variable(name)
    return _("{variable}: {category} against {reference}").format(
        variable=labels.variable(name),
        category=labels.category(name, category),
        reference=labels.reference(name),
    )
