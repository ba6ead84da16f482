"""Question 1: how much variation there is at each level."""

from __future__ import annotations

from mlm.pages.blocks import Block, note, paragraph
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.sections.section import Section
from mlm.pages.sections.variation.chart import shares_figure
from mlm.pages.sections.variation.tables import (
    correlations_table,
    shares_in_waves_table,
    shares_table,
    tests_table,
    told_by_wave,
    unit_correlations_table,
)
from mlm.pages.sections.variation.words import variation_answer

QUESTION = N_("How much variation is there at each level?")


def variation_section(context: Context) -> Section:
    """The section on the null model: shares, correlations, tests."""
    blocks = [paragraph(variation_answer(context), "answer"), *_body(context)]
    return Section("variation", _("Variation at each level"), blocks, "1", _(QUESTION))


def _body(context: Context) -> list[Block]:
    null = context.results.null
    if null.shares.empty:
        return []
    blocks = [shares_figure(context), shares_table(context)]
    if not null.correlations.empty:
        blocks += [_correlations_paragraph(), correlations_table(context)]
    known = [item for item in null.unit_correlations if not item.value_.missing]
    if known:
        blocks += [unit_correlations_table(context, known)]
    if not null.tests.empty:
        blocks += [tests_table(context)]
    if told_by_wave(context):
        blocks += [shares_in_waves_table(context)]
    if any(not item.variance.missing and item.variance.value <= 0 for item in null.shares):
        blocks += [_empty_note()]
    return blocks


def _correlations_paragraph() -> Block:
    return paragraph(
        _(
            "The same shares, read as correlations: how alike two rows are that have a group in "
            "common."
        )
    )


def _empty_note() -> Block:
    return note(
        "information",
        _(
            "A level with an estimate of zero is called empty: the survey holds no sign that its "
            "groups differ beyond what the levels below explain. It stays in the model, because "
            "the design says it is there."
        ),
    )
