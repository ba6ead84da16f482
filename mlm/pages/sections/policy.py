"""Policy variables: their effect by wave, worded as the evidence allows."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, heading, paragraph, raw, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise, uncapitalise
from mlm.pages.language import _
from mlm.pages.node import Node
from mlm.pages.numbers import degrees, fixed, number, p_value, signed
from mlm.pages.phrases import error_of, test
from mlm.pages.sections.policy_words import category_names, policy_answer
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, say
from mlm.pages.wording import EvidenceWording, evidence


def policy_section(context: Context) -> Section | None:
    """The section on policy variables; None when the analysis declares none."""
    policies = [item for item in context.results.get("policy") if not item["effects"].empty]
    if not policies:
        return None
    blocks: list[Block] = []
    for item in policies:
        blocks += _policy_blocks(context, item)
    return Section(
        "policy", _("Policy"), blocks, "", _("What may be said about the policy variables?")
    )


def _policy_blocks(context: Context, item: Node) -> list[Block]:
    words = evidence(item["evidence"].value)
    variable = item["variable"].value
    label = context.labels.variable(variable)
    title = _("{heading}: {label}").format(heading=label, label=uncapitalise(words.name))
    blocks = [
        heading(f"policy-{variable}", title),
        paragraph(policy_answer(context, item), "answer"),
        paragraph(say(words.explanation, variable=label)),
    ]
    if item["by_wave"].value and len(item["effects"].value) > 1:
        blocks.append(policy_figure(context, item, words))
    blocks.append(_policy_table(context, item, words))
    if not item.get("time_test").empty:
        blocks.append(paragraph(_time_words(context, item)))
    return blocks


def _time_words(context: Context, item: Node) -> list[Run]:
    small = item["time_test"]["p_value"].value < context.labels.analysis.alpha
    template = (
        _("The differences are not the same in every wave ({test}).")
        if small
        else _("There is no evidence that the differences change from wave to wave ({test}).")
    )
    return say(template, test=test(item["time_test"]))


def _wave_label(context: Context, row: Node) -> str:
    wave = row.get("wave")
    return _("All waves") if wave.missing else context.labels.wave(wave.value)


def _policy_table(context: Context, item: Node, words: EvidenceWording) -> Block:
    variable = item["variable"].value
    rows = []
    for effect in item["effects"]:
        error = error_of(effect)
        names = category_names(context, item, effect["category"].value)
        rows.append(
            row(
                capitalise(names["category"]),
                _wave_label(context, effect),
                signed(effect["estimate"], error),
                number(error, error),
                signed(effect["lower"], error),
                signed(effect["upper"], error),
                degrees(effect["df"]),
                p_value(effect["p_value"]),
                fixed(effect.get("standardised"), 2),
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
    caption = say(
        _("{kind} {variable}, against {reference}, in {unit}"),
        kind=words.caption,
        variable=uncapitalise(context.labels.variable(variable)),
        reference=category_names(context, item, item["effects"][0]["category"].value)["reference"],
        unit=context.labels.unit,
    )
    notes = [
        _(
            "In SD: the difference divided by the standard deviation of the outcome that the model "
            "leaves, all levels together."
        )
    ]
    return table(f"policy-{variable}", caption, columns, rows, notes)


def policy_figure(context: Context, item: Node, words: EvidenceWording) -> Block:
    """The difference by wave, one mark a category."""
    variable = item["variable"].value
    effects = list(item["effects"])
    names = [
        category_names(context, item, effect["category"].value)["category"] for effect in effects
    ]
    data = {
        "wave": [_wave_label(context, effect) for effect in effects],
        "category": [capitalise(name) for name in names],
    }
    data |= {
        key: [raw(effect[key]) for effect in effects] for key in ("estimate", "lower", "upper")
    }
    label = uncapitalise(context.labels.variable(variable))
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
