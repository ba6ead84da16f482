"""Which units do better or worse than expected, in sentences, or why they are not ranked."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.derived import number_of
from mlm.pages.labels import capitalise
from mlm.pages.language import _, ngettext
from mlm.pages.rounding import Number, percent, tally
from mlm.pages.sections.units.licence import failures
from mlm.pages.text import Run, enumerate_words, join, plain_text, say
from mlm.pages.words.wave_forms import wave_form
from mlm.results.level import Level
from mlm.results.reading import At
from mlm.results.some_items import Some

ORDER = "separable"  # the check that judges the order of units, and not each of them


def units_question(context: Context) -> str:
    """The question, naming the groups of the survey."""
    effects = list(context.results.effects)
    names = [context.labels.plural(item.level.value) for item in effects] or [_("groups")]
    return _("Which {groups} do better or worse than expected, and may they be ranked?").format(
        groups=plain_text(enumerate_words(names, _("or")))
    )


def units_answer(context: Context) -> list[Run]:
    """For each level how many stand out, and why no order is shown where none is."""
    found = [level_answer(context, item) for item in context.results.effects]
    found += [not_compared_words(context, item) for item in context.results.not_compared]
    return join(*found) if found else say(_("No effects of groups were estimated."))


def level_answer(context: Context, item: At) -> list[Run]:
    """The answer for one level: groups above and below, and whether an order is shown."""
    groups = context.labels.plural(item.level.value)
    words = say(
        _(
            "Of {n} {groups}, compared {what}: {above} above expectation, {below} below it; "
            "the others cannot be distinguished from it."
        ),
        n=tally(number_of(told_units(context, item))),
        groups=groups,
        what=compared_words(context, item),
        above=tally(number_of(units_on(context, item, "above"))).bold(),
        below=tally(number_of(units_on(context, item, "below"))).bold(),
    )
    if are_uncounted(context, item):
        template = _("{groups} that may have fewer than {least} people are not counted here.")
        least = str(context.rules.threshold)
        words = join(words, say(template, groups=capitalise(groups), least=least))
    if item.licence.granted.value:
        told = say(_("{share} of all pairs can be told apart."), share=separable(item))
        return join(words, told)
    reasons = enumerate_words(failures(context, item)) or _("a check before ranking failed")
    template = _("{groups} are not ranked: {reasons}.")
    return join(words, say(template, groups=capitalise(groups), reasons=reasons))


def compared_words(context: Context, item: At) -> list[Run]:
    """What of the effects is compared, and against whom: ``in the last wave, 2014, ...``."""
    against = _against(context, item)
    if item.compare.value == "waves_seen":
        return say(_("in the mean of the waves in which each was seen, {against}"), against=against)
    if item.compare.value == "lasting":
        return say(_("in what is the same in every wave, {against}"), against=against)
    if item.wave.missing:
        return against
    wave = context.labels.wave(item.wave.value)
    return say(_("in the last wave, {wave}, {against}"), wave=wave, against=against)


def _against(context: Context, item: At) -> list[Run]:
    level = item.level.value
    groups, around = context.labels.plural(level), units_around(context, level)
    if item.against.value == "all" or around is None:
        return say(_("against all {groups}"), groups=groups)
    template = _("against the other {groups} of the same {unit}")
    return say(template, groups=groups, unit=context.labels.level(around))


def units_around(context: Context, level: Level) -> Level | None:
    """The innermost level of the units around those of a level."""
    around = [
        other
        for other in context.hierarchy
        if not other.in_wave and other.ids and set(other.ids) < set(level.ids)
    ]
    return around[-1] if around else None


def separable(item: At) -> Number:
    """Share of pairs that are told apart."""
    return percent(item.separable_share, 0)


def told_units(context: Context, item: At) -> Some:
    """The units that groups are told of: where these are named, those alone that may be.

    Beside the names of all others a number of all would tell the group of one that has few people.
    """
    return context.rules.named(item.units) if names_groups(item) else Some(item.units)


def are_uncounted(context: Context, item: At) -> bool:
    """Whether some units are left out of the groups, as few people may be in them."""
    return len(told_units(context, item)) < len(item.units)


def units_on(context: Context, item: At, side: str) -> Some:
    """Of these, the units above expectation, below it, or not told from it."""
    return told_units(context, item).only("side", "is", side)


def side_words(item: At) -> list[Run]:
    """What a unit above or below expectation is, with its chance of error."""
    return say(
        _(
            "Above and below: the chance that any of them truly lies on the other side of zero is "
            "at most {error}, over all of them together."
        ),
        error=percent(item.family_error, 0),
    )


def unseen_words(context: Context, item: At) -> list[Run] | None:
    """Which units are predicted, since they have no rows in what is compared."""
    unseen = Some(item.units).only("ranked", "is", False)
    if not unseen:
        return None
    return say(
        ngettext(
            "{n} of the {groups} has no {rows} in that wave: its effect is predicted "
            "from earlier waves, and it is not ranked.",
            "{n} of the {groups} have no {rows} in that wave: their effects are "
            "predicted from earlier waves, and they are not ranked.",
            len(unseen),
        ),
        n=tally(number_of(unseen)),
        groups=context.labels.plural(item.level.value),
        rows=context.rows_word,
    )


def not_compared_words(context: Context, item: At) -> list[Run]:
    """Why units were not compared, and what can be compared instead."""
    level, without = item.level.value, item.without.value
    reason = say(
        _(
            "{groups} are not compared: no part of the effects of {others} is the same in every "
            "wave ({form})."
        ),
        groups=capitalise(context.labels.plural(level)),
        others=context.labels.plural(without),
        form=wave_form(item.form.value),
    )
    choices = [
        f"compare: {each.compare.value}, against: {each.against.value}" for each in item.possible
    ]
    return join(reason, say(_("Possible are {choices}."), choices=enumerate_words(choices)))


def names_groups(item: At) -> bool:
    """Whether units above and below expectation are named: where no more than order is in doubt."""
    return all(check.passed.value for check in item.licence.checks if check.check.value != ORDER)


def refusal(context: Context, item: At) -> list[Run]:
    """Why no order of the units is shown."""
    template = (
        _("No ranks of {groups} are shown: an order would not be sound, as the checks show.")
        if names_groups(item)
        else _(
            "No effects of single {groups} are shown, in any order, and none of them is "
            "named: an order would not be sound, as the checks show."
        )
    )
    return say(template, groups=context.labels.plural(item.level.value))


def ranking_caution(context: Context, item: At) -> list[Run]:
    """How an order of units may be read."""
    level = item.level.value
    return say(
        _(
            "Two {groups} whose comparative intervals overlap cannot be told apart. The comparison "
            "is pairwise: among many comparisons some will appear different by chance. An effect "
            "is not a measure of the quality of a {group}."
        ),
        groups=context.labels.plural(level),
        group=context.labels.level(level),
    )


def crossed_notes(context: Context) -> list[str]:
    """What an effect is where the units inside take part in several groups."""
    text = _(
        "{units} who change their group keep an effect of their own wherever they are; "
        "the effect of a group is what is left for all its {units}, in the time they "
        "were there."
    )
    return [capitalise(text.format(units=units)) for units in context.crossed_units]


def beside_notes(context: Context) -> list[str]:
    """What is told of units such as classes, which are in the models and are not compared."""
    text = _(
        "{units} are a level of the models, crossed with {others}, so that differences between "
        "them are not taken for effects of these groups; they are not compared themselves."
    )
    return [capitalise(text.format(**context.beside))] if context.beside else []
