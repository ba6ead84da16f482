"""Findings on units: whether they may be ranked, and which stand out."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.language import N_, _
from mlm.pages.rounding import NOT_AVAILABLE, Number, p_equals, tally
from mlm.pages.sections.units.licence import BY_LOWER_END, value_of_check
from mlm.pages.sections.units.words import names_groups, units_on
from mlm.pages.text import Run, join, say
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
FIGURES = {  # what it found
    "variance": N_("(p {value})"),
    "stability": N_("(correlation over time {value})"),
    "reliability": N_("(reliability {value})"),
    "separable": N_("({value} of the pairs differ clearly)"),
}
UNCERTAIN = N_("it is uncertain whether good results last")


def ranking_findings(context: Context) -> list[Finding]:
    """Units of each level that are compared: first those that may be told apart."""
    effects = list(context.results.effects)
    refused = [_refused(context, item) for item in effects if not names_groups(item)]
    return [*(_groups(context, item) for item in effects if names_groups(item)), *refused]


def why_not(item: At) -> list[Run]:
    """Why units may not be ranked, in a few words: the first check that fails, and its number."""
    failed = {check.check.value: check for check in item.licence.checks if not check.passed.value}
    name = next((name for name in REASONS if name in failed), "separable")
    check = failed.get(name)
    if check is None or check.value_.missing:
        return say(_(REASONS[name]))
    is_high = name == "stability" and check.value_.value >= check.threshold.value
    return join(say(_(UNCERTAIN if is_high else REASONS[name])), _found(name, check))


def _found(name: str, check: At) -> list[Run]:
    """``(correlation over time 0.41)``; nothing of the number of units.

    Where the number itself would pass, the lower end, which is judged: ``perhaps only 0.43``.
    """
    if name not in FIGURES:
        return []
    if name == "variance":
        return say(_(FIGURES[name]), value=p_equals(check.value_))
    if name in BY_LOWER_END and check.value_.value >= check.threshold.value:
        least = NOT_AVAILABLE if check.lower.missing else value_of_check(name, check.lower)
        return say(_(FIGURES[name]), value=say(_("perhaps only {least}"), least=least))
    return say(_(FIGURES[name]), value=value_of_check(name, check.value_))


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
