"""Products of the variables of rows in the report of a sample: whether the full model lacks any."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import is_made, p_adjusted
from mlm.pages.rounding import p_value
from mlm.pages.sections.sampled.reduction import f_cells
from mlm.pages.sections.variables.pupil_level import products_words
from mlm.results.reading import At


def row_products_blocks(context: Context) -> list[Block]:
    """Tests of the products and squares; nothing where none were tried."""
    found = context.results.row_products
    if found.missing or not is_made(found.block):
        return []
    title = heading("row-products", _("Products at the lowest level"))
    return [title, paragraph(products_words(context, found)), _tests_table(context, found)]


def _tests_table(context: Context, found: At) -> Block:
    rows = [
        row(
            context.labels.term(item.term.value),
            *f_cells(item.test),
            p_value(p_adjusted(item.test)),
        )
        for item in found.terms
        if is_made(item.test)
    ]
    columns = [
        column(_("Term"), "text"),
        column("F"),
        column(_("df")),
        column(_("Denominator df")),
        column("p"),
        column(_("p (Holm)"), main=True),
    ]
    note = _("p (Holm): adjusted for the number of terms that were tried.")
    caption = _("Each product or square in the full model with all of them (Wald F tests)")
    return table("row-products", caption, columns, rows, [note])
