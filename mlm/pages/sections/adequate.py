"""Other models that would do: the smallest adequate ones; and how much the variables explain."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.node import Node, derive
from mlm.pages.numbers import decimals_for_size, degrees, fixed, percent, tally
from mlm.pages.text import join, say


def adequate_blocks(context: Context) -> list[Block]:
    """The smallest models that the data do not tell from the full one."""
    subsets = list(context.results.get("reduction", "adequate"))
    if not subsets:
        return []
    blocks: list[Block] = [heading("adequate", _("Smallest adequate models"))]
    if len(subsets) == 1:
        words = say(
            _(
                "One model is the smallest that stays within the simultaneous bound; it drops "
                "{dropped}."
            ),
            dropped=context.labels.terms(subsets[0]["dropped"].value) or _("nothing"),
        )
        return [*blocks, paragraph(words)]
    words = say(
        _(
            "The data do not choose between {count} smallest models that stay within the "
            "simultaneous bound. The final model above is the one that stepwise dropping found."
        ),
        count=tally(derive("count", context.results["reduction"]["adequate"])),
    )
    if context.settling:
        words = join(words, say(_("They are compared with random intercepts alone.")))
    always = _in_all(subsets)
    if always:
        words = join(words, say(_("All of them keep {terms}."), terms=context.labels.terms(always)))
    rows = [
        row(
            str(position),
            "".join(run["text"] for run in context.labels.terms(item["dropped"].value)),
            fixed(item["statistic"], 1),
            degrees(item["df"]),
        )
        for position, item in enumerate(subsets, start=1)
    ]
    columns = [
        column(_("Model"), "text"),
        column(_("Terms it drops from the full model"), "text"),
        column(_("Cost in deviance")),
        column(_("df")),
    ]
    return [
        *blocks,
        paragraph(words),
        table("adequate", _("Smallest adequate models"), columns, rows),
    ]


def _in_all(subsets: list[Node]) -> list[str]:
    """Terms that every one of the models keeps, in the order of the first."""
    others = [set(item["terms"].value) for item in subsets[1:]]
    return [term for term in subsets[0]["terms"].value if all(term in other for other in others)]


def explained_blocks(context: Context) -> list[Block]:
    """The variance of each level before and after the variables enter."""
    shares = list(context.results.get("final", "shares"))
    if not shares or shares[0].get("reduction").missing:
        return []
    decimals = max(decimals_for_size(item["variance"].value, 2) for item in shares)
    rows = [
        row(
            context.title_of(item["level"].value),
            fixed(null["variance"], decimals),
            fixed(item["variance"], decimals),
            percent(item["reduction"]),
        )
        for item, null in zip(shares, context.results.get("null", "shares"), strict=False)
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
