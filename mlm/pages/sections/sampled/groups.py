"""Groups of rows by wave: names, gaps between them, and their charts, for means and for shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlm.pages.blocks import Block, column, figure, group_row, row, table
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.disclosure.groups_of_rows import groups_behind
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero
from mlm.pages.rounding import MAX_DECIMALS, NOT_APPLICABLE, count, fixed, p_value
from mlm.pages.sections.over_time.gaps import MOST_PANELS
from mlm.pages.sections.sampled.estimates import (
    ENDS,
    PERCENT,
    POINTS,
    SIGNED,
    charted,
    estimate_cells,
    estimate_columns,
    fewest_decimals,
    interval_note,
    mean_decimals,
    shown,
)
from mlm.pages.sections.sampled.means import cluster_note, is_weighted
from mlm.pages.text import Part, Run, say, started
from mlm.results.reading import At


@dataclass(frozen=True)
class GroupMeasure:
    """What is told of groups of rows: means, or shares at or above a cut.

    Parameters
    ----------
    key : str
        What begins the names of tables and charts.
    by : tuple of At
        Estimates by category, one a variable.
    is_share : bool
        Whether they are shares.
    name : text or runs
        What is measured, to stand behind a preposition.
    """

    key: str
    by: tuple[At, ...]
    is_share: bool
    name: Part

    @property
    def style(self) -> str:
        """How levels are printed."""
        return PERCENT if self.is_share else "number"

    @property
    def moved(self) -> str:
        """How differences are printed."""
        return POINTS if self.is_share else SIGNED

    def unit(self, context: SampledContext) -> str:
        """Unit of the levels."""
        return _("per cent") if self.is_share else context.labels.unit

    def unit_of_gaps(self, context: SampledContext) -> str:
        """Unit of the differences."""
        return _("percentage points") if self.is_share else context.labels.unit

    def most(self, context: SampledContext, item: At) -> int:
        """The most decimals of a level."""
        return MAX_DECIMALS if self.is_share else mean_decimals(context, item)

    def most_between(self, context: SampledContext, item: At) -> int:
        """The most decimals of a gap or a change: those of the coarsest level that it is between.

        With more of them that level would follow from the others as finely as it may not be told.
        """
        levels = groups_behind(f"{item.source}/estimate", context)
        return min((self.most(context, level) for level in levels), default=MAX_DECIMALS)


def category_name(context: SampledContext, item: At, category: At) -> str:
    """A category, to begin a line."""
    return capitalise(context.labels.alone(item.variable.value, category.category.value))


def places_of(context: SampledContext, item: At) -> dict[str, int]:
    """Place of each category in the codebook, which gives its colour."""
    variable = item.variable.value
    return {
        category_name(context, item, each): context.labels.place_of(variable, each.category.value)
        for each in item.categories
    }


def rows_of(item: At) -> Iterator[tuple[At, At]]:
    """Each category with each of its waves."""
    for category in item.categories:
        for wave in category.waves:
            yield category, wave


def widest_gap(context: SampledContext, item: At) -> tuple[At, At] | None:
    """The category that lies farthest from the reference in the last wave, and that wave.

    Clear gaps go before those whose interval holds zero; gaps that are hidden are left out.
    """
    last = [(category, category.waves[-1]) for category in item.categories if len(category.waves)]
    known = [pair for pair in last if not pair[1].gap.missing]
    found = [pair for pair in known if not context.is_hidden(pair[1].gap)]
    return max(found, key=lambda pair: _width(pair[1].gap), default=None)


def _width(gap: At) -> tuple[bool, float]:
    return excludes_zero(gap), abs(gap.estimate.value)


def in_order(context: SampledContext, measure: GroupMeasure) -> list[At]:
    """Variables with a gap, the widest of the last wave first."""
    known = [(item, widest_gap(context, item)) for item in measure.by]
    told = [(item, found) for item, found in known if found is not None]
    told.sort(key=lambda pair: _width(pair[1][1].gap), reverse=True)
    return [item for item, _found in told]


def gap_words(context: SampledContext, measure: GroupMeasure, item: At) -> list[Run]:
    """The widest gap of a variable in its last wave, and what it was in the first."""
    category, wave = widest_gap(context, item)
    first = category.waves[0]
    parts = {
        "variable": context.labels.variable(item.variable.value),
        "group": category_name(context, item, category),
        "reference": category_name(context, item, item.categories[0]),
        "last": shown(wave.gap.estimate, wave.gap, measure.moved),
        "unit": measure.unit_of_gaps(context),
        "b": context.labels.wave(wave.wave.value),
    }
    is_alone = first.wave.value == wave.wave.value or first.gap.missing
    if is_alone or context.is_hidden(first.gap):
        template = _("{variable}: {group} minus {reference} was {last} {unit} in {b}")
        return say(template, **parts)
    most = fewest_decimals(first.gap, wave.gap)
    both = {
        name: shown(each.gap.estimate, each.gap, measure.moved, most)
        for name, each in (("first", first), ("last", wave))
    }
    return say(
        _("{variable}: {group} minus {reference} was {first} in {a} and {last} {unit} in {b}"),
        a=context.labels.wave(first.wave.value),
        **(parts | both),
    )


def gaps_figure(context: SampledContext, measure: GroupMeasure) -> list[Block]:
    """Gaps by wave, one panel a variable, the widest first; nothing without any."""
    items = in_order(context, measure)[:MOST_PANELS]
    if not items:
        return []
    keys = ("variable", "reference", "group", "wave", *ENDS)
    data: dict[str, list[Any]] = {key: [] for key in keys}
    for item in items:
        label = context.labels.variable(item.variable.value)
        reference = category_name(context, item, item.categories[0])
        for category, wave in rows_of(item):
            if wave.gap.missing:
                continue
            names = (label, reference, category_name(context, item, category))
            names = (*names, context.labels.wave(wave.wave.value))
            for key, value in zip(keys, names, strict=False):
                data[key].append(value)
            for end in ENDS:
                most = measure.most_between(context, wave.gap)
                data[end].append(charted(getattr(wave.gap, end), wave.gap, measure.moved, most))
    variables = [context.labels.variable(item.variable.value) for item in items]
    unit = measure.unit_of_gaps(context)
    options = {
        "unit": unit,
        "between": _("{group} minus {reference}"),
        "against": _("Difference from {reference}"),
        "x": context.labels.below_waves,
        "style": POINTS if measure.is_share else "number",
        "waves": [context.labels.wave(wave) for wave in context.results.time.waves.value],
        "places": {
            variable: places_of(context, item)
            for variable, item in zip(variables, items, strict=True)
        },
    }
    made = figure(
        f"{measure.key}-gaps",
        "gaps",
        say(_("Gaps in {measure} between groups, by wave"), measure=measure.name),
        _(
            "One panel per variable, the widest gap first. Zero is the group that the others are "
            "compared with; the upright lines are 95% intervals, by the design of the sample."
        ),
        _(
            "Differences between groups by wave with 95% intervals; the numbers are in the tables "
            "by variable below."
        ),
        data,
        options,
        unit=unit,
        title=gap_words(context, measure, items[0]),
    )
    return [made]


def groups_figure(context: SampledContext, measure: GroupMeasure, item: At) -> Block:
    """Levels of the groups of one variable by wave, and beside them the gaps."""
    rows = list(rows_of(item))
    label = context.labels.variable(item.variable.value)
    data: dict[str, list[Any]] = {
        "group": [category_name(context, item, category) for category, _wave in rows],
        "wave": [context.labels.wave(wave.wave.value) for _category, wave in rows],
    }
    for end in ENDS:
        data[end] = [
            charted(getattr(wave, end), wave, measure.style, measure.most(context, wave))
            for _category, wave in rows
        ]
        data[f"difference_{end}"] = [
            NOT_APPLICABLE
            if wave.gap.missing
            else charted(
                getattr(wave.gap, end),
                wave.gap,
                measure.moved,
                measure.most_between(context, wave.gap),
            )
            for _category, wave in rows
        ]
    has_gap = widest_gap(context, item) is not None
    return figure(
        f"{measure.key}-{item.variable.value}",
        "levels_and_gaps",
        started(say(_("{measure} by {variable} and wave"), measure=measure.name, variable=label)),
        say(
            _(
                "First the level of each group in each wave, then how far it lies from {first} in "
                "the same wave; the upright lines are 95% intervals."
            ),
            first=category_name(context, item, item.categories[0]),
        ),
        _(
            "Levels of groups by wave and their differences with 95% intervals; the numbers are "
            "in the table below the chart."
        ),
        data,
        {
            "y": _("Level ({unit})").format(unit=measure.unit(context)),
            "difference": _("Difference ({unit})").format(unit=measure.unit_of_gaps(context)),
            "x": context.labels.below_waves,
            "style": measure.style,
            "difference_style": POINTS if measure.is_share else "number",
            "waves": [context.labels.wave(wave) for wave in context.results.time.waves.value],
            "places": places_of(context, item),
        },
        unit=measure.unit(context),
        title=gap_words(context, measure, item) if has_gap else "",
    )


def groups_table(context: SampledContext, measure: GroupMeasure, item: At) -> Block:
    """Levels of the groups of one variable."""
    rows: list[dict[str, Any]] = []
    sums = is_weighted(context)
    for category in item.categories:
        rows.append(group_row(category_name(context, item, category)))
        for wave in category.waves:
            cells: list[Any] = [count(wave.rows), count(wave.clusters)]
            cells += [fixed(wave.sum_of_weights, 0)] if sums else []
            cells += estimate_cells(wave, measure.style, measure.most(context, wave))
            rows.append(row(context.labels.wave(wave.wave.value), *cells, indented=True))
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("Rows")),
        column(_("Clusters")),
        *([column(_("Sum of weights"), follows=True)] if sums else []),
        *estimate_columns(_("Share") if measure.is_share else _("Mean")),
    ]
    caption = say(
        _("{measure} by {variable}, in {unit}"),
        measure=measure.name,
        variable=context.labels.variable(item.variable.value),
        unit=measure.unit(context),
    )
    notes = [interval_note(), cluster_note(context)]
    return table(f"{measure.key}-{item.variable.value}", started(caption), columns, rows, notes)


def gaps_table(context: SampledContext, measure: GroupMeasure, item: At) -> list[Block]:
    """How far each group lies from the first; nothing where no gap is known."""
    rows: list[dict[str, Any]] = []
    for category in item.categories:
        own = [wave for wave in category.waves if not wave.gap.missing]
        if own:
            rows.append(group_row(category_name(context, item, category)))
        here = [(context.labels.wave(wave.wave.value), wave.gap) for wave in own]
        moved = [(_since(context, wave), wave.moved) for wave in own if not wave.moved.missing]
        for name, gap in [*here, *moved]:
            most = measure.most_between(context, gap)
            cells = [*estimate_cells(gap, measure.moved, most), p_value(gap.p_value)]
            rows.append(row(name, *cells, indented=True))
    if not rows:
        return []
    columns = [
        column(context.labels.wave_title, "text"),
        *estimate_columns(_("Gap")),
        column("p", main=True),
    ]
    caption = say(
        _("{measure} by {variable}: gaps, in {unit}"),
        measure=measure.name,
        variable=context.labels.variable(item.variable.value),
        unit=measure.unit_of_gaps(context),
    )
    first = category_name(context, item, item.categories[0])
    notes = [
        say(_("Gap: difference from {first} in the same wave."), first=first),
        _("From one wave to another: the change of the gap."),
        interval_note(),
    ]
    if not any(len(category.waves) > 1 for category in item.categories):
        del notes[1]
    name = f"{measure.key}-{item.variable.value}-gaps"
    return [table(name, started(caption), columns, rows, notes)]


def _since(context: SampledContext, wave: At) -> str:
    """From the first wave to another."""
    first = context.labels.wave(context.results.means.waves[0].wave.value)
    here = context.labels.wave(wave.wave.value)
    return _("{before} to {here}").format(before=first, here=here)


def moves_table(context: SampledContext, measure: GroupMeasure, item: At) -> list[Block]:
    """How the levels of the groups moved since the first wave; nothing of one wave."""
    rows: list[dict[str, Any]] = []
    for category in item.categories:
        own = [wave for wave in category.waves if not wave.change.missing]
        if own:
            rows.append(group_row(category_name(context, item, category)))
        for wave in own:
            most = measure.most_between(context, wave.change)
            cells = estimate_cells(wave.change, measure.moved, most)
            cells.append(p_value(wave.change.p_value))
            rows.append(row(_since(context, wave), *cells, indented=True))
    if not rows:
        return []
    columns = [
        column(_("Between"), "text"),
        *estimate_columns(_("Change")),
        column("p", main=True),
    ]
    caption = say(
        _("{measure} by {variable}: changes since the first wave, in {unit}"),
        measure=measure.name,
        variable=context.labels.variable(item.variable.value),
        unit=measure.unit_of_gaps(context),
    )
    name = f"{measure.key}-{item.variable.value}-moved"
    return [table(name, started(caption), columns, rows, [interval_note()])]
