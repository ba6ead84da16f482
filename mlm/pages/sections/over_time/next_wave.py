"""Stability in detail: intervals, other forms of the covariance, the next wave, the back-test."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.results.reading import At
from mlm.pages.numbers import count, decimals_for_size, degrees, fixed, p_value, percent, tally
from mlm.pages.text import Run, join, say
from mlm.pages.told import tell

NOTHING = "–"
FORMS = {
    "unstructured": N_("each wave its own variance, each pair of waves its own correlation"),
    "compound_symmetry": N_("one variance and one correlation"),
    "autoregressive": N_("one variance, correlations that fade with time"),
    "linear_trend": N_("a straight line for each unit, with deviations from it"),
}


def forward_blocks(context: Context) -> list[Block]:
    """What is added to the stability of each level's effects."""
    blocks: list[Block] = []
    for item in context.results.over_time.levels:
        if item.alternatives.empty:
            continue
        level = item.level.value
        groups = context.labels.plural(level)
        title = _("The effects of {groups}: how sure, and what comes next").format(groups=groups)
        blocks.append(heading(f"forward-{level}", title))
        if not item.average_lower.missing:
            blocks.append(paragraph(_average_words(item)))
            if len(item.waves.value) > 2 and item.model.value == "unstructured":
                blocks.append(_intervals_table(context, item))
        blocks.append(_alternatives_table(context, item))
        blocks.append(paragraph(_prediction_words(context, item)))
        blocks.append(paragraph(_back_test_words(context, item)))
    return blocks


def _average_words(item: At) -> list[Run]:
    return say(
        _("The average correlation is {value} (95% interval {lower} to {upper})."),
        value=fixed(item.average_correlation, 2),
        lower=fixed(item.average_lower, 2),
        upper=fixed(item.average_upper, 2),
    )


def _intervals_table(context: Context, item: At) -> Block:
    waves = [context.labels.wave(wave) for wave in item.waves.value]
    rows = []
    for second in range(len(waves)):
        for first in range(second):
            rows.append(
                row(
                    f"{waves[first]} – {waves[second]}",
                    fixed(item.correlation[second][first], 2),
                    fixed(item.lower[second][first], 2),
                    fixed(item.upper[second][first], 2),
                )
            )
    columns = [
        column(_("Waves"), "text"),
        column(_("Correlation")),
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
    ]
    groups = context.labels.plural(item.level.value)
    caption = say(_("Correlations of the effects of {groups} between waves"), groups=groups)
    return table(f"correlations-{item['level'].value}", caption, columns, rows)


def _alternatives_table(context: Context, item: At) -> Block:
    rows = []
    for form in item.alternatives:
        tested = not form.p_value.missing
        known = not form.lower.missing
        rows.append(
            row(
                _(FORMS[form.model.value]),
                tally(form.n_params),
                fixed(form.deviance, 1),
                fixed(form.aic, 1),
                fixed(form.average_correlation, 2),
                fixed(form.lower, 2) if known else NOTHING,
                fixed(form.upper, 2) if known else NOTHING,
                fixed(form.statistic, 1) if tested else NOTHING,
                degrees(form.df) if tested else NOTHING,
                p_value(form.p_value) if tested else NOTHING,
            )
        )
    columns = [
        column(_("Covariance over waves"), "text"),
        column(_("Parameters")),
        column(_("Deviance")),
        column("AIC"),
        column(_("Mean corr.")),
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
        column("χ²", group=_("Against the first")),
        column(_("df"), group=_("Against the first")),
        column("p", group=_("Against the first")),
    ]
    groups = context.labels.plural(item.level.value)
    caption = say(_("Forms of the covariance of the effects of {groups} (REML)"), groups=groups)
    return table(f"forms-{item['level'].value}", caption, columns, rows, _form_notes(item))


def _form_notes(item: At) -> list:
    notes: list = [_("AIC: the smaller, the better a form serves for the parameters it takes.")]
    if item.model.value != "unstructured" and len(item.waves.value) > 2:
        notes.append(
            _(
                "The straight line is tested against one variance and one correlation, which it "
                "contains; correlations that fade are compared by AIC alone."
            )
        )
    return notes


def _prediction_words(context: Context, item: At) -> list[Run]:
    ahead = item.prediction
    decimals = decimals_for_size(ahead.error.value, 2)
    return say(
        _(
            "Carried one wave forward ({form}), an effect is predicted with a standard error of "
            "{error} {unit}, where the effects themselves have a standard deviation of {sd}: "
            "{known} of their variance is known in advance. An order of {groups} by these "
            "predictions would have an expected rank correlation of {ranks} with the order to "
            "come."
        ),
        form=_(FORMS[ahead.model.value]),
        error=fixed(ahead.error, decimals),
        unit=context.labels.unit,
        sd=fixed(ahead.sd, decimals),
        known=percent(ahead.reliability, 0).bold(),
        groups=context.labels.plural(item.level.value),
        ranks=fixed(ahead.expected_rank_correlation, 2),
    )


def _back_test_words(context: Context, item: At) -> list[Run]:
    found = item.back_test
    if found.missing:
        return say(
            _("No prediction could be held against a wave: {reason}."),
            reason=tell(context, item.back_test_reason) or _("no reason given"),
        )
    first = say(
        _(
            "Held against the data: fitted without {wave}, the model predicted the mean of that "
            "wave for {units} {groups}. The 95% prediction interval held it for {coverage} of "
            "them; predictions and means correlate {correlation}"
        ),
        wave=context.labels.wave(found.wave.value),
        units=count(found.units),
        groups=context.labels.plural(item.level.value),
        coverage=percent(found.coverage, 0).bold(),
        correlation=fixed(found.correlation, 2).bold(),
    )
    second = say(
        _("(expected if the model is right: {expected})."),
        expected=fixed(found.expected_correlation, 2),
    )
    if not found.returning.value:
        return join(first, second)
    third = say(
        _(
            "{share} of the {rows} in that wave belong to units seen before, such as followed "
            "pupils; what was known of these was taken out of the means."
        ),
        share=percent(found.returning, 0),
        rows=context.rows_word,
    )
    return join(first, second, third)
