"""The fan of a random slope: what the effect is in groups from the least to the most affected."""

from __future__ import annotations

from mlm.nouns.distributions import TWO_SIDED_95
from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.labels import capitalise, singular
from mlm.pages.language import N_, _
from mlm.pages.rounding import decimals_for_size, drawn
from mlm.pages.text import say
from mlm.pages.words.levels import identifier
from mlm.pages.words.terms import label_alone
from mlm.results.reading import At

# quantiles of the normal distribution: name, z
GROUPS = (
    (N_("lowest 2.5%"), -TWO_SIDED_95),
    (N_("lowest 10%"), -1.281552),
    (N_("lowest 25%"), -0.674490),
    (N_("average"), 0.0),
    (N_("highest 25%"), 0.674490),
    (N_("highest 10%"), 1.281552),
    (N_("highest 2.5%"), TWO_SIDED_95),
)


def fan_figure(context: Context, item: At, name: str) -> Block:
    """Lines of the groups at the quantiles of the distribution of a slope.

    Parameters
    ----------
    item : At
        A slope that was tested.
    name : str
        What the effect is of, in words.
    """
    level = item.level.value
    groups = context.labels.plural(level)
    mean = item.mean_effect.value
    sd = (item.upper.value - mean) / TWO_SIDED_95  # over the groups as they are
    decimals = decimals_for_size(sd, 2)
    data = {
        "group": [_(words) for words, __ in GROUPS],
        "quantile": [drawn(z, decimals=2) for __, z in GROUPS],
        "effect": [drawn(mean + z * sd, decimals=decimals) for __, z in GROUPS],
    }
    caption = say(_("How the effect of {name} differs between {groups}"), name=name, groups=groups)
    how = say(
        _(
            "All lines begin at the same point; their right ends are effects of {name}. "
            "The strong line is the average; the pairs of lines around it, from the "
            "inside, hold the middle half, the middle 80% and the middle 95% of the "
            "{groups}. The lines follow from the mean and the standard deviation of the "
            "effect in the model; none is the line of one of the {groups}."
        ),
        name=name,
        groups=groups,
    )
    alt = say(
        _(
            "Fan of the effects of {name} over {groups}; mean and range are in the table Random "
            "slopes."
        ),
        name=name,
        groups=groups,
    )
    options = {
        "y": _("Difference in {outcome} ({unit})").format(
            outcome=context.labels.outcome, unit=context.labels.unit
        ),
        "ends": _ends(context, item),
        "label": _("{name}: {value}"),
        "decimals": decimals,
        "level": identifier(level),
        "levels": [identifier(each) for each in context.hierarchy],
    }
    column = item.column.value
    name_of_column = "-".join(filter(None, (column.variable, column.category)))
    place = f"fan-{identifier(level)}-{name_of_column}"
    return figure(place, "fan", caption, how, alt, data, options, unit=context.labels.unit)


def _ends(context: Context, item: At) -> list[str]:
    """What stands at the left and the right end: two categories, or one unit more."""
    if not item.column.category.missing:
        label = label_alone((item.column.value,), context.labels)
        return [context.labels.reference(item.variable.value), capitalise(label)]
    unit = singular(context.labels.unit_of(item.variable.value)) or _("unit")
    return [_("mean"), _("one {unit} more").format(unit=unit)]
