"""Policies: weighted contrasts in the settled model, and of each wave without covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlm.pages.blocks import Block, code, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise, uncapitalise
from mlm.pages.language import _
from mlm.pages.phrases import is_made
from mlm.pages.rounding import NOT_APPLICABLE, NOT_AVAILABLE, fixed, number, p_value
from mlm.pages.sections.policy.apart import apart_words
from mlm.pages.sections.policy.chart import policy_figure
from mlm.pages.sections.policy.section import explanation_words
from mlm.pages.sections.policy.words import (
    category_names,
    effects_words,
    policy_wording,
    rests_words,
    time_words,
    unseen_words,
    wave_label,
)
from mlm.pages.sections.sampled.balance import balance_blocks
from mlm.pages.sections.sampled.error_parts import Told, errors_table
from mlm.pages.sections.sampled.estimates import (
    SIGNED,
    df_cell,
    estimate_cells,
    estimate_columns,
    interval_note,
)
from mlm.pages.sections.section import Section
from mlm.pages.text import join, say
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.results.reading import At


def policy_section(context: Context) -> Section | None:
    """The section on policy variables; None when the analysis declares none."""
    policies = [item for item in context.results.policy if not item.effects.empty]
    if not policies:
        return None
    blocks: list[Block] = []
    for item in policies:
        blocks += _policy_blocks(context, item)
    question = _("What may be said about the policy variables?")
    return Section("policy", _("Policy"), blocks, "4", question)


def _policy_blocks(context: Context, item: At) -> list[Block]:
    words = policy_wording(context, item, item)
    variable, unseen = item.variable.value, unseen_words(context, item)
    label = context.labels.variable(variable)
    title = _("{heading}: {label}").format(heading=label, label=uncapitalise(words.name))
    answer = join(
        effects_words(context, item), rests_words(context, item), apart_words(context, item)
    )
    blocks: list[Block] = [
        heading(f"policy-{variable}", title),
        paragraph(answer, "answer"),
        paragraph(explanation_words(context, item, words)),
        *([note("caution", unseen)] if unseen else []),
        *_time_blocks(context, item),
    ]
    effects, alone = list(item.effects), list(item.unadjusted)
    if item.by_wave.value and len(effects) > 1:
        blocks.append(policy_figure(context, item, words, item))
    caption = say(
        _("{kind} {variable} in the settled model, in {unit}"),
        kind=words.caption,
        variable=label,
        unit=context.labels.unit,
    )
    blocks.append(_table(context, item, effects, f"policy-{variable}", caption))
    if alone:
        caption = say(
            _("Differences by {variable} in each wave, without covariates, in {unit}"),
            variable=label,
            unit=context.labels.unit,
        )
        blocks.append(_table(context, item, alone, f"unadjusted-{variable}", caption))
    blocks.append(code(item.formula.value, _("Model of this comparison")))
    return [*blocks, *balance_blocks(context, item)]


def _time_blocks(context: Context, item: At) -> list[Block]:
    """Whether the differences change over waves; nothing where the model has one for all."""
    if item.time_test.missing:
        return []
    if is_made(item.time_test):
        return [paragraph(time_words(context, item))]
    words = say(
        _("Whether the differences change from wave to wave was not tested: {reason}."),
        reason=sampled_reason_words(item.time_test.reason, context.labels),
    )
    return [note("information", words)]


def _table(
    context: Context, item: At, effects: Sequence[At], name: str, caption: Sequence[Any]
) -> Block:
    """Effects, their tests and sizes; of those without covariates whether they stand apart."""
    apart = "apart" in type(effects[0].value).model_fields
    rows = []
    for effect in effects:
        names = category_names(context, item, effect.category.value)
        cells = [
            wave_label(context, item, effect),
            *estimate_cells(effect, SIGNED),
            df_cell(effect),
            p_value(effect.p_value),
            *_size_cells(effect.size),
        ]
        cells += [_apart(effect)] if apart else []
        rows.append(row(capitalise(names.category), *cells))
    size = _("In SD")
    columns = [
        column(_("Category"), "text"),
        column(context.labels.wave_title, "text", main=True),
        *estimate_columns(_("Difference")),
        column(_("df")),
        column("p"),
        column(_("Difference"), group=size),
        column(_("Lower"), group=size),
        column(_("Upper"), group=size),
        column(_("SD")),
        *([column(_("Apart"), "text")] if apart else []),
    ]
    notes = [
        interval_note(),
        _(
            "In SD: divided by the weighted standard deviation of the outcome in the comparison "
            "group in that wave, all levels together (for all waves: within waves), which is the "
            "last number of the row. The interval does not count the error of that standard "
            "deviation."
        ),
    ]
    if apart:
        notes.append(
            _(
                "Apart: differs from the settled model by more than the larger of the two "
                "standard errors."
            )
        )
    return table(name, caption, columns, rows, notes, alike=[(2, 4, 5)])


def _size_cells(size: At) -> list[Any]:
    if size.missing:
        return [NOT_AVAILABLE] * 4
    ends = (size.estimate, size.lower, size.upper)
    return [*(fixed(value, 2) for value in ends), number(size.weighted_sd)]


def _apart(effect: At) -> str:
    if effect.apart.missing:
        return NOT_APPLICABLE
    return _("yes") if effect.apart.value else _("no")


def policy_errors(context: Context, item: At) -> list[Block]:
    """What the errors of the differences of one policy are made of."""
    told: list[Told] = []
    parts = ((_("In the model"), item.effects), (_("Without covariates"), item.unadjusted))
    for title, found in parts:
        if not found.empty:
            told.append(Told(title))
        for effect in found:
            category = category_names(context, item, effect.category.value).category
            name = f"{capitalise(category)}, {wave_label(context, item, effect)}"
            told.append(Told(name, effect, SIGNED))
    caption = say(
        _("{variable}: what the errors of the differences are made of, in {unit}"),
        variable=context.labels.variable(item.variable.value),
        unit=context.labels.unit,
    )
    return errors_table(f"errors-policy-{item.variable.value}", caption, told)
