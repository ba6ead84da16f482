"""Question 3: whether effects differ between schools, counties and other groups."""

from __future__ import annotations

from mlm.pages.blocks import Block, note, paragraph
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.sections.section import Section
from mlm.pages.sections.slopes.chart import slopes_figure
from mlm.pages.sections.slopes.cross_level import slope_detail_blocks
from mlm.pages.sections.slopes.fan import fan_figure
from mlm.pages.sections.slopes.table import slopes_table
from mlm.pages.sections.slopes.words import (
    foremost_of,
    is_tested,
    refused_words,
    slope_name,
    slopes_answer,
)
from mlm.pages.text import enumerate_words, plain_text


def slopes_question(context: Context) -> str:
    """The question, naming the groups of the survey."""
    tried = [item.level.value for item in context.results.slopes if is_tested(item)]
    names = list(dict.fromkeys(tried)) or context.hierarchy[:1]
    groups = [context.labels.plural(name) for name in names]
    words = plain_text(enumerate_words(groups, last=_("or"))) or _("groups")
    return _("Do effects differ between {groups}?").format(groups=words)


def slopes_section(context: Context) -> Section:
    """The section on random slopes."""
    blocks: list[Block] = [paragraph(slopes_answer(context), "answer")]
    slopes = list(context.results.slopes)
    if any(map(is_tested, slopes)):
        blocks.append(
            paragraph(
                _(
                    "Each slope was tried alone on top of the full model with the covariances over "
                    "waves of its levels, and tested by REML. Means and spreads of slopes that "
                    "were kept are those of the settled model, of the others those of that trial. "
                    "The range is where the effects of about 95% of the groups lie: mean effect "
                    "plus and minus 1.96 standard deviations."
                )
            )
        )
        if any(is_tested(item) and item.sd.value > 0 for item in slopes):
            blocks.append(slopes_figure(context))
        kept = [item for item in slopes if is_tested(item) and item.kept.value]
        if kept:
            foremost = foremost_of(context, kept)
            if foremost.column.category.missing:
                blocks.append(fan_figure(context, foremost, slope_name(context, foremost)))
        blocks.append(slopes_table(context))
    refused = [item for item in slopes if not is_tested(item)]
    if refused:
        blocks.append(note("information", refused_words(context, refused)))
    blocks += slope_detail_blocks(context)
    return Section(
        "slopes", _("Effects that differ between groups"), blocks, "3", slopes_question(context)
    )
