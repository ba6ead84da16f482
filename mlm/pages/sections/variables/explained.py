"""How much of the variation the variables account for, level by level."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import _
from mlm.pages.rounding import number, percent
from mlm.results.reading import At


def explained_blocks(context: Context) -> list[Block]:
    """The variance of each level before and after the variables enter."""
    variances = list(context.results.settled.variances)
    if not variances or variances[0].reduction.missing:
        return []
    rows = [
        row(
            context.title_with_held(item),
            number(_before(context, item)),
            number(item.variance),
            percent(item.reduction),
        )
        for item in variances
    ]
    columns = [
        column(_("Level"), "text"),
        column(context.model_title("null")),
        column(context.model_title("settled")),
        column(_("Reduction")),
    ]
    notes = [
        _(
            "A variance can grow when variables enter: groups that looked alike may differ once "
            "their composition is allowed for."
        )
    ]
    if any(not item.by_wave.missing for item in variances):
        notes.append(
            _(
                "Where a variance changes over the waves, its mean over the rows of the waves "
                "stands here."
            )
        )
    return [
        heading("explained", _("How much of the variation the variables account for")),
        table(
            "explained",
            _("Variance at each level before and after the variables enter (REML)"),
            columns,
            rows,
            notes,
        ),
    ]


def _before(context: Context, item: At) -> At:
    """The variance of these levels in the null model."""
    levels = (item.level.value, *item.holds.value)
    shares = [context.results.null.shares.find(level=level) for level in levels]
    return derive("sum", *(share.variance for share in shares if share is not None))
