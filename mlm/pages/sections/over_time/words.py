"""How results, and the effects of groups, change over time: the answer in sentences."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import (
    error_of,
    excludes_zero,
    interval,
    is_clear,
    negate,
    test,
    unsigned,
    widest_error,
)
from mlm.pages.rounding import number, signed
from mlm.pages.sections.over_time.course import course_finding
from mlm.pages.sections.over_time.forms import correlation_words
from mlm.pages.sizes import size_words
from mlm.pages.text import Run, join, leaning, say
from mlm.results.reading import At


def change_answer(context: Context) -> list[Run]:
    """Means from the first to the last wave, and the correlation of group effects."""
    means = list(context.results.over_time.adjusted_means)
    if not context.is_longitudinal or len(means) < 2:
        return say(_("The survey has one wave: change over time cannot be studied yet."))
    levels = context.results.over_time.levels
    stability = [correlation_words(context, item) for item in levels if _estimated(item)]
    words = _ends_words(context, means[0], means[-1])
    between = _between_words(context, means)
    moved = size_words(context, means[-1].change.estimate, means[-1].wave.value)
    return join(words, moved, _growth_words(context), between, course_finding(context), *stability)


def _growth_words(context: Context) -> list[Run]:
    """That means of those who are followed rise because they grow older."""
    if not context.configuration.design.follows_lowest:
        return []
    words = say(
        _(
            "The same {units} were measured again: this is how they grew, not a change of "
            "standards."
        ),
        units=context.labels.plural(context.configuration.level_names[-1]),
    )
    return leaning(words)


def _ends_words(context: Context, first: At, last: At) -> list[Run]:
    change = last.change
    rose = change.estimate.value > 0
    template = (
        _(
            "There is no clear evidence that mean {outcome}, among cases alike in the other "
            "variables, changed from {a} to {b}: it was {first}, then {last}, a difference of "
            "{signed} ({interval})."
        )
        if not excludes_zero(change)
        else _(
            "Among cases alike in the other variables, mean {outcome} rose by {change}, from "
            "{first} in {a} to {last} in {b}."
        )
        if rose
        else _(
            "Among cases alike in the other variables, mean {outcome} fell by {change}, from "
            "{first} in {a} to {last} in {b}."
        )
    )
    unit, error = context.labels.unit, widest_error(first, last)
    return say(
        template,
        outcome=context.labels.outcome,
        first=number(first.estimate, error),
        last=number(last.estimate, error),
        signed=signed(change.estimate, error_of(change)),
        interval=interval(change),
        change=_moved(change, unit),
        a=context.labels.wave(first.wave.value),
        b=context.labels.wave(last.wave.value),
    )


def _between_words(context: Context, means: list[At]) -> list[Run]:
    """The wave farthest from the first, where means differ although the ends do not."""
    found, middle = context.results.over_time.test, means[1:-1]
    if not middle or excludes_zero(means[-1].change):
        return []
    if not is_clear(found, context.labels.analysis.alpha):
        return []
    item = max(middle, key=lambda each: abs(each.change.estimate.value))
    words = say(
        _("It was not the same in every wave, though ({test}): in {wave} it was {value}."),
        test=test(found),
        wave=context.labels.wave(item.wave.value),
        value=number(item.estimate, error_of(item)),
    )
    return leaning(words)


def _moved(change: At, unit: str) -> list[Run]:
    """Size of a change with its interval: ``8.3 scale points (95% interval 6.5 to 10.1)``."""
    error, ends = error_of(change), [change.lower, change.upper]
    if change.estimate.value < 0:
        ends = [negate(end) for end in reversed(ends)]
    return say(
        _("{value} {unit} (95% interval {interval})"),
        value=number(unsigned(change.estimate), error).bold(),
        unit=unit,
        interval=say(_("{low} to {high}"), low=number(ends[0], error), high=number(ends[1], error)),
    )


def _estimated(item: At) -> bool:
    return item.kind.value == "estimated" and not item.average.value_.missing
