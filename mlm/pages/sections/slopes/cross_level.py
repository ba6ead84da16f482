"""Random slopes in detail: shares along the variable, and cross-level products."""

from __future__ import annotations

from mlm.pages.blocks import (
    Block,
    column,
    figure,
    group_row,
    heading,
    paragraph,
    raw,
    row,
    table,
)
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.results.reading import At
from mlm.pages.numbers import decimals_for_size, fixed, p_value, percent
from mlm.pages.text import Run, enumerate_words, say

EMPTY = "–"


def slope_detail_blocks(context: Context) -> list[Block]:
    """What explains the slopes that differ, and how shares of variance change along them."""
    searched = list(context.results.slope_details.searched)
    if not searched:
        return []
    blocks: list[Block] = [heading("slope-details", _("What goes with the differences"))]
    rows = [_row(context, item, term) for item in searched for term in item.explained]
    if rows:
        words = _(
            "For each slope that differs clearly, its product with every group variable was put "
            "into the model, one at a time. Explained: the share of the variance of the slope that "
            "is gone then; a negative share means that the variance grew."
        )
        blocks += [paragraph(words), _table(rows)]
    blocks += [_along(context, item) for item in searched if item.along.labels.empty]
    categories = [item for item in searched if not item.along.labels.empty]
    return [*blocks, _by_category(context, categories)] if categories else blocks


def _by_category(context: Context, searched: list[At]) -> Block:
    """Shares of the variance for the cases of each category of a variable with a slope."""
    names = [level.name.value for level in context.levels]
    rows: list = []
    for item in searched:
        along, variable = item.along, item.variable.value
        title = _("{variable}, its effect differing between {groups}").format(
            variable=context.labels.variable(variable),
            groups=context.labels.plural(item.level.value),
        )
        rows.append(group_row(title))
        places = {name: place for place, name in enumerate(along.levels.value)}
        for i, category in enumerate(along.labels.value):
            shares = [
                percent(along.shares[i][places[name]]) if name in places else EMPTY
                for name in names
            ]
            total = along.total_variance[i]
            label = capitalise(context.labels.category(variable, category))
            decimals = decimals_for_size(total.value, 3)
            rows.append(row(label, *shares, fixed(total, decimals), indented=True))
    shares_of = _("Share of the variance")
    columns = [
        column(_("Category"), "text"),
        *(column(context.title_of(name), group=shares_of) for name in names),
        column(_("Total variance")),
    ]
    note = _(
        "For cases of that category, from the final model with this slope alone: where effects "
        "differ between groups, the variance depends on the case."
    )
    caption = _("Shares of the variance by category of variables whose effects differ")
    return table("along-categories", caption, columns, rows, [note])


def _row(context: Context, item: At, term: At):
    decimals = decimals_for_size(term.variance_before.value, 3)
    return row(
        context.labels.variable(item.variable.value),
        context.title_of(item.level.value),
        context.labels.variable(term.variable.value),
        fixed(term.variance_before, decimals),
        fixed(term.variance_after, decimals),
        percent(term.share, 0),
        fixed(term.statistic, 1),
        p_value(term.p_value),
        p_value(term.p_holm),
    )


def _table(rows) -> Block:
    columns = [
        column(_("Effect of"), "text"),
        column(_("Differs between"), "text"),
        column(_("Group variable"), "text"),
        column(_("Without"), group=_("Variance of the slope")),
        column(_("With"), group=_("Variance of the slope")),
        column(_("Explained")),
        column("F", group=_("Test")),
        column("p", group=_("Test")),
        column(_("p (Holm)"), group=_("Test")),
    ]
    note = _("p (Holm): adjusted for the number of products that were tried.")
    caption = _("Products of group variables with slopes, one at a time (REML)")
    return table("slope-details", caption, columns, rows, [note])


def _along(context: Context, item: At) -> Block:
    along = item.along
    variable = item.variable.value
    levels = along.levels.value
    data: dict[str, list] = {"value": [], "level": [], "share": []}
    for place, level in enumerate(levels):
        for i, value in enumerate(along.values):
            if _is_valid(context, variable, value.value):
                data["value"].append(raw(value))
                data["level"].append(level)
                data["share"].append(along.shares[i][place].value)
    label = context.labels.variable(variable)
    groups = context.labels.plural(item.level.value)
    unit = context.labels.unit_of(variable)
    return figure(
        f"along-{variable}-{item['group'].value}",
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
            "levels": levels,
            "names": [context.title_of(level) for level in levels],
        },
    )


def _is_valid(context: Context, variable: str, value: float) -> bool:
    """Whether a value lies in the valid range of the codebook."""
    known = context.configuration.variables
    valid = known[variable].range if variable in known else None
    return valid is None or valid[0] <= value <= valid[1]


def changing_words(context: Context) -> list[Run]:
    """What slopes take up of changes over waves that these models do not know."""
    names = [context.labels.plural(level) for level in context.changing]
    return say(
        _(
            "The effects of {groups} change from wave to wave (section 5), which these models do "
            "not know. Slopes of variables that differ between the waves of a unit, such as those "
            "of teachers, take up a part of that change: their standard deviations are rather too "
            "large."
        ),
        groups=enumerate_words(names),
    )
