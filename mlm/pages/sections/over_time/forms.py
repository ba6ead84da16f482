"""Forms of the covariance of effects over waves, compared; intervals of the correlations."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.phrases import is_made
from mlm.pages.rounding import degrees, fixed, p_value, tally
from mlm.pages.text import Run, say
from mlm.pages.words.levels import identifier
from mlm.results.reading import At

NOTHING = "–"
FORMS = {
    "unstructured": N_("each wave its own variance, each pair of waves its own correlation"),
    "compound_symmetry": N_("one variance and one correlation"),
    "autoregressive": N_("one variance, correlations that fade with time"),
    "linear_trend": N_("a straight line for each unit, with deviations from it"),
}


def form_words(form: At) -> str:
    """A form of the covariance over waves."""
    return _(FORMS[form.value])


def average_words(item: At) -> list[Run]:
    """The mean correlation between waves with its interval."""
    average = item.details.average
    return say(
        _("The average correlation is {value} (95% interval {lower} to {upper})."),
        value=fixed(average.value_, 2),
        lower=fixed(average.lower, 2),
        upper=fixed(average.upper, 2),
    )


def intervals_table(context: Context, item: At) -> Block:
    """The correlation of each pair of waves with its interval."""
    waves = [context.labels.wave(wave) for wave in item.waves.value]
    rows = []
    for second in range(len(waves)):
        for first in range(second):
            rows.append(
                row(
                    f"{waves[first]} – {waves[second]}",
                    fixed(item.correlation[second][first], 2),
                    fixed(item.details.lower[second][first], 2),
                    fixed(item.details.upper[second][first], 2),
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
    return table(f"correlations-{identifier(item.level.value)}", caption, columns, rows)


def alternatives_table(context: Context, item: At) -> Block:
    """Every form that the covariance may have: its fit, its mean correlation, its test."""
    rows = []
    for found in item.details.alternatives:
        tested = is_made(found.test)
        average = found.average_correlation
        known = not average.lower.missing
        rows.append(
            row(
                form_words(found.form),
                tally(found.n_params),
                fixed(found.deviance, 1),
                fixed(found.aic, 1),
                fixed(average.value_, 2),
                fixed(average.lower, 2) if known else NOTHING,
                fixed(average.upper, 2) if known else NOTHING,
                fixed(found.test.statistic, 1) if tested else NOTHING,
                degrees(found.test.df) if tested else NOTHING,
                p_value(found.test.p_value) if tested else NOTHING,
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
    return table(f"forms-{identifier(item.level.value)}", caption, columns, rows, _form_notes(item))


def _form_notes(item: At) -> list:
    notes: list = [_("AIC: the smaller, the better a form serves for the parameters it takes.")]
    if item.form.value != "unstructured" and len(item.waves) > 2:
        notes.append(
            _(
                "The straight line is tested against one variance and one correlation, which it "
                "contains; correlations that fade are compared by AIC alone."
            )
        )
    return notes
