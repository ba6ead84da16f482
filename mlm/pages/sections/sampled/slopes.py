"""Which effects differ between units: slopes that were tried, by one-sided tests."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.rounding import NOT_AVAILABLE, degrees, fixed, p_equals, p_value
from mlm.pages.sections.slopes.words import slope_decimals, slope_name
from mlm.pages.text import Run, enumerate_words, say
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.results.reading import At

METHODS = {
    "score": N_("Score test"),
    "jackknife": N_("Variance over its error by the jackknife"),
    "replicates": N_("Variance over its error by replicates"),
    "linearised": N_("Variance over its linearised error"),
    "model": N_("Variance over its error by the model"),
}


def slopes_blocks(context: Context) -> list[Block]:
    """Slopes that were tried and those that could not be; nothing where none was asked for."""
    slopes = list(context.results.slopes)
    if not slopes:
        return []
    tested = [item for item in slopes if item.kind.value == "tested"]
    refused = [item for item in slopes if item.kind.value == "refused"]
    blocks: list[Block] = [heading("slopes", _("Effects that differ between groups"))]
    if tested:
        blocks += [paragraph(slopes_words(context, tested)), _table(context, tested)]
    if refused:
        blocks.append(note("information", _refused_words(context, refused)))
    return blocks


def p_of(found: At) -> At:
    """The p-value of a test adjusted for the slopes tried; its own where there is one."""
    return found.p_value if found.p_adjusted.missing else found.p_adjusted


def slopes_words(context: Context, tested: list[At]) -> list[Run]:
    """Slopes that were kept, or the strongest sign of one."""
    kept = [item for item in tested if item.kept.value]
    if kept:
        parts = [
            say(
                _("{name} between {groups}"),
                name=slope_name(context, item),
                groups=context.labels.plural(item.level.value),
            )
            for item in kept
        ]
        return say(_("These effects differ: {parts}."), parts=enumerate_words(parts))
    most = min(tested, key=lambda item: p_of(item.test).value)
    return say(
        _(
            "There is no clear evidence that an effect differs between groups; the strongest sign "
            "is {name} between {groups} (p {p})."
        ),
        name=slope_name(context, most),
        groups=context.labels.plural(most.level.value),
        p=p_equals(p_of(most.test)),
    )


def _table(context: Context, tested: list[At]) -> Block:
    rows = [
        row(slope_name(context, item), context.title_of(item.level.value), *_cells(item))
        for item in tested
    ]
    spread, found = _("95% range"), _("Test")
    columns = [
        column(_("Effect of"), "text"),
        column(_("Differs between"), "text", main=True),
        column(_("Mean effect")),
        column(_("SD"), main=True),
        column(_("Lower"), group=spread),
        column(_("Upper"), group=spread),
        column(_("Corr.")),
        column(_("Kind"), "text", group=found),
        column("t", group=found),
        column(_("df"), group=found),
        column("p", group=found),
        column(_("p (Holm)"), group=found),
        column(_("Kept"), "text", main=True),
    ]
    caption = say(_("Random slopes, in {unit}"), unit=context.labels.unit)
    notes = [
        _(
            "Each slope was tried alone in the full model. Mean effect: over the rows, weighted as "
            "they are. SD: standard deviation of the effect between groups. 95% range: where the "
            "effects of about 95% of the groups lie. Corr.: correlation of a group's effect with "
            "its level where the variable is zero or at its reference. Tests are one-sided, that "
            "the effect does not differ; p (Holm): adjusted for the number of slopes tried, which "
            "decides."
        )
    ]
    return table("slopes", caption, columns, rows, notes)


def _cells(item: At) -> list[Any]:
    decimals, found = slope_decimals(item), item.test
    return [
        *(fixed(value, decimals) for value in (item.mean_effect, item.sd, item.lower, item.upper)),
        NOT_AVAILABLE if item.correlation.missing else fixed(item.correlation, 2),
        _(METHODS[found.method.value]),
        fixed(found.statistic, 2),
        "∞" if found.df.missing else degrees(found.df),
        p_value(found.p_value),
        p_value(p_of(found)),
        _("yes") if item.kept.value else _("no"),
    ]


def _refused_words(context: Context, refused: list[At]) -> list[Run]:
    parts = [
        say(
            _("{names} between {groups} ({reason})"),
            names=slope_name(context, item),
            groups=context.labels.plural(item.level.value),
            reason=sampled_reason_words(item.reason, context.labels),
        )
        for item in refused
    ]
    return say(_("Not tested: {parts}."), parts=enumerate_words(parts))
