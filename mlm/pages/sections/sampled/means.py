"""Means of the outcome by wave, without any model, and how far they moved."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.pages.blocks import Block, column, figure, heading, paragraph, row, table
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.language import _
from mlm.pages.rounding import count, decimals_for_spread, fixed, number, p_value
from mlm.pages.sections.sampled.error_parts import error_words, part_cells, part_columns
from mlm.pages.sections.sampled.estimates import (
    ENDS,
    SIGNED,
    charted,
    estimate_cells,
    estimate_columns,
    fewest_decimals,
    interval_note,
    mean_decimals,
    shown,
)
from mlm.pages.text import Run, say
from mlm.results.reading import At


def is_weighted(context: SampledContext) -> bool:
    """Whether the rows have sampling weights."""
    return not context.results.sample.missing


def means_blocks(context: SampledContext) -> list[Block]:
    """The means of all waves: a chart where there are several, and tables."""
    waves = list(context.results.means.waves)
    blocks: list[Block] = [heading("means", means_title(context))]
    shown = [wave for wave in waves if not context.is_hidden(wave)]
    if len(shown) > 1:
        blocks.append(means_figure(context, shown))
    blocks.append(_means_table(context))
    words = error_words(context, waves[-1])
    blocks += [paragraph(words)] if words else []
    return blocks + ([_changes_table(context)] if changes_of(context) else [])


def means_title(context: SampledContext) -> str:
    """What the means are."""
    return _("Weighted means by wave") if is_weighted(context) else _("Means by wave")


def changes_of(context: SampledContext) -> list[tuple[str, At]]:
    """Changes of the means, each with its name."""
    return changes_between(context, list(context.results.means.waves))


def changes_between(context: SampledContext, waves: Sequence[At]) -> list[tuple[str, At]]:
    """Changes since the first wave and since the wave before, each with its name."""
    found = []
    for place, item in enumerate(waves):
        here = context.labels.wave(item.wave.value)
        for change, since in ((item.change, waves[0]), (item.step_, waves[max(place - 1, 0)])):
            if not change.missing:
                before = context.labels.wave(since.wave.value)
                found.append((_("{before} to {here}").format(before=before, here=here), change))
    return found


def means_figure(context: SampledContext, waves: list[At]) -> Block:
    """Means of waves that may be shown, with their intervals."""
    labels = context.labels
    data = {"wave": [labels.wave(item.wave.value) for item in waves]}
    for end in ENDS:
        data[end] = [
            charted(getattr(item, end), item, most=mean_decimals(context, item)) for item in waves
        ]
    return figure(
        "means",
        "adjusted_means",
        say(_("Mean of {outcome} by wave"), outcome=labels.outcome),
        _(
            "Each mark is the mean of a wave, without any model; the line is its 95% interval, "
            "by the design of the sample. The vertical axis does not begin at zero."
        ),
        _("Means by wave with 95% intervals; the numbers are in the table below the chart."),
        data,
        {
            "y": f"{labels.outcome} ({labels.unit})",
            "x": labels.below_waves,
            "told": means_title(context),
        },
        unit=labels.unit,
        title=_title(context, waves[0], waves[-1]),
    )


def _title(context: SampledContext, first: At, last: At) -> list[Run]:
    most = min(mean_decimals(context, each) for each in (first, last))
    most = fewest_decimals(first, last, most=most)
    return say(
        _("{outcome} was {first} in {a} and {last} {unit} in {b}"),
        outcome=context.labels.outcome,
        first=shown(first.estimate, first, most=most),
        last=shown(last.estimate, last, most=most),
        unit=context.labels.unit,
        a=context.labels.wave(first.wave.value),
        b=context.labels.wave(last.wave.value),
    )


def _means_table(context: SampledContext) -> Block:
    rows = []
    waves = list(context.results.means.waves)
    for item in waves:
        cells = [count(item.rows), count(item.clusters)]
        if is_weighted(context):
            cells.append(fixed(item.sum_of_weights, 0))
        most = mean_decimals(context, item)
        cells += [*estimate_cells(item, most=most), *part_cells(waves, item)]
        cells += _spread(context, item)
        rows.append(row(context.labels.wave(item.wave.value), *cells))
    sums = [column(_("Sum of weights"), follows=True)] if is_weighted(context) else []
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("Rows")),
        column(_("Clusters")),
        *sums,
        *estimate_columns(_("Mean")),
        *part_columns(waves, _("Parts of the SE")),
        column(_("SD")),
    ]
    caption = say(
        _("Mean of {outcome} by wave, in {unit}"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    notes = [interval_note(), cluster_note(context), _("SD: standard deviation of the outcome.")]
    first = 3 + len(sums)
    return table("means", caption, columns, rows, notes, alike=[(first, first + 2, first + 3)])


def cluster_note(context: SampledContext) -> list[Run]:
    """What clusters are: what the configuration names, or the outermost units."""
    if names_clusters(context):
        return say(_("Clusters: the units that were drawn first and have rows here."))
    groups = context.labels.plural(context.cluster_level)
    if not is_weighted(context):
        return say(_("Clusters: the {groups} that have rows here."), groups=groups)
    return say(
        _("Clusters: the {groups} that have rows here, which are taken to be drawn first."),
        groups=groups,
    )


def names_clusters(context: SampledContext) -> bool:
    """Whether the configuration says which units were drawn first."""
    sampling = context.configuration.sampling
    known = sampling.replicates if sampling is not None else None
    return sampling is not None and (bool(sampling.psu) or bool(known and known.unit))


def _spread(context: SampledContext, item: At) -> list:
    """Standard deviation of the outcome in a wave."""
    found = context.results.weighted_moments.find(wave=item.wave.value)
    if found is None or found.weighted_sd.missing:
        return [""]
    sd = found.weighted_sd
    return [number(sd, decimals=decimals_for_spread(sd.value, item.rows.value))]


def _changes_table(context: SampledContext) -> Block:
    found = changes_of(context)
    changes = [change for _name, change in found]
    rows = [
        row(
            name,
            *estimate_cells(change, SIGNED),
            p_value(change.p_value),
            *part_cells(changes, change),
        )
        for name, change in found
    ]
    columns = [
        column(_("Between"), "text"),
        *estimate_columns(_("Change")),
        column("p", main=True),
        *part_columns(changes, _("Parts of the SE")),
    ]
    caption = say(
        _("Changes of the mean of {outcome}, in {unit}"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    notes = [interval_note()]
    if any(not change.linking_error.missing for change in changes):
        notes.append(_("The standard error of a change includes the error of the link of scales."))
    return table("means-changes", caption, columns, rows, notes, alike=[(1, 3, 4)])
