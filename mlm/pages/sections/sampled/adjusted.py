"""Means of the settled model by wave, covariates held fixed, and within categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlm.pages.blocks import (
    Block,
    code,
    column,
    figure,
    group_row,
    heading,
    note,
    paragraph,
    row,
    table,
)
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, is_clear, is_made, test
from mlm.pages.rounding import NOT_APPLICABLE, decimals_for_size, p_value, render
from mlm.pages.sections.over_time.course import curve_name
from mlm.pages.sections.sampled.error_parts import (
    Told,
    errors_table,
    part_cells,
    part_columns,
)
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
from mlm.pages.sections.sampled.means import means_title
from mlm.pages.text import Run, say
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.results.reading import At


def adjusted_blocks(context: Context) -> list[Block]:
    """Adjusted means by wave, whether they differ, and those within categories."""
    found, means = context.results.over_time, adjusted_means(context)
    if not means:
        return []
    blocks: list[Block] = [heading("adjusted-means", _("Adjusted means by wave"))]
    blocks.append(paragraph(_what_words(context)))
    blocks += [adjusted_figure(context, means), _table(context, means)]
    blocks += _reversed_notes(context, means)
    blocks += tested_words(
        context,
        found.test,
        _("The adjusted means are not the same in every wave ({test})."),
        _("There is no clear evidence that the adjusted means differ between waves ({test})."),
    )
    blocks += _course_blocks(context, found)
    for item in found.by:
        blocks += _within(context, item)
    return blocks


def adjusted_means(context: Context) -> list[At]:
    """Those that are told: none of a single wave, which has nothing to be compared with."""
    means = list(context.results.over_time.adjusted_means)
    return means if len(means) > 1 else []


def _course_blocks(context: Context, found: At) -> list[Block]:
    """Whether the waves follow the line or curve of time; nothing where each has its own mean."""
    course = found.lack_of_fit
    if course.missing:
        return []
    line = curve_name(context)
    if not is_made(course.test):
        words = say(
            _("Whether the means of the waves depart from a {line} was not tested: {reason}."),
            line=line,
            reason=sampled_reason_words(course.test.reason, context.labels),
        )
        return [note("information", words)]
    if not course.rejected.value:
        words = say(
            _(
                "There is no clear evidence that the means of the waves depart from a {line} "
                "({test}): the adjusted means are read off it."
            ),
            line=line,
            test=test(course.test),
        )
        return [paragraph(words)]
    words = say(
        _(
            "The means of the waves do not follow a {line} ({test}). The adjusted means therefore "
            "come from a model with a mean of its own for each wave."
        ),
        line=line,
        test=test(course.test),
    )
    return [paragraph(words), code(found.formula.value, _("Model of the adjusted means"))]


def _what_words(context: Context) -> list[Run]:
    return say(
        _(
            "The means above describe {rows} as they are. Adjusted means are those that the "
            "settled model expects in each wave for the same mix of {rows}: every variable is held "
            "at its mean over all waves."
        ),
        rows=context.rows_word,
    )


def _reversed_notes(context: Context, means: list[At]) -> Iterator[Block]:
    """Waves whose adjusted mean and mean clearly moved in opposite directions."""
    for item in means:
        plain = context.results.means.waves.find(wave=item.wave.value)
        if plain is None or item.change.missing or plain.change.missing:
            continue
        changes = [item.change, plain.change]
        are_opposite = changes[0].estimate.value * changes[1].estimate.value < 0
        if are_opposite and all(map(excludes_zero, changes)):
            yield _reversed_note(context, item, plain)


def _reversed_note(context: Context, item: At, plain: At) -> Block:
    words = say(
        _(
            "From {first} to {wave} the adjusted mean changed by {adjusted} and the mean without a "
            "model by {plain}: both changes are clear, and their signs are opposite. The mix of "
            "{rows} need not be the reason, since the two count differently: the mean counts "
            "{rows} by their weights, the model units by theirs and {rows} within them. Quote "
            "neither without the other; the section on other weights tells how far results hang "
            "on these."
        ),
        first=context.labels.wave(context.results.time.waves.value[0]),
        wave=context.labels.wave(item.wave.value),
        adjusted=shown(item.change.estimate, item.change, SIGNED),
        plain=shown(plain.change.estimate, plain.change, SIGNED),
        rows=context.rows_word,
    )
    return note("caution", words)


def tested_words(context: Context, found: At, clear: str, unclear: str) -> list[Block]:
    """What a test says, or why it was not made; nothing where none was asked for."""
    if found.missing:
        return []
    if not is_made(found):
        words = say(
            _("Whether they differ was not tested: {reason}."),
            reason=sampled_reason_words(found.reason, context.labels),
        )
        return [note("information", words)]
    template = clear if is_clear(found, context.labels.analysis.alpha) else unclear
    return [paragraph(say(template, test=test(found)))]


def adjusted_figure(context: Context, means: list[At]) -> Block:
    """Adjusted means by wave with intervals, beside the means of the rows."""
    labels = context.labels
    data: dict[str, list[Any]] = {"wave": [labels.wave(item.wave.value) for item in means]}
    for end in ENDS:
        data[end] = [charted(getattr(item, end), item) for item in means]
    observed = [context.results.means.waves.find(wave=item.wave.value) for item in means]
    if all(item is not None for item in observed):
        data["observed"] = [
            charted(item.estimate, item, most=mean_decimals(context, item)) for item in observed
        ]
    first, last = means[0], means[-1]
    return figure(
        "adjusted-means",
        "adjusted_means",
        say(_("Adjusted mean of {outcome} by wave"), outcome=labels.outcome),
        _(
            "Each mark is the mean that the model expects in that wave for the same mix of cases; "
            "the line is its 95% interval. Grey squares are the means without a model. The "
            "vertical axis does not begin at zero."
        ),
        _(
            "Adjusted mean by wave with 95% intervals; the numbers are in the table below "
            "the chart."
        ),
        data,
        {
            "y": f"{labels.outcome} ({labels.unit})",
            "x": labels.below_waves,
            "told": _("Adjusted means"),
            "observed": means_title(context),
        },
        unit=labels.unit,
        title=say(
            _("Adjusted, {outcome} was {first} in {a} and {last} {unit} in {b}"),
            outcome=labels.outcome,
            first=shown(first.estimate, first, most=fewest_decimals(first, last)),
            last=shown(last.estimate, last, most=fewest_decimals(first, last)),
            unit=labels.unit,
            a=labels.wave(first.wave.value),
            b=labels.wave(last.wave.value),
        ),
    )


def _table(context: Context, means: list[At]) -> Block:
    several = len(means) > 1
    rows = []
    for item in means:
        cells: list[Any] = [*estimate_cells(item), *part_cells(means, item)]
        if several:
            cells += estimate_cells(item.change, SIGNED)
            cells.append(NOT_APPLICABLE if item.change.missing else p_value(item.change.p_value))
        rows.append(row(context.labels.wave(item.wave.value), *cells))
    since = _("Change since first wave")
    moved = [*estimate_columns(_("Estimate"), since), column("p", group=since)]
    columns = [
        column(context.labels.wave_title, "text"),
        *estimate_columns(_("Estimate"), _("Adjusted mean")),
        *part_columns(means, _("Parts of the SE")),
        *(moved if several else []),
    ]
    caption = say(
        _("Adjusted mean of {outcome} by wave, in {unit}"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    at = 5 + len(part_columns(means, ""))
    alike = [(1, 3, 4), (at, at + 2, at + 3)] if several else [(1, 3, 4)]
    return table("adjusted-means", caption, columns, rows, [interval_note()], alike=alike)


def _name(context: Context, item: At, category: At) -> str:
    """A category, or the value at which a number was held, with its unit."""
    variable, labels = item.variable.value, context.labels
    if not category.category.missing:
        return capitalise(labels.alone(variable, category.category.value))
    values = [other.value_.value for other in item.categories]
    decimals = decimals_for_size(max(values) - min(values), 2)
    value = render(category.value_.value, decimals, "number")
    return f"{labels.variable(variable)} {value} {labels.unit_of(variable)}".strip()


def _places(context: Context, item: At) -> dict[str, int]:
    """Place of each among the categories, 0 for the reference: it gives the colour."""
    variable = item.variable.value
    return {
        _name(context, item, each): place
        if each.category.missing
        else context.labels.place_of(variable, each.category.value)
        for place, each in enumerate(item.categories)
    }


def _within(context: Context, item: At) -> list[Block]:
    """Adjusted means within the categories of a variable, and whether they change alike."""
    variable, labels = item.variable.value, context.labels
    label = labels.variable(variable)
    blocks: list[Block] = [
        heading(f"adjusted-{variable}", _("Adjusted means by {variable}").format(variable=label))
    ]
    blocks += tested_words(
        context,
        item.test,
        _("The differences between these groups are not the same in every wave ({test})."),
        _(
            "There is no clear evidence that the differences between these groups change "
            "from wave to wave ({test})."
        ),
    )
    blocks += [_within_figure(context, item), _within_table(context, item)]
    return blocks


def within_errors(context: Context, item: At) -> list[Block]:
    """What the errors of adjusted means within categories are made of."""
    variable, labels = item.variable.value, context.labels
    label = labels.variable(variable)
    told: list[Told] = []
    for category in item.categories:
        told.append(Told(_name(context, item, category)))
        for each in category.waves:
            name = labels.wave(each.wave.value)
            told.append(Told(name, each))
            told.append(Told(_("{wave}: gap").format(wave=name), each.difference, SIGNED))
            moved = _("{wave}: change of the gap").format(wave=name)
            told.append(Told(moved, each.moved, SIGNED))
    caption = say(
        _("Adjusted means by {variable}: what the errors are made of, in {unit}"),
        variable=label,
        unit=labels.unit,
    )
    return errors_table(f"errors-adjusted-{variable}", caption, told)


def _within_figure(context: Context, item: At) -> Block:
    labels, variable = context.labels, item.variable.value
    rows = [(category, each) for category in item.categories for each in category.waves]
    data: dict[str, list[Any]] = {
        "group": [_name(context, item, category) for category, _each in rows],
        "wave": [labels.wave(each.wave.value) for _category, each in rows],
    }
    for end in ENDS:
        data[end] = [charted(getattr(each, end), each) for _category, each in rows]
        data[f"difference_{end}"] = [
            NOT_APPLICABLE
            if each.difference.missing
            else charted(getattr(each.difference, end), each.difference)
            for _category, each in rows
        ]
    label = labels.variable(variable)
    return figure(
        f"adjusted-{variable}",
        "levels_and_gaps",
        say(
            _("Adjusted mean of {outcome} by wave and {variable}"),
            outcome=labels.outcome,
            variable=label,
        ),
        say(
            _(
                "First the level of each group in each wave, then how far it lies from {first} in "
                "the same wave; the upright lines are 95% intervals."
            ),
            first=_name(context, item, item.categories[0]),
        ),
        _(
            "Levels of groups by wave and their differences with 95% intervals; the numbers are "
            "in the table below the chart."
        ),
        data,
        {
            "y": f"{labels.outcome} ({labels.unit})",
            "difference": _("Difference ({unit})").format(unit=labels.unit),
            "x": labels.below_waves,
            "style": "number",
            "difference_style": "number",
            "waves": [labels.wave(wave) for wave in context.results.time.waves.value],
            "places": _places(context, item),
        },
        unit=labels.unit,
        title=_gap_title(context, item),
    )


def _gap_title(context: Context, item: At) -> list[Run]:
    """The widest adjusted gap of the last wave; nothing without any."""
    last = [(each, each.waves[-1]) for each in item.categories if len(each.waves)]
    found = [pair for pair in last if not pair[1].difference.missing]
    if not found:
        return []
    category, wave = max(found, key=lambda pair: abs(pair[1].difference.estimate.value))
    return say(
        _("{variable}: adjusted, {group} minus {reference} was {last} {unit} in {b}"),
        variable=context.labels.variable(item.variable.value),
        group=_name(context, item, category),
        reference=_name(context, item, item.categories[0]),
        last=shown(wave.difference.estimate, wave.difference, SIGNED),
        unit=context.labels.unit,
        b=context.labels.wave(wave.wave.value),
    )


def _within_table(context: Context, item: At) -> Block:
    rows: list[dict[str, Any]] = []
    for category in item.categories:
        rows.append(group_row(_name(context, item, category)))
        for each in category.waves:
            cells = [
                *estimate_cells(each)[:2],
                *estimate_cells(each.difference, SIGNED),
                *estimate_cells(each.moved, SIGNED),
            ]
            rows.append(row(context.labels.wave(each.wave.value), *cells, indented=True))
    columns = [
        column(context.labels.wave_title, "text"),
        *estimate_columns(_("Estimate"), _("Adjusted mean"))[:2],
        *estimate_columns(_("Estimate"), _("Gap")),
        *estimate_columns(_("Estimate"), _("Change of the gap"), main=False),
    ]
    caption = say(
        _("Adjusted mean of {outcome} by wave and {variable}, in {unit}"),
        outcome=context.labels.outcome,
        variable=context.labels.variable(item.variable.value),
        unit=context.labels.unit,
    )
    notes = [
        say(
            _("Gap: difference from {first} in the same wave."),
            first=_name(context, item, item.categories[0]),
        ),
        interval_note(),
    ]
    name = f"adjusted-{item.variable.value}"
    return table(name, caption, columns, rows, notes, alike=[(1,), (3, 5, 6), (7, 9, 10)])
