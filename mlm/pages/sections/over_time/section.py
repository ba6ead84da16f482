"""Question 5: how standards, and the effects of schools, change over time."""

from __future__ import annotations

from mlm.pages.blocks import Block, paragraph
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.results.reading import At
from mlm.pages.numbers import fixed, number, signed
from mlm.pages.phrases import error_of, excludes_zero, interval, negate, test, unsigned
from mlm.pages.sections.over_time.adjusted_means import standards_blocks
from mlm.pages.sections.over_time.stability import stability_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, join, say

QUESTION = N_("How do standards, and the groups' effects, change over time?")


def change_section(context: Context) -> Section:
    """The section on standards by wave and the stability of group effects."""
    blocks: list[Block] = [paragraph(change_answer(context), "answer")]
    if not context.is_longitudinal:
        return Section("change", _("Change over time"), blocks, "5", _(QUESTION))
    blocks += standards_blocks(context)
    for item in context.results.over_time.levels:
        blocks += stability_blocks(context, item)
    return Section("change", _("Change over time"), blocks, "5", _(QUESTION))


def change_answer(context: Context) -> list[Run]:
    """Standards from the first to the last wave, and the correlation of group effects."""
    standards = list(context.results.over_time.adjusted_means)
    if not context.is_longitudinal or len(standards) < 2:
        return say(_("The survey has one wave: change over time cannot be studied yet."))
    levels = context.results.over_time.levels
    stability = [_stability_words(context, item) for item in levels if _estimated(item)]
    words = _standards_words(context, standards[0], standards[-1])
    return join(words, _between_words(context, standards), *stability)


def _standards_words(context: Context, first: At, last: At) -> list[Run]:
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
    unit = context.labels.unit
    return say(
        template,
        outcome=context.labels.outcome,
        first=number(first["estimate"], error_of(first)),
        last=number(last.estimate, error_of(last)),
        signed=signed(change.estimate, error_of(change)),
        interval=interval(change),
        change=_moved(change, unit),
        a=context.labels.wave(first["wave"].value),
        b=context.labels.wave(last.wave.value),
    )


def _between_words(context: Context, standards: list[At]) -> list[Run]:
    """The wave farthest from the first, where means differ although the ends do not."""
    found, middle = context.results.over_time.test, standards[1:-1]
    if found.empty or not middle or excludes_zero(standards[-1].change):
        return []
    if found.p_value.value >= context.labels.analysis.alpha:
        return []
    item = max(middle, key=lambda each: abs(each.change.estimate.value))
    return say(
        _("It was not the same in every wave, though ({test}): in {wave} it was {value}."),
        test=test(found),
        wave=context.labels.wave(item.wave.value),
        value=number(item.estimate, error_of(item)),
    )


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
    return item.status.value == "estimated" and not item.average_correlation.missing


def _stability_words(context: Context, item: At) -> list[Run]:
    known = not item.average_lower.missing
    template = (
        _(
            "The true effects of {groups} in two waves correlate {value} on average (95% interval "
            "{lower} to {upper})."
        )
        if known
        else _("The true effects of {groups} in two waves correlate {value} on average.")
    )
    return say(
        template,
        groups=context.labels.plural(item.level.value),
        value=fixed(item.average_correlation, 2).bold(),
        **({key: fixed(item[f"average_{key}"], 2) for key in ("lower", "upper")} if known else {}),
    )
