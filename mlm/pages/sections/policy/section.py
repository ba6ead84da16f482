"""Policy variables: their effect by wave, worded as the evidence allows."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, heading, paragraph, raw, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise, uncapitalise
from mlm.pages.language import _
from mlm.results.reading import At
from mlm.pages.numbers import degrees, fixed, number, p_value, signed
from mlm.pages.phrases import error_of
from mlm.pages.sections.policy.words import category_names, policy_answer, time_words
from mlm.pages.sections.section import Section
from mlm.pages.text import say
from mlm.pages.wording import EvidenceWording, evidence


def policy_section(context: Context) -> Section | None:
    """The section on policy variables; None when the analysis declares none."""
    policies = [item for item in context.results.policy if not item.effects.empty]
    if not policies:
        return None
    blocks: list[Block] = []
    for item in policies:
        blocks += _policy_blocks(context, item)
    return Section(
        "policy", _("Policy"), blocks, "", _("What may be said about the policy variables?")
    )


def _policy_blocks(context: Context, item: At) -> list[Block]:
    words = evidence(item.evidence.value)
    variable = item.variable.value
    label = context.labels.variable(variable)
    title = _("{heading}: {label}").format(heading=label, label=uncapitalise(words.name))
    blocks = [
        heading(f"policy-{variable}", title),
        paragraph(policy_answer(context, item), "answer"),
        paragraph(say(words.explanation, variable=label)),
    ]
    waves = None
    if item.by_wave.value:
        waves = item
    elif not item.waves_apart.empty:
        waves = item.waves_apart
    if waves is not item:
        blocks.append(_policy_table(context, item, words, item))
    if waves is not None and waves is not item:
        blocks.append(
            paragraph(
                _(
                    "The final model has one difference for all waves. Those of single waves below "
                    "come from the same model with the product of the policy and time."
                )
            )
        )
    if item.by_wave.value and not item.time_test.empty:
        blocks.append(paragraph(time_words(context, item)))
    if waves is not None:
        if len(waves.effects.value) > 1:
            blocks.append(policy_figure(context, item, words, waves))
        blocks.append(_policy_table(context, item, words, waves))
    return blocks


def _wave_label(context: Context, row: At) -> str:
    wave = row.wave
    return _("All waves") if wave.missing else context.labels.wave(wave.value)


def _policy_table(context: Context, item: At, words: EvidenceWording, source: At) -> Block:
    """Effects of a policy; ``source`` holds them: the policy itself, or its waves apart."""
    variable = item.variable.value
    rows = []
    for effect in source.effects:
        error = error_of(effect)
        names = category_names(context, item, effect.category.value)
        rows.append(
            row(
                capitalise(names["category"]),
                _wave_label(context, effect),
                signed(effect.estimate, error),
                number(error, error),
                signed(effect.lower, error),
                signed(effect.upper, error),
                degrees(effect.df),
                p_value(effect.p_value),
                fixed(effect.standardised, 2),
            )
        )
    columns = [
        column(_("Category"), "text"),
        column(context.labels.time, "text"),
        column(_("Difference")),
        column(_("SE")),
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
        column(_("df")),
        column("p"),
        column(_("In SD")),
    ]
    whole = source is item and not item.by_wave.value
    caption = say(
        _("{kind} {variable}, against {reference}, in {unit}")
        if whole
        else _("{kind} {variable} by wave, against {reference}, in {unit}"),
        kind=words.caption,
        variable=context.labels.variable(variable),
        reference=category_names(context, item, item.effects[0].category.value).reference,
        unit=context.labels.unit,
    )
    notes = [
        _(
            "In SD: the difference divided by the standard deviation of the outcome that the model "
            "leaves, all levels together."
        )
    ]
    name = f"policy-{variable}" if source is item else f"policy-{variable}-waves"
    return table(name, caption, columns, rows, notes)


def policy_figure(context: Context, item: At, words: EvidenceWording, source: At) -> Block:
    """The difference by wave, one mark a category."""
    variable = item.variable.value
    effects = list(source.effects)
    names = [
        category_names(context, item, effect.category.value).category for effect in effects
    ]
    data = {
        "wave": [_wave_label(context, effect) for effect in effects],
        "category": [capitalise(name) for name in names],
    }
    data |= {
        key: [raw(effect[key]) for effect in effects] for key in ("estimate", "lower", "upper")
    }
    label = context.labels.variable(variable)
    return figure(
        f"policy-{variable}",
        "policy",
        say(_("{kind} {label} by wave"), kind=words.caption, label=label),
        _(
            "Each mark is the difference from the reference category in that wave; the line is its "
            "95% interval. An interval that crosses zero leaves the direction open."
        ),
        _(
            "Difference from the reference category by wave with 95% intervals; the numbers are in "
            "the table below the chart."
        ),
        data,
        {
            "y": _("Difference ({unit})").format(unit=context.labels.unit),
            "x": context.labels.time,
        },
    )
