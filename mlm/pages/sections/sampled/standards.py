"""Standards: results by wave and by group, shares above a cut, and adjusted means."""

from __future__ import annotations

from mlm.pages.blocks import Block, paragraph
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.phrases import excludes_zero, negate, unsigned
from mlm.pages.sections.sampled.adjusted import adjusted_blocks
from mlm.pages.sections.sampled.by_category import by_category_blocks, widest_gap_words
from mlm.pages.sections.sampled.cuts import cuts_blocks, share_words
from mlm.pages.sections.sampled.estimates import SIGNED, mean_decimals, shown
from mlm.pages.sections.sampled.means import means_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, join, leaning, say
from mlm.results.reading import At

QUESTION = N_("What are the standards in each wave, and for whom?")


def standards_section(context: Context) -> Section:
    """The section on means, shares above a cut, and their changes."""
    blocks: list[Block] = [paragraph(standards_answer(context), "answer")]
    blocks += means_blocks(context)
    blocks += by_category_blocks(context)
    blocks += cuts_blocks(context)
    blocks += adjusted_blocks(context)
    return Section("standards", _("Standards"), blocks, "1", _(QUESTION))


def standards_answer(context: Context) -> list[Run]:
    """The mean of the last wave, its change, the widest gap, and the share above the cut."""
    last = context.results.means.waves[-1]
    most = mean_decimals(context, last)
    words = say(
        _("Mean {outcome} was {mean} {unit} in {wave} (95% interval {lower} to {upper})."),
        outcome=context.labels.outcome,
        mean=shown(last.estimate, last, most=most).bold(),
        lower=shown(last.lower, last, most=most),
        upper=shown(last.upper, last, most=most),
        unit=context.labels.unit,
        wave=context.labels.wave(last.wave.value),
    )
    return join(
        words,
        leaning(change_words(context, last)),
        widest_gap_words(context),
        *(share_words(context, item) for item in context.results.shares_at),
    )


def change_words(context: Context, last: At) -> list[Run]:
    """How far the mean moved since the first wave; nothing of one wave."""
    change = last.change
    if change.missing:
        return []
    first = context.results.means.waves[0]
    known = {
        "first": context.labels.wave(first.wave.value),
        "before": shown(first.estimate, first, most=mean_decimals(context, first)),
        "unit": context.labels.unit,
    }
    return join(_moved_words(change, known), link_words(context, change))


def _moved_words(change: At, known: dict) -> list[Run]:
    """A rise or fall with its interval, or that neither is clear."""
    if not excludes_zero(change):
        return say(
            _(
                "There is no clear evidence that it changed since {first}, when it was {before}: "
                "the difference is {change} {unit} (95% interval {lower} to {upper})."
            ),
            change=shown(change.estimate, change, SIGNED).bold(),
            lower=shown(change.lower, change, SIGNED),
            upper=shown(change.upper, change, SIGNED),
            **known,
        )
    rose = change.estimate.value > 0
    ends = (change.lower, change.upper) if rose else (negate(change.upper), negate(change.lower))
    template = (
        _(
            "It rose by {size} {unit} since {first} (95% interval {lower} to {upper}), from "
            "{before}."
        )
        if rose
        else _(
            "It fell by {size} {unit} since {first} (95% interval {lower} to {upper}), from "
            "{before}."
        )
    )
    return say(
        template,
        size=shown(unsigned(change.estimate), change).bold(),
        lower=shown(ends[0], change),
        upper=shown(ends[1], change),
        **known,
    )


def link_words(context: Context, change: At) -> list[Run]:
    """Whether the error of a change holds that of the link between the scales of two tests.

    Nothing is said of a score without plausible values, which may have one scale by itself.
    """
    drawn = context.results.scores.find(score=context.results.outcome.value)
    if change.linking_error.missing and drawn is None:
        return []
    if change.linking_error.missing:
        return say(
            _(
                "No linking error is configured: where the scales of the waves were linked with an "
                "error, it comes on top."
            )
        )
    return say(
        _("The change since {first} includes the linking error of {link} {unit}."),
        first=context.labels.wave(context.results.means.waves[0].wave.value),
        link=shown(change.linking_error, change),
        unit=context.labels.unit,
    )
