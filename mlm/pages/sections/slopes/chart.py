"""The chart of random slopes: mean effects with the range of the effects of groups."""

from __future__ import annotations

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import Number, decimals_for_size, drawn
from mlm.pages.sections.slopes.words import is_tested, slope_name
from mlm.pages.words.levels import identifier
from mlm.results.reading import At


def slopes_figure(context: Context) -> Block:
    """Mean effects with the range of group effects."""
    tested = [i for i in context.results.slopes if is_tested(i) and i.sd.value > 0]
    data = {
        "label": [_chart_label(context, item) for item in tested],
        "level": [identifier(i.level.value) for i in tested],
        "mean": [_end(i, i.mean_effect) for i in tested],
        "lower": [_end(i, i.lower) for i in tested],
        "upper": [_end(i, i.upper) for i in tested],
        "kept": [i.kept.value for i in tested],
    }
    return figure(
        "slopes",
        "slopes",
        _("How far effects spread over groups"),
        _(
            "The mark is the mean effect, for numbers per standard deviation; the bar the range in "
            "which the effects of about 95% of the groups lie. Filled: the slope was kept in the "
            "settled model; hollow: it was not. The range follows from the mean and the standard "
            "deviation of the effect in the model; no group is seen in it."
        ),
        _(
            "Mean effect and range of group effects for each slope tested; the numbers are in the "
            "table Random slopes."
        ),
        data,
        {
            "x": _("Effect on {outcome} ({unit})").format(
                outcome=context.labels.outcome, unit=context.labels.unit
            ),
            "levels": [identifier(level) for level in context.hierarchy],
            "between": {
                identifier(level): capitalise(context.between_units(level))
                for level in context.hierarchy
            },
            "words": {
                "kept": _("slope kept in the settled model"),
                "not_kept": _("slope not kept"),
            },
        },
        unit=context.labels.unit,
    )


def _end(item: At, value: At) -> Number:
    """A mean effect or an end of its range, on the scale of the chart."""
    scale = _scale(item)
    return drawn(scale * value.value, decimals=decimals_for_size(scale * item.sd.value, 2))


def _scale(item: At) -> float:
    """What an effect is multiplied by: that of a number is told per standard deviation."""
    is_number = item.column.category.missing
    return item.sd_x.value if is_number and not item.sd_x.missing else 1.0


def _chart_label(context: Context, item: At) -> str:
    name = slope_name(context, item)
    if item.column.category.missing and not item.sd_x.missing:
        return _("{name} (per SD)").format(name=name)
    return name
