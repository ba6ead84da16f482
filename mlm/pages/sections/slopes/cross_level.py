"""What goes with slopes that differ: products with variables of the groups."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import is_made, p_adjusted
from mlm.pages.rounding import NOT_AVAILABLE, decimals_for_size, fixed, p_value, percent
from mlm.pages.sections.slopes.shares_along import along_blocks
from mlm.pages.text import Run, join, say
from mlm.pages.words.reasons import reason_words
from mlm.results.reading import At
from mlm.results.slopes import CrossLevelProduct


def slope_detail_blocks(context: Context) -> list[Block]:
    """What explains the slopes that differ, and how shares of variance change along them."""
    searched = list(context.results.slope_details.searched)
    if not searched:
        return []
    blocks: list[Block] = [heading("slope-details", _("What the differences are related to"))]
    rows, refused = [], []
    for item in searched:
        for product in item.explained:
            if isinstance(product.value, CrossLevelProduct):
                rows.append(_row(context, item, product))
            else:
                refused.append(_not_tried(context, item, product))
    if rows:
        words = _(
            "For each slope that was kept, its product with every group variable was put into the "
            "settled model, or taken out of it, one at a time; a variable that the model lacks "
            "came in with its product. Explained: the share of the variance of the slope that is "
            "gone with the product; a negative share means that the variance grew."
        )
        blocks += [paragraph(words), _table(rows)]
    if refused:
        blocks.append(note("information", join(*refused)))
    return [*blocks, *along_blocks(context, searched)]


def _row(context: Context, item: At, term: At):
    decimals = decimals_for_size(term.variance_before.value, 3)
    return row(
        context.labels.variable(item.variable.value),
        context.title_of(item.level.value),
        context.labels.variable(term.variable.value),
        fixed(term.variance_before, decimals),
        fixed(term.variance_after, decimals),
        percent(term.share, 0),
        *_test_cells(term.test),
    )


def _not_tried(context: Context, item: At, product: At) -> list[Run]:
    """Why a product was not tried."""
    return say(
        _("Not tried: {variable} as an explanation of the slope of {slope} {where} ({reason})."),
        variable=context.labels.variable(product.variable.value),
        slope=context.labels.variable(item.variable.value),
        where=context.between_units(item.level.value),
        reason=reason_words(product.reason, context.labels),
    )


def _test_cells(found: At) -> list:
    if not is_made(found):
        return [NOT_AVAILABLE] * 3
    return [fixed(found.statistic, 1), p_value(found.p_value), p_value(p_adjusted(found))]


def _table(rows) -> Block:
    columns = [
        column(_("Effect of"), "text"),
        column(_("Differs between"), "text"),
        column(_("Group variable"), "text"),
        column(_("Without"), group=_("Variance of the slope")),
        column(_("With"), group=_("Variance of the slope")),
        column(_("Explained")),
        column("F", group=_("Test")),
        column("p", group=_("Test")),
        column(_("p (Holm)"), group=_("Test")),
    ]
    adjusted = _("p (Holm): adjusted for the number of products that were tried.")
    caption = _("Products of group variables with slopes, one at a time (REML)")
    return table("slope-details", caption, columns, rows, [adjusted])
