"""Means of the outcome by category of each variable, the gaps between them first."""

from __future__ import annotations

from mlm.pages.blocks import Block, heading, paragraph
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, unsigned
from mlm.pages.sections.sampled.error_parts import Told, errors_table
from mlm.pages.sections.sampled.estimates import ERROR_STYLES, SIGNED, shown
from mlm.pages.sections.sampled.groups import (
    GroupMeasure,
    category_name,
    gaps_figure,
    gaps_table,
    groups_figure,
    groups_table,
    in_order,
    moves_table,
    rows_of,
    widest_gap,
)
from mlm.pages.text import Run, join, say, started
from mlm.results.reading import At


def means_measure(context: SampledContext) -> GroupMeasure:
    """The means of the outcome by category."""
    name = say(_("mean of {outcome}"), outcome=context.labels.outcome)
    return GroupMeasure("means", tuple(context.results.means.by), False, name)


def by_category_blocks(context: SampledContext) -> list[Block]:
    """Gaps of all variables in one chart, then each variable."""
    return measure_blocks(context, means_measure(context))


def measure_blocks(context: SampledContext, measure: GroupMeasure) -> list[Block]:
    """What is told of groups: all gaps, then levels and gaps by variable.

    How levels moved stands in the annex: the charts show it, and words say how gaps moved.
    """
    if not measure.by:
        return []
    blocks: list[Block] = gaps_figure(context, measure) if _has_overview(context, measure) else []
    for item in measure.by:
        label = context.labels.variable(item.variable.value)
        title = (
            _("Shares by {variable}").format(variable=label)
            if measure.is_share
            else _("Means by {variable}").format(variable=label)
        )
        blocks.append(heading(f"{measure.key}-{item.variable.value}", title))
        words = moved_words(context, measure, item)
        blocks += [paragraph(words)] if words else []
        if _has_course(context, item):
            blocks.append(groups_figure(context, measure, item))
        blocks.append(groups_table(context, measure, item))
        blocks += gaps_table(context, measure, item)
    return blocks


def _has_course(context: SampledContext, item: At) -> bool:
    """Whether levels and gaps of several waves are drawn; of one they are with all variables."""
    waves = {wave.wave.value for _, wave in rows_of(item) if not context.is_hidden(wave)}
    return len(waves) > 1


def _has_overview(context: SampledContext, measure: GroupMeasure) -> bool:
    """Whether one chart of all gaps shows what those by variable do not: gaps beside each other.

    Those of shares follow those of means.
    """
    drawn = all(_has_course(context, item) for item in measure.by)
    return not drawn or (len(measure.by) > 1 and not measure.is_share)


def moved_words(context: SampledContext, measure: GroupMeasure, item: At) -> list[Run]:
    """Whether the widest gap of a variable moved since the first wave; nothing of one wave."""
    found = widest_gap(context, item)
    if found is None or found[1].moved.missing or context.is_hidden(found[1].moved):
        return []
    category, wave = found
    moved, style = wave.moved, measure.moved
    size = moved.estimate
    if excludes_zero(moved):  # which way it moved is said in words
        style, size = ERROR_STYLES.get(style, style), unsigned(size)
    if not excludes_zero(moved):
        template = _(
            "There is no clear evidence that the gap between {group} and {reference} changed since "
            "{first} (by {moved} {unit})."
        )
    elif wave.gap.estimate.value * moved.estimate.value > 0:
        template = _(
            "The gap between {group} and {reference} widened since {first} (by {moved} {unit})."
        )
    elif abs(moved.estimate.value) <= abs(wave.gap.estimate.value - moved.estimate.value):
        template = _(
            "The gap between {group} and {reference} narrowed since {first} (by {moved} {unit})."
        )
    else:
        template = _(
            "The gap between {group} and {reference} changed sides since {first} (by {moved} "
            "{unit})."
        )
    return say(
        template,
        group=category_name(context, item, category),
        reference=category_name(context, item, item.categories[0]),
        first=context.labels.wave(context.results.means.waves[0].wave.value),
        moved=shown(size, moved, style),
        unit=measure.unit_of_gaps(context),
    )


def widest_gap_words(context: SampledContext) -> list[Run]:
    """The widest gap of all variables in the last wave, and whether it moved."""
    measure = means_measure(context)
    items = in_order(context, measure)
    if not items:
        return []
    category, wave = widest_gap(context, items[0])
    words = say(
        _(
            "The widest gap is that of {variable}: {group} minus {reference} was {gap} {unit} in "
            "{wave}."
        ),
        variable=context.labels.variable(items[0].variable.value),
        group=category_name(context, items[0], category),
        reference=category_name(context, items[0], items[0].categories[0]),
        gap=shown(wave.gap.estimate, wave.gap, SIGNED).bold(),
        unit=context.labels.unit,
        wave=context.labels.wave(wave.wave.value),
    )
    return join(words, moved_words(context, measure, items[0]))


def category_errors(context: SampledContext, measure: GroupMeasure, item: At) -> list[Block]:
    """How the groups of one variable moved, and what their errors are made of."""
    told: list[Told] = []
    for category in item.categories:
        told.append(Told(category_name(context, item, category)))
        for wave in category.waves:
            name = context.labels.wave(wave.wave.value)
            told.append(Told(name, wave, measure.style))
            told.append(Told(_("{wave}: gap").format(wave=name), wave.gap, measure.moved))
            told.append(Told(_("{wave}: change").format(wave=name), wave.change, measure.moved))
            told.append(
                Told(_("{wave}: change of the gap").format(wave=name), wave.moved, measure.moved)
            )
    caption = say(
        _("{measure} by {variable}: what the errors are made of, in {unit}"),
        measure=measure.name,
        variable=context.labels.variable(item.variable.value),
        unit=measure.unit_of_gaps(context),
    )
    made = errors_table(f"errors-{measure.key}-{item.variable.value}", started(caption), told)
    return [*moves_table(context, measure, item), *made]
