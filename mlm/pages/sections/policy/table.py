"""The table of a policy: its effects, for all waves or by wave."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.phrases import error_of
from mlm.pages.rounding import NOT_AVAILABLE, degrees, fixed, number, p_value, signed
from mlm.pages.sections.policy.words import category_names, wave_label
from mlm.pages.text import say
from mlm.pages.wording import EvidenceWording
from mlm.results.reading import At


def policy_table(context: Context, item: At, words: EvidenceWording, source: At) -> Block:
    """Effects of a policy; ``source`` holds them: the policy itself, or its waves apart."""
    variable = item.variable.value
    rows = []
    for effect in source.effects:
        error = error_of(effect)
        names = category_names(context, item, effect.category.value)
        rows.append(
            row(
                capitalise(names.category),
                wave_label(context, item, effect),
                signed(effect.estimate, error),
                number(error, error),
                signed(effect.lower, error),
                signed(effect.upper, error),
                degrees(effect.df),
                p_value(effect.p_value),
                *(
                    NOT_AVAILABLE if effect.size.missing else fixed(value, 2)
                    for value in (effect.size.estimate, effect.size.lower, effect.size.upper)
                ),
            )
        )
    columns = [
        column(_("Category"), "text"),
        column(context.labels.wave_title, "text", main=True),
        column(_("Difference"), main=True),
        column(_("SE"), main=True),
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
        column(_("df")),
        column("p"),
        column(_("Difference"), group=_("In SD")),
        column(_("Lower"), group=_("In SD")),
        column(_("Upper"), group=_("In SD")),
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
            "In SD: divided by the standard deviation of the outcome in the comparison group in "
            "that wave, all levels together (for all waves: within waves). The interval does not "
            "count the error of that standard deviation."
        )
    ]
    name = f"policy-{variable}" if source is item else f"policy-{variable}-waves"
    return table(name, caption, columns, rows, notes, alike=[(2, 4, 5)])
