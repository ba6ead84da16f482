"""The lead chart and the lead table of a sample: standards by wave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlm.pages.blocks import Block, column, figure, group_row, row, table
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.lead import series_of_policy
from mlm.pages.findings.sampled.studied import mean_decimals, sampled_studied_table
from mlm.pages.labels import capitalise
from mlm.pages.language import _, joined_words
from mlm.pages.rounding import drawn, number, percent, signed
from mlm.pages.text import Run, say, started
from mlm.pages.words.cuts import cut_words
from mlm.results.reading import At

ENDS = ("estimate", "lower", "upper")


def sampled_lead(context: SampledContext, chosen: Chosen) -> Mapping[str, Block | None]:
    """Chart and table of the standards, and the table of what was studied."""
    return {
        "figure": means_chart(context, chosen),
        "lead": standards_table(context, chosen),
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
        data[end] = [
            drawn(getattr(wave, end), decimals=mean_decimals(context, wave)) for wave in waves
        ]
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


def standards_table(context: SampledContext, chosen: Chosen) -> Block:
    """Means and shares at each cut by wave, and those of the groups of the foremost gap."""
    labels, rows = context.labels, []
    for item in context.results.policy:
        rows += _differences(context, item)
    rows += _means(context, context.rows_word, context.results.means.waves)
    for item in context.results.shares_at:
        rows += _shares(context, item, context.rows_word, item.waves)
    rows += _groups(context, chosen)
    ends = _("95% interval")
    columns = [
        column(labels.wave_title, "text"),
        column(_("Estimate"), main=True),
        column(_("Lower"), group=ends, main=True),
        column(_("Upper"), group=ends, main=True),
    ]
    caption = say(_("{outcome}: standards by wave"), outcome=labels.outcome)
    return table("lead", caption, columns, rows)


def _groups(context: SampledContext, chosen: Chosen) -> list[dict[str, Any]]:
    """The share at the first cut of each group of the foremost gap; without a cut its mean."""
    told = (*chosen.told, *chosen.further, *chosen.untold)
    gap = next((each for each in told if each.kind == "gap"), None)
    cuts = list(context.results.shares_at)
    by = cuts[0].by if cuts else context.results.means.by
    found = None if gap is None else by.find(variable=gap.variable)
    rows: list[dict[str, Any]] = []
    for category in () if found is None else found.categories:
        members = context.labels.members(gap.variable, category.category.value)
        waves = [wave for wave in category.waves if not context.is_hidden(wave)]
        if waves and cuts:
            rows += _shares(context, cuts[0], members, waves)
        elif waves:
            rows += _means(context, members, waves)
    return rows


def _differences(context: SampledContext, item: At) -> list[dict[str, Any]]:
    """Differences of the groups of a policy from their reference, by wave."""
    rows: list[dict[str, Any]] = []
    for series in series_of_policy(context, item):
        title = _("{members} against {reference} ({unit})").format(
            members=series.members, reference=series.reference, unit=context.labels.unit
        )
        rows.append(group_row(capitalise(joined_words(title))))
        for wave, found in zip(series.waves, series.differences, strict=True):
            cells = [signed(getattr(found, end), found.std_error) for end in ENDS]
            rows.append(row(context.labels.wave(wave), *cells, indented=True))
    return rows


def _shares(
    context: SampledContext, item: At, members: str, waves: Iterable[At]
) -> list[dict[str, Any]]:
    """Shares at a cut by wave, below who they are of."""
    name = _("Share of {units} who reached {cut}").format(
        units=members, cut=cut_words(item.name.value)
    )
    return [
        group_row(capitalise(joined_words(name))),
        *(
            row(
                context.labels.wave(wave.wave.value),
                *(percent(getattr(wave, end)) for end in ENDS),
                indented=True,
            )
            for wave in waves
        ),
    ]


def _means(context: SampledContext, members: str, waves: Iterable[At]) -> list[dict[str, Any]]:
    """Means by wave, below whose they are."""
    rows = [
        group_row(_("Mean of {units} ({unit})").format(units=members, unit=context.labels.unit))
    ]
    for wave in waves:
        decimals = mean_decimals(context, wave)
        cells = [number(getattr(wave, end), decimals=decimals) for end in ENDS]
        rows.append(row(context.labels.wave(wave.wave.value), *cells, indented=True))
    return rows
