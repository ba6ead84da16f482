"""The technical annex: charts for those who check the analysis."""

from __future__ import annotations

from mlm.pages.blocks import Block, paragraph
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.sections.section import Section
from mlm.pages.sections.slopes.fan import fan_figure
from mlm.pages.sections.slopes.shares_along import left_along
from mlm.pages.sections.slopes.words import foremost_of, kept_slopes, slope_name
from mlm.pages.sections.units.shrinkage import shrinkage_figure
from mlm.pages.sections.units.table import shows_raw
from mlm.pages.sections.variables.reduction import path_figure


def annex_section(context: Context) -> Section | None:
    """The section with the charts that no question needs; None where there are none."""
    blocks: list[Block] = []
    path = context.results.reduction.path
    if len(path) > 1 and not path[0].deviance.missing:
        blocks.append(path_figure(context))
    blocks += [*_fan(context), *left_along(context), *_shrinkage(context)]
    if not blocks:
        return None
    words = _("Charts for those who check the analysis; no answer of this report rests on them.")
    return Section("annex", _("Technical annex"), [paragraph(words), *blocks])


def _fan(context: Context) -> list[Block]:
    """The fan of the foremost slope, where it is one of two categories."""
    kept = kept_slopes(context)
    if not kept:
        return []
    foremost = foremost_of(context, kept)
    if foremost.column.category.missing:
        return []
    return [fan_figure(context, foremost, slope_name(context, foremost))]


def _shrinkage(context: Context) -> list[Block]:
    """Raw against shrunken effects of units that may be shown one by one."""
    return [
        shrinkage_figure(context, item)
        for item in context.results.effects
        if item.licence.granted.value
        and any(shows_raw(context, unit) for unit in context.rules.named(item.units))
    ]
