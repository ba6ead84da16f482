"""The lead chart of a sample: standards of all rows and of the groups of the foremost gap."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, figure
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.sampled.standards import Standard, of_groups, overall
from mlm.pages.findings.sampled.studied import mean_decimals
from mlm.pages.language import _
from mlm.pages.rounding import NOT_APPLICABLE, drawn, percent
from mlm.pages.text import Run, say, started
from mlm.pages.words.cuts import cut_words
from mlm.results.reading import At

ENDS = ("estimate", "lower", "upper")
TITLES = ("proficiency", "change", "gap")  # kinds of findings whose message heads the chart


def standards_chart(context: SampledContext, chosen: Chosen) -> Block | None:
    """Shares at the first cut by wave, without a cut means; None where there is one number."""
    groups = of_groups(context, chosen)
    cut = context.results.shares_at[0].name.value if len(context.results.shares_at) else None
    whole = [standard for standard in overall(context) if standard.cut == cut]
    series = [*whole, *groups]
    if sum(len(each.waves) for each in series) < 2:
        return None
    places = {each.name: each.place for each in groups}
    own = {each.name: max(places.values(), default=0) + 1 for each in whole}
    name = _words(context, cut)
    return figure(
        "lead",
        "levels_and_gaps",
        say(_("{measure}, by group and wave"), measure=name),
        _("Upright lines are 95% intervals. The vertical axis does not begin at zero."),
        _("{measure} with 95% intervals; the numbers are in the table.").format(measure=name),
        _data(context, series),
        {
            "y": name,
            "difference": "",
            "x": context.labels.below_waves,
            "style": "number" if cut is None else "percent",
            "difference_style": "number",
            "waves": [context.labels.wave(wave) for wave in context.results.time.waves.value],
            "places": places | own,
        },
        unit=context.labels.unit if cut is None else _("per cent"),
        title=_title(chosen),
    )


def _words(context: SampledContext, cut: str | None) -> str:
    """What is drawn."""
    if cut is None:
        return _("Mean of {outcome} ({unit})").format(
            outcome=context.labels.outcome, unit=context.labels.unit
        )
    return _("Share who reached {cut}").format(cut=cut_words(cut))


def _data(context: SampledContext, series: list[Standard]) -> dict[str, list[Any]]:
    points = [(standard, wave) for standard in series for wave in standard.waves]
    data: dict[str, list[Any]] = {
        "group": [standard.name for standard, __ in points],
        "wave": [context.labels.wave(wave.wave.value) for __, wave in points],
    }
    for end in ENDS:
        data[end] = [_drawn(context, standard, wave, end) for standard, wave in points]
        data[f"difference_{end}"] = [NOT_APPLICABLE] * len(points)
    return data


def _drawn(context: SampledContext, standard: Standard, wave: At, end: str) -> Any:
    value = getattr(wave, end)
    if standard.cut is not None:
        return percent(value)
    return drawn(value, decimals=mean_decimals(context, wave))


def _title(chosen: Chosen) -> list[Run]:
    """The first message on standards."""
    told = (*chosen.told, *chosen.further, *chosen.untold)
    found = {each.kind: each for each in reversed(told)}
    first = next((found[kind] for kind in TITLES if kind in found), None)
    return [] if first is None else started(first.short)
