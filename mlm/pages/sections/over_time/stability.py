"""Stability of the effects of groups: their covariance over the waves, in words and pictures."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import is_clear, is_made, test
from mlm.pages.rounding import fixed, number
from mlm.pages.sections.over_time.forms import (
    correlation_words,
    form_words,
    has_one_correlation,
    intervals_table,
)
from mlm.pages.sections.over_time.trajectories import trajectory_blocks
from mlm.pages.text import Run, join, say
from mlm.pages.words.levels import identifier
from mlm.pages.words.reasons import reason_words
from mlm.results.reading import At


def stability_blocks(context: Context, item: At) -> list[Block]:
    """Correlations of one level's effects between waves, and the effects by wave."""
    level = item.level.value
    title = heading(
        f"stability-{identifier(level)}",
        _("Stability of the effects of {groups}").format(groups=_groups(context, item)),
    )
    if item.kind.value == "refused":
        words = say(
            _("The stability of the effects of {groups} was not estimated: {reason}."),
            groups=_groups(context, item),
            reason=reason_words(item.reason, context.labels),
        )
        return [title, note("information", words)]
    blocks = [title, paragraph(_model_words(context, item))]
    if not item.average.value_.missing:
        blocks.append(paragraph(correlation_words(context, item)))
    if item.form.value in ("constant", "part_by_wave"):
        blocks.append(paragraph(_spread_words(context, item)))
    elif has_one_correlation(item):
        blocks.append(_correlation_table(context, item))
    else:
        blocks += [stability_figure(context, item), _correlation_table(context, item)]
        blocks.append(intervals_table(context, item))
    if item.details.kind.value == "refused":
        words = say(
            _("Effects of {groups} by wave, and in the next wave, are not reported: {reason}."),
            groups=_groups(context, item),
            reason=reason_words(item.details.reason, context.labels),
        )
        return [*blocks, note("information", words)]
    return [*blocks, *trajectory_blocks(context, item)]


def _spread_words(context: Context, item: At) -> list[Run]:
    return say(
        _("They have a standard deviation of {sd} {unit} in each wave."),
        sd=number(item.sd[0]),
        unit=context.labels.unit,
    )


def _groups(context: Context, item: At) -> str:
    return context.labels.plural(item.level.value)


def _model_words(context: Context, item: At) -> list[Run]:
    first = say(
        _(
            "Read from the settled model, in which the forms over waves of all levels were chosen "
            "together: {model}. Correlating the estimated effects themselves would give a biased "
            "answer."
        ),
        model=form_words(item.form),
    )
    if item.form.value == "constant":
        second = _(
            "A correlation of 1 is what this form says; the interval comes from the same model "
            "with one correlation more, by the same rule as that of any other correlation."
        )
        first = join(first, say(second))
    if not is_made(item.test):
        return first
    template = (
        _(
            "Against effects that are the same in every wave: {test}; this is evidence that the "
            "effects change over time."
        )
        if is_clear(item.test, context.labels.analysis.alpha)
        else _(
            "Against effects that are the same in every wave: {test}, so there is no clear "
            "evidence that the effects change over time."
        )
    )
    return join(first, say(template, test=test(item.test)))


def _correlation_table(context: Context, item: At) -> Block:
    waves = [context.labels.wave(wave) for wave in item.waves.value]
    rows = []
    for position, wave in enumerate(waves):
        cells = [
            fixed(item.correlation[position][other], 2) if other <= position else ""
            for other in range(len(waves))
        ]
        rows.append(row(wave, number(item.sd[position]), *cells))
    columns = [column(context.labels.wave_title, "text"), column(_("SD"))]
    columns += [column(wave, group=_("Correlation with")) for wave in waves]
    level = item.level.value
    caption = say(
        _("Effects of {groups} by wave: SD and correlations"), groups=_groups(context, item)
    )
    return table(f"stability-{identifier(level)}", caption, columns, rows)


def stability_figure(context: Context, item: At) -> Block:
    """Correlation of true effects by pairs of waves."""
    waves = item.waves.value
    pairs = [(i, j) for j in range(len(waves)) for i in range(j)]
    data = {
        "first": [context.labels.wave(waves[i]) for i, _ in pairs],
        "second": [context.labels.wave(waves[j]) for _, j in pairs],
        "apart": [j - i for i, j in pairs],
        "correlation": [fixed(item.correlation[i][j], 2) for i, j in pairs],
    }
    groups = _groups(context, item)
    level = item.level.value
    return figure(
        f"stability-{identifier(level)}",
        "stability",
        say(_("Correlation of the effects of {groups} between waves"), groups=groups),
        _(
            "One cell per pair of waves, the deeper the nearer to 1. At 1 the groups keep their "
            "order exactly; at 0 one wave says nothing about the other."
        ),
        say(
            _(
                "Correlation of the effects of {groups} for every pair of waves; the numbers are "
                "in the table below the chart."
            ),
            groups=groups,
        ),
        data,
        {
            "x": _("Correlation between two waves of the effects of {groups}").format(
                groups=groups
            ),
            "level": identifier(level),
            "levels": [identifier(each) for each in context.hierarchy],
        },
        unit=_("correlation"),
    )
