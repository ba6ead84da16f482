"""Which units do better or worse than expected, in sentences, or why they are not ranked."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import count, percent, tally
from mlm.pages.sections.units.licence import failures
from mlm.pages.text import Run, enumerate_words, join, plain_text, say
from mlm.results.reading import At


def units_question(context: Context) -> str:
    """The question, naming the groups of the survey."""
    effects = list(context.results.effects)
    names = [context.labels.plural(item.level.value) for item in effects] or [_("groups")]
    return _("Which {groups} do better or worse than expected, and may they be ranked?").format(
        groups=plain_text(enumerate_words(names, _("or")))
    )


def units_answer(context: Context) -> list[Run]:
    """One sentence a level: how many stand out, or why no order is shown."""
    effects = list(context.results.effects)
    if not effects:
        return say(_("No effects of groups were estimated."))
    return join(*(level_answer(context, item) for item in effects))


def level_answer(context: Context, item: At) -> list[Run]:
    """The answer for one level."""
    groups = context.labels.plural(item.level.value)
    if not item.licence.granted.value:
        return say(
            _("{groups} are not ranked: {reasons}."),
            groups=capitalise(groups),
            reasons=enumerate_words(failures(context, item)) or _("a check of the licence failed"),
        )
    above = [unit for unit in item.units if unit.value.lower > 0]
    below = [unit for unit in item.units if unit.value.upper < 0]
    return say(
        _(
            "Of the effects of {n} {groups}, {above} above expectation and {below} below it have "
            "95% intervals that exclude zero; the others cannot be told from the average. "
            "{separable} of all pairs can be told apart."
        ),
        n=count(derive("count", item.units)),
        groups=groups,
        above=tally(_number_of(above)).bold(),
        below=tally(_number_of(below)).bold(),
        separable=percent(item.separable_share, 0),
    )


def _number_of(units: list[At]) -> At:
    ends = [unit.unit for unit in units]
    return derive("items", *ends)


def refusal(context: Context, item: At) -> list[Run]:
    """Why no order of the units is shown."""
    groups = context.labels.plural(item.level.value)
    return say(
        _(
            "No effects of single {groups} are shown, in any order. An order would not be "
            "sound: {reasons}."
        ),
        groups=groups,
        reasons=enumerate_words(failures(context, item)) or _("a check of the licence failed"),
    )


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
        "{units} who change their group keep an effect of their own, which goes with them; the "
        "effect of a group is what is left for all its {units}, in the time they were there."
    )
    return [capitalise(text.format(units=units)) for units in context.crossed_units]


def beside_notes(context: Context) -> list[str]:
    """What is told of units such as classes, which are in the models and are not compared."""
    text = _(
        "{units} are a level of the models, crossed with {others}, so that differences between "
        "them are not taken for effects of these groups; they are not compared themselves."
    )
    return [capitalise(text.format(**context.beside))] if context.beside else []
