"""Shares of the variance along a variable whose effect differs, or by its categories."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, group_row, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import NOT_IN_MODEL, decimals_for_size, drawn, fixed, percent
from mlm.pages.text import say
from mlm.pages.words.levels import identifier
from mlm.results.reading import At


def along_blocks(context: Context, searched: list[At]) -> list[Block]:
    """A chart for each number with a slope, one table for all variables with categories."""
    categories = [item for item in searched if has_categories(item)]
    numbers = [item for item in searched if not has_categories(item)]
    blocks = [along_figure(context, item) for item in numbers if is_kept(context, item)]
    return [*blocks, _by_category(context, categories)] if categories else blocks


def left_along(context: Context) -> list[Block]:
    """Charts of the numbers whose slope the settled model does not hold."""
    searched = context.results.slope_details.searched
    numbers = [item for item in searched if not has_categories(item)]
    return [along_figure(context, item) for item in numbers if not is_kept(context, item)]


def is_kept(context: Context, item: At) -> bool:
    """Whether the settled model holds the slope of a variable over a level."""
    return any(
        slope.kind.value == "tested"
        and slope.kept.value
        and slope.variable.value == item.variable.value
        and slope.level.value == item.level.value
        for slope in context.results.slopes
    )


def has_categories(item: At) -> bool:
    """Whether the variable of a slope is a category."""
    return any(not point.category.missing for point in item.along.points)


def along_figure(context: Context, item: At) -> Block:
    """Shares of the variance along a number whose effect differs."""
    along = item.along
    variable = item.variable.value
    levels = along.levels.value
    data: dict[str, list] = {"value": [], "level": [], "share": []}
    for place, level in enumerate(levels):
        for point in along.points:
            if _is_valid(context, variable, point.value_.value):
                data["value"].append(drawn(point.value_))
                data["level"].append(identifier(level))
                data["share"].append(percent(point.shares[place]))
    label = context.labels.variable(variable)
    groups = context.labels.plural(item.level.value)
    unit = context.labels.unit_of(variable)
    return figure(
        f"along-{variable}-{'-'.join(item.level.ids.value)}",
        "along",
        say(
            _("Shares of the variance along {variable}, its effect differing between {groups}"),
            variable=label,
            groups=groups,
        ),
        _(
            "Each line is the share of the variance that lies at one level, at the times of the "
            "waves."
        )
        if variable == context.time
        else _(
            "Each line is the share of the variance that lies at one level, for cases with that "
            "value of the variable. The range goes two standard deviations to each side of its "
            "mean, where such values are valid."
        ),
        _("Share of the variance at each level by value of the variable; the numbers are below."),
        data,
        {
            "x": f"{label} ({unit})" if unit else label,
            "y": _("Share of the variance"),
            "levels": [identifier(level) for level in levels],
            "names": [context.title_of(level) for level in levels],
        },
        unit=_("share of the variance"),
    )


def _by_category(context: Context, searched: list[At]) -> Block:
    """Shares of the variance for the cases of each category of a variable with a slope."""
    rows: list = []
    for item in searched:
        along, variable = item.along, item.variable.value
        title = _("{variable}, its effect differing between {groups}").format(
            variable=context.labels.variable(variable),
            groups=context.labels.plural(item.level.value),
        )
        rows.append(group_row(title))
        places = {level: place for place, level in enumerate(along.levels.value)}
        for point in along.points:
            shares = [
                percent(point.shares[places[level]]) if level in places else NOT_IN_MODEL
                for level in context.hierarchy
            ]
            total = point.total_variance
            label = capitalise(context.labels.category(variable, point.category.value))
            decimals = decimals_for_size(total.value, 3)
            rows.append(row(label, *shares, fixed(total, decimals), indented=True))
    shares_of = _("Share of the variance")
    columns = [
        column(_("Category"), "text"),
        *(column(context.title_of(level), group=shares_of) for level in context.hierarchy),
        column(_("Total variance")),
    ]
    note = _(
        "For cases of that category, by the settled model: where effects "
        "differ between groups, the variance depends on the case."
    )
    caption = _("Shares of the variance by category of variables whose effects differ")
    return table("along-categories", caption, columns, rows, [note])


def _is_valid(context: Context, variable: str, value: float) -> bool:
    """Whether a value lies in the valid range of the codebook."""
    known = context.configuration.variables
    valid = known[variable].range if variable in known else None
    return valid is None or valid[0] <= value <= valid[1]
