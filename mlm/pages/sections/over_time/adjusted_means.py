"""Standards: adjusted means by wave, over all cases and within groups of them."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import (
    Block,
    column,
    figure,
    group_row,
    heading,
    note,
    paragraph,
    raw,
    row,
    table,
)
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.sources import derive
from mlm.results.reading import At
from mlm.pages.numbers import decimals_for_size, fixed, number, render, signed, tally
from mlm.pages.phrases import test, unsigned
from mlm.pages.sections.diagnostics.residuals import missed_waves
from mlm.pages.text import Run, enumerate_words, say


def standards_blocks(context: Context) -> list[Block]:
    """Adjusted means by wave, then within the groups of every variable whose effect changes."""
    stability = context.results.over_time
    if len(stability.standards.value or []) < 2:
        return []
    blocks = [standards_figure(context), _standards_table(context)]
    if not stability.standards_test.empty:
        blocks.append(paragraph(_standards_words(context)))
    missed = missed_waves(context)
    if missed:
        blocks.append(note("caution", _missed_words(context, missed)))
    if not stability.by_wave.empty:
        blocks.append(paragraph(_by_wave_words(context, stability.by_wave.value)))
    for item in stability.standards_by:
        blocks += _by_group(context, item)
    return blocks


def standards_figure(context: Context) -> Block:
    """Adjusted means by wave with intervals."""
    standards = list(context.results.over_time.adjusted_means)
    data = {"wave": [context.labels.wave(i.wave.value) for i in standards]}
    data |= {key: [raw(i[key]) for i in standards] for key in ("estimate", "lower", "upper")}
    return figure(
        "standards",
        "adjusted_means",
        say(_("Adjusted mean of {outcome} by wave"), outcome=context.labels.outcome),
        _(
            "Each mark is the mean that the model expects in that wave for the same mix of "
            "cases; the line is its 95% interval. The vertical axis need not begin at zero."
        ),
        _(
            "Adjusted mean by wave with 95% intervals; the numbers are in the table Standards by "
            "wave."
        ),
        data,
        {"y": f"{context.labels.outcome} ({context.labels.unit})", "x": context.labels.time},
    )


def _standards_words(context: Context) -> list[Run]:
    """Whether the adjusted means differ between waves at all."""
    found = context.results.over_time.test
    template = (
        _("The adjusted means are not the same in every wave ({test}).")
        if found.p_value.value < context.labels.analysis.alpha
        else _("There is no evidence that the adjusted means differ between waves ({test}).")
    )
    return say(template, test=test(found))


def _missed_words(context: Context, missed: list[At]) -> list[Run]:
    """That means of single waves are not where the model puts them."""
    farthest = max(missed, key=lambda mean: abs(mean.value))
    return say(
        _(
            "The means of the waves do not follow the course of time that the model has: in "
            "{number} of them the residuals do not average zero (see Diagnostics), by up to {most} "
            "{unit}. Adjusted means of single waves, and their intervals, do not allow for it."
        ),
        number=tally(derive("items", *missed)),
        most=fixed(unsigned(farthest), decimals_for_size(abs(farthest.value), 2)),
        unit=context.labels.unit,
    )


def _by_wave_words(context: Context, levels: list[str]) -> list[Run]:
    names = enumerate_words([context.labels.plural(level) for level in levels])
    return say(
        _(
            "The effects of {groups} change from wave to wave. The means above, and those below by "
            "variables of {groups} or of levels above them, come from a model with an effect of "
            "each of the {groups} in each wave: they rest on their number, not on that of rows."
        ),
        groups=names,
    )


def _standards_table(context: Context) -> Block:
    rows = []
    for item in context.results.over_time.adjusted_means:
        error, change = item.std_error, item.change
        moved: list = ["–"] * 4
        if not change.missing:
            its = change.std_error
            shown = (change[key] for key in ("estimate", "lower", "upper"))
            moved = [signed(value, its) for value in shown]
            moved.insert(1, number(its, its))
        rows.append(
            row(
                context.labels.wave(item.wave.value),
                number(item.estimate, error),
                number(error, error),
                number(item.lower, error),
                number(item.upper, error),
                *moved,
            )
        )
    since = _("Change since first wave")
    columns = [
        column(context.labels.time, "text"),
        column(_("Estimate"), group=_("Adjusted mean")),
        column(_("SE"), group=_("Adjusted mean")),
        column(_("Lower"), group=_("Adjusted mean")),
        column(_("Upper"), group=_("Adjusted mean")),
        column(_("Estimate"), group=since),
        column(_("SE"), group=since),
        column(_("Lower"), group=since),
        column(_("Upper"), group=since),
    ]
    caption = say(
        _("Standards by wave: adjusted mean of {outcome}, in {unit}"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    words = _(
        "Lower and upper: 95% intervals. That of a change is not the difference of those of the "
        "means: waves that share groups err together."
    )
    return table("standards", caption, columns, rows, [words])


def _by_group(context: Context, item: At) -> list[Block]:
    label = context.labels.variable(item.variable.value)
    blocks: list[Block] = [
        heading(
            f"trends-{item['variable'].value}",
            _("Standards by {variable}").format(variable=label),
        )
    ]
    if not item.test.empty:
        blocks.append(paragraph(_change_words(context, item)))
    return [*blocks, trends_figure(context, item), _trends_table(context, item)]


def _change_words(context: Context, item: At) -> list[Run]:
    differs = item.test.p_value.value < context.labels.analysis.alpha
    template = (
        _("The differences between these groups are not the same in every wave ({test}).")
        if differs
        else _(
            "There is no evidence that the differences between these groups change from wave to "
            "wave ({test})."
        )
    )
    return say(template, test=test(item.test))


def _group_name(context: Context, item: At, group: At) -> str:
    """A category, or the value at which a number was held, with its unit."""
    variable = item.variable.value
    if not group.category.missing:
        return capitalise(context.labels.category(variable, group.category.value))
    return f"{context.labels.variable(variable)} {_value(context, item, group)}"


def _value(context: Context, item: At, group: At) -> str:
    values = [other.value.value for other in item.groups]
    decimals = decimals_for_size(max(values) - min(values), 2)
    value = render(group.value.value, decimals, "number")
    return f"{value} {context.labels.unit_of(item['variable'].value)}".strip()


def _short_name(context: Context, item: At, group: At) -> str:
    """A group as the legend of a chart that names the variable elsewhere."""
    numbers = group.category.missing
    return _value(context, item, group) if numbers else _group_name(context, item, group)


def trends_figure(context: Context, item: At) -> Block:
    """Adjusted means by wave, one line a group."""
    rows = [(group, point) for group in item.groups for point in group.rows]
    data = {
        "group": [_short_name(context, item, group) for group, __ in rows],
        "wave": [context.labels.wave(point.wave.value) for __, point in rows],
    }
    ends = ("estimate", "lower", "upper")
    data |= {key: [raw(point[key]) for __, point in rows] for key in ends}
    data |= {
        f"difference_{key}": [raw(point.get("difference", key)) for __, point in rows]
        for key in ends
    }
    variable = item.variable.value
    label = context.labels.variable(variable)
    return figure(
        f"trends-{variable}",
        "trends",
        say(
            _("Adjusted mean of {outcome} by wave and {variable}"),
            outcome=context.labels.outcome,
            variable=label,
        ),
        say(
            _(
                "Left: the mean that the model expects for each group of {variable} in each "
                "wave, the other variables held at their means over all waves. Right: the "
                "difference of each group from {first} in the same wave; the upright lines are "
                "95% intervals."
            ),
            variable=label,
            first=_group_name(context, item, item.groups[0]),
        ),
        _(
            "Lines of adjusted means by wave, one a group, and differences from the first group "
            "with 95% intervals; the numbers are in the table below the chart."
        ),
        data,
        {
            "y": capitalise(context.labels.unit) or context.labels.outcome,
            "difference": _("Difference ({unit})").format(unit=context.labels.unit),
            "x": context.labels.time,
        },
    )


def _trends_table(context: Context, item: At) -> Block:
    rows: list = []
    for group in item.groups:
        rows.append(group_row(_group_name(context, item, group)))
        rows += [_trends_row(context, point) for point in group.rows]
    ends = [(_("Lower"), _("95% interval")), (_("Upper"), _("95% interval"))]
    columns = [
        column(context.labels.time, "text"),
        column(_("Adjusted mean")),
        column(_("SE")),
        column(_("Difference")),
        column(_("SE")),
        *(column(label, group=group) for label, group in ends),
    ]
    variable = item.variable.value
    caption = say(
        _("Adjusted mean of {outcome} by wave and {variable}, in {unit}"),
        outcome=context.labels.outcome,
        variable=context.labels.variable(variable),
        unit=context.labels.unit,
    )
    first = _group_name(context, item, item.groups[0])
    notes: list = [
        say(_("Difference and its interval: against {first} in the same wave."), first=first)
    ]
    if item.groups[0].category.missing:
        notes.append(_("The two groups lie half a standard deviation below and above the mean."))
    return table(f"trends-{variable}", caption, columns, rows, notes)


def _trends_row(context: Context, point: At) -> dict[str, Any]:
    """One wave of a group: its mean, and its difference from the first group."""
    error, difference = point.std_error, point.difference
    apart: list = ["–"] * 4
    if not difference.missing:
        its = difference.std_error
        apart = [
            signed(difference.estimate, its),
            number(its, its),
            signed(difference.lower, its),
            signed(difference.upper, its),
        ]
    wave = context.labels.wave(point.wave.value)
    return row(wave, number(point.estimate, error), number(error, error), *apart, indented=True)
