"""Sizes of the effects of all variables, in standard deviations, the largest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.disclosure.support import rests_on_enough
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import drawn, signed
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.standardised import sd_of_number
from mlm.results.reading import At

MOST_EFFECTS = 24  # in the chart


@dataclass(frozen=True)
class Effect:
    """What one category does against its reference, or one standard deviation of a number."""

    variable: str
    category: str | None
    estimate: At
    lower: At
    upper: At


def effects_blocks(context: Context) -> list[Block]:
    """The chart of effect sizes; nothing where no variable of the models has one."""
    spread = _spread(context)
    if spread is None:
        return []
    found = [effect for item in _told(context) for effect in _effects(context, *item, spread)]
    found.sort(key=lambda effect: abs(effect.estimate.value), reverse=True)
    return [_figure(context, found[:MOST_EFFECTS], spread)] if found else []


def _last_wave(context: Context) -> str:
    return context.results.time.waves.value[-1]


def _spread(context: Context) -> At | None:
    """Standard deviation of the outcome in the last wave; None where it may not be shown."""
    wave = _last_wave(context)
    found = context.results.waves.find(wave=wave)
    hidden = context.rules.is_public and wave in context.dominated_waves
    return None if hidden or found is None or not found.sd.value else found.sd


def _told(context: Context) -> Iterator[tuple[str, At]]:
    """Each variable with its effects in the last wave, policies first."""
    last = _last_wave(context)
    for item in context.results.policy:
        for effect in item.effects:
            if effect.wave.value in (None, last):
                yield item.variable.value, effect
    for item in context.results.associations:
        for effect in item.latest:
            yield item.variable.value, effect


def _effects(context: Context, variable: str, item: At, spread: At) -> Iterator[Effect]:
    category = item.category.value
    sd = None if category is not None else sd_of_number(context, variable)
    has_no_size = category is None and sd is None
    if has_no_size or item.lower.missing or not rests_on_enough(variable, item, context):
        return
    unit = spread if sd is None else derive("quotient", spread, sd)
    ends = (item.estimate, item.lower, item.upper)
    yield Effect(variable, category, *(derive("quotient", end, unit) for end in ends))


def _without_size(context: Context, shown: list[Effect]) -> list[Run]:
    """Variables of the settled model that no single size tells of."""
    names = {effect.variable for effect in shown}
    held = [item.variable.value for item in context.results.associations if item.terms.value]
    left = [context.labels.variable(name) for name in held if name not in names]
    if not left:
        return []
    return say(
        _("Not in the chart, as no single number tells of their effect: {variables}."),
        variables=enumerate_words(left),
    )


def _label(context: Context, effect: Effect) -> str:
    labels = context.labels
    name = labels.variable(effect.variable)
    if effect.category is None:
        return _("{variable} (per SD)").format(variable=name)
    category = capitalise(labels.category(effect.variable, effect.category))
    template = (
        _("{category} against {reference}")
        if category == capitalise(name)
        else _("{variable}: {category} against {reference}")
    )
    reference = labels.reference(effect.variable)
    return template.format(variable=name, category=category, reference=reference)


def _figure(context: Context, effects: list[Effect], spread: At) -> Block:
    outcome, wave = context.labels.outcome, context.labels.wave(_last_wave(context))
    data: dict[str, list[Any]] = {"label": [_label(context, effect) for effect in effects]}
    for end in ("estimate", "lower", "upper"):
        data[end] = [drawn(getattr(effect, end), decimals=2) for effect in effects]
    how = say(
        _(
            "One row per effect in the settled model, in standard deviations of {outcome} in "
            "{wave}; the line is its 95% interval. Categories are compared with their reference, "
            "numbers by one standard deviation of their own. Effects that change over waves are "
            "those of {wave}; where a variable also stands in other products, its effect is that "
            "at the reference of the others."
        ),
        outcome=outcome,
        wave=wave,
    )
    left = _without_size(context, effects)
    return figure(
        "effects",
        "effects",
        say(_("Sizes of the effects on {outcome}, the largest first"), outcome=outcome),
        join(how, left),
        _alt(effects, data["label"]),
        data,
        {"x": _("Difference in {outcome} (standard deviations)").format(outcome=outcome)},
        unit=_("standard deviations"),
        title=_title(effects, data["label"]) if not left else "",
    )


def _title(effects: list[Effect], labels: list[str]) -> list[Run]:
    """The largest effect, to be told where every variable has one."""
    value = signed(effects[0].estimate, decimals=2)
    template = _("The largest effect: {effect}, {value} standard deviations")
    return say(template, effect=labels[0], value=value)


def _alt(effects: list[Effect], labels: list[str]) -> list[Run]:
    told: list[Run] = []
    for label, effect in zip(labels, effects, strict=True):
        if told:
            told += say("; ")
        told += say("{label} {value}", label=label, value=signed(effect.estimate, decimals=2))
    return say(_("Effects with 95% intervals, in standard deviations: {effects}."), effects=told)
