"""How much of the variation the variables account for, level by level."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import decimals_for_size, fixed, percent


def explained_blocks(context: Context) -> list[Block]:
    """The variance of each level before and after the variables enter."""
    shares = list(context.results.final.shares)
    if not shares or shares[0].reduction.missing:
        return []
    decimals = max(decimals_for_size(item.variance.value, 2) for item in shares)
    rows = [
        row(
            context.title_of(item.level.value),
            fixed(null.variance, decimals),
            fixed(item.variance, decimals),
            percent(item.reduction),
        )
        for item in shares
        if (null := context.results.null.shares.find(level=item.level.value)) is not None
    ]
    columns = [
        column(_("Level"), "text"),
        column(context.model_title("null")),
        column(context.model_title("final")),
        column(_("Reduction")),
    ]
    return [
        heading("explained", _("How much of the variation the variables account for")),
        table(
            "explained",
            _("Variance at each level before and after the variables enter (REML)"),
            columns,
            rows,
            [
                _(
                    "A variance can grow when variables enter: groups that looked alike may differ "
                    "once their composition is allowed for."
                )
            ],
        ),
    ]
