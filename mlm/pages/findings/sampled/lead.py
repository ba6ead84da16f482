"""The lead chart and the lead table of a sample: standards by wave."""

from __future__ import annotations

from collections.abc import Mapping

from mlm.pages.blocks import Block, column, figure, group_row, row, table
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.sampled.studied import sampled_studied_table
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import decimals_for_mean, drawn, number, percent
from mlm.pages.text import Run, say, started
from mlm.pages.words.cuts import cut_words
from mlm.results.reading import At

ENDS = ("estimate", "lower", "upper")


def sampled_lead(context: SampledContext, chosen: Chosen) -> Mapping[str, Block | None]:
    """Chart and table of the standards, and the table of what was studied."""
    return {
        "figure": means_chart(context, chosen),
        "lead": standards_table(context),
        "table": sampled_studied_table(context),
    }


def means_chart(context: SampledContext, chosen: Chosen) -> Block | None:
    """Weighted means by wave; the finding on their change is its title."""
    waves = [wave for wave in context.results.means.waves if not context.is_hidden(wave)]
    if len(waves) < 2:
        return None
    labels = context.labels
    data = {"wave": [labels.wave(wave.wave.value) for wave in waves]}
    for end in ENDS:
        data[end] = [drawn(getattr(wave, end), decimals=_decimals(context, wave)) for wave in waves]
    return figure(
        "lead",
        "adjusted_means",
        say(_("Mean of {outcome}, by wave"), outcome=labels.outcome),
        _("Upright lines are 95% intervals. The vertical axis does not begin at zero."),
        _("Means by wave with 95% intervals; the numbers are in the table."),
        data,
        {"y": f"{labels.outcome} ({labels.unit})", "x": labels.below_waves, "told": _("Mean")},
        unit=labels.unit,
        title=_title(chosen),
    )


def _title(chosen: Chosen) -> list[Run]:
    told: tuple[Finding, ...] = (*chosen.told, *chosen.further, *chosen.untold)
    return next((started(each.short) for each in told if each.kind == "change"), [])


def standards_table(context: SampledContext) -> Block:
    """Means and shares at each cut, by wave."""
    labels, rows = context.labels, []
    rows.append(group_row(_("Mean ({unit})").format(unit=labels.unit)))
    for wave in context.results.means.waves:
        decimals = _decimals(context, wave)
        cells = [number(getattr(wave, end), decimals=decimals) for end in ENDS]
        rows.append(row(labels.wave(wave.wave.value), *cells, indented=True))
    for item in context.results.shares_at:
        name = _("Share of {units} who reached {cut}").format(
            units=context.rows_word, cut=cut_words(item.name.value)
        )
        rows.append(group_row(capitalise(name)))
        for wave in item.waves:
            cells = [percent(getattr(wave, end)) for end in ENDS]
            rows.append(row(labels.wave(wave.wave.value), *cells, indented=True))
    ends = _("95% interval")
    columns = [
        column(labels.wave_title, "text"),
        column(_("Estimate"), main=True),
        column(_("Lower"), group=ends, main=True),
        column(_("Upper"), group=ends, main=True),
    ]
    caption = say(_("{outcome}: standards by wave"), outcome=labels.outcome)
    return table("lead", caption, columns, rows)


def _decimals(context: SampledContext, wave: At) -> int:
    """Decimals of a mean that its error supports, and by which no row's value is known."""
    by_error = number(wave.estimate, wave.std_error).decimals
    sd = context.spread_of(wave.wave.value)
    if sd is None:
        return by_error
    return min(by_error, decimals_for_mean(sd.value, wave.rows.value))
