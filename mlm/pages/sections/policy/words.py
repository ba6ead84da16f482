"""Sentences on policy variables: sizes with intervals, worded as the evidence allows."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.pages.labels import capitalise, is_sd, singular
from mlm.pages.language import _
from mlm.pages.phrases import (
    error_of,
    excludes_zero,
    interval,
    is_clear,
    is_made,
    negate,
    test,
)
from mlm.pages.rounding import Number, fixed, number, signed
from mlm.pages.sections.policy.apart import apart_words
from mlm.pages.sections.policy.changes import changed_words
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.wording import EvidenceWording, wording
from mlm.pages.words.seen_groups import seen_words, waves_seen
from mlm.results.reading import At


def policy_answer(context: Context, item: At) -> list[Run]:
    """The sentences that the evidence allows, one a category."""
    return join(*_caused_apart(context, item), effects_words(context, item))


def policy_remarks(context: Context, item: At) -> list[list[Run]]:
    """What bears on these sentences, one each: who changed group, waves by themselves, time."""
    is_shown = not item.waves_apart.missing and is_made(item.time_test)
    remarks = [rests_words(context, item), changed_words(context, item), apart_words(context, item)]
    remarks += [time_words(context, item)] if is_shown else []
    return [words for words in remarks if words]


def effects_words(context: Context, item: At) -> list[Run]:
    """The effects in the model, a sentence or two a category, the clear ones first."""
    categories = list(dict.fromkeys(row.category.value for row in item.effects))
    clear = {row.category.value for row in item.effects if excludes_zero(row)}
    categories.sort(key=lambda category: category not in clear)
    return join(*(_category_words(context, item, category) for category in categories))


def _caused_apart(context: Context, item: At) -> list[list[Run]]:
    """Effects in waves of groups as assigned, where the model has one difference for all waves."""
    if item.waves_apart.missing or any(row.standing.value == "caused" for row in item.effects):
        return []
    caused = [row for row in item.waves_apart.effects if row.standing.value == "caused"]
    caused.sort(key=lambda row: not excludes_zero(row))
    categories = dict.fromkeys(row.category.value for row in caused)
    return [
        _standing_words(context, item, [row for row in caused if row.category.value == category])
        for category in categories
    ]


def time_words(context: Context, item: At) -> list[Run]:
    """Whether the differences change from wave to wave."""
    small = is_clear(item.time_test, context.labels.analysis.alpha)
    template = (
        _("The differences are not the same in every wave ({test}).")
        if small
        else _("There is no clear evidence that the differences change from wave to wave ({test}).")
    )
    return say(template, test=test(item.time_test))


def _category_words(context: Context, item: At, category: str | None) -> list[Run]:
    rows = [row for row in item.effects if row.category.value == category]
    standings = dict.fromkeys(row.standing.value for row in rows)
    return join(
        *(
            _standing_words(context, item, [row for row in rows if row.standing.value == standing])
            for standing in standings
        )
    )


def _standing_words(context: Context, item: At, rows: list[At]) -> list[Run]:
    clear = [row for row in rows if excludes_zero(row)]
    unclear = [row for row in rows if not excludes_zero(row)]
    up = [row for row in clear if row.estimate.value > 0]
    down = [row for row in clear if row.estimate.value <= 0]
    parts = [_clear(context, item, group) for group in (up, down) if group]
    if unclear:
        parts.append(_unclear(context, item, unclear))
    return join(*parts)


def wording_of(context: Context, item: At, row: At) -> EvidenceWording:
    """The wording for an effect of a policy."""
    standing = row.standing.value
    if standing == "mixed" and not _is_before(context, item, row):
        standing = "attended"
    return wording(item.evidence.value, standing)


def _is_before(context: Context, item: At, row: At) -> bool:
    """Whether the groups of an effect are found together in a wave before the allocation."""
    waves = list(context.results.time.waves.value)
    seen = _seen(context, item, row)
    return not seen or waves.index(seen[0]) < waves.index(item.assignment.wave.value)


def policy_wording(context: Context, item: At, source: At) -> EvidenceWording:
    """The wording for all effects together: that of the one of which the least may be said."""
    order = ("caused", "compared", "attended", "before", "mixed", "unsaid")
    row = max(source.effects, key=lambda row: order.index(row.standing.value))
    return wording_of(context, item, row)


@dataclass(frozen=True)
class Compared:
    """A category and what it is compared with, in words."""

    category: str
    reference: str


def category_names(context: Context, item: At, category: str | None) -> Compared:
    """A category and what it is compared with, in words; a number is compared per unit."""
    variable = item.variable.value
    reference = item.reference.value
    if category is None:
        unit = singular(context.labels.unit_of(variable)) or _("unit")
        label = context.labels.variable(variable)
        more = _("one {unit} more of {label}").format(unit=unit, label=label)
        return Compared(more, _("no more"))
    labels = context.labels
    against = labels.alone(variable, reference) if reference else _("the reference")
    return Compared(labels.alone(variable, category), against)


def _clear(context: Context, item: At, rows: list[At]) -> list[Run]:
    words = wording_of(context, item, rows[0])
    positive = rows[0].estimate.value > 0
    names = category_names(context, item, rows[0].category.value)
    return _sentence(
        words.clear,
        sign=words.higher if positive else words.lower,
        outcome=context.labels.outcome,
        size=_sizes(context, rows, positive),
        when="" if len(rows) > 1 else _when(context, rows[0]),
        category=names.category,
        reference=names.reference,
    )


def _sentence(template: str, **parts) -> list[Run]:
    runs = say(template, **parts)
    first = runs[0]
    return (
        [first | {"text": capitalise(first["text"])}, *runs[1:]] if "value" not in first else runs
    )


def _sizes(context: Context, rows: list[At], positive: bool) -> list[Run]:
    unit = context.labels.unit
    if len(rows) == 1:
        return _one_size(rows[0], unit, positive)
    first = say(
        "{size}{when}",
        size=_one_size(rows[0], unit, positive),
        when=_when(context, rows[0]),
    )
    others = [
        say(
            "{value} ({interval}{sd}){when}",
            value=_size_number(row, positive),
            interval=_bare_interval(row, positive),
            sd=_in_sd(row, unit, positive),
            when=_when(context, row),
        )
        for row in rows[1:]
    ]
    return enumerate_words([first, *others])


def _size_number(row: At, positive: bool) -> Number:
    node = row.estimate if positive else negate(row.estimate)
    return number(node, error_of(row)).bold()


def _bare_interval(row: At, positive: bool) -> list[Run]:
    ends = (row.lower, row.upper)
    if not positive:
        ends = (negate(row.upper), negate(row.lower))
    low, high = (number(end, error_of(row)) for end in ends)
    return say(_("{low} to {high}"), low=low, high=high)


def _one_size(row: At, unit: str, positive: bool) -> list[Run]:
    return say(
        _("{value} {unit} (95% interval {interval}{sd})"),
        value=_size_number(row, positive),
        unit=unit,
        interval=_bare_interval(row, positive),
        sd=_in_sd(row, unit, positive),
    )


def _in_sd(row: At, unit: str, positive: bool) -> list[Run]:
    """The size in standard deviations of the comparison group; nothing where none is known."""
    if row.size.missing or is_sd(unit):
        return []
    value = row.size.estimate if positive else negate(row.size.estimate)
    return say(_("; {value} SD"), value=fixed(value, 2))


def _when(context: Context, row: At) -> str:
    wave = row.wave
    return "" if wave.missing else _(" in {wave}").format(wave=context.labels.wave(wave.value))


def _unclear(context: Context, item: At, rows: list[At]) -> list[Run]:
    words = wording_of(context, item, rows[0])
    names = category_names(context, item, rows[0].category.value)
    unit = context.labels.unit
    if len(rows) == 1:
        shown, when = _estimate(rows[0], unit), _when(context, rows[0])
    else:
        when = ""
        parts = [
            say(
                "{value}{unit} ({interval}{sd}){when}",
                value=signed(row.estimate, error_of(row)).bold(),
                unit=f" {unit}" if row is rows[0] else "",
                interval=interval(row) if row is rows[0] else _bare_interval(row, True),
                sd=_in_sd(row, unit, True),
                when=_when(context, row),
            )
            for row in rows
        ]
        shown = enumerate_words(parts)
    return _sentence(
        words.unclear,
        outcome=context.labels.outcome,
        estimate=shown,
        when=when,
        category=names.category,
        reference=names.reference,
    )


def _estimate(row: At, unit: str) -> list[Run]:
    return say(
        "{value} {unit} ({interval}{sd})",
        value=number(row.estimate, error_of(row)).bold(),
        unit=unit,
        interval=interval(row),
        sd=_in_sd(row, unit, True),
    )


def wave_label(context: Context, item: At, row: At) -> str:
    """The wave that an effect is of, or that it is of all waves, or of those with both groups."""
    if not row.wave.missing:
        return context.labels.wave(row.wave.value)
    seen = _seen(context, item, row)
    is_all = len(seen) in (0, len(context.results.time.waves))
    return _("All waves") if is_all else capitalise(seen_words(context, seen))


def _seen(context: Context, item: At, row: At) -> list[str]:
    """Waves in which a category of a policy and its reference have rows."""
    return waves_seen(context, item.variable.value, (row.category.value, item.reference.value))


def rests_words(context: Context, item: At) -> list[Run]:
    """On which waves a difference rests that the model has for all, where some lack a group."""
    waves = len(context.results.time.waves)
    found = {}
    for row in item.effects:
        seen = _seen(context, item, row)
        if row.wave.missing and 0 < len(seen) < waves:
            found.setdefault(tuple(seen), []).append(row.category.value)
    template = _("Only {waves} have both groups: the difference by {variable} rests on them.")
    alone = _("Only {waves} has both groups: the difference by {variable} rests on it.")
    number = _("{variable} varies only in {waves}: its difference rests on that.")
    variable = context.labels.variable(item.variable.value)
    return join(
        *(
            say(
                number if None in names else template if len(seen) > 1 else alone,
                waves=seen_words(context, seen),
                variable=variable,
            )
            for seen, names in found.items()
        )
    )


def unseen_words(context: Context, item: At) -> list[Run]:
    """That in the wave of a random allocation all have one category: nothing was compared there."""
    wave, reference = item.assignment.wave.value, item.reference.value
    if item.evidence.value != "randomised" or wave is None or reference is None:
        return []
    name = item.variable.value
    others = {row.category.value for row in effects_of(item)}
    if not others or any(wave in waves_seen(context, name, (each, reference)) for each in others):
        return []
    seen = [wave in waves_seen(context, name, (each,)) for each in (*others, reference)]
    if not any(seen):
        return []
    return say(
        _(
            "{variable} is declared as allocated in {wave}, but all {units} have the same category "
            "in that wave: nothing was compared there. Please check the wave."
        ),
        variable=context.labels.variable(name),
        wave=context.labels.wave(wave),
        units=context.labels.described(name),
    )


def effects_of(item: At) -> list[At]:
    """All effects of a policy that are told, in the model and by wave."""
    apart = field_of(item.value, "waves_apart")
    return [*item.effects, *([] if apart is None else item.waves_apart.effects)]
