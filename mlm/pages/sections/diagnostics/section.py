"""Diagnostics: residual variance by wave, normality of the effects of groups, influence."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.disclosure.singles import pooled, shows_single
from mlm.pages.language import _
from mlm.pages.phrases import is_clear, is_made, test, unsigned
from mlm.pages.rounding import drawn, fixed, number, tally
from mlm.pages.sections.diagnostics.deletion import deletion_blocks
from mlm.pages.sections.diagnostics.residuals import residual_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, join, say
from mlm.pages.words.levels import identifier
from mlm.pages.words.reasons import reason_words
from mlm.pages.words.references import test_words
from mlm.pages.words.terms import term_words
from mlm.pages.words.wave_forms import wave_form
from mlm.results.diagnostics import (
    Deletion,
    Influence,
    Normality,
    RefusedNormality,
    RefusedResidualVariances,
    ResidualInForm,
)
from mlm.results.reading import At

SMALLEST_CHART = 10


def diagnostics_section(context: Context) -> Section | None:
    """The section on checks of the settled model; None where none was made."""
    found = context.results.diagnostics
    blocks: list[Block] = []
    blocks += _residual_variances(context, found.residual_variance)
    blocks += [*residual_blocks(context), *_normality(context, found)]
    without = deletion_blocks(context)
    if not isinstance(found.deletion.value, Deletion):  # which tells more of the same
        blocks += _influence(context, found.influence)
    blocks += without
    return Section("diagnostics", _("Diagnostics"), blocks) if blocks else None


def _residual_variances(context: Context, residual: At) -> list[Block]:
    """The residual variance of each wave, or why they were not told apart; nothing of one wave."""
    if not context.is_longitudinal:
        return []
    title = heading("residual-variance", _("Variance within the lowest groups, by wave"))
    if isinstance(residual.value, RefusedResidualVariances):
        words = say(
            _("The residual variances of the waves were not compared: {reason}."),
            reason=reason_words(residual.reason, context.labels),
        )
        return [title, note("information", words)]
    held = isinstance(residual.value, ResidualInForm)
    words = _form_words(context, residual) if held else _residual_words(context, residual)
    return [title, paragraph(words), _residual_table(context, residual)]


def _form_words(context: Context, residual: At) -> list[Run]:
    """That a form over waves holds the variance of the rows, and what it says of the waves."""
    return say(
        _(
            "The settled model has no residual beside the {units}: each has one row in a wave, and "
            "their covariance over the waves ({form}) holds the variance of the rows. The standard "
            "deviations of the waves are those of this form."
        ),
        units=context.labels.plural(residual.level.value),
        form=wave_form(residual.form.value),
    )


def _influence(context: Context, influence: At) -> list[Block]:
    """How far leaving out single means moves the estimates.

    Nothing where there are no groups, or single units may not be shown.
    """
    if not isinstance(influence.value, Influence) or not shows_single(
        context, influence.level.value
    ):
        return []
    return [
        heading("influence", _("Influential groups")),
        paragraph(_influence_words(context, influence)),
    ]


def _residual_words(context: Context, residual: At) -> list[Run]:
    if not is_made(residual.test):
        return test_words(residual.test, context.labels)
    if residual.in_settled.value:
        return say(
            _(
                "The settled model has a residual variance for each wave (against one for all: "
                "{test})."
            ),
            test=test(residual.test),
        )
    if not is_clear(residual.test, context.labels.analysis.alpha):
        return say(
            _(
                "There is no clear evidence that the residual variance differs between waves "
                "({test})."
            ),
            test=test(residual.test),
        )
    return say(
        _(
            "The residual variance is not the same in every wave ({test}). The settled model takes "
            "it as one: its standard errors are averages over waves, too small for contrasts "
            "inside waves of large variance."
        ),
        test=test(residual.test),
    )


def _residual_table(context: Context, residual: At) -> Block:
    rows = []
    for item in residual.waves:
        cells = number(item.variance), number(item.sd)
        rows.append(row(context.labels.wave(item.wave.value), *cells))
    columns = [column(context.labels.wave_title, "text"), column(_("Variance")), column(_("SD"))]
    return table("residual-variance", _("Residual variance by wave (REML)"), columns, rows)


def _normality(context: Context, found: At) -> list[Block]:
    title = heading("normality", _("Distribution of the effects of groups"))
    refused = [
        note("information", _not_standardised(context, item))
        for item in found.normality
        if isinstance(item.value, RefusedNormality)
    ]
    items = [
        item
        for item in found.normality
        if isinstance(item.value, Normality) and not item.skewness.missing
    ]
    if not items:
        return [title, *refused] if refused else []
    largest = all(shows_single(context, item.level.value) for item in items)
    rows = [
        row(
            context.title_of(item.level.value),
            fixed(item.skewness, 2),
            fixed(item.kurtosis, 2),
            fixed(item.correlation, 3),
            *([fixed(item.largest, 1)] if largest else []),
        )
        for item in items
    ]
    columns = [
        column(_("Level"), "text"),
        column(_("Skewness")),
        column(_("Excess kurtosis")),
        column(_("Correlation with normal quantiles")),
        *([column(_("Largest in size"))] if largest else []),
    ]
    words = _(
        "The models take effects of groups as normal. Each effect was divided by the standard "
        "deviation that its estimate should have; the result should look like draws from the "
        "standard normal distribution. Skewness and excess kurtosis are then near zero."
    )
    blocks: list[Block] = [
        title,
        paragraph(words),
        table("normality", _("Standardised effects of groups by level"), columns, rows),
    ]
    charts = [_chart(context, item) for item in items]
    return [*blocks, *refused, *(chart for chart in charts if chart is not None)]


def _not_standardised(context: Context, item: At) -> list[Run]:
    return say(
        _("No distribution of the effects of {groups}: {reason}."),
        groups=context.labels.plural(item.level.value),
        reason=reason_words(item.reason, context.labels),
    )


def _chart(context: Context, item: At) -> Block | None:
    """The normal-quantile chart; None where it would have too few marks."""
    level = item.level.value
    groups = context.labels.plural(level)
    least = 1 if shows_single(context, level) else context.rules.threshold
    before = [point.units for point in item.points.value]
    columns = zip(*((point.expected, point.observed) for point in item.points.value), strict=True)
    counts, points = pooled(before, list(columns), least)
    if len(counts) < SMALLEST_CHART:
        return None
    return figure(
        f"quantiles-{identifier(level)}",
        "quantiles",
        say(_("Effects of {groups} against the normal distribution"), groups=groups),
        _how(groups, least, max(before) > 1),
        _("Ordered standardised effects against normal quantiles, with the line of equality."),
        {
            "units": counts,
            "expected": [drawn(value, decimals=2) for value in points[0]],
            "observed": [drawn(value, decimals=2) for value in points[1]],
        },
        {
            "x": _("Normal quantile"),
            "y": _("Standardised effect"),
            "level": identifier(level),
            "levels": [identifier(level) for level in context.hierarchy],
        },
        pooled=len(before) - len(counts),
        unit=_("standard deviations"),
    )


def _how(groups: str, least: int, many: bool) -> list[Run]:
    marks = (
        say(
            _("Each mark is the mean of {least} or more {groups} next to each other in order."),
            least=str(least),
            groups=groups,
        )
        if least > 1
        else say(_("Each mark is one of the {groups}, or the mean of neighbours."), groups=groups)
        if many
        else say(_("Each mark is one of the {groups}."), groups=groups)
    )
    return join(
        marks,
        _(
            "Marks along the dashed line are what normal effects give; ends that bend away from it "
            "are effects too extreme for a normal distribution."
        ),
    )


def _influence_words(context: Context, found: At) -> list[Run]:
    groups = context.labels.plural(found.level.value)
    first = say(
        _(
            "The mean of each of the {groups} was left out in turn (its own effect made a fixed "
            "effect, the variances held). The largest move of any coefficient is {change} of its "
            "standard errors ({term})."
        ),
        groups=groups,
        change=fixed(unsigned(found.largest_change), 2).bold(),
        term=term_words(found.term.value, context.labels).full,
    )
    second = say(
        _(
            "Cook's distance, which adds up the moves of all coefficients, is at most {distance}; "
            "the usual mark of {threshold} is exceeded by {above} of the {groups}."
        ),
        distance=fixed(found.largest_distance, 3),
        above=tally(found.above),
        groups=groups,
        threshold=fixed(found.threshold, 3),
    )
    return join(first, second)
