"""Shares of rows at or above a cut of the outcome, by wave and by category."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, heading, note, paragraph, row, table
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.labels import capitalise
from mlm.pages.language import N_, _
from mlm.pages.phrases import excludes_zero
from mlm.pages.rounding import NOT_APPLICABLE, count, fixed, p_value, percent, plain
from mlm.pages.sections.sampled.by_category import measure_blocks
from mlm.pages.sections.sampled.error_parts import Told, errors_table
from mlm.pages.sections.sampled.estimates import (
    ENDS,
    PERCENT,
    POINTS,
    charted,
    estimate_cells,
    estimate_columns,
    interval_note,
)
from mlm.pages.sections.sampled.groups import GroupMeasure
from mlm.pages.sections.sampled.means import changes_between, cluster_note, is_weighted
from mlm.pages.text import Run, join, say
from mlm.pages.words.cuts import cut_words
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.results.reading import At

NAMES = {"minimum_proficiency": N_("minimum proficiency")}


def cuts_blocks(context: SampledContext) -> list[Block]:
    """Shares at or above each cut; nothing where none is configured."""
    return [block for item in context.results.shares_at for block in _cut_blocks(context, item)]


def _cut_blocks(context: SampledContext, item: At) -> list[Block]:
    title = _("Share at or above {cut}").format(cut=cut_name(context, item))
    blocks: list[Block] = [heading(f"cut-{item.name.value}", title)]
    blocks.append(paragraph(share_words(context, item)))
    shown = [wave for wave in item.waves if not context.is_hidden(wave)]
    if len(shown) > 1:
        blocks.append(_figure(context, item, shown))
    blocks += [_table(context, item), *_changes_table(context, item)]
    if not item.linking.missing and len(item.waves) > 1:
        words = say(
            _("Changes of these shares hold no linking error: {reason}."),
            reason=sampled_reason_words(item.linking, context.labels),
        )
        blocks.append(note("information", words))
    return [*blocks, *measure_blocks(context, cut_measure(context, item))]


def cut_name(context: SampledContext, item: At) -> str:
    """A cut in words: the label of a variable of that name, or the name itself."""
    name = item.name.value
    return _(NAMES[name]) if name in NAMES else context.labels.variable(name)


def cut_measure(context: SampledContext, item: At) -> GroupMeasure:
    """The shares at or above a cut by category."""
    name = say(_("share at or above {cut}"), cut=cut_name(context, item))
    return GroupMeasure(f"cut-{item.name.value}", tuple(item.by), True, name)


def share_words(context: SampledContext, item: At) -> list[Run]:
    """The share of the last wave, and whether it moved since the first."""
    last = item.waves[-1]
    name, wave = cut_words(item.name.value), context.labels.wave(last.wave.value)
    if context.is_hidden(last):
        template = _(
            "How many {rows} reached {name} in {wave} is hidden, so that few people cannot be "
            "recognised."
        )
        return say(template, rows=context.rows_word, name=name, wave=wave)
    words = say(
        _(
            "In {wave}, {share} of {rows} reached {name} ({cut} {unit} or more; 95% interval "
            "{lower} to {upper})."
        ),
        name=name,
        cut=plain(item.cut),
        unit=context.labels.unit,
        share=percent(last.estimate).bold(),
        rows=context.rows_word,
        wave=wave,
        lower=percent(last.lower),
        upper=percent(last.upper),
    )
    return join(words, _change_words(context, item, last.change))


def _change_words(context: SampledContext, item: At, change: At) -> list[Run]:
    if change.missing or context.is_hidden(change):
        return []
    template = (
        _("There is no clear evidence that the share changed since {first}: it was {before} then.")
        if not excludes_zero(change)
        else _("The share rose since {first}, when it was {before}.")
        if change.estimate.value > 0
        else _("The share fell since {first}, when it was {before}.")
    )
    first = item.waves[0]
    return say(
        template,
        first=context.labels.wave(first.wave.value),
        before=percent(first.estimate),
    )


def _figure(context: SampledContext, item: At, waves: list[At]) -> Block:
    name = cut_name(context, item)
    labels = context.labels
    data = {"group": [name] * len(waves)}
    data["wave"] = [labels.wave(wave.wave.value) for wave in waves]
    for end in ENDS:
        data[end] = [charted(getattr(wave, end), wave, PERCENT) for wave in waves]
        data[f"difference_{end}"] = [NOT_APPLICABLE] * len(waves)
    return figure(
        f"cut-{item.name.value}",
        "levels_and_gaps",
        say(_("Share at or above {cut}, by wave"), cut=name),
        _(
            "Each mark is the share of a wave; the upright line is its 95% interval. The vertical "
            "axis does not begin at zero."
        ),
        _("Shares by wave with 95% intervals; the numbers are in the table below the chart."),
        data,
        {
            "y": _("Share at or above {cut}").format(cut=name),
            "difference": "",
            "x": labels.below_waves,
            "style": PERCENT,
            "difference_style": POINTS,
            "waves": [labels.wave(wave) for wave in context.results.time.waves.value],
            "places": {name: 1},
        },
        unit=_("per cent"),
        title=say(
            _("{first} were at or above {cut} in {a}, {last} in {b}"),
            cut=name,
            first=percent(waves[0].estimate),
            last=percent(waves[-1].estimate),
            a=labels.wave(waves[0].wave.value),
            b=labels.wave(waves[-1].wave.value),
        ),
    )


def _table(context: SampledContext, item: At) -> Block:
    sums = is_weighted(context)
    rows = []
    for wave in item.waves:
        cells = [count(wave.rows), count(wave.clusters)]
        cells += [fixed(wave.sum_of_weights, 0)] if sums else []
        cells += estimate_cells(wave, PERCENT)
        rows.append(row(context.labels.wave(wave.wave.value), *cells))
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("Rows")),
        column(_("Clusters")),
        *([column(_("Sum of weights"), follows=True)] if sums else []),
        *estimate_columns(_("Share")),
    ]
    caption = say(_("Share at or above {cut}, by wave"), cut=cut_name(context, item))
    notes = [
        say(
            _("{name}: {cut} {unit} of {outcome}. Errors and changes are in percentage points."),
            name=capitalise(cut_name(context, item)),
            cut=plain(item.cut),
            unit=context.labels.unit,
            outcome=context.labels.outcome,
        ),
        interval_note(),
        cluster_note(context),
    ]
    return table(f"cut-{item.name.value}", caption, columns, rows, notes)


def _changes_table(context: SampledContext, item: At) -> list[Block]:
    """How the shares moved; nothing of one wave."""
    found = changes_between(context, list(item.waves))
    if not found:
        return []
    rows = [
        row(name, *estimate_cells(change, POINTS), p_value(change.p_value))
        for name, change in found
    ]
    columns = [
        column(_("Between"), "text"),
        *estimate_columns(_("Change")),
        column("p", main=True),
    ]
    caption = say(
        _("Changes of the share at or above {cut}, in percentage points"),
        cut=cut_name(context, item),
    )
    name = f"cut-{item.name.value}-changes"
    return [table(name, caption, columns, rows, [interval_note()])]


def cut_errors(context: SampledContext, item: At) -> list[Block]:
    """What the errors of the shares of all waves are made of."""
    told = []
    for wave in item.waves:
        name = context.labels.wave(wave.wave.value)
        told.append(Told(name, wave, PERCENT))
        told.append(Told(_("{wave}: change").format(wave=name), wave.change, POINTS))
        step = _("{wave}: since the wave before").format(wave=name)
        told.append(Told(step, wave.step_, POINTS))
    caption = say(
        _("Share at or above {cut}: what the errors are made of, in percentage points"),
        cut=cut_name(context, item),
    )
    return errors_table(f"errors-cut-{item.name.value}", caption, told)
