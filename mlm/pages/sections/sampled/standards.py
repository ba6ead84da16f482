"""Standards: results by wave and by group, shares above a cut, and adjusted means."""

from __future__ import annotations

from mlm.pages.blocks import Block, heading, paragraph
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.phrases import excludes_zero
from mlm.pages.sections.sampled.adjusted import adjusted_blocks
from mlm.pages.sections.sampled.by_category import by_category_blocks, widest_gap_words
from mlm.pages.sections.sampled.cuts import cuts_blocks, share_words
from mlm.pages.sections.sampled.estimates import (
    SIGNED,
    Told,
    error_words,
    errors_table,
    mean_decimals,
    shown,
)
from mlm.pages.sections.sampled.means import changes_of, means_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, join, say
from mlm.results.reading import At

QUESTION = N_("What are the standards in each wave, and for whom?")


def standards_section(context: Context) -> Section:
    """The section on means, shares above a cut, and their changes."""
    blocks: list[Block] = [paragraph(standards_answer(context), "answer")]
    blocks += means_blocks(context)
    blocks += by_category_blocks(context)
    blocks += cuts_blocks(context)
    blocks += adjusted_blocks(context)
    blocks += _errors(context)
    return Section("standards", _("Standards"), blocks, "1", _(QUESTION))


def standards_answer(context: Context) -> list[Run]:
    """The mean of the last wave, its change, the widest gap, and the share above the cut."""
    last = context.results.means.waves[-1]
    words = say(
        _("Mean {outcome} was {mean} {unit} in {wave} (95% interval {lower} to {upper})."),
        outcome=context.labels.outcome,
        mean=shown(last.estimate, last, most=mean_decimals(context, last)).bold(),
        lower=shown(last.lower, last, most=mean_decimals(context, last)),
        upper=shown(last.upper, last, most=mean_decimals(context, last)),
        unit=context.labels.unit,
        wave=context.labels.wave(last.wave.value),
    )
    return join(
        words,
        change_words(context, last),
        error_words(context, last, context.labels.unit),
        widest_gap_words(context),
        *(share_words(context, item) for item in context.results.shares_at),
    )


def change_words(context: Context, last: At) -> list[Run]:
    """How far the mean moved since the first wave; nothing of one wave."""
    change = last.change
    if change.missing:
        return []
    template = (
        _("There is no clear evidence of a change since {first}: {change} {unit}{interval}.")
        if not excludes_zero(change)
        else _("That is a rise since {first}: {change} {unit}{interval}.")
        if change.estimate.value > 0
        else _("That is a fall since {first}: {change} {unit}{interval}.")
    )
    words = say(
        template,
        first=context.labels.wave(context.results.means.waves[0].wave.value),
        change=shown(change.estimate, change, SIGNED).bold(),
        interval=_interval(change),
        unit=context.labels.unit,
    )
    return join(words, link_words(context, change))


def _interval(change: At) -> list[Run]:
    if change.lower.missing or change.upper.missing:
        return []
    return say(
        _(" (95% interval {lower} to {upper})"),
        lower=shown(change.lower, change, SIGNED),
        upper=shown(change.upper, change, SIGNED),
    )


def link_words(context: Context, change: At) -> list[Run]:
    """That the error of a change holds that of the link between scales, or that it does not."""
    if change.linking_error.missing:
        return []
    return say(
        _("The error of the change includes the linking error of {link} {unit}."),
        link=shown(change.linking_error, change),
        unit=context.labels.unit,
    )


def _errors(context: Context) -> list[Block]:
    """What the errors of means are made of."""
    labels = context.labels
    means = [Told(labels.wave(item.wave.value), item) for item in context.results.means.waves]
    told = [Told(_("Means")), *means]
    moved = [Told(name, item, SIGNED) for name, item in changes_of(context)]
    told += [Told(_("Changes")), *moved] if moved else []
    adjusted = list(context.results.over_time.adjusted_means)
    if adjusted:
        told.append(Told(_("Adjusted means")))
        told += [Told(labels.wave(item.wave.value), item) for item in adjusted]
        told += [
            Told(_("{wave}: change").format(wave=labels.wave(item.wave.value)), item.change, SIGNED)
            for item in adjusted
        ]
    caption = say(_("What the errors of means are made of, in {unit}"), unit=labels.unit)
    blocks = errors_table("errors-means", caption, told)
    title = heading("errors-of-means", _("Errors of sampling and of measurement"))
    return [title, *blocks] if blocks else []
