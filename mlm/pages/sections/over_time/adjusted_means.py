"""Adjusted means by wave, over all cases: a chart, a table, and whether they differ."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.phrases import is_clear, is_made, test, unsigned, widest_error
from mlm.pages.rounding import (
    NOT_APPLICABLE,
    Number,
    decimals_for_mean,
    decimals_for_size,
    drawn,
    fixed,
    number,
    signed,
    tally,
)
from mlm.pages.sections.missed_waves import missed_waves
from mlm.pages.sections.over_time.course import course_words, curve_name, is_rejected, with_curve
from mlm.pages.sections.over_time.gaps import gaps_figure
from mlm.pages.sections.over_time.seen import seen_blocks
from mlm.pages.sections.over_time.trends import trends_blocks
from mlm.pages.text import Run, enumerate_words, say
from mlm.results.level import Level
from mlm.results.reading import At


def adjusted_means_blocks(context: Context) -> list[Block]:
    """Adjusted means by wave, then within the groups of every variable whose effect changes."""
    found = context.results.over_time
    if len(found.adjusted_means) < 2:
        return []
    blocks = [means_figure(context), _means_table(context)]
    if is_made(found.test):
        blocks.append(paragraph(_difference_words(context)))
    course, missed = course_words(context), missed_waves(context)
    if course:
        blocks.append(paragraph(course))
    elif missed:
        kind = "information" if _has_own_means(context) else "caution"
        blocks.append(note(kind, _missed_words(context, missed)))
    blocks += seen_blocks(context)
    if not found.by_wave.empty:
        blocks.append(paragraph(_by_wave_words(context, found.by_wave.value)))
    gaps = gaps_figure(context)
    blocks += [gaps] if gaps is not None else []
    for item in found.by:
        blocks += trends_blocks(context, item)
    return blocks


def means_figure(context: Context) -> Block:
    """Adjusted means by wave with intervals, beside the line or curve of time."""
    means = list(context.results.over_time.adjusted_means)
    data = {"wave": [context.labels.wave(i.wave.value) for i in means]}
    for name in ("estimate", "lower", "upper"):
        data[name] = [drawn(getattr(i, name), i.std_error) for i in means]
    options = {
        "y": f"{context.labels.outcome} ({context.labels.unit})",
        "x": context.labels.below_waves,
        "told": _("Adjusted means"),
        "observed": _("Observed means"),
    }
    data |= _observed(context, means)
    how = _(
        "Each mark is the mean that the model expects in that wave for the same mix of "
        "cases; the line is its 95% interval. Grey squares are the means of the rows as they "
        "were observed. The vertical axis does not begin at zero."
    )
    if not context.results.over_time.curve.empty:
        data, options, how = _beside_curve(context, means, data, options)
    return figure(
        "standards",
        "adjusted_means",
        say(_("Adjusted mean of {outcome} by wave"), outcome=context.labels.outcome),
        how,
        _(
            "Adjusted mean by wave with 95% intervals; the numbers are in the table below "
            "the chart."
        ),
        data,
        options,
        unit=context.labels.unit,
        title=_title(context, means),
    )


def _title(context: Context, means: list[At]) -> list[Run]:
    """The means of the first and the last wave."""
    first, last = means[0], means[-1]
    error = widest_error(first, last)
    return say(
        _("{outcome} was {first} in {a} and {last} {unit} in {b}"),
        outcome=context.labels.outcome,
        first=number(first.estimate, error),
        last=number(last.estimate, error),
        unit=context.labels.unit,
        a=context.labels.wave(first.wave.value),
        b=context.labels.wave(last.wave.value),
    )


def _observed(context: Context, means: list[At]) -> dict[str, list]:
    """The means of the rows in each wave; none where one may not be shown."""
    waves = [item.wave.value for item in means]
    found = [context.results.waves.find(wave=wave) for wave in waves]
    hidden = context.rules.is_public and any(wave in context.dominated_waves for wave in waves)
    if hidden or any(wave is None or wave.mean.missing for wave in found):
        return {}
    return {"observed": [_mean(wave) for wave in found]}


def _mean(wave: At) -> Number:
    return fixed(wave.mean, decimals_for_mean(wave.sd.value, wave.rows.value))


def _beside_curve(context: Context, means: list[At], data: dict, options: dict) -> tuple:
    """Data, options and reading of the chart with the line or curve of time."""
    found, line = context.results.over_time, curve_name(context)
    rejected = is_rejected(found.lack_of_fit)
    apart = not rejected and not means[0].saturated.missing
    if apart:
        data = {**data, "saturated": [drawn(i.saturated, i.std_error) for i in means]}
    how = (
        _(
            "Each mark is the mean of that wave for the same mix of cases, its upright line the "
            "95% interval; the dashed {line} is that of the model, which does not fit them. The "
            "vertical axis does not begin at zero."
        )
        if rejected
        else _(
            "The {line} is the mean that the model expects for the same mix of cases, the upright "
            "lines its 95% intervals in the waves; hollow marks are the means of the waves by "
            "themselves. The vertical axis does not begin at zero."
        )
    )
    words = {
        "curve": capitalise(line),
        "saturated": _("Means of the waves by themselves"),
        "rejected": rejected,
    }
    data = with_curve(context, data, means, found.curve)
    return data, options | words, how.format(line=line)


def _difference_words(context: Context) -> list[Run]:
    """Whether the adjusted means differ between waves at all."""
    found = context.results.over_time.test
    template = (
        _("The adjusted means are not the same in every wave ({test}).")
        if is_clear(found, context.labels.analysis.alpha)
        else _("There is no clear evidence that the adjusted means differ between waves ({test}).")
    )
    return say(template, test=test(found))


def _has_own_means(context: Context) -> bool:
    """Whether the model has a mean for each wave, and no course of time."""
    return context.results.time.coding.value == "categories"


def _missed_words(context: Context, missed: list[At]) -> list[Run]:
    """That means of single waves are not where the model puts them."""
    farthest = max(missed, key=lambda mean: abs(mean.value))
    return say(
        _(
            "Each wave has a mean of its own in the model. In {number} of them the residuals do "
            "not average zero (see Diagnostics), by up to {most} {unit}: who was seen then is not "
            "like those who were not, and the adjusted means allow for it as far as the other "
            "waves tell."
        )
        if _has_own_means(context)
        else _(
            "In {number} of the waves the residuals do not average zero (see Diagnostics), by up "
            "to {most} {unit}: their means do not follow the course of time that the model has, or "
            "who was seen then is not like the others. That was not tested; adjusted means of "
            "single waves, and their intervals, do not allow for it."
        ),
        number=tally(derive("items", *missed)),
        most=fixed(unsigned(farthest), decimals_for_size(abs(farthest.value), 2)),
        unit=context.labels.unit,
    )


def _by_wave_words(context: Context, levels: tuple[Level, ...]) -> list[Run]:
    names = enumerate_words([context.labels.plural(level) for level in levels])
    return say(
        _(
            "The effects of {groups} change from wave to wave in the settled model: means and "
            "their intervals rest on the number of {groups}, not on that of rows."
        ),
        groups=names,
    )


def _means_table(context: Context) -> Block:
    rows = []
    for item in context.results.over_time.adjusted_means:
        error, change = item.std_error, item.change
        moved: list = [NOT_APPLICABLE] * 4
        if not change.missing:
            its = change.std_error
            shown = (change.estimate, change.lower, change.upper)
            moved = [signed(value, its) for value in shown]
            moved.insert(1, number(its, its))
        rows.append(
            row(
                context.labels.wave(item.wave.value),
                number(item.estimate, error),
                number(error, error),
                number(item.lower, error),
                number(item.upper, error),
                *moved,
            )
        )
    since = _("Change since first wave")
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("Estimate"), group=_("Adjusted mean"), main=True),
        column(_("SE"), group=_("Adjusted mean")),
        column(_("Lower"), group=_("Adjusted mean"), main=True),
        column(_("Upper"), group=_("Adjusted mean"), main=True),
        column(_("Estimate"), group=since),
        column(_("SE"), group=since),
        column(_("Lower"), group=since),
        column(_("Upper"), group=since),
    ]
    caption = say(
        _("Adjusted mean of {outcome} by wave, in {unit}"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    words = _(
        "Lower and upper: 95% intervals. That of a change is not the difference of those of the "
        "means: waves that share groups err together."
    )
    return table("standards", caption, columns, rows, [words], alike=[(1, 3, 4), (5, 7, 8)])
