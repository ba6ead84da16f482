"""Findings on units: whether they may be ranked, and which stand out."""

from __future__ import annotations

from mlm.nouns.levels import WAVE
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.language import N_, _
from mlm.pages.rounding import Number, p_equals, percent, plain, tally
from mlm.pages.sections.units.licence import BY_LOWER_END, value_of_check
from mlm.pages.sections.units.words import are_uncounted, names_groups, units_on
from mlm.pages.text import Part, Run, join, say
from mlm.pages.words.units import unit_name, units_in_order
from mlm.results.level import Level
from mlm.results.reading import At

NAMED_ON_A_SIDE = 4  # units that a sentence names on one side
REASONS = {  # by the check that fails, the plainest first
    "units": N_("there are too few of them"),
    "variance": N_("they do not clearly differ"),
    "stability": N_("results may not last"),
    "reliability": N_("too little is known of each"),
    "separable": N_("too few of them can be told apart"),
}
FIGURES = {  # what it found, and what is needed
    "variance": N_("(p {value})"),
    "stability": N_("(correlation over time {value}; {needed} needed)"),
    "reliability": N_("(reliability {value}; {needed} needed)"),
    "separable": N_("({value} of the pairs; {needed} needed)"),
}
OWN_UNITS = N_("each time others were studied")


def ranking_findings(context: Context) -> list[Finding]:
    """Units of each level that are compared: first those that may be told apart."""
    effects = list(context.results.effects)
    refused = [_refused(context, item) for item in effects if not names_groups(item)]
    named = [_groups(context, item) for item in effects if names_groups(item)]
    return [*named, *refused, *_of_each_wave(context)]


def _of_each_wave(context: Context) -> list[Finding]:
    """Units that are others in every wave, of which none is told of; nothing with one wave."""
    compared = {item.level.value.unit for item in context.results.effects}
    levels = [item.level.value for item in context.results.levels]
    own = [
        level
        for level in levels
        if WAVE in level.ids and not level.in_wave and level.unit not in compared
    ]
    return [_not_told(context, level) for level in own if context.is_longitudinal]


def _not_told(context: Context, level: Level) -> Finding:
    units = context.labels.plural(level)
    why = say(_(OWN_UNITS), units=units)
    return Finding(
        key=key_of("ranking", level.unit),
        kind="ranking",
        runs=say(_("{units} are not ranked: {why}."), units=units, why=why),
        short=say(_("{units} are not ranked"), units=units),
        section="units",
        is_news=False,
    )


def why_not(item: At) -> list[Run]:
    """Why units may not be ranked, in a few words: the first check that fails, and its number."""
    failed = {check.check.value: check for check in item.licence.checks if not check.passed.value}
    name = next((name for name in REASONS if name in failed), "separable")
    check = failed.get(name)
    if check is None or check.value_.missing:
        return say(_(REASONS[name]))
    return join(say(_(REASONS[name])), _found(name, check))


def _found(name: str, check: At) -> list[Run]:
    """``(correlation over time 0.41, at worst 0.25; 0.5 needed)``; nothing of their number.

    One wording, whether the number itself would pass or not, as the lower end is judged.
    """
    if name not in FIGURES:
        return []
    if name == "variance":
        return say(_(FIGURES[name]), value=p_equals(check.value_))
    value: Part = value_of_check(name, check.value_)
    if name in BY_LOWER_END and not check.lower.missing:
        least = value_of_check(name, check.lower)
        value = say(_("{value}, at worst {least}"), value=value, least=least)
    needed = percent(check.threshold, 0) if name == "separable" else plain(check.threshold)
    return say(_(FIGURES[name]), value=value, needed=needed)


def _refused(context: Context, item: At) -> Finding:
    units = context.labels.plural(item.level.value)
    return Finding(
        key=key_of("ranking", item.level.value.unit),
        kind="ranking",
        runs=say(_("{units} cannot be ranked: {why}."), units=units, why=why_not(item)),
        short=say(_("{units} cannot be ranked"), units=units),
        section="units",
    )


def _groups(context: Context, item: At) -> Finding:
    units = context.labels.plural(item.level.value)
    above, below = units_on(context, item, "above"), units_on(context, item, "below")
    are_named = all(_may_be_named(context, side) for side in (above, below))  # both, or neither
    template = (
        _("{units} may be ranked: {above} above, {expected} as expected, {below} below{rest}.")
        if item.licence.granted.value
        else _(
            "{units} form groups, not an order: {above} above, {expected} as expected, {below} "
            "below{rest}."
        )
    )
    short = (
        _("{units} may be ranked")
        if item.licence.granted.value
        else _("{units} form three groups, not an order")
    )
    return Finding(
        key=key_of("ranking", item.level.value.unit),
        kind="ranking",
        runs=say(
            template,
            units=units,
            above=_named(above, are_named),
            expected=_number(units_on(context, item, "expected")),
            below=_named(below, are_named),
            rest=_rest(context, item),
        ),
        short=say(short, units=units),
        section="units",
    )


def _may_be_named(context: Context, units: list[At]) -> bool:
    """Whether the units of a side are few, and may be named."""
    return len(units) <= NAMED_ON_A_SIDE and len(context.rules.named(units)) == len(units)


def _named(units: list[At], are_named: bool) -> list[Run]:
    """How many units, and which."""
    number = _number(units).bold()
    if not units or not are_named:
        return say("{number}", number=number)
    names = ", ".join(unit_name(unit.unit.value) for unit in units_in_order(units))
    return say("{number} ({names})", number=number, names=names)


def _rest(context: Context, item: At) -> list[Run]:
    """That units of few people are not counted, where there are any."""
    if not are_uncounted(context, item):
        return []
    return say(
        _("; those that may have fewer than {least} people are not counted"),
        least=str(context.rules.threshold),
    )


def _number(units: list[At]) -> Number:
    return tally(derive("items", *(unit.unit for unit in units)))
