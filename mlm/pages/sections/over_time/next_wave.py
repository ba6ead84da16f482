"""The next wave of the effects of units: how well it can be predicted, and the back-test."""

from __future__ import annotations

from mlm.pages.blocks import Block, heading, paragraph
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import count, decimals_for_size, fixed, percent
from mlm.pages.sections.over_time.forms import (
    form_words,
)
from mlm.pages.text import Run, join, say
from mlm.pages.words.levels import identifier
from mlm.pages.words.reasons import reason_words
from mlm.results.random_part import VARIANCES_BY_WAVE
from mlm.results.reading import At


def next_wave_blocks(context: Context, item: At) -> list[Block]:
    """What comes next of a level's effects, and how well the last wave was foretold."""
    if item.kind.value != "estimated" or item.details.kind.value != "details":
        return []
    level = item.level.value
    groups = context.labels.plural(level)
    title = _("The effects of {groups} in the next wave").format(groups=groups)
    blocks: list[Block] = [heading(f"next-wave-{identifier(level)}", title)]
    blocks.append(paragraph(_prediction_words(context, item)))
    blocks.append(paragraph(_back_test_words(context, item)))
    return blocks


def _prediction_words(context: Context, item: At) -> list[Run]:
    ahead = item.details.prediction
    decimals = decimals_for_size(ahead.error.value, 2)
    told = say(
        _(
            "Carried one wave forward ({form}), an effect is predicted with a standard error of "
            "{error} {unit}, where the effects themselves have a standard deviation of {sd}: "
            "{known} of their variance is known in advance. Both are taken over all variances and "
            "correlations that the data make likely, so that the second is not the one estimated "
            "above. An order of {groups} by these predictions "
            "would have an expected rank correlation of {ranks} with the order to come ({draws} "
            "draws)."
        ),
        form=form_words(ahead.form),
        error=fixed(ahead.error, decimals),
        unit=context.labels.unit,
        sd=fixed(ahead.sd, decimals),
        known=percent(ahead.reliability, 0).bold(),
        groups=context.labels.plural(item.level.value),
        ranks=fixed(ahead.expected_rank_correlation, 2),
        draws=count(ahead.draws),
    )
    if ahead.form.value not in VARIANCES_BY_WAVE:
        return told
    again = _(
        "The standard deviation of the effects changed from wave to wave: the error also holds "
        "that it may change again, by as much as it did before."
    )
    return join(told, say(again))


def _back_test_words(context: Context, item: At) -> list[Run]:
    found = item.details.back_test
    if found.kind.value == "refused":
        return say(
            _("No prediction could be compared with a wave: {reason}."),
            reason=reason_words(found.reason, context.labels),
        )
    first = say(
        _(
            "Checked against the data: estimated anew without {wave}, the model predicted "
            "the mean of that wave for {units} {groups}. The 95% prediction interval held "
            "it for {coverage} of them. The correlation of predicted and observed means "
            "was {correlation}"
        ),
        wave=context.labels.wave(found.wave.value),
        units=count(found.units),
        groups=context.labels.plural(item.level.value),
        coverage=percent(found.coverage, 0).bold(),
        correlation=fixed(found.correlation, 2).bold(),
    )
    second = say(
        _(
            "; if the model is right, {expected} is to be expected, in 95 of 100 such "
            "surveys {lower} to {upper}. As a rule it is lower than the rank correlation "
            "above, which is one with the true order: observed means carry the error of "
            "their rows, and one wave less is behind the predictions."
        ),
        expected=fixed(found.expected_correlation, 2),
        lower=fixed(found.expected_lower, 2),
        upper=fixed(found.expected_upper, 2),
    )
    told = say("{first}{second}", first=first, second=second)
    if not found.returning.value:
        return told
    third = say(
        _(
            "{share} of the {rows} in that wave belong to units seen before, such as followed "
            "pupils; what was known of these was taken out of the means."
        ),
        share=percent(found.returning, 0),
        rows=context.rows_word,
    )
    return join(told, third)
