"""The policy in each wave alone, beside the model of all waves."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.phrases import error_of
from mlm.pages.rounding import NOT_AVAILABLE, NOT_IN_MODEL, degrees, fixed, number, signed
from mlm.pages.text import Run, enumerate_words, plain_text, say
from mlm.results.reading import At


def beside(item: At, alone: At) -> At | None:
    """The model's effect that stands beside one of a wave alone: of that wave, or of all."""
    same = {"category": alone.category.value}
    found = item.effects.find(**same, wave=alone.wave.value)
    return item.effects.find(**same, wave=None) if found is None else found


def apart_words(context: Context, item: At) -> list[Run]:
    """Where a wave alone and the model differ by more than their errors."""
    labels = context.labels
    parts = []
    for alone in item.unadjusted:
        model = beside(item, alone)
        if model is None or not alone.apart.value:
            continue
        error = error_of(alone)
        parts.append(
            say(
                _("{value} (SE {error}) against {model} (SE {other}) for {category} in {wave}"),
                value=signed(alone.estimate, error),
                error=number(error, error),
                model=signed(model.estimate, error_of(model)),
                other=number(error_of(model), error_of(model)),
                category=category_of(context, item, alone),
                wave=labels.wave(alone.wave.value),
            )
        )
    if not parts:
        return []
    return say(
        _(
            "Without covariates, a wave alone differs from the model by more than their "
            "errors: {list}."
        ),
        list=enumerate_words(parts),
    )


def category_of(context: Context, item: At, row: At) -> str:
    """A category in words; the variable for a policy that is a number."""
    variable, category = item.variable.value, row.category.value
    labels = context.labels
    return labels.variable(variable) if category is None else labels.alone(variable, category)


def alone_table(context: Context, item: At) -> Block:
    """Differences in each wave alone, without covariates, beside the model's."""
    labels = context.labels
    rows = []
    for alone in item.unadjusted:
        model, error = beside(item, alone), error_of(alone)
        other = None if model is None else error_of(model)
        rows.append(
            row(
                capitalise(category_of(context, item, alone)),
                labels.wave(alone.wave.value),
                signed(alone.estimate, error),
                number(error, error),
                degrees(alone.df),
                NOT_AVAILABLE if alone.size.missing else fixed(alone.size.estimate, 2),
                NOT_IN_MODEL if model is None else signed(model.estimate, other),
                NOT_IN_MODEL if model is None else number(other, other),
                _("yes") if alone.apart.value else _("no"),
            )
        )
    columns = [
        column(_("Category"), "text"),
        column(labels.wave_title, "text", main=True),
        column(_("Difference"), group=_("That wave alone, without covariates"), main=True),
        column(_("SE"), group=_("That wave alone, without covariates")),
        column(_("df"), group=_("That wave alone, without covariates")),
        column(_("In SD"), group=_("That wave alone, without covariates")),
        column(_("Difference"), group=_("In the model"), main=True),
        column(_("SE"), group=_("In the model")),
        column(_("Apart"), "text"),
    ]
    caption = say(
        _("Differences by {variable} in each wave alone, without covariates, in {unit}"),
        variable=labels.variable(item.variable.value),
        unit=labels.unit,
    )
    rows_of = _("The rows are those of the model; unadjusted, with random effects of {levels}.")
    apart = _("Apart: the two differ by more than the larger of their standard errors.")
    notes = [rows_of.format(levels=_levels(context, item)), apart]
    return table(f"crude-{item.variable.value}", caption, columns, rows, notes, alike=[(2,), (6,)])


def _levels(context: Context, item: At) -> str:
    """The units with random effects in the waves alone."""
    found = dict.fromkeys(
        level.unit for wave in item.unadjusted_waves.value for level in wave.levels
    )
    if not found:
        return _("no units")
    return plain_text(enumerate_words([context.labels.plural(unit) for unit in found]))
