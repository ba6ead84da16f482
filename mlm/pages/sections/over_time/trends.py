"""Adjusted means by wave within the groups of a variable, and whether these change alike."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import (
    Block,
    column,
    figure,
    group_row,
    heading,
    paragraph,
    row,
    table,
)
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.phrases import is_clear, is_made, test, widest_error
from mlm.pages.rounding import NOT_APPLICABLE, decimals_for_size, drawn, number, render, signed
from mlm.pages.sections.over_time.course import course_within_words, is_rejected, with_curve
from mlm.pages.text import Run, say
from mlm.pages.words.same_persons import same_persons_note
from mlm.pages.words.seen_groups import points_seen
from mlm.results.reading import At


def trends_blocks(context: Context, item: At) -> list[Block]:
    """Means of the groups of one variable by wave, and the test that they change alike."""
    label = context.labels.variable(item.variable.value)
    blocks: list[Block] = [
        heading(
            f"trends-{item.variable.value}",
            _("Adjusted means by {variable}").format(variable=label),
        )
    ]
    if is_made(item.test):
        blocks.append(paragraph(_change_words(context, item)))
    course = course_within_words(context, item)
    if course:
        blocks.append(paragraph(course))
    same = same_persons_note(context, [item.variable.value])
    if same:
        blocks.append(paragraph(same))
    return [*blocks, trends_figure(context, item), _trends_table(context, item)]


def _change_words(context: Context, item: At) -> list[Run]:
    differs = is_clear(item.test, context.labels.analysis.alpha)
    template = (
        _("The differences between these groups are not the same in every wave ({test}).")
        if differs
        else _(
            "There is no clear evidence that the differences between these groups change "
            "from wave to wave ({test})."
        )
    )
    return say(template, test=test(item.test))


def group_name(context: Context, item: At, group: At) -> str:
    """A category, or the value at which a number was held, with its unit."""
    variable = item.variable.value
    if not group.category.missing:
        return capitalise(context.labels.category(variable, group.category.value))
    return f"{context.labels.variable(variable)} {_value(context, item, group)}"


def _value(context: Context, item: At, group: At) -> str:
    values = [other.value_.value for other in item.groups]
    decimals = decimals_for_size(max(values) - min(values), 2)
    value = render(group.value_.value, decimals, "number")
    return f"{value} {context.labels.unit_of(item.variable.value)}".strip()


def group_places(context: Context, item: At) -> dict[str, int]:
    """Place of each group among the categories, 0 for the reference: it gives the colour."""
    variable = item.variable.value
    return {
        short_name(context, item, group): place
        if group.category.missing
        else context.labels.place_of(variable, group.category.value)
        for place, group in enumerate(item.groups)
    }


def short_name(context: Context, item: At, group: At) -> str:
    """A group as the legend of a chart that names the variable elsewhere."""
    numbers = group.category.missing
    return _value(context, item, group) if numbers else group_name(context, item, group)


def trends_figure(context: Context, item: At) -> Block:
    """Adjusted means by wave, one line a group."""
    rows = [(g, point) for g in item.groups for point in points_seen(context, item, g)]
    data = {
        "group": [short_name(context, item, group) for group, __ in rows],
        "wave": [context.labels.wave(point.wave.value) for __, point in rows],
    }
    for name in ("estimate", "lower", "upper"):
        data[name] = [drawn(getattr(point, name), point.std_error) for __, point in rows]
    apart = [point.difference for __, point in rows]
    for name in ("estimate", "lower", "upper"):
        data[f"difference_{name}"] = [
            NOT_APPLICABLE if i.missing else drawn(getattr(i, name), i.std_error) for i in apart
        ]
    variable = item.variable.value
    label = context.labels.variable(variable)
    options = {
        "y": f"{context.labels.outcome} ({context.labels.unit})",
        "difference": _("Difference ({unit})").format(unit=context.labels.unit),
        "x": context.labels.below_waves,
        "places": group_places(context, item),
    }
    curved = not item.groups[0].curve.empty
    found = [context.results.over_time.lack_of_fit, item.lack_of_fit]
    rejected = any(is_rejected(each) for each in found)
    if curved and not rejected and not item.groups[0].rows[0].saturated.missing:
        data["observed"] = [drawn(point.saturated, point.std_error) for __, point in rows]
        options["observed"] = _("Means of the waves by themselves")
    if curved:
        options["rejected"] = rejected
        parts = [_with_curve(context, item, group, data) for group in item.groups]
        data = {name: [value for part in parts for value in part[name]] for name in parts[0]}
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
                "First the mean that the model expects for each group of {variable} in each "
                "wave, the other variables held at their means over all waves. Then the "
                "difference of each group from {first} in the same wave; the upright lines are "
                "95% intervals."
            ),
            variable=label,
            first=group_name(context, item, item.groups[0]),
        ),
        _(
            "Lines of adjusted means by wave, one a group, and differences from the first group "
            "with 95% intervals; the numbers are in the table below the chart."
        ),
        data,
        options,
        unit=context.labels.unit,
        title=gap_title(context, item),
    )


def gaps_of(context: Context, item: At, group: At) -> list[At]:
    """Differences of a group, one for each wave in which it was seen."""
    return [point.difference for point in points_seen(context, item, group)]


def groups_seen(context: Context, item: At) -> list[At]:
    """The groups beside the first that were seen with it in any wave."""
    return [group for group in list(item.groups)[1:] if points_seen(context, item, group)]


def _widest(context: Context, item: At) -> At | None:
    """The group of a variable that lies farthest from the first when last seen; None: none was."""
    sizes = [(last_of(context, item, group), group) for group in groups_seen(context, item)]
    return max(sizes, key=lambda each: each[0])[1] if sizes else None


def last_of(context: Context, item: At, group: At) -> float:
    """Size of the difference of a group in the last wave in which it was seen."""
    return abs(gaps_of(context, item, group)[-1].estimate.value)


def last_gap(context: Context, item: At) -> float:
    """Size of the widest gap of a variable in the last wave; zero where no group was seen."""
    group = _widest(context, item)
    return 0.0 if group is None else last_of(context, item, group)


def gap_title(context: Context, item: At) -> list[Run]:
    """The widest gap, from the first wave to the last."""
    group = _widest(context, item)
    if group is None:
        return []
    gaps, points = gaps_of(context, item, group), points_seen(context, item, group)
    first, last = gaps[0], gaps[-1]
    error = widest_error(first, last)
    return say(
        _("{group} minus {reference} was {first} in {a} and {last} {unit} in {b}")
        if short_name(context, item, group) == context.labels.variable(item.variable.value)
        else _("{variable}: {group} minus {reference} was {first} in {a} and {last} {unit} in {b}"),
        variable=context.labels.variable(item.variable.value),
        group=short_name(context, item, group),
        reference=short_name(context, item, item.groups[0]),
        first=signed(first.estimate, error),
        last=signed(last.estimate, error),
        unit=context.labels.unit,
        a=context.labels.wave(points[0].wave.value),
        b=context.labels.wave(points[-1].wave.value),
    )


def _with_curve(context: Context, item: At, group: At, data: dict[str, list]) -> dict[str, list]:
    """The rows of one group, with the points of its line or curve."""
    name = short_name(context, item, group)
    own = [i for i, each in enumerate(data["group"]) if each == name]
    rows = {column: [values[i] for i in own] for column, values in data.items()}
    return with_curve(context, rows, points_seen(context, item, group), group.curve, group=name)


def _trends_table(context: Context, item: At) -> Block:
    rows: list = []
    for group in item.groups:
        rows.append(group_row(group_name(context, item, group)))
        seen = {point.wave.value for point in points_seen(context, item, group)}
        rows += [_trends_row(context, point, point.wave.value in seen) for point in group.rows]
    ends = [(_("Lower"), _("95% interval")), (_("Upper"), _("95% interval"))]
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("Adjusted mean")),
        column(_("SE")),
        column(_("Difference"), main=True),
        column(_("SE")),
        *(column(label, group=group, main=True) for label, group in ends),
    ]
    variable = item.variable.value
    caption = say(
        _("Adjusted mean of {outcome} by wave and {variable}, in {unit}"),
        outcome=context.labels.outcome,
        variable=context.labels.variable(variable),
        unit=context.labels.unit,
    )
    first = group_name(context, item, item.groups[0])
    notes: list = [
        say(_("Difference and its interval: against {first} in the same wave."), first=first)
    ]
    if item.groups[0].category.missing:
        notes.append(_("The two groups lie half a standard deviation below and above the mean."))
    return table(f"trends-{variable}", caption, columns, rows, notes, alike=[(1,), (3, 5, 6)])


def _trends_row(context: Context, point: At, is_seen: bool) -> dict[str, Any]:
    """One wave of a group: its mean, and its difference from the first group."""
    if not is_seen:
        return row(context.labels.wave(point.wave.value), *[NOT_APPLICABLE] * 6, indented=True)
    error, difference = point.std_error, point.difference
    apart: list = [NOT_APPLICABLE] * 4
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
