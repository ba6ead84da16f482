"""How stable the effects of units are from wave to wave, or why it is not told."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import fixed, number
from mlm.pages.sections.sampled.error_parts import Told, errors_table
from mlm.pages.text import Run, say
from mlm.pages.words.levels import identifier
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.results.reading import At


def stability_blocks(context: Context, item: At) -> list[Block]:
    """Correlations of one level's effects between waves, or why there are none."""
    if item.kind.value == "refused":
        return [note("information", _refused_words(context, item))]
    groups = context.labels.plural(item.level.value)
    title = heading(
        f"stability-{identifier(item.level.value)}",
        _("Stability of the effects of {groups}").format(groups=groups),
    )
    return [title, paragraph(stability_words(context, item)), _table(context, item)]


def stability_errors(context: Context) -> list[Block]:
    """What the errors of the correlations between waves are made of."""
    told = [
        Told(context.title_of(item.level.value), item.average)
        for item in context.results.over_time.levels
        if item.kind.value == "estimated"
    ]
    caption = _("Correlation of effects between waves: what the errors are made of")
    return errors_table("errors-stability", caption, told)


def _refused_words(context: Context, item: At) -> list[Run]:
    reason = sampled_reason_words(item.reason, context.labels)
    if item.level.missing:
        words = _("How stable the effects of groups are over waves is not told: {reason}.")
        return say(words, reason=reason)
    return say(
        _("The stability of the effects of {groups} was not estimated: {reason}."),
        groups=context.labels.plural(item.level.value),
        reason=reason,
    )


def stability_words(context: Context, item: At) -> list[Run]:
    """The correlation of the effects of two waves, with its interval."""
    found = item.average
    return say(
        _(
            "The effects of the same {groups} in two waves correlate by {value} (95% interval "
            "{lower} to {upper}): so large a part of their variance lasts; the rest, between "
            "{inner}, is of single waves."
        ),
        groups=context.labels.plural(item.level.value),
        inner=context.labels.plural(item.within.value),
        value=fixed(found.estimate, 2).bold(),
        lower=fixed(found.lower, 2),
        upper=fixed(found.upper, 2),
    )


def _table(context: Context, item: At) -> Block:
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
    caption = say(
        _("Effects of {groups} by wave: SD and correlations"),
        groups=context.labels.plural(item.level.value),
    )
    return table(f"stability-{identifier(item.level.value)}", caption, columns, rows)
