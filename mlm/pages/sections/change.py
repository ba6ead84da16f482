"""Question 5: how standards, and the effects of schools, change over time."""

from __future__ import annotations

from mlm.pages.blocks import Block, paragraph
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.node import Node
from mlm.pages.numbers import fixed
from mlm.pages.phrases import estimate
from mlm.pages.sections.section import Section
from mlm.pages.sections.stability import stability_blocks
from mlm.pages.sections.standards import standards_blocks
from mlm.pages.text import Run, join, say

QUESTION = N_("How do standards, and the groups' effects, change over time?")


def change_section(context: Context) -> Section:
    """The section on standards by wave and the stability of group effects."""
    blocks: list[Block] = [paragraph(change_answer(context), "answer")]
    if not context.is_longitudinal:
        return Section("change", _("Change over time"), blocks, "5", _(QUESTION))
    blocks += standards_blocks(context)
    for item in context.results.get("stability", "levels"):
        blocks += stability_blocks(context, item)
    return Section("change", _("Change over time"), blocks, "5", _(QUESTION))


def change_answer(context: Context) -> list[Run]:
    """Standards from the first to the last wave, and the correlation of group effects."""
    standards = list(context.results.get("stability", "standards"))
    if not context.is_longitudinal or len(standards) < 2:
        return say(_("The survey has one wave: change over time cannot be studied yet."))
    levels = context.results.get("stability", "levels")
    stability = [_stability_words(context, item) for item in levels if _estimated(item)]
    return join(_standards_words(context, standards[0], standards[-1]), *stability)


def _standards_words(context: Context, first: Node, last: Node) -> list[Run]:
    apart = last["lower"].value > first["upper"].value or last["upper"].value < first["lower"].value
    rose = last["estimate"].value > first["estimate"].value
    template = (
        _(
            "There is no clear evidence that mean {outcome}, among cases alike in the other "
            "variables, changed: it was {first} in {a} and {last} in {b}."
        )
        if not apart
        else _(
            "Among cases alike in the other variables, mean {outcome} rose from {first} in {a} to "
            "{last} in {b}."
        )
        if rose
        else _(
            "Among cases alike in the other variables, mean {outcome} fell from {first} in {a} to "
            "{last} in {b}."
        )
    )
    return say(
        template,
        outcome=context.labels.outcome,
        first=estimate(first, context.labels.unit),
        last=estimate(last, context.labels.unit),
        a=context.labels.wave(first["wave"].value),
        b=context.labels.wave(last["wave"].value),
    )


def _estimated(item: Node) -> bool:
    return item["status"].value == "estimated" and not item.get("average_correlation").missing


def _stability_words(context: Context, item: Node) -> list[Run]:
    return say(
        _("The true effects of {groups} in two waves correlate {value} on average."),
        groups=context.labels.plural(item["level"].value),
        value=fixed(item["average_correlation"], 2).bold(),
    )
