"""Forms of the covariance of effects over waves, in words, and intervals of the correlations."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.rounding import fixed
from mlm.pages.text import Run, say
from mlm.pages.words.levels import identifier
from mlm.results.reading import At

FORMS = {
    "constant": N_("the same effect in every wave"),
    "part_by_wave": N_("one variance for all waves and one correlation for all pairs of them"),
    "variances_by_wave": N_("each wave its own variance and one correlation for all pairs"),
    "autoregressive": N_("one variance for all waves and correlations that fade with time"),
    "autoregressive_variances": N_(
        "each wave its own variance and correlations that fade with time"
    ),
    "line": N_("a straight line over time for each unit"),
    "unstructured": N_("each wave its own variance and each pair of waves its own correlation"),
}
WIDE = 0.7  # length of the interval of a correlation that says nothing
SINGLE = ("constant", "part_by_wave", "variances_by_wave")


def form_words(form: At) -> str:
    """A form of the covariance over waves."""
    return _(FORMS[form.value])


def has_one_correlation(item: At) -> bool:
    """Whether the effects have the same correlation between any two waves."""
    return len(item.waves.value) == 2 or item.form.value in SINGLE


def correlation_words(context: Context, item: At) -> list[Run]:
    """The correlation of a level's effects between waves, or the mean of several."""
    average = item.average
    is_known = not average.lower.missing and not average.upper.missing
    if has_one_correlation(item):
        template = (
            _(
                "The true effects of {groups} in two waves correlate {value} (95% interval {lower} "
                "to {upper})."
            )
            if is_known
            else _("The true effects of {groups} in two waves correlate {value}.")
        )
    else:
        template = (
            _(
                "The true effects of {groups} in two waves correlate {value} on average (95% "
                "interval {lower} to {upper})."
            )
            if is_known
            else _("The true effects of {groups} in two waves correlate {value} on average.")
        )
    ends = {"lower": fixed(average.lower, 2), "upper": fixed(average.upper, 2)} if is_known else {}
    groups = context.labels.plural(item.level.value)
    if is_known and average.upper.value - average.lower.value > WIDE:
        template = _(
            "These data cannot tell how long differences between {groups} last: true effects in "
            "two waves may correlate by anything from {lower} to {upper} (95% interval)."
        )
    return say(template, groups=groups, value=fixed(average.value_, 2).bold(), **ends)


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
    identity = f"correlations-{identifier(item.level.value)}"
    return table(identity, caption, columns, rows, [_intervals_note(item)], folded=True)


def _intervals_note(item: At) -> list[Run]:
    """How the intervals were made."""
    if item.other_form.missing:
        return say(
            _(
                "Intervals by profile: each holds the correlations with which the settled model "
                "fits about as well."
            )
        )
    return say(
        _(
            "Intervals by profile: each holds the correlations with which the settled model fits "
            "about as well. These data do not tell its form from another ({form}): the intervals "
            "hold what fits about as well under that one, too."
        ),
        form=form_words(item.other_form),
    )
