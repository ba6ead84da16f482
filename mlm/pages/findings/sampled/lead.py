"""The lead chart and the lead table of a sample: standards by wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlm.pages.blocks import Block, column, group_row, row, table
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.lead import series_of_policy
from mlm.pages.findings.sampled.chart import standards_chart
from mlm.pages.findings.sampled.standards import Standard, of_groups, overall
from mlm.pages.findings.sampled.studied import mean_decimals, sampled_studied_table
from mlm.pages.labels import capitalise
from mlm.pages.language import _, joined_words
from mlm.pages.rounding import number, percent, signed
from mlm.pages.text import say
from mlm.pages.words.cuts import cut_words
from mlm.results.reading import At

ENDS = ("estimate", "lower", "upper")
TOLD_WHOLE = 2  # standards that are told of every wave, however many there are
FEW_WAVES = 4  # of other standards, so that a brief keeps to two pages


def sampled_lead(context: SampledContext, chosen: Chosen) -> Mapping[str, Block | None]:
    """Chart and table of the standards, and the table of what was studied."""
    return {
        "figure": standards_chart(context, chosen),
        "lead": standards_table(context, chosen),
        "table": sampled_studied_table(context),
    }


def standards_table(context: SampledContext, chosen: Chosen) -> Block:
    """Differences of policies, standards of all rows, and those of the groups of the first gap."""
    rows: list[dict[str, Any]] = []
    for item in context.results.policy:
        rows += _differences(context, item)
    for place, standard in enumerate((*overall(context), *of_groups(context, chosen))):
        is_whole = place < TOLD_WHOLE or len(standard.waves) <= FEW_WAVES
        waves = standard.waves if is_whole else (standard.waves[0], standard.waves[-1])
        rows += _of_standard(context, standard, waves)
    ends = _("95% interval")
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("Estimate"), main=True),
        column(_("Lower"), group=ends, main=True),
        column(_("Upper"), group=ends, main=True),
    ]
    caption = say(_("{outcome}: standards by wave"), outcome=context.labels.outcome)
    return table("lead", caption, columns, rows)


def _of_standard(
    context: SampledContext, standard: Standard, waves: Sequence[At]
) -> list[dict[str, Any]]:
    """Means, or shares at a cut, by wave, below who they are of."""
    title = _title(context, standard)
    rows = [group_row(capitalise(joined_words(title)))]
    for wave in waves:
        if standard.cut is None:
            decimals = mean_decimals(context, wave)
            cells = [number(getattr(wave, end), decimals=decimals) for end in ENDS]
        else:
            cells = [percent(getattr(wave, end)) for end in ENDS]
        rows.append(row(context.labels.wave(wave.wave.value), *cells, indented=True))
    return rows


def _title(context: SampledContext, standard: Standard) -> str:
    """What is told, and of whom: those of a group have an article in some languages."""
    if standard.cut is None:
        template = (
            _("Mean of {units} ({unit})") if standard.are_all else _("Mean of {members} ({unit})")
        )
        return template.format(
            units=standard.members, members=standard.members, unit=context.labels.unit
        )
    template = (
        _("Share of {units} who reached {cut}")
        if standard.are_all
        else _("Share of {members} who reached {cut}")
    )
    cut = cut_words(standard.cut)
    return template.format(units=standard.members, members=standard.members, cut=cut)


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
