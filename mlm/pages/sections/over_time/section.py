"""Question 5: how results, and the effects of schools, change over time."""

from __future__ import annotations

from mlm.pages.blocks import Block, paragraph
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.sections.over_time.adjusted_means import adjusted_means_blocks
from mlm.pages.sections.over_time.next_wave import next_wave_blocks
from mlm.pages.sections.over_time.stability import stability_blocks
from mlm.pages.sections.over_time.words import change_answer
from mlm.pages.sections.section import Section

QUESTION = N_("How do results, and the groups' effects, change over time?")
GROWTH = N_("How do those who are followed grow, and how do the groups' effects change?")


def change_section(context: Context) -> Section:
    """The section on means by wave and the stability of group effects."""
    blocks: list[Block] = [paragraph(change_answer(context), "answer")]
    question = _(GROWTH if context.configuration.design.follows_lowest else QUESTION)
    if not context.is_longitudinal:
        return Section("change", _("Change over time"), blocks, "5", question)
    blocks += adjusted_means_blocks(context)
    for item in context.results.over_time.levels:
        blocks += stability_blocks(context, item)
    for item in context.results.over_time.levels:
        blocks += next_wave_blocks(context, item)
    return Section("change", _("Change over time"), blocks, "5", question)
