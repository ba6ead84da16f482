"""What the page of a unit says: its effect, its place or why there is none, what it is not for."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import chance, fixed, number, percent, tally
from mlm.pages.sections.units.licence import failures
from mlm.pages.sections.units.table import points
from mlm.pages.sections.units.words import compared_words, names_groups
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.units import unit_name
from mlm.results.reading import At


def unit_title(context: Context, item: At, unit: At) -> str:
    """The unit with its level: ``School 12``."""
    level = capitalise(context.labels.level(item.level.value))
    return _("{level} {unit}").format(level=level, unit=unit_name(unit.unit.value))


def effect_words(context: Context, item: At, unit: At) -> list[Run]:
    """The effect with its interval, and whether it is told from what is expected."""
    group, groups = _names(context, item)
    first = say(
        _(
            "Effect of this {group} on {outcome}, compared {what}: {estimate} {unit} (95% interval "
            "{lower} to {upper})."
        ),
        group=group,
        outcome=context.labels.phrase(context.results.outcome.value),
        what=compared_words(context, item),
        estimate=points(unit, unit.estimate).bold(),
        unit=context.labels.unit,
        lower=points(unit, unit.lower),
        upper=points(unit, unit.upper),
    )
    return join(first, _side(item, unit, groups), _unseen(context, item, unit))


def _side(item: At, unit: At, groups: str) -> list[Run]:
    side = unit.side.value
    if side == "expected":
        return say(_("It cannot be distinguished from zero, which is what the model expects."))
    template = (
        _("It lies above what the model expects: the chance of error over all {groups} is {error}.")
        if side == "above"
        else _(
            "It lies below what the model expects: the chance of error over all {groups} is "
            "{error}."
        )
    )
    return say(template, error=percent(item.family_error, 0), groups=groups)


def _unseen(context: Context, item: At, unit: At) -> list[Run]:
    if unit.ranked.value:
        return []
    return say(
        _("There are no {rows} of this {group} in that wave: the effect is predicted."),
        rows=context.rows_word,
        group=context.labels.level(item.level.value),
    )


def meaning_words(context: Context, item: At) -> list[Run]:
    """What an effect is, and which variables it is adjusted for."""
    names = {f.variable for term in context.results.settled.terms.value for f in term}
    names.discard(context.time)
    labels = [context.labels.variable(name) for name in context.variables if name in names]
    first = say(
        _(
            "The effect is how far the mean of this {group} lies above or below what the variables "
            "of the model lead one to expect, drawn towards zero the more, the fewer {rows} it has."
        ),
        group=context.labels.level(item.level.value),
        rows=context.rows_word,
    )
    if not labels:
        return first
    told = say(_("These variables are: {variables}."), variables=enumerate_words(labels))
    return join(first, told)


def place_words(context: Context, item: At, unit: At) -> list[Run]:
    """The rank with its interval where the licence allows one; else the sentence why not."""
    group, groups = _names(context, item)
    if not item.licence.granted.value:
        reasons = enumerate_words(failures(context, item)) or _("a check before ranking failed")
        template = _("This page gives no rank. An order of {groups} would not be sound: {reasons}.")
        return say(template, groups=groups, reasons=reasons)
    if not unit.ranked.value:
        return say(
            _("This page gives no rank, since there are no {rows} of this {group} in that wave."),
            rows=context.rows_word,
            group=group,
        )
    return say(
        _(
            "Place among {n} {groups}, 1 being the highest effect: {mean} on average, between "
            "{lower} and {upper} with a probability of 95%. Chance to be in the highest tenth: "
            "{top}; in the lowest: {bottom}."
        ),
        n=tally(item.n_ranked),
        groups=groups,
        mean=number(unit.mean_rank, decimals=1),
        lower=number(unit.rank_lower, decimals=0),
        upper=number(unit.rank_upper, decimals=0),
        top=chance(unit.probability_top),
        bottom=chance(unit.probability_bottom),
    )


def doubt_words(context: Context, item: At, unit: At) -> list[Run] | None:
    """Why the effects of single units are in doubt, where more than their order is."""
    least = item.licence.checks.find(check="reliability")
    is_low = least is not None and unit.reliability.value < least.threshold.value
    if is_low:
        return say(
            _(
                "This effect is uncertain: its reliability is {value}. Read the interval, not the "
                "estimate."
            ),
            value=fixed(unit.reliability, 2),
        )
    if names_groups(item):
        return None
    return say(
        _(
            "Effects of single {groups} are in doubt, for the reasons given under “{place}”. Read "
            "the interval, not the estimate."
        ),
        groups=_names(context, item)[1],
        place=_("Place"),
    )


def banner_words(context: Context, item: At) -> str:
    """For whom the page is."""
    group = context.labels.level(item.level.value)
    return _("About one {group}, for inside use. Not for publication.").format(group=group)


def limits(context: Context, item: At) -> list[list[Run]]:
    """What the page may not be used for."""
    group, groups = _names(context, item)
    items = (
        _(
            "It does not measure the quality of this {group}. Whatever the model leaves out "
            "is in the effect: who comes, where from, and chance."
        ),
        _("It says nothing about any single person in this {group}."),
        _("It is no ground for rewards or sanctions, and no part of a list of {groups} in order."),
        _(
            "Two such pages are not to be compared: the intervals are those of one {group} against "
            "what is expected."
        ),
        _("It is for this {group} and those in charge of it, and not for publication."),
    )
    return [say(text, group=group, groups=groups) for text in items]


def _names(context: Context, item: At) -> tuple[str, str]:
    level = item.level.value
    return context.labels.level(level), context.labels.plural(level)
