"""How stable the effects of units are from wave to wave, or why it is not told."""

from __future__ import annotations

from mlm.pages.blocks import Block, code, column, group_row, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import NOT_AVAILABLE, fixed, number
from mlm.pages.sections.over_time.forms import form_words
from mlm.pages.sections.sampled.adjusted import tested_words
from mlm.pages.sections.sampled.error_parts import Told, errors_table
from mlm.pages.sections.sampled.estimates import (
    estimate_cells,
    estimate_columns,
    has_ends,
    interval_note,
)
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
    return [title, paragraph(stability_words(context, item)), *_over_waves(context, item)]


def stability_errors(context: Context) -> list[Block]:
    """What the errors of the correlations between waves are made of."""
    told = []
    for item in context.results.over_time.levels:
        if item.kind.value == "estimated":
            told.append(Told(context.title_of(item.level.value), item.average))
            told += _told_over_waves(context, item)
    caption = _("Correlation of effects between waves: what the errors are made of")
    return errors_table("errors-stability", caption, told)


def _told_over_waves(context: Context, item: At) -> list[Told]:
    """The standard deviation of each wave and the correlation of each pair."""
    over, labels = item.over_waves, context.labels
    if over.kind.value == "refused":
        return []
    sds = zip(item.waves.value, over.sd, strict=True)
    told = [
        Told(
            _("{name}, SD in {wave}").format(name=context.title_of(item.level.value), wave=name), sd
        )
        for name, sd in ((labels.wave(wave), sd) for wave, sd in sds)
    ]
    return [*told, *(Told(_pair_words(context, pair), pair) for pair in over.pairs)]


def _pair_words(context: Context, pair: At) -> str:
    waves = (context.labels.wave(pair.first.value), context.labels.wave(pair.second.value))
    return _("{a} and {b}").format(a=waves[0], b=waves[1])


def _refused_words(context: Context, item: At) -> list[Run]:
    reason = sampled_reason_words(item.reason, context.labels)
    if item.level.missing:
        words = _("How stable the effects of groups are over waves is not reported: {reason}.")
        return say(words, reason=reason)
    return say(
        _("The stability of the effects of {groups} was not estimated: {reason}."),
        groups=context.labels.plural(item.level.value),
        reason=reason,
    )


def stability_words(context: Context, item: At) -> list[Run]:
    """The correlation of the effects of two waves, with its interval where that is known."""
    found, inner = item.average, item.within
    is_known = has_ends(found)
    if not inner.missing and not is_known:
        template = _(
            "The effects of the same {groups} in two waves correlate by {value}: so large a part "
            "of their variance lasts; the rest, between {inner}, is of single waves."
        )
    elif not inner.missing:
        template = _(
            "The effects of the same {groups} in two waves correlate by {value} (95% interval "
            "{lower} to {upper}): so large a part of their variance lasts; the rest, between "
            "{inner}, is of single waves."
        )
    elif not is_known:
        template = _("The effects of the same {groups} in two waves correlate by {value}.")
    elif len(item.waves.value) > 2:
        template = _(
            "The effects of the same {groups} in two waves correlate by {value} on average (95% "
            "interval {lower} to {upper})."
        )
    else:
        template = _(
            "The effects of the same {groups} in two waves correlate by {value} (95% interval "
            "{lower} to {upper})."
        )
    ends = {"lower": fixed(found.lower, 2), "upper": fixed(found.upper, 2)} if is_known else {}
    named = {} if inner.missing else {"inner": context.labels.plural(inner.value)}
    return say(
        template,
        groups=context.labels.plural(item.level.value),
        value=fixed(found.estimate, 2).bold(),
        **named,
        **ends,
    )


def _over_waves(context: Context, item: At) -> list[Block]:
    """Standard deviations of each wave and correlations of each pair, or why they are not told."""
    over = item.over_waves
    if over.kind.value == "refused":
        words = say(
            _("A covariance of its own for each pair of waves was not estimated: {reason}."),
            reason=sampled_reason_words(over.reason, context.labels),
        )
        return [_table(context, item), note("information", words)]
    model = code(over.formula.value, _("Model of the covariance over waves"))
    blocks: list[Block] = [paragraph(_form_words(over)), _pairs(context, item), model]
    return blocks + tested_words(
        context,
        over.alike,
        _("The effects do not vary and correlate alike in all waves ({test})."),
        _(
            "There is no clear evidence that the effects vary or correlate otherwise from wave to "
            "wave ({test})."
        ),
    )


def _form_words(over: At) -> list[Run]:
    words = say(
        _("Beside the settled model stands one with more freedom over the waves: {form}."),
        form=form_words(over.form),
    )
    if not over.holds_rows.value:
        return words
    rest = _(
        "With one row in each wave they hold what is of that row alone too, errors of measurement "
        "among it, so that what lasts correlates by more."
    )
    return [*words, *say(" " + rest)]


def _pairs(context: Context, item: At) -> Block:
    """The table of standard deviations and of correlations, with their intervals."""
    over, labels, rows = item.over_waves, context.labels, [group_row(_("SD"))]
    for wave, found in zip(item.waves.value, over.sd, strict=True):
        rows.append(row(labels.wave(wave), *estimate_cells(found)))
    rows.append(group_row(_("Correlation")))
    for pair in over.pairs:
        ends = (pair.estimate, pair.std_error, pair.lower, pair.upper)
        cells = [NOT_AVAILABLE if end.missing else fixed(end, 2) for end in ends]
        rows.append(row(_pair_words(context, pair), *cells))
    columns = [column(labels.wave_title, "text"), *estimate_columns(_("Estimate"))]
    caption = say(
        _("Effects of {groups} by wave: SD in {unit}, and correlations of two waves"),
        groups=labels.plural(item.level.value),
        unit=labels.unit,
    )
    name = f"stability-{identifier(item.level.value)}"
    return table(name, caption, columns, rows, [interval_note()])


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
