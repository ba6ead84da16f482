"""Residuals of the rows: their distribution, and their means and spread along the predictions."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

from mlm.nouns.distributions import TWO_SIDED_95
from mlm.pages.blocks import Block, column, figure, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import (
    Number,
    count,
    decimals_for_mean,
    decimals_for_spread,
    drawn,
    fixed,
    number,
    percent,
    render,
    tally,
)
from mlm.pages.sections.missed_waves import missed_waves, shown_parts
from mlm.pages.sections.over_time.course import is_rejected
from mlm.pages.text import Run, join, say
from mlm.pages.words.levels import identifier
from mlm.results.reading import At

LEAST_MARKS = 10
LEAST_PARTS = 3
MOST_VARIABLES = 3
ZERO = 0.05  # of a standard error, below which a mean is zero by construction


def residual_blocks(context: Context) -> list[Block]:
    """The checks that read the rows a second time; nothing where that was not done."""
    found = context.residuals
    if found.missing or found.sd.missing:
        return []
    blocks = [
        heading("residuals", _("Residuals of the rows")),
        paragraph(_words(context, found)),
        _moments_table(context, found),
        _beyond_table(context, found),
        *_quantile_chart(context, found),
        *_along(context, found.fitted, "fitted", _("the prediction from the variables")),
    ]
    time = context.results.time.name.value  # along it they are shown by wave
    others = [item for item in found.variables if item.variable.value != time]
    for item in others[:MOST_VARIABLES]:
        name = item.variable.value
        label = context.labels.variable(name)
        blocks += _along(context, item.parts, name, label, context.labels.unit_of(name))
    return [*blocks, *_by_wave(context, found)]


def _words(context: Context, found: At) -> list[Run]:
    first = say(
        _(
            "A residual is the part of the {outcome} of a row that the settled model does not "
            "explain; its standard deviation under the model is {sd} {unit}. If residuals are "
            "normal, about {expected} of the rows lie beyond two standard deviations; here "
            "{share} do."
        ),
        outcome=context.labels.outcome,
        sd=number(found.sigma),
        unit=context.labels.unit,
        expected=percent(found.beyond[0].expected),
        share=percent(_share(found, found.beyond[0])).bold(),
    )
    parts = shown_parts(context, found.fitted)
    if len(parts) < LEAST_PARTS:
        return first
    ends = sorted(parts, key=lambda part: part.sd.value)
    second = say(
        _(
            "With the rows in ten equal groups from the lowest prediction to the highest, "
            "the standard deviation of the residuals in a group is between {least} and "
            "{most} {unit}."
        ),
        least=number(ends[0].sd, decimals=_decimals_of_sd(ends[0])),
        most=number(ends[-1].sd, decimals=_decimals_of_sd(ends[-1])),
        unit=context.labels.unit,
    )
    return join(first, second)


def _share(found: At, item: At) -> At:
    return derive("ratio", item.rows, found.rows)


def _moments_table(context: Context, found: At) -> Block:
    fields = (
        (_("Rows"), count(found.rows)),
        (_("Rows that the model fits exactly, whatever their value"), count(found.determined)),
        (_("Standard deviation (1 if the model holds)"), fixed(found.sd, 3)),
        (_("Skewness (0 if normal)"), fixed(found.skewness, 2)),
        (_("Excess kurtosis (0 if normal)"), fixed(found.kurtosis, 2)),
        (_("Correlation with normal quantiles"), fixed(found.correlation, 4)),
        *([] if context.rules.is_public else [(_("Largest in size"), fixed(found.largest, 1))]),
        (
            _("Mean leverage of a row: its own share in its fitted value"),
            percent(found.leverage),
        ),
    )
    columns = [column(_("Standardised residuals"), "text"), column(_("Value"))]
    rows = [row(name, value) for name, value in fields]
    return table("residuals", _("Standardised residuals of the settled model"), columns, rows)


def _beyond_table(context: Context, found: At) -> Block:
    rows = [
        row(
            say(_("{number} standard deviations"), number=render(item.sd.value, 0, "plain")),
            count(item.rows),
            percent(_share(found, item), 2),
            percent(item.expected, 2),
        )
        for item in found.beyond
        if not context.rules.is_few(item.rows.value)
    ]
    columns = [column(_("Beyond"), "text"), column(_("Rows")), column(_("Share"), follows=True)]
    columns.append(column(_("Expected if normal")))
    caption = _("Rows far from what the model expects")
    return table("residuals-beyond", caption, columns, rows)


def _quantile_chart(context: Context, found: At) -> list[Block]:
    """The normal-quantile chart; in public without quantiles that few people lie beyond."""
    normal, rules = NormalDist(), context.rules
    least = rules.threshold * rules.waves if rules.is_public else 0
    quantiles = found.quantiles.value
    points = zip(quantiles.expected, quantiles.observed, strict=True)
    kept = [
        (expected, observed)
        for expected, observed in points
        if min(normal.cdf(expected), normal.cdf(-expected)) * found.rows.value >= least
    ]
    if len(kept) < LEAST_MARKS:
        return []
    how = _(
        "Each mark is a quantile of the standardised residuals against that of the "
        "normal distribution. Marks along the dashed line are what normal residuals "
        "give; ends that bend away from it are rows too extreme for a normal "
        "distribution."
    )
    if least:
        words = _("Only quantiles with at least {least} rows beyond them are shown.")
        how = join(how, say(words, least=str(least)))
    return [
        figure(
            "residual-quantiles",
            "quantiles",
            _("Residuals against the normal distribution"),
            how,
            _("Quantiles of the standardised residuals against those of the normal distribution."),
            {
                "expected": [drawn(x, decimals=2) for x, __ in kept],
                "observed": [drawn(y, decimals=2) for __, y in kept],
            },
            {
                "x": _("Normal quantile"),
                "y": _("Standardised residual"),
                "level": identifier(context.lowest),
                "levels": [identifier(level) for level in context.hierarchy],
            },
            pooled=len(quantiles.expected) - len(kept),
            unit=_("standard deviations"),
        )
    ]


def _along(context: Context, found: At, name: str, label: str, unit: str = "") -> list[Block]:
    """Means and spread of the residuals by tenths of the rows along something."""
    parts = shown_parts(context, found)
    if len(parts) < LEAST_PARTS:
        return []
    data: dict[str, list[Any]] = {"at": [drawn(part.at) for part in parts]}
    how = _(
        "One mark per tenth of the rows. First the mean of the residuals with its 95% interval; a "
        "curve would be one that the model lacks. Then their standard deviation; the dashed line "
        "is that of the model, and a trend would be unequal variance."
    )
    caption = say(_("Residuals along {name}"), name=label)
    axis, unit = capitalise(label), context.labels.unit if name == "fitted" else unit
    options = {"x": f"{axis} ({unit})" if unit else axis}
    return [_spread(context, f"residuals-{name}", caption, how, parts, data, options)]


def _spread(context, identifier: str, caption, how, parts: list[At], data, options) -> Block:
    data |= {"rows": [part.rows for part in parts]}
    for name, side in (("mean", 0), ("lower", -1), ("upper", 1)):
        data[name] = [_end(part, side) for part in parts]
    data |= {"sd": [drawn(part.sd, decimals=_decimals_of_sd(part)) for part in parts]}
    unit = context.labels.unit
    options |= {
        "mean": _("Mean residual ({unit})").format(unit=unit),
        "sd": _("SD of the residuals ({unit})").format(unit=unit),
        "sigma": drawn(context.residuals.sigma),
        "has_means": any(_is_off_zero(part) for part in parts),
    }
    alt = _("Means of the residuals with 95% intervals, and their standard deviations, in order.")
    return figure(identifier, "spread", caption, how, alt, data, options, unit=unit)


def _is_off_zero(part: At) -> bool:
    """Whether a mean of residuals is not zero by construction, as beside means of all waves."""
    return abs(part.mean.value) > ZERO * part.std_error.value


def _end(part: At, side: int) -> Number:
    """The mean of the residuals of a part, or an end of its interval."""
    value = part.mean.value + side * TWO_SIDED_95 * part.std_error.value
    return drawn(value, decimals=_decimals(part))


def _decimals(part: At) -> int:
    return decimals_for_mean(part.sd.value, part.rows.value)


def _decimals_of_sd(part: At) -> int:
    return decimals_for_spread(part.sd.value, part.rows.value)


def _by_wave(context: Context, found: At) -> list[Block]:
    parts = shown_parts(context, found.waves)
    if len(parts) < 2:
        return []
    waves = [context.labels.wave(part.wave.value) for part in parts]
    rows = [
        row(
            wave,
            count(part.rows),
            number(part.mean, decimals=_decimals(part)),
            number(part.std_error, part.std_error),
            number(part.sd, decimals=_decimals_of_sd(part)),
            count(part.beyond),
        )
        for wave, part in zip(waves, parts, strict=True)
    ]
    columns = [column(context.labels.wave_title, "text"), column(_("Rows"))]
    columns += [
        column(_("Mean")),
        column(_("SE")),
        column(_("SD")),
        column(_("Beyond 3 SD"), follows=True),
    ]
    caption = say(_("Residuals by wave, in {unit}"), unit=context.labels.unit)
    how = (
        _(
            "One mark per wave. First the mean of the residuals with its 95% interval, then their "
            "standard deviation; the dashed line is that of the model over the rows of all waves."
        )
        if any(map(_is_off_zero, parts))
        else _(
            "One mark per wave: the standard deviation of the residuals; the dashed line is that "
            "of the model over the rows of all waves. Their means are zero, as the model has a "
            "mean for each wave."
        )
    )
    options = {"x": context.labels.below_waves}
    title = _("Residuals by wave")
    return [
        *_misses(context, parts),
        _spread(context, "residuals-waves", title, how, parts, {"wave": waves}, options),
        table("residuals-waves", caption, columns, rows),
    ]


def _misses(context: Context, parts: list[At]) -> list[Block]:
    """Waves whose residuals do not average zero, which alone is no test of the course of time."""
    apart = missed_waves(context)
    if not apart:
        return []
    words = (
        _(
            "In {number} of the {waves} waves the residuals do not average zero: their 95% "
            "interval excludes it. The means of these waves are not where the model puts them."
        )
        if is_rejected(context.results.over_time.lack_of_fit)
        else _(
            "In {number} of the {waves} waves the residuals do not average zero: their 95% "
            "interval excludes it. Where some are not seen in every wave, those who are may "
            "differ from the others; it is no test of the course of time."
        )
    )
    number_of, waves = derive("items", *apart), derive("items", *(part.mean for part in parts))
    return [paragraph(say(words, number=tally(number_of).bold(), waves=tally(waves)))]
