"""Policy variables: their effect by wave, worded as the evidence allows."""

from __future__ import annotations

from mlm.pages.blocks import Block, bullets, heading, note, paragraph
from mlm.pages.context import Context
from mlm.pages.labels import uncapitalise
from mlm.pages.language import _
from mlm.pages.phrases import is_made
from mlm.pages.sections.policy.balance import balance_blocks
from mlm.pages.sections.policy.chart import policy_figure
from mlm.pages.sections.policy.table import policy_table
from mlm.pages.sections.policy.words import (
    policy_answer,
    policy_remarks,
    policy_wording,
    time_words,
    unseen_words,
)
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, say
from mlm.pages.wording import EvidenceWording
from mlm.results.reading import At


def policy_section(context: Context) -> Section | None:
    """The section on policy variables; None when the analysis declares none."""
    policies = [item for item in context.results.policy if not item.effects.empty]
    if not policies:
        return None
    blocks: list[Block] = []
    for item in policies:
        blocks += _policy_blocks(context, item)
    for item in context.results.policy:
        blocks += balance_blocks(context, item)
    return Section(
        "policy", _("Policy"), blocks, "", _("What may be said about the policy variables?")
    )


def _policy_blocks(context: Context, item: At) -> list[Block]:
    words = policy_wording(context, item, item)
    variable, unseen = item.variable.value, unseen_words(context, item)
    label = context.labels.variable(variable)
    title = _("{heading}: {label}").format(heading=label, label=uncapitalise(words.name))
    blocks = [
        heading(f"policy-{variable}", title),
        paragraph(policy_answer(context, item), "answer"),
        *_remarks(context, item),
        paragraph(explanation_words(context, item, words)),
        *([note("caution", unseen)] if unseen else []),
    ]
    waves = None
    if item.by_wave.value:
        waves = item
    elif not item.waves_apart.missing:
        waves = item.waves_apart
    if waves is not item:
        blocks.append(policy_table(context, item, words, item))
    if waves is not None and waves is not item:
        blocks.append(
            paragraph(
                _(
                    "The settled model has one difference for all waves. Those of single waves "
                    "below come from the same model with the product of the policy and time."
                )
            )
        )
    if item.by_wave.value and is_made(item.time_test):
        blocks.append(paragraph(time_words(context, item)))
    if waves is not None:
        if len(waves.effects) > 1:
            blocks.append(policy_figure(context, item, words, waves))
        blocks.append(policy_table(context, item, words, waves))
    return blocks


def _remarks(context: Context, item: At) -> list[Block]:
    found = policy_remarks(context, item)
    return [bullets(found)] if found else []


def explanation_words(context: Context, item: At, words: EvidenceWording) -> list[Run]:
    """How the comparison came about, and what that allows to say."""
    assignment, labels = item.assignment, context.labels
    level, wave = assignment.level.value, assignment.wave.value
    return say(
        words.explanation,
        variable=labels.variable(item.variable.value),
        units="" if level is None else labels.plural(level),
        wave="" if wave is None else labels.wave(wave),
    )
