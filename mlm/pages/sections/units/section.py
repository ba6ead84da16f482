"""Question 4: which groups are above or below expectation, and may they be ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mlm.pages.blocks import Block, heading, note, paragraph
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.sections.section import Section
from mlm.pages.sections.units.caterpillar import caterpillar_figure
from mlm.pages.sections.units.licence import licence_table
from mlm.pages.sections.units.sides import sides_table
from mlm.pages.sections.units.table import units_table
from mlm.pages.sections.units.tiles import tiles_blocks
from mlm.pages.sections.units.words import (
    beside_notes,
    crossed_notes,
    ranking_caution,
    refusal,
    units_answer,
    units_question,
    unseen_words,
)
from mlm.pages.words.levels import identifier
from mlm.results.reading import At
from mlm.results.some_items import Some


def units_section(context: Context) -> Section:
    """The section on unit effects; an order is shown only where the licence is granted."""
    blocks: list[Block] = [paragraph(units_answer(context), "answer")]
    effects = list(context.results.effects)
    if effects:
        blocks.append(
            paragraph(
                _(
                    "The effect of a group is how far its mean lies above or below what the "
                    "variables of the settled model lead one to expect, shrunk towards zero, and "
                    "more so where it has few observations. It says nothing about why. Groups come "
                    "first: those above and below expectation. Before any order is shown, the "
                    "effects must pass the checks below."
                )
            )
        )
        if any(_differ(Some(item.units)) for item in effects):
            words = _(
                "What is compared are the effects in one wave, of whose rows raw effects are the "
                "means. The shrunken ones draw on the other waves too: they may lie farther from "
                "zero than the raw ones, or on its other side."
            )
            blocks.append(paragraph(words))
        if any(item.kind.value == "tested" and item.kept.value for item in context.results.slopes):
            words = _(
                "Where the effect of a variable differs between groups (section 3), the effect "
                "of a group is given for the mean of that variable, and may be another for "
                "other cases."
            )
            blocks.append(paragraph(words))
    blocks += [note("information", text) for text in crossed_notes(context) if effects]
    blocks += [note("information", text) for text in beside_notes(context) if effects]
    for item in effects:
        blocks += _level_blocks(context, item, len(effects) > 1)
    title = _("Groups above or below expectation")
    return Section("units", title, blocks, "4", units_question(context))


def _differ(units: Some) -> bool:
    """Whether fewer rows of some units are compared than they have."""
    return bool((units.column("n_compared") < units.column("n")).any())


def _level_blocks(context: Context, item: At, several: bool) -> list[Block]:
    level = item.level.value
    granted = item.licence.granted.value
    blocks: list[Block] = []
    if several:
        blocks.append(heading(f"units-{identifier(level)}", context.title_of(level)))
    unseen = unseen_words(context, item)
    blocks += [paragraph(unseen)] if unseen is not None else []
    blocks += [sides_table(context, item), *tiles_blocks(context, item)]
    blocks.append(licence_table(context, item))
    if not granted:
        return [*blocks, note("caution", refusal(context, item))]
    return [
        *blocks,
        *(draw(context, item) for draw in _charts(context, item)),
        units_table(context, item),
        note("information", ranking_caution(context, item)),
    ]


def _charts(context: Context, item: At) -> Iterator[Callable[[Context, At], Block]]:
    """The charts that have units to show."""
    named = context.rules.named(item.units)
    if any(unit.ranked.value for unit in named):
        yield caterpillar_figure
