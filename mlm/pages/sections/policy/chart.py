"""The chart of a policy: its difference by wave."""

from __future__ import annotations

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.phrases import error_of
from mlm.pages.rounding import drawn, signed
from mlm.pages.sections.policy.words import category_names, wave_label
from mlm.pages.text import Run, say
from mlm.pages.wording import EvidenceWording
from mlm.results.reading import At


def policy_figure(context: Context, item: At, words: EvidenceWording, source: At) -> Block:
    """The difference by wave, one mark a category."""
    variable = item.variable.value
    effects, alone = list(source.effects), list(item.unadjusted)
    told = [_("In the model")] * len(effects) + [_("That wave alone")] * len(alone)
    effects += alone
    names = [category_names(context, item, effect.category.value).category for effect in effects]
    data = {
        "wave": [wave_label(context, item, effect) for effect in effects],
        "category": [capitalise(name) for name in names],
        "told": told,
    }
    for name in ("estimate", "lower", "upper"):
        data[name] = [drawn(getattr(effect, name), error_of(effect)) for effect in effects]
    label = context.labels.variable(variable)
    return figure(
        f"policy-{variable}",
        "policy",
        say(_("{kind} {label} by wave"), kind=words.caption, label=label),
        _(
            "Each mark is the difference from the reference category in that wave; the line is its "
            "95% interval. Open marks are differences in that wave alone, without covariates. An "
            "interval that crosses zero leaves the direction open."
        ),
        _(
            "Difference from the reference category by wave with 95% intervals; the numbers are in "
            "the table below the chart."
        ),
        data,
        {
            "y": _("Difference ({unit})").format(unit=context.labels.unit),
            "x": context.labels.below_waves,
            "places": {
                name: _place(context, variable, effect.category.value)
                for name, effect in zip(data["category"], effects, strict=True)
            },
        },
        unit=context.labels.unit,
        title=_title(context, item, list(source.effects)),
    )


def _title(context: Context, item: At, effects: list[At]) -> list[Run]:
    """The largest difference of the last wave."""
    last = [effect for effect in effects if effect.wave.value == effects[-1].wave.value]
    most = max(last, key=lambda effect: abs(effect.estimate.value))
    names = category_names(context, item, most.category.value)
    return say(
        _("{category} against {reference}: {value} {unit} in {wave}"),
        category=capitalise(names.category),
        reference=names.reference,
        value=signed(most.estimate, most.std_error),
        unit=context.labels.unit,
        wave=wave_label(context, item, most),
    )


def _place(context: Context, variable: str, category: str | None) -> int:
    """Place of a category, which gives its colour; that of a number is the first."""
    return 1 if category is None else context.labels.place_of(variable, category)
