"""Findings on units: whether they may be ranked, and which stand out."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.language import N_, _
from mlm.pages.rounding import Number, tally
from mlm.pages.sections.units.words import names_groups, units_on
from mlm.pages.text import Run, enumerate_words, plain_text, say
from mlm.pages.words.units import unit_name
from mlm.results.reading import At

NAMED_ON_A_SIDE = 4  # units that a sentence names on one side
REASONS = {  # by the check that fails, the plainest first
    "units": N_("there are too few of them"),
    "variance": N_("they do not clearly differ"),
    "stability": N_("their results often change"),
    "reliability": N_("too little is known of each"),
    "separable": N_("most of them cannot be told apart"),
}
UNCERTAIN = N_("it is uncertain whether good results last")


def ranking_findings(context: Context) -> list[Finding]:
    """Units of each level that are compared; those refused for the same reason together."""
    effects = list(context.results.effects)
    refused = [item for item in effects if not names_groups(item)]
    found = [_groups(context, item) for item in effects if names_groups(item)]
    by_reason: dict[str, list[At]] = {}
    for item in refused:
        by_reason.setdefault(why_not(item), []).append(item)
    return [*found, *(_refused(context, why, items) for why, items in by_reason.items())]


def why_not(item: At) -> str:
    """Why units may not be ranked, in a few words: the first check that fails."""
    failed = {check.check.value: check for check in item.licence.checks if not check.passed.value}
    name = next((name for name in REASONS if name in failed), "separable")
    check = failed.get(name)
    if name == "stability" and not (
        check.value_.missing or check.value_.value < check.threshold.value
    ):
        return _(UNCERTAIN)
    return _(REASONS[name])


def _refused(context: Context, why: str, items: list[At]) -> Finding:
    units = plain_text(enumerate_words([context.labels.plural(i.level.value) for i in items]))
    return Finding(
        key=key_of("ranking", items[0].level.value.unit),
        kind="ranking",
        runs=say(_("{units} cannot be ranked: {why}."), units=units, why=why),
        short=say(_("{units} cannot be ranked"), units=units),
        section="units",
    )


def _groups(context: Context, item: At) -> Finding:
    units = context.labels.plural(item.level.value)
    above, below = units_on(item, "above"), units_on(item, "below")
    template = (
        _("{units} may be ranked: {above} above, {expected} as expected, {below} below.")
        if item.licence.granted.value
        else _(
            "{units} form groups, not an order: {above} above, {expected} as expected, {below} "
            "below."
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
            above=_named(context, above),
            expected=_number(units_on(item, "expected")),
            below=_named(context, below),
        ),
        short=say(short, units=units),
        section="units",
    )


def _named(context: Context, units: list[At]) -> list[Run]:
    """How many units, and which, where they are few and may be named."""
    named = context.rules.named(units)
    number = _number(units).bold()
    if not named or len(named) > NAMED_ON_A_SIDE or len(named) < len(units):
        return say("{number}", number=number)
    names = ", ".join(unit_name(unit.unit.value) for unit in named)
    return say("{number} ({names})", number=number, names=names)


def _number(units: list[At]) -> Number:
    return tally(derive("items", *(unit.unit for unit in units)))
